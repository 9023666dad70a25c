"""The language that people are spoken to in: English as the code has it, others from their gettext catalogue.

`say` stands wherever a text is made that somebody reads. The language belongs to the context (a thread, a task), so
that a server may speak French to one and English to another; it is English until somebody sets it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

LANGUAGES = ("en", "fr")
DOMAIN = "cnnspec"
FOLDER = os.path.join(os.path.dirname(__file__), "locale")
_GAP = re.compile(r"[^\S\u00a0\u202f]+")  # not those spaces at which a line must not be broken


class Catalogue(Protocol):
    """What `gettext.GNUTranslations` does."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, msgid1: str, msgid2: str, n: int, /) -> str: ...


_spoken: ContextVar[tuple[str, Catalogue | None]] = ContextVar("_spoken", default=("en", None))
_catalogues: dict[str, Catalogue] = {}


def say(message: str, /, **values: Any) -> str:
    """The message in the language of the reader, its `{names}` replaced by the values.

    >>> say("the window {f} is too large", f="7x7")
    'the window 7x7 is too large'
    """
    catalogue = _spoken.get()[1]
    if catalogue is not None and message:
        message = catalogue.gettext(message)
    return message.format(**values) if values else message


def plural(one: str, many: str, n: float, /, **values: Any) -> str:
    """The form of the message that goes with n; `{n}` is the number as it is written in the language.

    English has the singular for one alone, French for all that is less than two: 0.5 points, 0,5 point.

    >>> plural("{n} blank", "{n} blanks", 2), plural("{n} point", "{n} points", 0.5)
    ('2 blanks', '0.5 points')
    """
    catalogue = _spoken.get()[1]
    message = catalogue.ngettext(one, many, int(n)) if catalogue is not None else one if n == 1 else many
    return message.format(n=number(n) if isinstance(n, int) else rounded(n), **values)


def listing(words: Sequence[str], *, either: bool = False) -> str:
    """The words as one speaks them one after the other; `either` says that one of them is meant.

    >>> listing(["height", "width"]), listing(["add", "mul", "concat"], either=True)
    ('height and width', 'add, mul or concat')
    """
    if len(words) < 2:
        return "".join(words)
    some, last = ", ".join(words[:-1]), words[-1]
    return say("{some} or {last}", some=some, last=last) if either else say("{some} and {last}", some=some, last=last)


def number(n: int) -> str:
    """A whole number with separators of thousands for people: 61,706 in English, 61 706 in French.

    The space is the plain one: what is copied from here may be pasted into a field of Moodle.

    >>> number(61706)
    '61,706'
    """
    text = f"{n:,}"
    return text.replace(",", " ") if language() == "fr" else text


def decimal(x: float, digits: int) -> str:
    """A number with that many digits after the point, or after the comma in French.

    >>> decimal(1234.5, 1)
    '1,234.5'
    """
    whole, point, rest = f"{x:,.{digits}f}".partition(".")
    return f"{whole.replace(',', ' ')}{',' if point else ''}{rest}" if language() == "fr" else f"{whole}{point}{rest}"


def rounded(x: float) -> str:
    """A number with two digits after the point, or with fewer where these say it all.

    >>> rounded(7.5), rounded(20), rounded(2 / 3)
    ('7.5', '20', '0.67')
    """
    return decimal(x, 2).rstrip("0").rstrip(".,")


def digits(x: float, count: int = 6) -> str:
    """A number with so many digits that tell something, and no separators: 61706, 1e-12, in French 0,5.

    >>> digits(0.12345678), digits(61706)
    ('0.123457', '61706')
    """
    text = f"{x:.{count}g}"
    return text.replace(".", ",") if language() == "fr" else text


def flat(text: str) -> str:
    """A text on one line: what separates its words is one space, but for the no-break spaces, which stay.

    >>> flat("61\\u00a0706  weights,\\nall trained ")
    '61\\xa0706 weights, all trained'
    """
    return _GAP.sub(" ", text).strip(" ")


def language() -> str:
    """The language that is spoken: "en" or "fr"."""
    return _spoken.get()[0]


def speak(name: str) -> None:
    """Speaks this language from now on. Raises ValueError for one that there is not.

    >>> speak("en")
    """
    _spoken.set((name, _catalogue(name)))


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speaks this language inside `with`. Raises ValueError for one that there is not.

    >>> with speaking("fr"):
    ...     number(61706)
    '61 706'
    """
    token = _spoken.set((name, _catalogue(name)))
    try:
        yield
    finally:
        _spoken.reset(token)


def named(text: str) -> str:
    """The language that is meant by `fr`, `FR`, `fr_FR.UTF-8` or `fr@euro`; "" where it is none of ours.

    >>> named("fr_CA"), named("de")
    ('fr', '')
    """
    name = text[:2].lower()
    return name if name in LANGUAGES and text[2:3] in ("", "_", "-", ".", "@") else ""


def of_environment() -> str:
    """The language that the user's environment asks for, as gettext reads it; English where there is no such one."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for wanted in os.environ.get(variable, "").split(":" if variable == "LANGUAGE" else None):
            if name := named(wanted):
                return name
            if variable != "LANGUAGE":
                return "en"
    return "en"


def _catalogue(name: str) -> Catalogue | None:
    if name not in LANGUAGES:
        raise ValueError(f"cnnspec speaks {' and '.join(LANGUAGES)}, not {name!r}")
    if name == "en":
        return None
    if name not in _catalogues:
        import gettext

        _catalogues[name] = gettext.translation(DOMAIN, FOLDER, [name])
    return _catalogues[name]
