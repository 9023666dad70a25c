"""Edits of a layer's text: whatever the layout, they change what they should and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnspec
from cnnspec.diagnostics import Edit
from cnnspec.lint import _edits
from cnnspec.network import Layer
from cnnspec.source import Source
from cnnspec.syntax.parser import parse
from cnnspec.syntax.same import same_tree

Change = Callable[[Layer], Edit | None]
INPUT = "input 28x28x4\n"


def apply(text: str, kind: str, change: Change) -> str | None:
    """The text after a change of the first layer of that kind."""
    layer = next(layer for layer in cnnspec.loads(text).layers if layer.kind == kind)
    edit = change(layer)
    return None if edit is None else text[: edit.span.start] + edit.content + text[edit.span.end :]


def edited(text: str, kind: str, change: Change) -> str | None:
    changed = apply(INPUT + text, kind, change)
    return None if changed is None else changed.removeprefix(INPUT)


# --- drawn layouts ---------------------------------------------------------------------------------------------------


class Step(NamedTuple):
    kind: str
    arguments: tuple[str, ...] = ()


CONV = Step("conv", ("4", "f=3", "p=1", "s=1"))
PLAIN = Step("conv", ("4", "3", "1", "1"))
OTHERS = (Step("relu"), Step("leaky_relu", ("alpha=0.2",)), Step("pad", ("p=[0, 0,\n 0, 0]",)))
commas = st.sampled_from([", ", ",", " , ", ",\n    ", ", # why\n  ", ",\n\n  # own line\n  "])
pipes = st.sampled_from([" | ", "|", "\n    | ", " |\n    ", " |\n", " # why\n  | ", " | # why\n  ", "\n# own\n|"])
ends = st.sampled_from(["\n", " # at the end\n", "\r\n", " ; ", ";", "  \n\n"])


def render(steps: list[Step], draw: Callable[..., str] | None = None) -> str:
    comma, pipe = (lambda: draw(commas), lambda: draw(pipes)) if draw else (lambda: ", ", lambda: " | ")
    texts = []
    for step in steps:
        text = f"{step.kind} " if step.arguments else step.kind
        for i, argument in enumerate(step.arguments):
            text += (comma() if i else "") + argument
        texts.append(text)
    out = texts[0]
    for text in texts[1:]:
        out += pipe() + text
    return out


@st.composite
def statements(draw, target: Step):
    """Text with the target in it, its steps, and the place of the target among them."""
    before = draw(st.lists(st.sampled_from(OTHERS), max_size=2))
    after = draw(st.lists(st.sampled_from(OTHERS), max_size=2))
    steps = [*before, target, *after]
    first = draw(st.sampled_from(["", "tanh\n", "tanh # c\n", "tanh; ", "  "]))
    arrow = draw(st.sampled_from(["", "  -> 28x28x4", "\n  -> 28x28x4"]))
    last = draw(ends) + draw(st.sampled_from(["", "sigmoid\n", "   # the end\n"]))
    return INPUT + first + render(steps, draw) + arrow + last, steps, len(before)


def tree_of(text: str) -> object:
    file, errors = parse(Source(text))
    assert errors == [], (text, errors)
    return file


def check(drawn: tuple[str, list[Step], int], change: Change, wanted: Step | None) -> None:
    """The changed text says what the canonical one says, and has all comments."""
    text, steps, place = drawn
    target = steps[place]
    changed = apply(text, target.kind, change)
    if changed is None:
        assert "#" in text or (wanted is None and "->" in text and len(steps) == 1), "a plain text can be changed"
        return
    new = [*steps[:place], *([wanted] if wanted else []), *steps[place + 1 :]]
    head = "tanh\n" if "tanh" in text else ""
    arrow = " -> 28x28x4" if "->" in text else ""
    tail = "sigmoid\n" if "sigmoid" in text else ""
    canonical = f"{INPUT}{head}{render(new) + arrow if new else ''}\n{tail}"
    assert same_tree(tree_of(changed), tree_of(canonical)), (text, changed)
    assert changed.count("#") == text.count("#"), "a comment is lost"
    assert len(changed.splitlines()) <= len(text.splitlines())
    assert " \n" not in changed or " \n" in text


@given(statements(Step("dropout", ("0.5",))))
def test_a_step_is_taken_out(drawn) -> None:
    check(drawn, _edits.remove_step, None)


@given(statements(CONV), st.sampled_from(["f", "p", "s", "padding", "stride"]))
def test_an_argument_is_set(drawn, name: str) -> None:
    short = {"padding": "p", "stride": "s"}.get(name, name)
    wanted = Step("conv", tuple(f"{short}=9" if a.startswith(f"{short}=") else a for a in CONV.arguments))
    check(drawn, lambda layer: _edits.set_argument(layer, name, "9"), wanted)


@given(statements(CONV), st.sampled_from(["p", "s"]))
def test_an_argument_is_taken_out(drawn, name: str) -> None:
    wanted = Step("conv", tuple(a for a in CONV.arguments if not a.startswith(f"{name}=")))
    check(drawn, lambda layer: _edits.remove_argument(layer, name), wanted)


@given(statements(PLAIN), st.sampled_from([1, 2, 3]))
def test_an_argument_in_its_place_is_set(drawn, place: int) -> None:
    wanted = Step("conv", (*PLAIN.arguments[:place], "9", *PLAIN.arguments[place + 1 :]))
    check(drawn, lambda layer: _edits.put_argument(layer, "fsp"[place - 1], "9"), wanted)


@given(statements(Step("batchnorm")))
def test_a_first_argument_is_added(drawn) -> None:
    check(drawn, lambda layer: _edits.put_argument(layer, "eps", "0.1"), Step("batchnorm", ("eps=0.1",)))


@given(statements(CONV))
def test_an_argument_is_added(drawn) -> None:
    wanted = Step("conv", (*CONV.arguments, "bias=false"))
    check(drawn, lambda layer: _edits.put_argument(layer, "bias", "false"), wanted)


@given(statements(CONV))
def test_a_kind_is_replaced(drawn) -> None:
    check(drawn, lambda layer: _edits.replace_kind(layer, "maxpool"), Step("maxpool", CONV.arguments))
    check(drawn, lambda layer: _edits.replace_step(layer, "depthwise 3, p=1"), Step("depthwise", ("3", "p=1")))


# --- what the text looks like ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("relu | dropout | tanh", "relu | tanh"),
        ("relu | dropout 0.5\n", "relu\n"),
        ("dropout | relu\n", "relu\n"),
        ("relu\ndropout\ntanh\n", "relu\ntanh\n"),
        ("relu # a\n    | dropout | tanh\n", "relu # a\n    | tanh\n"),
        ("relu # a\n    | dropout # b\n    | tanh\n", "relu # a\n    # b\n    | tanh\n"),
        ("relu |\n    dropout |\n    tanh\n", "relu |\n    tanh\n"),
        ("residual {\n    dropout # twice\n    relu\n}\n", "residual {\n    # twice\n    relu\n}\n"),
        ("residual { dropout }\n", "residual { }\n"),
        ("relu; dropout; tanh\n", "relu; tanh\n"),
        ("relu | dropout  -> 28x28x4\n", "relu  -> 28x28x4\n"),
        ("relu | dropout |\n    tanh", "relu |\n    tanh"),
        ("dropout -> 28x28x4\n", None),
        ("dropout as x\n", None),
        ("relu |  # a\n    dropout\n", None),
        ("residual {\r\n    dropout\r\n    relu\r\n}\r\n", "residual {\r\n    relu\r\n}\r\n"),
    ],
)
def test_removed_steps(text: str, left: str | None) -> None:
    assert edited(text, "dropout", _edits.remove_step) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("conv 6, f=5, p=1, s=2 | relu\n", "conv 6, f=5, s=2 | relu\n"),
        ("conv 6, f=5,\n    p=1,\n    s=2\n", "conv 6, f=5,\n    s=2\n"),
        ("conv 6, f=5, p=1 # c\n", "conv 6, f=5 # c\n"),
        ("conv 6, f=5, # c\n    p=1\n", "conv 6, f=5 # c\n"),
        ("conv 6, f=5, # c\n    p=1 | relu\n", "conv 6, f=5 # c\n     | relu\n"),
        ("conv 6, f=5, # c\n    p=1 as x\n", None),
        ("conv p=1,\n    filters=6, f=3\n", "conv filters=6, f=3\n"),
        ("conv p=1, # c\n    filters=6, f=3\n", None),
        ("conv 6, 5, 1, 1\n", "conv 6, 5, 1\n"),
        ("conv 6, 5, 1, 1, 1\n", None),
        ("conv 6, 5\n", None),
    ],
)
def test_removed_arguments(text: str, left: str | None) -> None:
    assert edited(text, "conv", lambda layer: _edits.remove_argument(layer, "p")) == left


def test_an_argument_with_commas_in_it() -> None:
    text = "input 9x9x1\nconv 1, f=2, weight=[[1, 2], [3, 4]], bias=false, p=[0, 0, 1, 1]\n"
    assert apply(text, "conv", lambda layer: _edits.set_argument(layer, "weight", "true")) == (
        "input 9x9x1\nconv 1, f=2, weight=true, bias=false, p=[0, 0, 1, 1]\n"
    )


def test_arguments_are_known_by_place_by_name_and_by_long_name() -> None:
    net = cnnspec.loads(f"{INPUT}conv 6, 5, pad=max(1, 2), stride = 2\n")
    assert _edits.arguments(net.layers[0]) == [(None, "6"), (None, "5"), ("pad", "max(1, 2)"), ("stride", "2")]
    text = net.source.text
    spans = [_edits.argument_span(net.layers[0], name) for name in ("f", "p", "stride", "d")]
    assert [span and text[slice(*span)] for span in spans] == ["5", "pad=max(1, 2)", "stride = 2", None]


def test_steps_are_added_around_a_layer() -> None:
    assert edited("conv 6, f=3 | tanh\n", "conv", lambda one: _edits.add_step(one, "relu")) == (
        "conv 6, f=3 | relu | tanh\n"
    )
    assert edited("conv 6, f=3\n", "conv", lambda one: _edits.add_step_before(one, "relu")) == "relu | conv 6, f=3\n"
    assert edited("conv 6, f=3 as x\n", "conv", lambda one: _edits.add_step(one, "relu")) is None


@pytest.mark.parametrize(
    "text",
    [
        "block f(act) { act }\nf relu\n",  # the text is the parameter
        "add { branch { relu } branch { tanh } }\n",  # the braces belong to it
        "relu as r\napply r\n",
    ],
)
def test_no_edit_where_the_text_is_no_layer_of_its_own(text: str) -> None:
    net = cnnspec.loads(INPUT + text)
    layer = net.layers[-1]
    for change in (
        _edits.remove_step,
        lambda one: _edits.add_argument(one, "x=1"),
        lambda one: _edits.add_step(one, "x"),
    ):
        assert change(layer) is None
    assert _edits.fix("safe", "x", None) is None
    assert _edits.fix("safe", "x", Edit(layer.span, ""), None) is None
