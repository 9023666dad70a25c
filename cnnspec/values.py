"""What an expression can yield: numbers, sizes (tuples), lists, booleans, text, bare words, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from cnnspec.language import number, say


class Unknown:
    """A number or value that is open: a blank, or what follows from an earlier error.

    It absorbs arithmetic and answers every comparison with False, so that `if n < 1: complain` stays silent about it:
    what is open is not judged. There is one instance, `UNKNOWN`.
    """

    __slots__ = ()

    def _absorb(self, *_: object) -> Unknown:
        return self

    def _false(self, _: object) -> bool:
        return False

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _absorb
    __floordiv__ = __rfloordiv__ = __truediv__ = __rtruediv__ = _absorb
    __mod__ = __rmod__ = __pow__ = __rpow__ = __neg__ = __pos__ = __abs__ = _absorb
    __lt__ = __le__ = __gt__ = __ge__ = _false

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "?"


UNKNOWN: Final = Unknown()


class Symbolic:
    """A size that letters leave open, such as H // 2: `cnnspec.symbolic.Expression`, which not every file needs."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def letters(self) -> tuple[str, ...]: ...
        def at(self, values: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __add__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __floordiv__(self, other: Any) -> Any: ...
        def __rfloordiv__(self, other: Any) -> Any: ...
        def __mod__(self, other: Any) -> Any: ...
        def __rmod__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __lt__(self, other: Any) -> bool: ...
        def __le__(self, other: Any) -> bool: ...
        def __gt__(self, other: Any) -> bool: ...
        def __ge__(self, other: Any) -> bool: ...


Dim: TypeAlias = int | Unknown | Symbolic
Size: TypeAlias = tuple[Dim, ...]
"""Height x width x channels (any number of spatial axes before the channels), without the batch."""


class Word(str):
    """A bare word that is no parameter, let or value: a kind, or a mode such as `same`."""

    __slots__ = ()


Value: TypeAlias = Any
"""int, float, bool, str, Word, tuple (a size), list, UNKNOWN, symbolic, or a reference to a value of the flow."""


def is_open(value: object) -> bool:
    """Whether a value, or a size as a whole, is UNKNOWN."""
    return value is UNKNOWN


def known(value: Value) -> bool:
    """Whether nothing in the value is open."""
    if isinstance(value, (tuple, list)):
        return all(known(item) for item in value)
    return value is not UNKNOWN


def is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_whole(value: Value) -> Dim | None:
    """The value as an exact integer where it is one (6.0 is), None otherwise."""
    if value is UNKNOWN or isinstance(value, Symbolic) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return None


def show(value: Value) -> str:
    """The value as one writes it in a file; a long one is cut."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return show_count(value) if abs(value) >= 10**15 else str(value)
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, str):
        return f'"{value if len(value) <= 60 else value[:57] + "..."}"'
    if isinstance(value, tuple):
        return show_size(value)
    if isinstance(value, list):
        shown = ", ".join("[...]" if isinstance(item, list) else show(item) for item in value[:8])
        return f"[{shown}{', ...' if len(value) > 8 else ''}]"
    if isinstance(value, float):
        return str(value).replace("e-0", "e-")
    return str(value)


def show_factor(value: Value) -> str:
    """`show`, in parentheses where a sum or a floor stands beside another operator: `(H + 1) // 2` times 3."""
    text = show(value)
    return f"({text})" if isinstance(value, Symbolic) and " " in text else text


def show_size(size: Size) -> str:
    """`28x28x1`, `[H // 2, W // 2, 64]`; `?` where a part is open."""
    if is_open(size):
        return "?"
    parts = [show(n) for n in size]
    return "x".join(parts) if all(part.isalnum() or part == "?" for part in parts) else f"[{', '.join(parts)}]"


def show_count(count: Value) -> str:
    """A count with separators for people: 61,706; one of more than 40 digits by its length."""
    if not isinstance(count, int):
        return str(count)
    if count.bit_length() > 133:
        return say("a number of about {n} digits", n=int(count.bit_length() * 0.30103) + 1)
    return number(count)


def describe(value: Value) -> str:
    """The value with its type in words, for messages: "the size 3x3", "the word `same`"."""
    if value is None:
        return say("nothing")
    if isinstance(value, bool):
        return f"`{show(value)}`"
    if is_number(value):
        return say("the number {value}", value=show(value))
    if isinstance(value, Symbolic):
        return say("the symbolic size {value}", value=value)
    if isinstance(value, Word):
        return say("the word `{value}`", value=str(value))
    if isinstance(value, str):
        return say("the text {value}", value=show(value))
    if isinstance(value, tuple):
        return say("the size {value}", value=show(value))
    if isinstance(value, list):
        return say("the list {value}", value=show(value))
    return say("the value `{value}`", value=getattr(value, "name", value))
