"""Where whole statements end, and edits that take them out or write something behind them."""

from __future__ import annotations

from cnnspec.diagnostics import Edit
from cnnspec.lint._edits import Word, _back, _ends_line, _skip, _whole_lines, _words
from cnnspec.source import Source, Span
from cnnspec.syntax.scanner import CONTINUES

OPENERS = ("LPAR", "LSQB", "LBRACE")
CLOSERS = ("RPAR", "RSQB", "RBRACE")
GOES_ON = (*CONTINUES, "LBRACE")
STOPS = ("NL", "END")  # the only line breaks that `_words` keeps are semicolons


def end_of(source: Source, start: int) -> int:
    """The end of the statement in which a token starts: behind its braces, and behind `as NAME`."""
    words, starts = _words(source.text)
    first = starts.index(start)
    depth, end = 0, words[first].span.end
    for place in range(first, len(words)):
        word = words[place]
        if depth == 0 and place > first and (word.kind in STOPS or _begins_line(source.text, end, word)):
            break
        depth += (word.kind in OPENERS) - (word.kind in CLOSERS)
        if depth < 0:
            break
        end = word.span.end
    return end


def _begins_line(text: str, end: int, word: Word) -> bool:
    return "\n" in text[end : word.span.start] and word.kind not in GOES_ON and text[end - 1] not in "|,"


def remove_statement(source: Source, start: int) -> Edit | None:
    """Takes a statement out that has its lines for itself, or shares them with others by `;`."""
    text, end = source.text, end_of(source, start)
    before, after = _back(text, start), _skip(text, end)
    first = before == 0 or text[before - 1] in "\r\n"
    if text[after : after + 1] == ";":
        last = _ends_line(text, after + 1)
        if not (first and last):
            return Edit(Span(start if not last else before, _skip(text, after + 1)), "")
        end = after + 1
    elif not first and text[before - 1] == ";":
        return Edit(Span(_back(text, before - 1), end), "")
    elif not (first and _ends_line(text, end)):
        return None
    return Edit(_whole_lines(text, start, end), "")


def annotate(source: Source, start: int, size: str) -> Edit:
    """Writes ` -> size` behind the statement."""
    end = end_of(source, start)
    return Edit(Span(end, end), f" -> {size}")
