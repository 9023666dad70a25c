"""Code blocks that say what is expected of them, in trailing comments.

`# error: [E301]` and `# finding: [W301]` stand on the line of the diagnostic, `# size: 4x4x16` on a line whose
statement yields that size, `# blanks: 3` anywhere. The comments are taken out before the block is checked.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from cnnspec.api import check_source
from cnnspec.diagnostics import Diagnostic
from cnnspec.network import Layer, Network
from cnnspec.source import Source
from cnnspec.values import show

COMMENT = re.compile(r"[ \t]*# (error|finding|size|blanks): *([^#\n]*)")
CODE = re.compile(r"\[([EW]\d{3})\]")


class Block(NamedTuple):
    """A code block without its expectations, and these: (row, word, what)."""

    text: str
    expected: tuple[tuple[int, str, str], ...]


class Outcome(NamedTuple):
    """What the checker says of a block."""

    block: Block
    network: Network | None
    diagnostics: list[Diagnostic]

    @property
    def surprises(self) -> list[str]:
        """Expectations that nothing meets, and diagnostics that nobody expects."""
        wanted = [(row, what) for row, word, what in self.block.expected if word in ("error", "finding")]
        found = [(d.row, d.code) for d in self.diagnostics]
        missing = [f"line {row}: {code} is expected and does not come" for row, code in _without(wanted, found)]
        extra = [f"line {row}: {code} comes and is not expected" for row, code in _without(found, wanted)]
        return missing + extra + list(self._figures())

    def _figures(self) -> list[str]:
        wrong = []
        for row, word, what in self.block.expected:
            actual = ""
            if word == "size":
                actual = size_of_line(self.network, row)
            elif word == "blanks":
                actual = str(self.network.blanks) if self.network else "no network"
            if actual and actual != what:
                wrong.append(f"line {row}: {word} is {actual}, not {what}")
        return wrong


def read_block(code: str) -> Block:
    """Takes the expectations out of a code block."""
    expected: list[tuple[int, str, str]] = []
    lines = []
    for row, line in enumerate(code.splitlines(), 1):
        for word, what in COMMENT.findall(line):
            if word in ("error", "finding"):
                expected += [(row, word, found) for found in CODE.findall(what)]
            else:
                expected.append((row, word, what.strip()))
        lines.append(COMMENT.sub("", line).rstrip() if COMMENT.search(line) else line)
    return Block("\n".join(lines) + "\n", tuple(expected))


def check_block(code: str, filename: str, codes: Collection[str] | None = None) -> Outcome:
    """Checks a code block; `codes` are the findings to look for (None: the usual)."""
    block = read_block(code)
    network, diagnostics = check_source(Source(block.text, filename), codes=codes)
    return Outcome(block, network, diagnostics)


def size_of_line(network: Network | None, row: int) -> str:
    """The size of the last value that a line of the file yields, itself or through the blocks it calls."""
    if network is None:
        return "that of no network"
    on_line = [layer for layer in network.layers if _row(layer) == row]
    return show(on_line[-1].output_size) if on_line else "that of no layer"


def _row(layer: Layer) -> int:
    return layer.trace[-1].row if layer.trace else layer.line


def _without(these: list[tuple[int, str]], those: list[tuple[int, str]]) -> list[tuple[int, str]]:
    rest = list(those)
    left = []
    for one in these:
        if one in rest:
            rest.remove(one)
        else:
            left.append(one)
    return left
