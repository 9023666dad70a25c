"""The arguments of a layer in the order of the exercise: they are known by their names, or by their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnspec import layers
from cnnspec.elaborate.binding import FOREIGN_NAMES
from cnnspec.layers._kind import REQUIRED, Argument, Kind
from cnnspec.record import Record
from cnnspec.teaching.answers.template import Gap, Item
from cnnspec.teaching.answers.units import Token


class _Given(Record):
    """An argument: `name` is the short one, "" of a name that the layer does not have; `label` has the `=` too."""

    name: str
    label: tuple[Item, ...]
    value: tuple[Item, ...]


def arranged(
    items: Sequence[Item], body: Sequence[Token], text: str
) -> tuple[tuple[Token, ...], list[tuple[Token, ...]]]:
    """The words of an answer with the arguments of each layer as the exercise has them, and the arguments besides.

    Arguments besides that only say what holds anyway, `s=1`, are left out of both.
    """
    moulds, written = list(_parted(items, "|")), [_tokens(step) for step in _parted(body, "|")]
    pairs = _pairs(moulds, written)
    every = len(pairs) == len(moulds)
    new: list[Token] = []
    besides: list[tuple[Token, ...]] = []
    end = 0
    for i, words in enumerate(written):
        sign, end = body[end : end + bool(i)], end + bool(i) + len(words)
        if i not in pairs and every:
            besides.append((*sign, *words))
            continue
        kind = layers.find(words[0].text) if i in pairs else None
        if kind is not None:
            arguments, more = _step(kind, moulds[pairs[i]][1:], words, text)
            besides += more
        new += [*(sign if new else ()), *(words if kind is None else arguments)]
    return tuple(new), besides


def _pairs(moulds: Sequence[Sequence[Item]], written: Sequence[Sequence[Token]]) -> dict[int, int]:
    """Which step of an answer begins as which of the exercise, in order."""
    pairs: dict[int, int] = {}
    start = 0
    for i, words in enumerate(written):
        at = next((j for j in range(start, len(moulds)) if words and _head(moulds[j]) == words[0].text), None)
        if at is not None:
            pairs[i], start = at, at + 1
    return pairs


def _head(items: Sequence[Item]) -> str:
    return items[0].text if items and isinstance(items[0], Token) else ""


def _step(
    kind: Kind, mould: Sequence[Item], words: tuple[Token, ...], text: str
) -> tuple[tuple[Token, ...], list[tuple[Token, ...]]]:
    """One layer. It stays as it is where its arguments cannot be told from each other."""
    wanted = _arguments(kind, list(_parted(mould, ",")))
    given = _arguments(kind, _values(words[1:], text, len(wanted or ())))
    if not wanted or not given or "" in [one.name for one in wanted]:
        return words, []
    found = {one.name: one for one in given}
    if len(found) < len(given) or not any(one.name in found for one in wanted):
        return words, []
    new = list(words[:1])
    for one in wanted:
        if one.name in found:
            new += [*_comma(new, found[one.name]), *_labelled(one, found[one.name])]
    names = {one.name for one in wanted}
    known = {one.name: one for one in (*wanted, *given)}
    besides = [one for one in given if one.name not in names and not _is_default(kind, one, known)]
    return tuple(new), [_tokens((*one.label, *one.value)) for one in besides]


def _values(words: tuple[Token, ...], text: str, count: int) -> list[tuple[Item, ...]]:
    """The arguments apart; a comma between digits is one of thousands, but where `16,5,2` are as many as are asked."""
    apart = list(_parted(words, ","))
    kept = list(_parted(words, ",", text))
    return apart if len(kept) < len(apart) == count else kept


def _arguments(kind: Kind, parts: Sequence[Sequence[Item]]) -> list[_Given] | None:
    """Each argument with the name that it goes to; None where one is not to be read so."""
    places = [one.name for one in kind.arguments if not one.keyword_only]
    found = []
    for part in parts:
        named = len(part) > 2 and isinstance(part[1], Token) and part[1].text == "="
        label, value = (tuple(part[:2]), tuple(part[2:])) if named else ((), tuple(part))
        if not value or any(isinstance(one, Token) and one.text in ("=", "as", "{", "}") for one in value):
            return None
        if not named and not places:
            return None
        name = _short(kind, _head(part)) if named else places[0]
        places = [place for place in places if place != name]
        found.append(_Given(name, label, value))
    return found


def _short(kind: Kind, name: str) -> str:
    name = FOREIGN_NAMES.get(name, name)
    return next((one.name for one in kind.arguments if name in (one.name, one.long)), "")


def _comma(before: Sequence[Token], one: _Given) -> list[Token]:
    start = _tokens(one.value)[0].start
    return [Token(",", start, start, "sign")] if len(before) > 1 else []


def _labelled(mould: _Given, one: _Given) -> tuple[Token, ...]:
    """The value, with the name as the exercise writes it, or without one."""
    value = _tokens(one.value)
    start = value[0].start
    if mould.label and one.label:
        name, equals = _tokens(one.label)
        return (name._replace(text=_head(mould.label)), equals, *value)
    return (*(token._replace(start=start, end=start) for token in _tokens(mould.label)), *value)


def _tokens(items: Sequence[Item]) -> tuple[Token, ...]:
    return tuple(item for item in items if isinstance(item, Token))


def _is_default(kind: Kind, one: _Given, known: dict[str, _Given]) -> bool:
    """Whether an argument says only what holds without it."""
    argument: Argument | None = kind.argument(one.name)
    if argument is None:
        return False
    said = _plain(one.value)
    if argument.default_from:
        other = known.get(argument.default_from)
        return other is not None and _plain(other.value) == said
    if argument.default is REQUIRED:
        return False
    return said == str(argument.default).lower() or (argument.name == "p" and said == "valid" and not argument.default)


def _plain(value: Sequence[Item]) -> str:
    """A value as text; `2x2` is 2."""
    parts = ["?" if isinstance(item, Gap) else item.text for item in value if isinstance(item, Gap) or item.text != "x"]
    inner = [part for part in parts if part not in ("(", ")", "[", "]", ",")]
    return inner[0] if len(set(inner)) == 1 else "".join(parts)


def _parted(items: Sequence[Item], sign: str, text: str = "") -> Iterator[tuple[Item, ...]]:
    """The parts between the signs that stand in no brackets; with the text, commas between digits part nothing."""
    depth, part = 0, list[Item]()
    for item in items:
        word = "" if isinstance(item, Gap) else item.text
        depth += (word in ("(", "[")) - (word in (")", "]"))
        if word == sign and depth <= 0 and not _is_inner(item, text):
            yield tuple(part)
            part = []
        else:
            part.append(item)
    if part or items:
        yield tuple(part)


def _is_inner(item: Item, text: str) -> bool:
    return (
        isinstance(item, Token)
        and text[item.start - 1 : item.start].isdigit()
        and text[item.end : item.end + 1].isdigit()
    )
