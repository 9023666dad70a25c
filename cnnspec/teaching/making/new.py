"""Fresh exercises: a level, a kind and a seed make a network that is pleasant to work out, and ask for parts of it.

The same level, kind and seed give the same exercise in every version of the program. Pleasant: no error, no rows left
over at a window, at least 2x2 values until the vector, and figures that one can work out on paper.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cnnspec.diagnostics import ERROR
from cnnspec.elaborate import Elaboration
from cnnspec.figures import receptive_field
from cnnspec.language import language, say
from cnnspec.network import Network
from cnnspec.record import Record
from cnnspec.source import Source
from cnnspec.syntax.format import format_text
from cnnspec.syntax.parser import parse
from cnnspec.teaching.making.recipes import DESIGNS, MODELS, RECIPES, VALUES, Dice, Recipe, Statement
from cnnspec.teaching.runs import Run, runs_of
from cnnspec.teaching.variants.drawing import leaves_over
from cnnspec.values import known, show

LEVELS = tuple(RECIPES)
KINDS = ("compute", "complete", "design", "values")
MOST_TRIES = 500
BLANKS = 4  # of an exercise to complete; of dense layers alone, half as many
LARGEST_PARAMS = 300_000


class Fresh(Record):
    """The texts of a new exercise: file and settings; of a design also the filled file, and the layers it may use."""

    text: str
    settings: str
    solution: str = ""
    kinds: tuple[str, ...] = ()


def new_exercise(level: str, kind: str = "compute", seed: int = 0, *, name: str = "exercise") -> Fresh:
    """A fresh exercise in the language that is spoken. Raises ValueError for a level or kind that there is not.

    >>> print(new_exercise("mlp", seed=2).text, end="")
    model mlp
    input 196
    dense 128 | relu   -> ?, ? params
    dense 32 | relu    -> ?, ? params
    dense 5 | softmax  -> ?, ? params
    expect params == ?
    """
    if level not in LEVELS or kind not in KINDS:
        raise ValueError(f"there is no level {level!r} or kind {kind!r}")
    if kind == "values":
        texts = (VALUES[level](Dice(f"{level}:values:{seed}:{turn}")) for turn in range(MOST_TRIES))
        return Fresh(_formatted(next(filter(_is_varied, texts))), _settings(level, kind))
    for turn in range(MOST_TRIES):
        dice = Dice(f"{level}:{seed}:{turn}")
        recipe = (DESIGNS if kind == "design" and level in DESIGNS else RECIPES)[level](dice)
        network = _network(recipe.text(MODELS[level]))
        if network is not None and _is_pleasant(network):
            return _asked(recipe, network, level, kind, dice, name)
    raise AssertionError(f"the recipe of {level} never comes out pleasant")


def _network(text: str) -> Network | None:
    """The network of a text, None where it has an error."""
    source = Source(text)
    file, broken = parse(source)
    network, found = Elaboration(source, file, syntax_errors=bool(broken)).one()
    return None if broken or any(d.severity == ERROR for d in found) else network


def _is_pleasant(network: Network) -> bool:
    """Whether no window leaves rows over, no image shrinks to a pixel, and the counts are not too large."""
    images = [layer.size for layer in network.layers if len(layer.size) > 1]
    small = any(min(size[:-1]) < 2 for size in images if known(size))
    params = network.params
    return not (
        small or any(map(leaves_over, network.layers)) or not isinstance(params, int) or params > LARGEST_PARAMS
    )


def _is_varied(text: str) -> bool:
    """Whether no map of the answer is constant, and a third of its numbers at most are 0."""
    from cnnspec.teaching.exercise import make_exercise
    from cnnspec.teaching.values.judge import sheets

    right = sheets(make_exercise(Source(text)))[0].asked[0].right
    count = right.size[-1] if len(right.size) > 1 else 1
    maps = [right.values[channel::count] for channel in range(count)]
    return all(len(set(one)) > len(one) // 2 and 3 * list(one).count(0) <= len(one) for one in maps)


def _asked(recipe: Recipe, network: Network, level: str, kind: str, dice: Dice, name: str) -> Fresh:
    if kind == "design":
        return _design(recipe, network, level, name)
    runs = _runs(recipe, network)
    ask = _computed if kind == "compute" else _completed
    lines = ask(recipe.statements, runs, dice)
    if kind == "compute":
        lines.append("expect params == ?")
    text = f"model {MODELS[level]}\n{recipe.input}\n" + "\n".join(lines) + "\n"
    return Fresh(_formatted(text), _settings(level, kind))


def _runs(recipe: Recipe, network: Network) -> list[Run]:
    """What each statement of the recipe does; those inside of braces are left out."""
    found = runs_of(network)
    starts, at = [], len(f"{recipe.head()}")
    text = network.source.text
    for statement in recipe.statements:
        starts.append(text.index(statement.text(), at))
        at = starts[-1] + len(statement.text())
    by_start = {span.start: runs[0] for span, runs in found.items()}
    return [by_start[start] for start in starts]


def _computed(statements: Sequence[Statement], runs: Sequence[Run], _dice: Dice) -> list[str]:
    """`-> ?x?x?, ? params` after each statement."""
    return [
        f"{statement.text()} -> {'x'.join('?' * len(run.result))}, ? params"
        for statement, run in zip(statements, runs, strict=True)
    ]


def _completed(statements: Sequence[Statement], runs: Sequence[Run], dice: Dice) -> list[str]:
    """Blanks in the place of some arguments, BLANKS of them, and what comes out."""
    chosen = _chosen(statements, dice)
    lines = []
    for statement, run, blanks in zip(statements, runs, chosen, strict=True):
        if not blanks:
            lines.append(f"{statement.text()} -> {show(run.result)}")
            continue
        count = any(name in ("groups", "filters", "units", "multiplier") for name in blanks)
        params = f"{_written(run.params)} params" if count and run.params else ""
        size = "" if statement.kind == "dense" else show(run.result)  # of a dense layer that would be the answer
        lines.append(f"{statement.text(blanks)} -> {', '.join(part for part in (size, params) if part)}")
    return lines


def _chosen(statements: Sequence[Statement], dice: Dice) -> list[list[str]]:
    """Of each statement the arguments that are asked for; no two dense layers that follow each other."""
    places = [(i, name) for i, one in enumerate(statements) for name in one.blankable()]
    dense = [place for place in places if statements[place[0]].kind == "dense"]
    kept = dense[::2] if dense == places else [dice.one(dense)] if dense else []
    asked: list[list[str]] = [[] for _ in statements]
    for at, name in dice.exactly([one for one in places if one not in dense or one in kept], BLANKS):
        asked[at].append(name)
    return asked


def _written(count: Any) -> str:
    return f"{count:_}" if count >= 10_000 else str(count)


def _design(recipe: Recipe, network: Network, level: str, name: str) -> Fresh:
    """A blank in the place of all layers: the size at the end, a bound on the parameters, layers that must be there."""
    counted = "conv" if any(layer.kind == "conv" for layer in network.layers) else "dense"
    least = sum(layer.kind == counted for layer in network.layers)
    output = next(iter(network.outputs.values()))
    expects = [
        f"expect params <= {_rounded_up(network.params)}",
        f"expect count({counted}) {'==' if level == 'dilation' else '>='} {least}",
        *_of_level(network, level),
    ]
    text = f"model {MODELS[level]}\n{recipe.input}\n? -> {show(output)}\n" + "\n".join(expects) + "\n"
    kinds = sorted({layer.kind for layer in network.layers} | {"relu", "flatten", "dense"})
    solution = recipe.text(MODELS[level]).rstrip("\n") + f" -> {show(output)}\n" + "\n".join(expects) + "\n"
    settings = _settings(level, "design", kinds=kinds, solution=f"{name}_solution.cnn")
    return Fresh(_formatted(text), settings, _formatted(solution), tuple(kinds))


def _of_level(network: Network, level: str) -> list[str]:
    """What a design cannot fulfil without that which the level is about.

    A dilated one: so few convolutions of so few parameters see so much of the input only with gaps between the values.
    """
    kinds = {
        "pool": ("maxpool", "avgpool"),
        "lenet": ("maxpool", "avgpool"),
        "groups": ("depthwise",),
        "transposed": ("conv_transpose",),
        "residual": ("add",),
    }.get(level)
    lines = []
    if kinds:
        least = sum(layer.kind in kinds for layer in network.layers)
        lines.append(f"expect count({', '.join(kinds)}) >= {least}")
    if level in ("conv", "pool", "groups", "dilation"):
        lines.append(f"expect receptive_field >= {show(receptive_field(network))}")
    if level == "lenet":
        lines.append("expect count(dense) >= 2")
    return lines


def _rounded_up(count: Any) -> str:
    """One and a half times the count, up to two digits: 61,706 gives 93_000."""
    digits = max(0, len(str(count * 3 // 2)) - 2)
    return f"{-(-(count * 3 // 2) // 10**digits) * 10**digits:_}"


def _formatted(text: str) -> str:
    return format_text(text)


# --- settings --------------------------------------------------------------------------------------------------------


def _settings(level: str, kind: str, *, kinds: Sequence[str] = (), solution: str = "") -> str:
    """The TOML file: title, what is asked, language."""
    lines = [
        f"title = {_quoted(title_of(level))}",
        f"text = {_quoted(text_of(kind, level))}",
        f"language = {_quoted(language())}",
    ]
    if kinds:
        lines.append(f"kinds = [{', '.join(map(_quoted, kinds))}]")
    if solution:
        lines.append(f"solution = {_quoted(solution)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A text as TOML writes it; JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False)


def title_of(level: str) -> str:
    """What a level is about, as a title."""
    titles = {
        "conv": say("Convolutions"),
        "pool": say("Convolution and pooling"),
        "lenet": say("A network like LeNet"),
        "groups": say("Grouped convolutions"),
        "dilation": say("Dilated convolutions"),
        "transposed": say("Transposed convolutions"),
        "residual": say("Residual blocks"),
        "mlp": say("Dense layers"),
    }
    return titles[level]


def text_of(kind: str, level: str) -> str:
    """What the student is to do."""
    texts = {
        "compute": say(
            "Work out each size (height x width x channels) and each number of parameters, biases included."
        ),
        "complete": say(
            "Find values for which the sizes and counts after the arrows come out. Several answers may be right."
        ),
        "design": say("Put layers in the place of the question mark, so that all conditions hold."),
        "values": _how_to_write(level),
    }
    return texts[kind]


def _how_to_write(level: str) -> str:
    """What is to do where values are computed by hand, and the form of this level's answer."""
    if level == "mlp":
        return say("Compute the values by hand. Write them as a list: `[1, 2, 3]`.")
    if level == "groups":
        return say(
            "Compute both maps by hand. Write them row by row, in each place the value of the first and of the second"
            " map: `[[[1, 5], [2, 6]], [[3, 7], [4, 8]]]`."
        )
    return say("Compute the values by hand. Write a map row by row: `[[1, 2], [3, 4]]`.")
