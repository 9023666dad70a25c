"""Where a name is used, and giving it another one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.diagnostics import Edit
from cnnspec.editing.names import INPUT, RENAMED, Names, Occurrence, Symbol
from cnnspec.editing.tokens import KEYWORDS
from cnnspec.language import say
from cnnspec.source import Span

if TYPE_CHECKING:
    from cnnspec.editing.analysis import Analysis


class Refused(ValueError):  # noqa: N818  (it says why a name cannot be given)
    """Why something cannot be renamed, in words for the user."""


class Place(NamedTuple):
    """A use of a symbol in some file."""

    filename: str
    span: Span
    defines: bool


def symbol_at(analysis: Analysis, offset: int) -> Occurrence | None:
    """The name at a place that a file gives: no kind, no word of the language."""
    found = analysis.names.at(offset)
    return found if found is not None and found.symbol is not None and found.symbol.kind in RENAMED else None


def definitions(symbol: Symbol) -> list[Place]:
    """Where the symbol is given."""
    return [Place(symbol.source.filename, span, defines=True) for span in symbol.spans]


def places(symbol: Symbol, analyses: Iterable[Analysis]) -> list[Place]:
    """Every use of a symbol in these texts."""
    return [
        Place(analysis.source.filename, one.span, one.defines)
        for analysis in analyses
        for one in analysis.names.of(symbol)
    ]


def prepare(analysis: Analysis, offset: int) -> Span:
    """The name that would be changed. Raises Refused."""
    found = symbol_at(analysis, offset)
    if found is None or found.symbol is None:
        raise Refused(say("only names that a file gives can be changed"))
    if found.symbol.kind == INPUT and found.symbol.node.name is None:
        raise Refused(say("this input has no name of its own"))
    return found.span


def rename(
    analysis: Analysis,
    offset: int,
    name: str,
    analyses: list[Analysis],
    again: Callable[[Analysis, Mapping[str, str]], Analysis],
) -> dict[str, list[Edit]]:
    """The edits by file. Raises Refused where the new name cannot be given, or would mean something else somewhere.

    `analyses` are the texts in which the name may occur; `again` looks at a text once more, with other texts of files.
    """
    prepare(analysis, offset)
    found = symbol_at(analysis, offset)
    assert found is not None
    assert found.symbol is not None
    if name == found.symbol.name:
        return {}
    _check_name(name)
    edits: dict[str, list[Edit]] = {}
    for place in places(found.symbol, analyses):
        edits.setdefault(place.filename, []).append(Edit(place.span, name))
    concerned = [one for one in analyses if one.source.filename in edits]
    for one in concerned:
        if one.broken:
            raise Refused(say("mend the syntax of {basename} first", basename=os.path.basename(one.source.filename)))
    texts = {os.path.realpath(file): applied(text_of(file, concerned), made) for file, made in edits.items()}
    for one in concerned:
        _check_meaning(one, again(one, texts), name)
    return edits


def text_of(filename: str, analyses: Iterable[Analysis]) -> str:
    return next(one.text for one in analyses if one.source.filename == filename)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits that do not overlap."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.content + text[edit.span.end :]
    return text


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise Refused(say("`{name}` is no name: write lower case, such as `small_net`", name=name))
    if name.upper() in KEYWORDS or name in ("params", "param"):
        raise Refused(say("`{name}` is a word of the language", name=name))


def _check_meaning(before: Analysis, after: Analysis, name: str) -> None:
    """With the new name every word has to mean what it meant."""
    if _meanings(before.names) != _meanings(after.names):
        raise Refused(say("`{name}` would clash with another name", name=name))
    known = [d.code for d in before.errors]
    for error in after.errors:
        if error.code in known:
            known.remove(error.code)
        else:
            raise Refused(error.message)


def _meanings(names: Names) -> list[int | str]:
    """For each word in order: which symbol it means, by its first place among the words, or what is beyond the file."""
    first: dict[object, int] = {}
    found: list[int | str] = []
    for i, one in enumerate(names.occurrences):
        if one.symbol is None:
            found.append("")
        elif one.symbol.kind in RENAMED:
            found.append(first.setdefault(one.symbol.key if not one.symbol.extent.end else id(one.symbol), i))
        else:
            found.append(one.symbol.name)
    return found
