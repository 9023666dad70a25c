"""The exercise as a mould: its statements with gaps where the blanks are."""

from __future__ import annotations

from cnnspec.record import Record
from cnnspec.source import Span
from cnnspec.teaching.answers.units import Token, Unit, units_of
from cnnspec.teaching.exercise import Exercise
from cnnspec.teaching.model import LAYERS, Blank

COUNTED = frozenset({"params", "param"})


class Gap(Record):
    """A blank in the place where it is written."""

    blank: Blank
    span: Span


Item = Token | Gap


class Sizes(Record):
    """What an annotation has for the size: `parts` are blanks, or the text that is given; `whole` for a single `?`."""

    parts: tuple[Blank | str, ...]
    whole: bool
    span: Span


class Mould(Record):
    """A statement of the exercise. Without an annotation, `size` and `params` are None."""

    unit: Unit
    items: tuple[Item, ...]  # of the body
    size: Sizes | None
    params: Blank | str | None
    hole: Gap | None  # a blank for whole layers
    annotated: bool
    words: tuple[str, ...]  # the given words and numbers of the body
    head: str

    @property
    def gaps(self) -> list[Gap]:
        return [item for item in self.items if isinstance(item, Gap)]


def moulds_of(exercise: Exercise) -> tuple[Mould, ...]:
    """The moulds of an exercise, made once."""
    moulds: tuple[Mould, ...] = exercise.known("moulds", lambda: _moulds(exercise))
    return moulds


def _moulds(exercise: Exercise) -> tuple[Mould, ...]:
    gaps = [Gap(blank, span) for blank in exercise.blanks for span in blank.spans]
    text = exercise.source.text
    return tuple(_mould(unit, text, gaps) for unit in units_of(text))


def _mould(unit: Unit, text: str, gaps: list[Gap]) -> Mould:
    gaps = [gap for gap in gaps if unit.start <= gap.span.start < unit.end]
    items = tuple(_items(unit.body, gaps))
    annotation = list(_items(unit.tokens[unit.arrow + 1 :], gaps))
    size, count = _annotation(annotation, text)
    hole = next((item for item in items if isinstance(item, Gap) and item.blank.family == LAYERS), None)
    words = tuple(item.text for item in items if isinstance(item, Token) and item.kind != "sign")
    return Mould(unit, items, size, count, hole, bool(annotation), words, words[0] if words else "")


def _items(tokens: tuple[Token, ...], gaps: list[Gap]) -> list[Item]:
    """The tokens with a gap in the place of those that make a blank."""
    items: list[Item] = []
    for token in tokens:
        gap = next((gap for gap in gaps if gap.span.start <= token.start < gap.span.end), None)
        if gap is None:
            items.append(token)
        elif token.start == gap.span.start:
            items.append(gap)
    return items


def _annotation(items: list[Item], text: str) -> tuple[Sizes | None, Blank | str | None]:
    """The size and the count that an annotation asks for or states."""
    if not items:
        return None, None
    last = items[-1]
    if not isinstance(last, Token) or last.text not in COUNTED:
        return _sizes(items, text), None
    items = items[:-1]
    comma = _last_comma(items)
    if comma is None:
        return None, _one(items, text)
    return _sizes(items[:comma], text), _one(items[comma + 1 :], text)


def _last_comma(items: list[Item]) -> int | None:
    """The last comma outside brackets."""
    depth, found = 0, None
    for i, item in enumerate(items):
        if isinstance(item, Token):
            depth += (item.text in ("(", "[")) - (item.text in (")", "]"))
            if item.text == "," and depth == 0:
                found = i
    return found


def _one(items: list[Item], text: str) -> Blank | str:
    """The blank that stands alone, else the text."""
    if len(items) == 1 and isinstance(items[0], Gap):
        return items[0].blank
    return text[_start(items[0]) : _end(items[-1])] if items else ""


def _sizes(items: list[Item], text: str) -> Sizes:
    span = Span(_start(items[0]), _end(items[-1]))
    if len(items) == 1:
        part = _one(items, text)
        return Sizes((part,), isinstance(part, Blank), span)
    bracketed = isinstance(items[0], Token) and items[0].text == "["
    groups: list[list[Item]] = [[]]
    for item in items[1:-1] if bracketed else items:
        if isinstance(item, Token) and item.text == ("," if bracketed else "x"):
            groups.append([])
        else:
            groups[-1].append(item)
    return Sizes(tuple(_one(group, text) for group in groups), False, span)


def _start(item: Item) -> int:
    return item.span.start if isinstance(item, Gap) else item.start


def _end(item: Item) -> int:
    return item.span.end if isinstance(item, Gap) else item.end
