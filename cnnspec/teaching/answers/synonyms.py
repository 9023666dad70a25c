"""Other names of a blank: a line with several layers has one key, and each layer a name."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.syntax import tree
from cnnspec.teaching.exercise import Exercise
from cnnspec.teaching.model import PARAMS, SIZE, Blank
from cnnspec.teaching.runs import runs_of


def synonyms(exercise: Exercise) -> Iterator[tuple[str, Blank]]:
    """Keys that can mean one blank only: the size after the last layer of a line, the count of the only one with any.

    >>> from cnnspec.source import Source
    >>> from cnnspec.teaching.exercise import make_exercise
    >>> exercise = make_exercise(Source("input 8x8x3\\nflatten | dense 10 | softmax -> ?, ? params"))
    >>> [(key, blank.key) for key, blank in synonyms(exercise)]
    [('softmax1.size', 'flatten1.size'), ('dense1.params', 'dense1.params')]
    """
    runs = runs_of(exercise.network)
    flows = {node.span: node for node in exercise.file.body if isinstance(node, tree.Flow)}
    for blank in exercise.blanks:
        flow = flows.get(blank.statement)
        if flow is None or blank.family not in (SIZE, PARAMS) or blank.key.startswith("?"):
            continue
        steps = {step.span for step in flow.steps}
        layers = runs[flow.span][0].layers if runs.get(flow.span) else ()
        own = [layer for layer in layers if layer.span in steps]
        counted = [layer for layer in layers if layer.operation.tensors]
        meant = own[-1:] if blank.family == SIZE else [layer for layer in own if counted == [layer]]
        yield from ((f"{layer.name}.{blank.part}", blank) for layer in meant)
