"""`check model.onnx`: what is wrong with a graph, and the findings of the rules that make sense on one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cnnspec.diagnostics import Diagnostic
from cnnspec.lint import Linter
from cnnspec.onnx.reader import read_bytes, read_file
from cnnspec.report.checked import Checked

if TYPE_CHECKING:
    from cnnspec.cli.check import Job


def check_graph(job: Job, path: str, *, keep: bool = False) -> Checked:
    """Checks one ONNX file, or what comes from standard input."""
    name = job.args.stdin_filename or "<stdin>" if path == "-" else path
    network, diagnostics = read_bytes(sys.stdin.buffer.read(), name) if path == "-" else read_file(path)
    if network is not None:
        linter = Linter(network.source, job.codes(name), graph=True)
        diagnostics = [*diagnostics, *linter.look(network)]
    for d in diagnostics:
        d.fix = None  # there is no text to change
        if job.args.format != "text":  # which shows the node's line
            d.message = _with_node(d)
    figures = network if keep and network is not None and isinstance(network.params, int) else None
    return Checked(name, tuple(sorted(diagnostics, key=_place)), figures)


def _with_node(d: Diagnostic) -> str:
    """The message behind the node's name and operator: `conv1 (Conv): groups=3 does not divide the 4 filters`."""
    name, colon, operator = d.source.line(d.row).partition("(")[0].rpartition(": ") if d.source.text else ("", "", "")
    return f"{name} ({operator}): {d.message}" if colon and " " not in operator else d.message


def _place(d: Diagnostic) -> tuple[int, str]:
    return d.span.start, d.code
