"""Did you mean …?"""

from __future__ import annotations

from collections.abc import Iterable


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one, if one is close."""
    from difflib import get_close_matches

    matches = get_close_matches(word[:100], list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question for the word that was probably meant, or nothing.

    >>> did_you_mean("cnv", ["conv", "dense"])
    'did you mean `conv`?'
    """
    match = closest(word, known)
    return f"did you mean `{match}`?" if match else ""
