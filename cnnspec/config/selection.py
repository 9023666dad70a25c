"""Which findings are looked for: `--select W3`, `--ignore W301`, by code, by the begin of codes, or by name."""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.codes import CODES
from cnnspec.language import say
from cnnspec.lint.engine import DEFAULT, RULES

ALL = "ALL"


class UnknownCode(ValueError):  # noqa: N818  (it is what somebody wrote, told in a sentence)
    """A word that means no code, or one that may not stand there."""


class Selection:
    """What one place says: the configuration, or the command line. `select` is None where it says nothing."""

    __slots__ = ("extend", "ignore", "select")

    def __init__(
        self, select: tuple[str, ...] | None = None, extend: tuple[str, ...] = (), ignore: tuple[str, ...] = ()
    ) -> None:
        self.select = select
        self.extend = extend
        self.ignore = ignore


UNSAID = Selection()


def chosen(*selections: Selection) -> frozenset[str]:
    """The codes to look for: the usual ones, as each selection changes them in turn.

    Within a selection the longer word wins: `--select W301 --ignore W3` leaves W301. Raises UnknownCode.
    """
    codes = set(DEFAULT)
    for one in selections:
        if one.select is not None:
            codes.clear()
        words = [(_length(word), False, word) for word in (*(one.select or ()), *one.extend)]
        words += [(_length(word), True, word) for word in one.ignore]
        for _, ignored, word in sorted(words):
            if ignored:
                codes -= ignorable(word)
            else:
                codes |= findings(word)
    return frozenset(codes)


def findings(word: str) -> frozenset[str]:
    """The findings that a word means. Raises UnknownCode, of errors too: they are always reported.

    >>> sorted(findings("W20")) == sorted(code for code in RULES if code.startswith("W20"))
    True
    """
    return _meant(word, ignored=False)


def ignorable(word: str) -> frozenset[str]:
    """The findings that a word means, where they are to be ignored. Raises UnknownCode."""
    return _meant(word, ignored=True)


def _meant(word: str, *, ignored: bool) -> frozenset[str]:
    text = word.strip()
    if not text:
        raise UnknownCode(say("an empty word names no code: write one such as `W301`, or `ALL`"))
    if text.upper() == ALL:
        return frozenset(RULES)
    found = frozenset(code for code, name in CODES.items() if _means(text, code, name))
    if not found:
        raise UnknownCode(_unknown(text))
    if not found & RULES.keys() and ignored:
        raise UnknownCode(say("`{code}` is an error, which cannot be ignored", code=text))
    if not found & RULES.keys():
        raise UnknownCode(say("`{code}` is an error, which cannot be selected: errors are always reported", code=text))
    return found & RULES.keys()


def check_words(words: Iterable[str], *, ignored: bool = False) -> None:
    """Raises UnknownCode where one of the words means nothing."""
    for word in words:
        (ignorable if ignored else findings)(word)


def _means(text: str, code: str, name: str) -> bool:
    return code.startswith(text.upper()) or name == text.lower()


def _length(word: str) -> int:
    """The length of the code that the word stands for: of a name, that of a whole code."""
    text = word.strip().upper()
    return 0 if text == ALL else len(text) if text[1:].isdigit() or len(text) == 1 else 4


def _unknown(text: str) -> str:
    from cnnspec.suggest import did_you_mean

    known = (*RULES, *(CODES[code] for code in RULES), ALL)
    near = did_you_mean(text.upper() if len(text) < 6 else text.lower(), known)
    if near:
        return say("there is no code `{code}`, {hint}", code=text, hint=near)
    return say("there is no code `{code}`: codes begin with W, `cnnspec rule` lists them", code=text)
