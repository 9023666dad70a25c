"""The page of the architectures: every file of examples/architectures with its papers, its length and its networks."""

from __future__ import annotations

from pathlib import Path

import cnnspec
from cnnspec.report import variants

HEAD = """# Architectures

{networks} networks in {files} files of {mean} lines on average, each with its published figures in `expect` lines, so
that `cnnspec check examples/architectures` proves them all. One command lists them: `cnnspec variants
examples/architectures`. A file name with a colon names one network: `cnnspec summary
examples/architectures/resnet.cnn:resnet101`.

MACs count a multiply and an add together, for one image, without biases and element-wise layers. The smallest input is
the smallest at which every layer still has something to look at; where a letter stands in the size, for the letter.
Parameters, MACs and values are compared with the originals in `tests/peers`: PyTorch's model library, Keras
Applications, or the paper rebuilt in plain PyTorch.
"""


def page(folder: Path) -> str:
    files = sorted(folder.glob("*.cnn"))
    sections = [section(path) for path in files]
    lines = [length(path) for path in files]
    networks = sum(text.count("\n| `") for text in sections)
    head = HEAD.format(networks=networks, files=len(files), mean=round(sum(lines) / len(lines)))
    return "\n".join([head, *sections])


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def section(path: Path) -> str:
    """`## resnet.cnn`, what its first comment says, and a row a network."""
    text = path.read_text(encoding="utf-8")
    comment = " ".join(line.lstrip("# ") for line in text[: text.index("\nmodel")].splitlines() if line.startswith("#"))
    link = f"../../examples/architectures/{path.name}"
    rows = "".join(row(net, path) for net in networks_of(path))
    return (
        f"## {path.stem}\n\n{comment}\n\n[{path.name}]({link}), {length(path)} lines\n\n"
        f"| network | params | trainable | MACs | input | smallest input |\n|---|---:|---:|---:|---|---|\n{rows}"
    )


def networks_of(path: Path) -> list[cnnspec.Network]:
    whole = cnnspec.load(path)
    return [cnnspec.load(f"{path}:{name}") for name in whole.variants] or [whole]


def row(net: cnnspec.Network, path: Path) -> str:
    cells = list(variants.row(net, smallest=True).cells.values())
    return f"| `{net.variant or path.stem}` | {' | '.join(cells[1:])} |\n"
