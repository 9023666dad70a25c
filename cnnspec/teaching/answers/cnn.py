"""The filled .cnn file: what stands in the blanks, and what was changed around them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnnspec.language import say
from cnnspec.teaching.answers.aligning import LIKE, UNLIKE, Pair, align, arrowed, attempts_of, distance, match
from cnnspec.teaching.answers.annotations import Parts, count_in, split
from cnnspec.teaching.answers.arranging import arranged
from cnnspec.teaching.answers.below import joined
from cnnspec.teaching.answers.collecting import Collected, shortened
from cnnspec.teaching.answers.decoding import typed
from cnnspec.teaching.answers.table import take_totals
from cnnspec.teaching.answers.template import Gap, Item, Mould, Sizes, moulds_of
from cnnspec.teaching.answers.units import Token, Unit, units_of
from cnnspec.teaching.exercise import Exercise
from cnnspec.teaching.model import Blank

_VARIANT = re.compile(
    r"^[ \t]{0,20}#[ \t]{0,20}(?:variante?|seed|graine)[ \t]{0,20}:?[ \t]{1,20}([\w.@-]{1,100})",
    re.MULTILINE | re.IGNORECASE,
)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE)


def collect(found: Collected, text: str) -> bool:
    """Takes what a filled file says; whether the text is one at all."""
    variant = _VARIANT.search(text)
    if variant:
        found.seed = variant[1]
    text = joined(_FENCE.sub("", typed(text)), found.exercise.source.text)
    attempts = attempts_of(moulds_of(found.exercise), units_of(text))
    readings = [_read(found.exercise, text, attempt) for attempt in attempts]
    if not readings:
        return False
    chosen = max(range(len(readings)), key=lambda i: (len(readings[i][0].given), i))
    if sum(bool(one.given) for one, _ in readings) > 1:
        found.notice(
            say("there are {n} attempts in one file: number {counts} counts", n=len(attempts), counts=chosen + 1)
        )
    found.take(readings[chosen][0])
    take_totals(found, text.split("\n"))
    return readings[chosen][1]


def _read(exercise: Exercise, text: str, units: Sequence[Unit]) -> tuple[Collected, bool]:
    """What one attempt says, and whether it looks like the exercise."""
    found = Collected(exercise)
    pairs = align(moulds_of(exercise), units)
    reader = _Reader(found, text)
    answered = sum(reader.answers(pair) for pair in pairs) > 0
    alike = sum(1 for pair in pairs if pair.mould and pair.units and pair.cost < UNLIKE)
    wanted = sum(1 for mould in moulds_of(exercise) if not mould.hole)
    return found, answered or 2 * alike >= wanted or any(_is_design(pair) for pair in pairs)


def _is_design(pair: Pair) -> bool:
    """Whether layers stand where the exercise leaves them open: a design may be handed in alone."""
    from cnnspec.teaching.answers.kinds import kind_of

    hole = pair.mould is not None and pair.mould.hole is not None
    return hole and any(
        "word" in (token.kind for token in unit.tokens[:1]) and kind_of(unit.tokens[0].text) for unit in pair.units
    )


class _Reader:
    def __init__(self, found: Collected, text: str) -> None:
        self.found = found
        self.text = text
        self.exercise = found.exercise.source

    def answers(self, pair: Pair) -> bool:
        """Takes what the pair says; whether it fills a blank beside words that the exercise has."""
        before = len(self.found.given)
        self.take(pair)
        mould = pair.mould
        if mould is None or mould.hole or not pair.units or not mould.words or len(self.found.given) == before:
            return False
        return distance(mould, arrowed(mould, pair.units[0])) < LIKE

    def take(self, pair: Pair) -> None:
        mould = pair.mould
        if mould is None:
            self._added(pair.units[0])
        elif mould.hole:
            self._hole(mould, mould.hole, pair.units)
        elif not pair.units:
            self._left_out(mould)
        else:
            unit = arrowed(mould, pair.units[0])
            if pair.cost < UNLIKE:
                self._body(mould, unit)
            else:
                self._changed(mould.unit.start, *self._texts(mould, unit))
            self._annotation(mould, unit)

    # --- bodies ---

    def _body(self, mould: Mould, unit: Unit) -> None:
        if not mould.items:
            return
        body, besides = arranged(mould.items, unit.body, self.text)
        for argument in besides:
            self._changed(mould.unit.start, "", self._written(argument))
        found = match(mould.items, body, self.text)
        if found is None:
            self._changed(mould.unit.start, *self._texts(mould, unit))
            return
        for index, (first, last) in found.gaps.items():
            item = mould.items[index]
            if isinstance(item, Gap) and last > first:
                self.found.put(item.blank, self.text[body[first].start : body[last - 1].end])
        for change in found.changes:
            self._change(mould, body, change)

    def _change(self, mould: Mould, body: Sequence[Token], change: tuple[int, int, int, int]) -> None:
        """Tells of a stretch that is not the same, with the argument that it belongs to."""
        items = mould.items
        first, last, start, end = change
        whole = first < last and _parts(items[first])  # `| relu`: it is not the argument before that has changed
        while not whole and first > 0 and start > 0 and not _parts(items[first - 1]):
            first, start = first - 1, start - 1
        while last < len(items) and end < len(body) and not _parts(items[last]):
            last, end = last + 1, end + 1
        was = self._given(items[first:last])
        now = self.text[body[start].start : body[end - 1].end] if end > start else ""
        place = items[min(first, len(items) - 1)]
        self._changed(place.span.start if isinstance(place, Gap) else place.start, was, now)

    def _given(self, items: Sequence[Item]) -> str:
        if not items:
            return ""
        first, last = items[0], items[-1]
        start = first.span.start if isinstance(first, Gap) else first.start
        return self.exercise.text[start : last.span.end if isinstance(last, Gap) else last.end]

    # --- annotations ---

    def _annotation(self, mould: Mould, unit: Unit) -> None:
        if not mould.annotated:
            return
        if unit.arrow == len(unit.tokens):
            if not self._asks(mould):
                self._changed(mould.unit.start, self._given(mould.unit.tokens[mould.unit.arrow :]), "")
            return
        written = self.text[unit.tokens[unit.arrow].end : unit.end].replace("->", ",").rstrip(" ,\n")
        axes = len(mould.size.parts) if mould.size and not mould.size.whole else 0
        if mould.size is None:
            parts = Parts("", count_in(written))
        else:
            parts = split(written, axes, counted=mould.params is not None)
        if mould.size is not None:
            self._size(mould.size, parts.size)
        if isinstance(mould.params, Blank):
            self.found.put(mould.params, parts.params)
        elif mould.params is not None and _squeezed(parts.params) != _squeezed(mould.params):
            self._changed(mould.unit.start, mould.params, parts.params)

    def _asks(self, mould: Mould) -> bool:
        return isinstance(mould.params, Blank) or bool(
            mould.size and any(isinstance(one, Blank) for one in mould.size.parts)
        )

    def _size(self, size: Sizes, text: str) -> None:
        first = size.parts[0]
        if size.whole and isinstance(first, Blank):
            self.found.put(first, text)
            return
        self.found.put_size(size.parts, text)
        parts = self.found.parts(size.parts, text)
        same = len(parts) == len(size.parts) and all(
            isinstance(given, Blank) or _squeezed(given) == _squeezed(part)
            for given, part in zip(size.parts, parts, strict=True)
        )
        if not same and any(isinstance(part, str) for part in size.parts):
            self._changed(size.span.start, self.exercise.text[size.span.start : size.span.end], text)

    # --- layers ---

    def _hole(self, mould: Mould, hole: Gap, units: Sequence[Unit]) -> None:
        """What stands in the place of a `?` for layers, without what the exercise has before and after it."""
        if not units:
            return
        index = mould.items.index(hole)
        given = mould.unit.body
        before, after = given[:index], given[len(given) - (len(mould.items) - index - 1) :]
        tokens = [token for unit in units for token in unit.tokens]
        if mould.annotated:
            arrow = len(tokens) - len(units[-1].tokens) + units[-1].arrow
            self._same(mould.unit.tokens[mould.unit.arrow :], tokens[arrow:])
            tokens = tokens[:arrow]
        if _texts(tokens[: len(before)]) == _texts(before):
            tokens = tokens[len(before) :]
        else:
            self._same(before, ())
        if _texts(tokens[len(tokens) - len(after) :]) == _texts(after):
            tokens = tokens[: len(tokens) - len(after)]
        else:
            self._same(after, ())
        text = self._written(tokens)
        self.found.put(hole.blank, "" if text == "?" else text)

    def _same(self, given: Sequence[Token], written: Sequence[Token]) -> None:
        """Says where what was given is not what is written."""
        if given and _texts(given) != _texts(written):
            self._changed(given[0].start, self._given(given), self._written(written))

    def _written(self, tokens: Sequence[Token]) -> str:
        return self.text[tokens[0].start : tokens[-1].end] if tokens else ""

    # --- notices ---

    def _texts(self, mould: Mould, unit: Unit) -> tuple[str, str]:
        return self._given(mould.unit.body), self._written(unit.body)

    def _changed(self, place: int, was: str, now: str) -> None:
        line = self.exercise.row(place)
        was, now = shortened(was), shortened(now)
        if was and now:
            notice = say("line {line}: the given `{was}` was changed to `{now}`", line=line, was=was, now=now)
        elif was:
            notice = say("line {line}: the given `{was}` was left out", line=line, was=was)
        else:
            notice = say("line {line}: `{now}` was added to what was given", line=line, now=now)
        self.found.notice(notice)

    def _left_out(self, mould: Mould) -> None:
        text = self.exercise.text[mould.unit.start : mould.unit.end]
        line = self.exercise.row(mould.unit.start)
        self.found.notice(say("line {line}: the given `{was}` was left out", line=line, was=shortened(text)))

    def _added(self, unit: Unit) -> None:
        line = self.text.count("\n", 0, unit.start) + 1
        text = shortened(self.text[unit.start : unit.end])
        self.found.unread |= any(sign.isdigit() for sign in text)
        self.found.notice(say("line {line} of the answer: `{now}` was added", line=line, now=text))


def _parts(item: Item) -> bool:
    """Whether an argument ends here."""
    return isinstance(item, Gap) or item.text in (",", "|", "{", "}", "(", ")")


def _texts(tokens: Sequence[Token]) -> list[str]:
    return [token.text for token in tokens]


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_,]", "", text).replace("\u00d7", "x")
