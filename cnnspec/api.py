"""The Python interface: texts and files to networks, networks to weights, ONNX models and sessions."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import ERROR, CnnSpecError, Diagnostic, Mistake
from cnnspec.elaborate import Elaboration
from cnnspec.language import say
from cnnspec.network import Network as Graph
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.syntax.parser import parse
from cnnspec.values import Size

if TYPE_CHECKING:
    import numpy as np
    import onnx

    from cnnspec.fields import Field
    from cnnspec.memory import Memory
    from cnnspec.runtime.session import Session
    from cnnspec.teaching.model import Marks

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

    def receptive_fields(self) -> dict[str, Field]:
        """The receptive field of every input and layer with spatial axes: size, stride and offset along each axis.

        >>> import cnnspec
        >>> cnnspec.loads("input 28x28x1\\nconv 6, f=3, s=2, p=1").receptive_fields()["conv1"]
        Field(size=(3, 3), stride=(2, 2), offset=(-1, -1))
        """
        from cnnspec.fields import receptive_fields

        return receptive_fields(self)

    def memory(self, batch: int = 1) -> Memory:
        """Bytes of the weights, and of the most activations that live at one time, with the layer where they do.

        >>> import cnnspec
        >>> cnnspec.loads("input 28x28x1\\nconv 6, f=5 | relu").memory(batch=2)
        Memory(weights=624, activations=61568, peak_layer='relu1', batch=2)
        """
        from cnnspec.memory import memory

        return memory(self, batch)

    def smallest_inputs(self) -> dict[str, Size] | None:
        """The smallest size of each input that every layer accepts; None where blanks leave it open.

        >>> import cnnspec
        >>> cnnspec.loads("input 28x28x1\\nconv 6, f=5 | maxpool 2 | conv 16, f=5").smallest_inputs()
        {'input': (14, 14, 1)}
        """
        from cnnspec.smallest import smallest_inputs

        return smallest_inputs(self)

    def _repr_html_(self) -> str:
        from cnnspec.report.html import html_table

        return html_table(self)


def check_source(
    source: Source,
    settings: Mapping[str, Any] | None = None,
    root: str | None = None,
    *,
    variant: str | None = None,
    lint: bool = True,
    codes: Collection[str] | None = None,
    read: Callable[[str], Source] | None = None,
) -> tuple[Network | None, list[Diagnostic]]:
    """The network of a source (None where there is none) and all its errors and findings, in the order of the file.

    `variant` is the name of one of the file's variants. `lint` adds the findings and, where neither a variant nor
    settings are given, what is wrong in any of the variants. `codes` are the findings to look for (None: the usual).
    `read` gives the texts of used files (None: as they are on disk).
    """
    file, diagnostics = parse(source)
    broken = bool(diagnostics)
    elaboration = Elaboration(source, file, settings=settings, root=root, syntax_errors=broken, make=Network, read=read)
    network, found = elaboration.one(variant)
    diagnostics = [*diagnostics, *found]
    if lint:
        diagnostics = with_findings(elaboration, network, diagnostics, codes, alone=bool(variant or settings))
    diagnostics.sort(key=lambda d: (d.source is not source, d.filename, d.span))
    assert network is None or isinstance(network, Network)
    return network, diagnostics


def with_findings(
    elaboration: Elaboration,
    network: Graph | None,
    diagnostics: list[Diagnostic],
    codes: Collection[str] | None,
    *,
    alone: bool,
) -> list[Diagnostic]:
    """These errors, the findings, and what else the variants of the file have, unless one network stands alone."""
    from cnnspec.lint import Linter

    linter = Linter(elaboration.source, codes)
    diagnostics = [*diagnostics, *linter.look(network, elaboration.file)]
    whole = not alone and network is not None and not network.blanks
    names = {statement.name for statement in elaboration.file.body if isinstance(statement, tree.Variant)}
    if names and not alone:
        from cnnspec.elaborate.variants import Merged

        merged = Merged(elaboration.source, elaboration.file, diagnostics)
        for name, one, found in elaboration.variants():
            whole = whole and one is not None
            names.discard(name)
            merged.add(name, [*found, *linter.look(one)])
            if merged.full:
                break
        diagnostics = merged.all()
    return linter.finish(diagnostics, whole=whole and not names)


def each_variant(
    source: Source,
    see: Callable[[Network], None],
    settings: Mapping[str, Any] | None = None,
    root: str | None = None,
    *,
    variant: str | None = None,
) -> list[Diagnostic]:
    """Shows every variant of a source, or the one that is named; where it has none, its network. Returns the errors."""
    from cnnspec.elaborate.variants import Merged

    file, broken = parse(source)
    elaboration = Elaboration(source, file, settings=settings, root=root, syntax_errors=bool(broken), make=Network)
    network, found = elaboration.one(variant)
    merged = Merged(source, file, [*broken, *found])
    several = variant is None and any(isinstance(statement, tree.Variant) for statement in file.body)
    runs = elaboration.variants() if several else [("", network, [])]
    for name, one, errors in runs:
        merged.add(name, errors)
        if isinstance(one, Network):
            see(one)
        if merged.full:
            break
    return sorted(merged.all(), key=lambda d: (d.source is not source, d.filename, d.span))


def check(
    text: str,
    filename: str = "<text>",
    settings: Mapping[str, Any] | None = None,
    *,
    variant: str | None = None,
) -> list[Diagnostic]:
    """Everything that is wrong or doubtful in a text; empty when all is well. Never raises on a bad text.

    All variants of the text are checked, unless one is named or parameters are set.

    >>> import cnnspec
    >>> [d.code for d in cnnspec.check("input 4x4x16\\nconv 120, f=7")]
    ['E301']
    """
    return check_source(Source(text, filename), settings, variant=variant)[1]


def loads(text: str, filename: str = "<text>", *, variant: str | None = None, **settings: Any) -> Network:
    """The network of a text, or of one of its variants; keyword arguments set model parameters. Raises CnnSpecError.

    >>> import cnnspec
    >>> cnnspec.loads("input 28x28x1\\nconv 6, f=5").outputs
    {'output': (24, 24, 6)}
    """
    return _load(Source(text, filename), settings, variant)


def load(path: str | os.PathLike[str], *, variant: str | None = None, **settings: Any) -> Network:
    """The network of a file, or of one of its variants; keyword arguments set model parameters. Raises CnnSpecError.

    `load("resnet.cnn:resnet18")` is `load("resnet.cnn", variant="resnet18")`.
    """
    from cnnspec.syntax.reading import read, split_variant

    name, named = split_variant(os.fspath(path))
    if None not in (named, variant) and named != variant:
        told = say(
            "the path names the variant {one}, the argument {other}: give one of the two",
            one=repr(named),
            other=repr(variant),
        )
        raise ValueError(told)
    return _load(read(name), settings, variant if named is None else named)


def grade(
    exercise: str | os.PathLike[str],
    answer: str | bytes | os.PathLike[str],
    *,
    name: str = "",
    seed: str = "",
    feedback: str | None = None,
    language: str | None = None,
) -> Marks:
    """The marks of an answer to the exercise in a file: `points`, `out_of`, and a verdict for each blank.

    `answer` is a text, bytes, or a `pathlib.Path`. `seed` names the drawn variant, where the answer does not state it;
    `feedback` is "nothing", "hint", "formula" or "solution", `language` "en" or "fr": by default as the exercise says.
    An answer that is wrong or cannot be read raises nothing. Raises CnnSpecError or FileProblem for a broken exercise.
    """
    from cnnspec.teaching.grading.single import grade_answer

    return grade_answer(exercise, answer, name=name, seed=seed, feedback=feedback, language=language)


def _load(source: Source, settings: Mapping[str, Any], variant: str | None) -> Network:
    plain = {name: value.item() if hasattr(value, "item") else value for name, value in settings.items()}  # numpy's
    network, diagnostics = check_source(source, plain, variant=variant, lint=False)
    if any(d.severity == ERROR for d in diagnostics):
        raise CnnSpecError(diagnostics)
    if network is None:
        missing = Mistake(
            "E401", "the file holds blocks and lets only: it has no `input`", help="use it from another file"
        )
        raise CnnSpecError([missing.at(source, Span(0, 0))])
    return network
