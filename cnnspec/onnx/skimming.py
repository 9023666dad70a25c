"""The bytes of a model without the values of its weights: what a reader of sizes needs, however large the file is.

The file is mapped, not read; long values of tensors are passed over, the messages around them are written anew with
their new lengths. Nothing of it is interpreted here beyond the wire format of protocol buffers.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from cnnspec.language import say

KEPT: Final = 4096  # bytes of values that may say something about sizes: targets of reshapes, scales, pads
LARGEST: Final = 256 * 2**20
DEEPEST: Final = 64

Buffer: TypeAlias = "memoryview"
Message: TypeAlias = "dict[int, Any]"

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5

# Which fields hold messages to look into, and (None) which are values to leave out where they are long.
TENSOR: Message = dict.fromkeys((4, 5, 6, 7, 9, 10, 11))
SPARSE: Message = {1: TENSOR, 2: TENSOR}
ATTRIBUTE: Message = {5: TENSOR, 10: TENSOR, 22: SPARSE, 23: SPARSE}
NODE: Message = {5: ATTRIBUTE}
GRAPH: Message = {1: NODE, 5: TENSOR, 15: SPARSE}
ATTRIBUTE |= {6: GRAPH, 11: GRAPH}
MODEL: Message = {7: GRAPH, 25: {7: NODE}}


class NotAMessageError(ValueError):
    """Bytes that are no protocol buffer, or one that ends too early."""


def skim_file(path: str) -> bytes:
    """The model of a file without long values. Raises OSError, NotAMessageError."""
    with open(path, "rb") as file:
        if file.seek(0, 2) == 0:
            raise NotAMessageError(say("the file is empty"))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as view:
            return skim(view)


def skim(data: bytes | memoryview) -> bytes:
    """The message without long values. Raises NotAMessageError."""
    with memoryview(data) as view:
        parts: list[bytes] = []
        size = _copy(view, 0, len(view), MODEL, parts, 0)
        if size > LARGEST:
            raise NotAMessageError(
                say("it holds more than {largest} MiB besides its weights", largest=LARGEST // 2**20)
            )
        return b"".join(parts)


def _copy(view: Buffer, start: int, end: int, fields: Mapping[int, Any], parts: list[bytes], depth: int) -> int:
    """Appends the message between two places to `parts`; returns how many bytes that makes."""
    if depth > DEEPEST:
        raise NotAMessageError(say("its graphs are nested too deeply"))
    size, place, copied = 0, start, start
    while place < end:
        tag, after = _varint(view, place, end)
        wire = tag & 7
        if wire != LENGTH:
            place = _after(view, after, end, wire)
            continue
        length, body = _varint(view, after, end)
        stop = body + length
        if stop > end:
            raise NotAMessageError(say("it ends too early"))
        if length > KEPT and tag >> 3 in fields:
            size += _flush(view, copied, place, parts)
            inner = fields[tag >> 3]
            if inner is not None:
                size += _nested(view, tag, body, stop, inner, parts, depth)
            copied = stop
        place = stop
    return size + _flush(view, copied, end, parts)


def _nested(view: Buffer, tag: int, start: int, end: int, fields: Message, parts: list[bytes], depth: int) -> int:
    inside: list[bytes] = []
    length = _copy(view, start, end, fields, inside, depth + 1)
    header = _encoded(tag) + _encoded(length)
    parts.append(header)
    parts += inside
    return len(header) + length


def _flush(view: Buffer, start: int, end: int, parts: list[bytes]) -> int:
    """Appends what stays as it is."""
    if end - start > LARGEST:
        raise NotAMessageError(say("it holds more than {largest} MiB besides its weights", largest=LARGEST // 2**20))
    if end > start:
        parts.append(bytes(view[start:end]))
    return end - start


def _after(view: Buffer, place: int, end: int, wire: int) -> int:
    """The place behind a value that is no message."""
    if wire == VARINT:
        return _varint(view, place, end)[1]
    place += {FIXED64: 8, FIXED32: 4}.get(wire, end)
    if place > end:
        raise NotAMessageError(say("this is no protocol buffer, or it ends too early"))
    return place


def _varint(view: Buffer, place: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while place < end and shift < 70:
        byte = view[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
    raise NotAMessageError(say("this is no protocol buffer, or it ends too early"))


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
