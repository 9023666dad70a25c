"""Did you mean …?"""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.language import say

MOST_COMPARED = 300


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one, if one is close; of very many words, some are looked at."""
    from difflib import get_close_matches
    from itertools import islice

    alike = (other for other in known if abs(len(other) - len(word)) <= 1 + len(word) // 2)
    matches = get_close_matches(word[:100], list(islice(alike, MOST_COMPARED)), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question for the word that was probably meant, or nothing.

    >>> did_you_mean("cnv", ["conv", "dense"])
    'did you mean `conv`?'
    """
    match = closest(word, known)
    return say("did you mean `{word}`?", word=match) if match else ""
