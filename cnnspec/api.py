"""The Python interface: texts and files to networks, networks to weights, ONNX models and sessions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import ERROR, CnnSpecError, Diagnostic, Mistake
from cnnspec.elaborate import elaborate
from cnnspec.network import Network as Graph
from cnnspec.source import Source, Span
from cnnspec.syntax.parser import parse

if TYPE_CHECKING:
    import numpy as np
    import onnx

    from cnnspec.runtime.session import Session

    Weights = Mapping[str, np.ndarray[Any, Any]]


class Network(Graph):
    """A checked network, with its way to weights, ONNX and inference."""

    def weights(self, seed: int = 0, init: str = "auto") -> dict[str, np.ndarray[Any, Any]]:
        """Seeded weights: {name: float32 array}, in the order of `parameters`; values in the file come first.

        `init` is "auto" (He for what feeds a ReLU, Glorot otherwise), "he", "glorot" or "zeros".

        >>> import cnnspec
        >>> {k: v.shape for k, v in cnnspec.loads("input 28x28x1\\nconv 6, f=5").weights().items()}
        {'conv1.weight': (6, 1, 5, 5), 'conv1.bias': (6,)}
        """
        from cnnspec.weights import initial_weights

        return initial_weights(self, seed=seed, init=init)

    def to_onnx(
        self, weights: Weights | None = None, *, seed: int = 0, opset: int = 17, ir: int = 8
    ) -> onnx.ModelProto:
        """The network as an ONNX model with these weights, or seeded ones."""
        from cnnspec.onnx import to_model

        return to_model(self, weights, seed=seed, opset=opset, ir=ir)

    def session(self, weights: Weights | None = None, provider: str = "cpu", *, seed: int = 0) -> Session:
        """An onnxruntime session: `session.run(x)` takes (N, C, H, W) float32 and returns {output name: array}."""
        from cnnspec.runtime import open_session

        return open_session(self, weights, provider=provider, seed=seed)

    def _repr_html_(self) -> str:
        from cnnspec.report.html import html_table

        return html_table(self)


def check_source(
    source: Source, settings: Mapping[str, Any] | None = None, root: str | None = None, *, lint: bool = True
) -> tuple[Network | None, list[Diagnostic]]:
    """The network of a source (None where there is none) and all its errors and findings, in the order of the file."""
    file, diagnostics = parse(source)
    broken = bool(diagnostics)
    network, found = elaborate(source, file, settings=settings, root=root, syntax_errors=broken, make=Network)
    diagnostics = [*diagnostics, *found]
    if lint:
        from cnnspec.lint import lint as find

        diagnostics.extend(find(network, file, source))
    diagnostics.sort(key=lambda d: (d.source is not source, d.filename, d.span))
    assert network is None or isinstance(network, Network)
    return network, diagnostics


def check(text: str, filename: str = "<text>", settings: Mapping[str, Any] | None = None) -> list[Diagnostic]:
    """Everything that is wrong or doubtful in a text; empty when all is well. Never raises on a bad text.

    >>> import cnnspec
    >>> [d.code for d in cnnspec.check("input 4x4x16\\nconv 120, f=7")]
    ['E301']
    """
    return check_source(Source(text, filename), settings)[1]


def loads(text: str, filename: str = "<text>", **settings: Any) -> Network:
    """The network of a text; keyword arguments set model parameters. Raises CnnSpecError.

    >>> import cnnspec
    >>> cnnspec.loads("input 28x28x1\\nconv 6, f=5").outputs
    {'output': (24, 24, 6)}
    """
    return _load(Source(text, filename), settings)


def load(path: str | os.PathLike[str], **settings: Any) -> Network:
    """The network of a file; keyword arguments set model parameters. Raises CnnSpecError."""
    from cnnspec.syntax.reading import read

    return _load(read(os.fspath(path)), settings)


def _load(source: Source, settings: Mapping[str, Any]) -> Network:
    plain = {name: value.item() if hasattr(value, "item") else value for name, value in settings.items()}  # numpy's
    network, diagnostics = check_source(source, plain, lint=False)
    if any(d.severity == ERROR for d in diagnostics):
        raise CnnSpecError(diagnostics)
    if network is None:
        missing = Mistake(
            "E401", "the file holds blocks and lets only: it has no `input`", help="use it from another file"
        )
        raise CnnSpecError([missing.at(source, Span(0, 0))])
    return network
