"""Named tuples whose classes are made quickly.

`typing.NamedTuple` compiles a text for each class, which every `cnnspec check` would pay for: a tenth of its time. A
class that derives from `Record` has the fields that it annotates, with their defaults, as its NamedTuple would have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["Record"]

if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:
    from _collections import _tuplegetter

    class _Fields(type):
        """Turns annotations into fields; the class holds no values of its own."""

        def __new__(mcs, name, bases, namespace):
            fields = tuple(namespace.get("__annotations__", ()))
            namespace["_fields"] = fields
            namespace["_field_defaults"] = {field: namespace[field] for field in fields if field in namespace}
            namespace["__slots__"] = ()
            for i, field in enumerate(fields):
                namespace[field] = _tuplegetter(i, "")
            return super().__new__(mcs, name, bases, namespace)

    class Record(tuple, metaclass=_Fields):
        __slots__ = ()

        def __new__(cls, *values: Any, **named: Any):
            missing = cls._fields[len(values) :]
            if missing:
                defaults = cls._field_defaults
                try:
                    values += tuple([named.pop(field) if field in named else defaults[field] for field in missing])
                except KeyError as field:
                    raise TypeError(f"{cls.__name__} needs {field}") from None
            if named or len(values) != len(cls._fields):
                raise TypeError(f"{cls.__name__} has the fields {', '.join(cls._fields)}")
            return tuple.__new__(cls, values)

        def _replace(self, **named: Any):
            return type(self)(**{**dict(zip(self._fields, self, strict=True)), **named})

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            shown = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({shown})"

        def __getnewargs__(self):
            return tuple(self)
