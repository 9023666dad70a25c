"""The axes of a size in the order of the language: without a batch, the channels last."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from cnnspec.record import Record
from cnnspec.teaching.answers.numerals import BATCH, CHANNELS_FIRST, sizes
from cnnspec.values import known

Sized = tuple[int, ...]

_BATCH_WORD = re.compile(r"\W*(?:torch\.Size\W*)?(?:(?:None|N|B|batch|null)\b|-1\b|\?\s*[,x\u00d7])", re.IGNORECASE)


class Written(Record):
    """A size as it is written, without its batch; `batch` is whether it has one, or comes from PyTorch."""

    size: Sized
    batch: bool
    torch: bool


def written(text: str, axes: int) -> Written | None:
    """The size with so many axes that a text states, in its own order; None where it states none."""
    torch = text.lstrip().startswith("torch.Size")
    for reading in sizes(text, axes):
        if isinstance(reading.value, tuple) and len(reading.value) == axes and reading.form != CHANNELS_FIRST:
            batch = torch or reading.form == BATCH or bool(_BATCH_WORD.match(text))
            return Written(reading.value, batch, torch)
    return None


def turned(size: Sized) -> Sized:
    """A size with the channels in front as the language has it."""
    return (*size[1:], size[0])


def leaning(size: Sized, right: Any) -> int:
    """Above 0 where a size looks like one with the channels in front, below 0 for one with the channels last."""
    return _agreement(turned(size), right) - _agreement(size, right)


def in_order(text: str, axes: int, right: Any) -> tuple[Sized, bool] | None:
    """The size of a text with a batch, and whether it was turned; None for any other text."""
    found = written(text, axes)
    if found is None or not found.batch or axes < 2:
        return None
    lean = leaning(found.size, right)
    turn = (lean > 0 or (lean == 0 and found.torch)) and turned(found.size) != found.size
    return (turned(found.size) if turn else found.size), turn


def channels_first(text: str, axes: int, right: Any) -> tuple[Sized, bool] | None:
    """The size of a text that is right with the channels in front, `16x28x28`, turned; None for any other text."""
    found = written(text, axes)
    if found is None or axes < 2 or not isinstance(right, tuple) or not all(map(known, right)):
        return None
    return (turned(found.size), True) if found.size != right and turned(found.size) == right else None


def without_batch(texts: Iterable[tuple[str, int]]) -> dict[str, str]:
    """What to read in the place of sizes that have one batch in common, `[16, 32, 62, 62]`: each with its axes."""
    found: dict[str, Sized] = {}
    for text, axes in texts:
        reading = next((one.value for one in sizes(text) if one.form != CHANNELS_FIRST), None)
        if isinstance(reading, tuple) and axes and len(reading) == axes + 1:
            found[text] = reading
    common = {size[0] for size in found.values()}
    if len(common) != 1 or len(found) < 2:
        return {}
    return {text: f"(None, {', '.join(map(str, size[1:]))})" for text, size in found.items()}


def _agreement(size: Sized, right: Any) -> int:
    """How much a size is like the right one: by its numbers; where they do not tell, by rows as long as columns."""
    square = len(size) > 2 and size[0] == size[1]
    if not isinstance(right, tuple) or len(right) != len(size):
        return int(square)
    same = sum(bool(known(wanted) and one == wanted) for one, wanted in zip(size, right, strict=True))
    return 4 * same + (square and bool(right[0] == right[1]))
