"""Diagnostics made by hand."""

from __future__ import annotations

from typing import Any

from cnnspec.diagnostics import Diagnostic, Edit, Fix, Label
from cnnspec.report.checked import Checked
from cnnspec.source import Source, Span

LENET = "input 28x28x1\n\n\n\n\n\nmaxpool 2\n\nconv 120, f=7\n"


def place(source: Source, text: str, number: int = 0) -> Span:
    """Where the text stands in the source (the first, or a later time)."""
    start = source.text.index(text)
    for _ in range(number):
        start = source.text.index(text, start + 1)
    return Span(start, start + len(text))


def diagnostic(source: Source, text: str, message: str = "something", code: str = "E301", **more: Any) -> Diagnostic:
    """An error at a text of the source."""
    return Diagnostic(code, message, source, place(source, text), **more)


def window(filename: str = "lenet.cnn") -> Diagnostic:
    """The sample of the language's reference."""
    source = Source(LENET, filename)
    at = place(source, "f=7")
    return Diagnostic(
        "E301",
        "the window 7x7 is larger than the input 4x4",
        source,
        at,
        label="needs at least 7x7",
        labels=(Label(source, place(source, "maxpool 2"), "gives 4x4x16"),),
        notes=("(n + 2p - f)/s + 1 = (4 + 2*0 - 7)/1 + 1 = -2",),
        help="use f=4 or smaller, or p=2",
        fix=Fix("unsafe", "use f=4", (Edit(at, "f=4"),)),
    )


def checked(*diagnostics: Diagnostic) -> list[Checked]:
    """The diagnostics, file by file."""
    files: dict[str, list[Diagnostic]] = {}
    for d in diagnostics:
        files.setdefault(d.filename, []).append(d)
    return [Checked(name, tuple(found)) for name, found in files.items()]
