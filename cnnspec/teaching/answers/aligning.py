"""What belongs to what: the statements of an answer to those of the exercise, the words inside to the words.

Both are the cheapest way of turning one into the other, found by dynamic programming over tables of bounded size.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from cnnspec.record import Record
from cnnspec.teaching.answers.template import Gap, Item, Mould
from cnnspec.teaching.answers.units import Token, Unit

MOST_CELLS = 60_000
MOST_ATTEMPTS = 10
UNLIKE = 0.95  # a pair that costs more has nothing in common
LIKE = 0.3  # a pair that costs less has the first word in common, and at least half of all
_LEFT_OUT = 0.6
_ADDED = 0.6
_INSIDE_HOLE = 0.01
_ELSEWHERE = 0.3  # in more braces, or fewer
_BARE = 0.05  # without the annotation
_INSIDE = 0.06  # a word more in a gap

_INFINITE = float("inf")


class Pair(Record):
    """Statements that belong together; several of the answer where the exercise leaves layers open.

    `mould` is None for statements that were added, `units` is empty for one that was left out.
    """

    mould: Mould | None
    units: tuple[Unit, ...]
    cost: float


# --- statements ------------------------------------------------------------------------------------------------------


def align(moulds: Sequence[Mould], units: Sequence[Unit]) -> list[Pair]:
    """The statements of an answer beside those of the exercise, in order."""
    before = _alike(moulds, units)
    moulds, rest = moulds[len(before) :], units[len(before) :]
    after = _alike(moulds[::-1], rest[::-1])[::-1]
    moulds, rest = moulds[: len(moulds) - len(after)], rest[: len(rest) - len(after)]
    if len(moulds) * len(rest) > MOST_CELLS:
        rest = rest[: MOST_CELLS // len(moulds)]
    return [*before, *_cheapest(moulds, rest), *after]


def _alike(moulds: Sequence[Mould], units: Sequence[Unit]) -> list[Pair]:
    """The pairs from the start on whose given words are the same."""
    pairs = []
    for mould, unit in zip(moulds, units, strict=False):
        if mould.hole or distance(mould, unit) > 0:
            break
        pairs.append(Pair(mould, (unit,), 0.0))
    return pairs


def distance(mould: Mould, unit: Unit) -> float:
    """How little a statement looks like another: 0 for the same given words, 1 for none in common and more."""
    elsewhere = _ELSEWHERE if unit.depth != mould.unit.depth else 0.0
    bare = _BARE if mould.annotated and unit.arrow == len(unit.tokens) else 0.0
    return _words_apart(mould, unit.body) + elsewhere + bare


def _words_apart(mould: Mould, body: Sequence[Token]) -> float:
    words = [token.text for token in body if token.kind != "sign"]
    if not mould.words:
        alike = [item.text for item in mould.items if isinstance(item, Token)] == [token.text for token in body]
        return 0.0 if alike or (mould.items and not words) else 0.5 if not words else 1.0
    rest = list(words)
    common = 0
    for word in mould.words:
        if word in rest:
            rest.remove(word)
            common += 1
    allowed = 4 * sum(isinstance(item, Gap) for item in mould.items)
    longest = max(len(mould.words), len(words) - allowed, 1)
    same_head = bool(words) and words[0] == mould.head
    return 1.0 - 0.5 * same_head - 0.5 * common / longest


def attempts_of(moulds: Sequence[Mould], units: Sequence[Unit]) -> list[Sequence[Unit]]:
    """The attempts in one file: each begins with the first words of the exercise, which are there only once."""
    if not units:
        return []
    first = moulds[0]
    once = sum(mould.words == first.words for mould in moulds) == 1 and bool(first.words)
    starts = [i for i, unit in enumerate(units) if i and once and not first.hole and distance(first, unit) == 0]
    if distance(first, units[0]) > 0:
        starts = starts[1:]
    starts = starts[-MOST_ATTEMPTS:]
    return [units[start:end] for start, end in zip([0, *starts], [*starts, len(units)], strict=True)]


def arrowed(mould: Mould, unit: Unit) -> Unit:
    """The statement with an arrow where one was forgotten, `relu 24x24x6`, or is written as a colon."""
    tokens = unit.tokens
    if not mould.annotated or unit.arrow < len(tokens) or tokens[0].text != mould.head:
        return unit
    given = [item.text for item in mould.items if isinstance(item, Token)]
    at = next((i for i, token in enumerate(tokens) if token.text in (":", "=>") and i + 1 < len(tokens)), len(given))
    if at == len(tokens) or at > len(tokens):
        return unit
    colon = tokens[at].text in (":", "=>")
    if not colon and (len(given) < len(mould.items) or [token.text for token in tokens[:at]] != given):
        return unit
    place = tokens[at].end if colon else tokens[at].start
    arrow = Token("->", place, place, "arrow")
    return unit._replace(tokens=(*tokens[:at], arrow, *tokens[at + colon :]), arrow=at)


def _cheapest(moulds: Sequence[Mould], units: Sequence[Unit]) -> list[Pair]:
    costs = [[_INFINITE] * (len(units) + 1) for _ in range(len(moulds) + 1)]
    steps = [[""] * (len(units) + 1) for _ in range(len(moulds) + 1)]
    costs[0][0] = 0.0
    pairs: dict[tuple[int, int], float] = {}
    for i in range(len(moulds) + 1):
        for j in range(len(units) + 1):
            options = [(costs[i][j], steps[i][j])]
            if i and not moulds[i - 1].hole:
                options.append((costs[i - 1][j] + _LEFT_OUT, "left out"))
                if j:
                    pairs[i, j] = distance(moulds[i - 1], units[j - 1])
                    options.append((costs[i - 1][j - 1] + pairs[i, j], "pair"))
            elif i:
                options.append((costs[i - 1][j], "hole ends"))
            if j:
                inside = i < len(moulds) and moulds[i].hole
                options.append(
                    (costs[i][j - 1] + (_INSIDE_HOLE if inside else _ADDED), "inside" if inside else "added")
                )
            costs[i][j], steps[i][j] = min(options)
    return _traced(moulds, units, steps, pairs)


def _traced(
    moulds: Sequence[Mould], units: Sequence[Unit], steps: list[list[str]], costs: dict[tuple[int, int], float]
) -> list[Pair]:
    i, j = len(moulds), len(units)
    found: list[Pair] = []
    while i or j:
        step = steps[i][j]
        if step == "added":
            j -= 1
            found.append(Pair(None, (units[j],), 0.0))
        elif step == "pair":
            found.append(Pair(moulds[i - 1], (units[j - 1],), costs[i, j]))
            i, j = i - 1, j - 1
        elif step == "left out":
            i -= 1
            found.append(Pair(moulds[i], (), 0.0))
        else:
            i -= 1
            last, j = j, _start_of_hole(steps[i], j)
            found.append(Pair(moulds[i], tuple(units[j:last]), 0.0))
    return found[::-1]


def _start_of_hole(steps: list[str], j: int) -> int:
    while steps[j] == "inside":
        j -= 1
    return j


# --- words -----------------------------------------------------------------------------------------------------------


class Match(Record):
    """The words of a statement beside the items of its mould.

    `gaps` has for each gap the words in it; `changes` are stretches of items and words that are not the same.
    """

    gaps: dict[int, tuple[int, int]]  # the index of the gap: first word, word after the last
    changes: list[tuple[int, int, int, int]]  # items from, to; words from, to


def match(items: Sequence[Item], words: Sequence[Token], text: str) -> Match | None:
    """Finds the cheapest way; None where there are too many words to look."""
    quick = _straight(items, words, text)
    if quick is not None:
        return quick
    if (len(items) + 1) * (len(words) + 1) > MOST_CELLS:
        return None
    return _match(items, words, text)


def _straight(items: Sequence[Item], words: Sequence[Token], text: str) -> Match | None:
    """The way without changes, where each gap ends with the next word that is given."""
    gaps: dict[int, tuple[int, int]] = {}
    j = 0
    for i, item in enumerate(items):
        if isinstance(item, Gap):
            ending = items[i + 1] if i + 1 < len(items) else None
            if isinstance(ending, Gap):
                return None
            first, depth = j, 0
            while j < len(words) and (
                ending is None or depth > 0 or words[j].text != ending.text or _is_inner(words, j, text)
            ):
                if words[j].text in ("|", "{", "}"):
                    return None
                depth += (words[j].text in ("[", "(")) - (words[j].text in ("]", ")"))
                j += 1
            gaps[i] = (first, j)
        elif j < len(words) and words[j].text == item.text:
            j += 1
        else:
            return None
    return Match(gaps, []) if j == len(words) else None


def _is_inner(words: Sequence[Token], index: int, text: str) -> bool:
    """Whether a comma is one of thousands, or of decimals: digits touch it on both sides."""
    token = words[index]
    return (
        token.text == ","
        and text[token.start - 1 : token.start].isdigit()
        and text[token.end : token.end + 1].isdigit()
    )


def _depths(items: Sequence[Item]) -> list[int]:
    """In how many brackets each word stands, its own not counted; those that are never closed are none."""
    changes, opened = [0] * (len(items) + 1), list[int]()
    for i, item in enumerate(items):
        sign = "" if isinstance(item, Gap) else item.text
        if sign in ("(", "["):
            opened.append(i)
        elif sign in (")", "]") and opened:
            changes[opened.pop() + 1] += 1
            changes[i] -= 1
    return list(itertools.accumulate(changes[:-1]))


def _match(items: Sequence[Item], words: Sequence[Token], text: str) -> Match:
    given, written = _depths(items), _depths(words)
    loose = [_in_gap(words, j, text) for j in range(len(words))]
    row = [0.9 * j for j in range(len(words) + 1)]
    steps = [["added"] * (len(words) + 1)]
    for i, item in enumerate(items):
        previous, row = row, []
        gap = isinstance(item, Gap)
        inner = [_INSIDE if deep > given[i] else cost for deep, cost in zip(written, loose, strict=True)]
        taken: list[str] = []
        for j in range(len(words) + 1):
            options = [(previous[j] + (0.4 if gap else 0.9), "gap" if gap else "left out")]
            if j and gap:
                options.append((row[j - 1] + inner[j - 1] - (0.35 if taken[j - 1] == "gap" else 0.0), "in gap"))
            elif j and not gap:
                assert isinstance(item, Token)
                options.append((previous[j - 1] + _unlike(item, words[j - 1]), "pair"))
            if j:
                options.append((row[j - 1] + 0.9, "added"))
            cost, step = min(options)
            row.append(cost)
            taken.append(step)
        steps.append(taken)
    return _retraced(items, words, steps)


def _in_gap(words: Sequence[Token], j: int, text: str) -> float:
    token = words[j]
    if token.text in ("|", "{", "}", "->") or (
        j + 1 < len(words) and token.kind == "word" and words[j + 1].text == "="
    ):
        return 0.9
    return 0.4 if token.text == "," and not _is_inner(words, j, text) else _INSIDE


def _unlike(item: Token, word: Token) -> float:
    if item.text == word.text:
        return 0.0
    return 1.0 if item.kind == word.kind and item.kind != "sign" else 1.7


def _retraced(items: Sequence[Item], words: Sequence[Token], steps: list[list[str]]) -> Match:
    i, j = len(items), len(words)
    gaps: dict[int, tuple[int, int]] = {}
    wrong: list[tuple[int, int, int, int]] = []
    while i or j:
        step = steps[i][j]
        if step == "pair":
            i, j = i - 1, j - 1
            if _unlike(_token(items[i]), words[j]):
                wrong.append((i, i + 1, j, j + 1))
        elif step == "gap":
            i -= 1
            gaps[i] = (j, gaps.get(i, (j, j))[1])
        elif step == "left out":
            i -= 1
            wrong.append((i, i + 1, j, j))
        elif step == "in gap":
            gaps[i - 1] = (j - 1, gaps.get(i - 1, (j, j))[1])
            j -= 1
        else:
            j -= 1
            wrong.append((i, i, j, j + 1))
    return Match(gaps, _joined(wrong[::-1]))


def _token(item: Item) -> Token:
    assert isinstance(item, Token), "a gap is no word"
    return item


def _joined(changes: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Stretches that touch each other are one."""
    joined: list[tuple[int, int, int, int]] = []
    for change in changes:
        if joined and joined[-1][1] == change[0] and joined[-1][3] == change[2]:
            joined[-1] = (joined[-1][0], change[1], joined[-1][2], change[3])
        else:
            joined.append(change)
    return joined
