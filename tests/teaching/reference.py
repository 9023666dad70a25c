"""The tables of the pages about exercises, as the code has them: settings, known mistakes, readings, marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cnnspec
from cnnspec.source import Source
from cnnspec.teaching import mistakes
from cnnspec.teaching.answers.numerals import CHANNELS_FIRST, ROUNDED, Reading, numbers, sizes
from cnnspec.teaching.exercise import make_exercise, solved
from cnnspec.teaching.mistakes.titles import title_of
from cnnspec.teaching.model import FAMILIES
from cnnspec.teaching.settings import Settings
from cnnspec.teaching.values.judge import NAMES as OF_VALUES
from cnnspec.values import show, show_count
from tests.teaching.tables import marks_by_hand
from tests.teaching.test_mistakes import BY_HAND

ANSWERS = Path(__file__).parents[2] / "examples" / "exercises" / "answers"
TABLE = re.compile(r"(?<=<!-- table: )(?P<name>[\w ]+)(?P<end> -->\n)(?P<rows>(?:\|.*\n)*)")


def rewritten(page: str) -> str:
    """A page with its tables as they should be."""
    return TABLE.sub(lambda match: match["name"] + match["end"] + "\n".join(TABLES[match["name"]]()) + "\n", page)


def table(head: str, rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a table in Markdown."""
    yield f"| {head} |"
    yield "|---" * (head.count("|") + 1) + "|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


# --- settings --------------------------------------------------------------------------------------------------------


def settings() -> Iterator[str]:
    properties = Settings.model_json_schema()["properties"]
    rows = ((f"`{key}`", words(of), default(key), of["description"]) for key, of in properties.items())
    return table("key | value | default | what it says", rows)


def words(schema: dict[str, Any]) -> str:
    """What may stand after the `=` in TOML.

    >>> words({"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}]})
    'a number above 0'
    """
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(words(one) for one in schema["anyOf"] if one.get("type") != "null"))
    if "enum" in schema:
        return " or ".join(f'`"{one}"`' for one in schema["enum"])
    if "$ref" in schema:
        return words(Settings.model_json_schema()["$defs"][schema["$ref"].rpartition("/")[2]])
    match schema["type"]:
        case "object":
            return f"a table: {words(schema['additionalProperties'])} for each key"
        case "array":
            return "a list"
        case "string":
            return "a date" if schema.get("format") == "date-time" else "text"
        case "boolean":
            return "`true` or `false`"
    if "maximum" in schema:
        return f"a number from {schema['minimum']} to {schema['maximum']}"
    return "a number from 0" if "minimum" in schema else "a number above 0"


def default(key: str) -> str:
    value = Settings.model_validate({}).model_dump(mode="json")[key]
    return "" if value in (None, "", {}) else f"`{str(value).lower()}`" if isinstance(value, bool) else f"`{value}`"


# --- known mistakes --------------------------------------------------------------------------------------------------

RULES: dict[str, str] = {
    "rounded-down": "rounded down where `ceil=true` or `p=same` rounds up",
    "forgot-padding": "`p = 0` in the rule of the size",
    "padding-once": "`n + p` in the place of `n + 2p`",
    "forgot-stride": "`s = 1` in the rule of the size",
    "forgot-plus-one": "1 less on each axis",
    "rounded-up": "`(n + 2p - f)/s` rounded up, then `+ 1`",
    "forgot-dilation": "`d = 1` in the rule of the size",
    "forgot-output-padding": "`output_pad=0`",
    "transposed-as-conv": "`floor((n + 2p - f)/s) + 1`, the rule of an ordinary convolution",
    "stride-only": "`n*s`",
    "stride-taken-for-window": "`s = f` in the rule of the size",
    "padding-assumed": "`n/s` rounded up, as with `p=same`",
    "rows-and-columns-swapped": "height and width in the place of each other",
    "channels-kept": "the channels of the input",
    "channels-multiplied": "channels of the input, times filters",
    "one-channel": "1 channel",
    "channels-pooled": "the channels divided by the stride",
    "channels-of-one": "1 channel",
    "flatten-one-channel": "`height*width`",
    "flatten-one-axis": "`width*channels`",
    "flatten-added": "`height + width + channels`",
    "flattened-instead-of-pooled": "`height*width*channels`",
    "axes-kept": "`1x1x` and the channels",
    "axes-left-out": "the channels alone",
    "channels-left-out": "`height` and `width` alone, where a whole size is asked for",
    "concat-as-add": "the size of the first branch",
    "add-as-concat": "the channels of all branches, added up",
    "features-kept": "the size of the input",
    "flatten-kept": "the size of the input",
    "size-kept": "height and width of the input",
    "forgot-bias": "`f*f*channels*filters`; `inputs*units`",
    "bias-counted": "a bias for each filter or unit where `bias=false`",
    "forgot-channels": "`(f*f + 1)*filters`",
    "forgot-channels-and-bias": "`f*f*filters`",
    "f-not-squared": "`(f*channels + 1)*filters`",
    "f-squared": "`(f*f*channels + 1)*filters` of a sequence",
    "one-filter-only": "`f*f*channels + 1`; `inputs + 1`",
    "one-bias": "`f*f*channels*filters + 1`; `inputs*units + 1`",
    "bias-for-each-channel": "`(f*f + 1)*channels*filters`, `f*f*channels*filters + channels`; `inputs*(units + 1)`",
    "output-instead-of-input": "`(f*f*filters + 1)*filters`; `(units + 1)*units`",
    "forgot-groups": "the channels of the input in the place of those of one group",
    "macs-as-params": "the multiply-and-adds",
    "places-times-params": "the parameters times the places of the output",
    "values-as-params": "the number of values that come out",
    "batchnorm-two": "`2*channels`",
    "batchnorm-four": "`4*channels`",
    "norm-one": "1 number for each channel",
    "norm-for-each-value": "the numbers of a channel, for each value",
    "norm-without-parameters": "0",
    "embedding-with-bias": "a bias for each feature as well",
    "embedding-of-text": "`length*features` in the place of `words*features`",
    "pooling-parameters": "`f*f`, `f*f*channels`, `f*f*channels*channels`, each also with biases; the values that "
    "arrive or come out, and the like",
    "flatten-parameters": "the values that arrive, and the like",
    "activation-parameters": "the values that arrive, the channels, and the like",
    "parameters-of-nothing": "the values that arrive, the channels, and the like",
    "repeat-counted-once": "one round in the place of all",
    "shared-counted-again": "the parameters of shared weights once more",
    "forgot-layer": "the sum without one layer",
    "forgot-non-trainable": "the trainable ones only",
    "non-trainable-counted": "all parameters",
    "flops-for-macs": "twice the multiply-and-adds",
    "macs-for-params": "the multiply-and-adds",
    "params-for-macs": "the parameters",
}
"""What is given in the place of the right value, by the name of the mistake."""

WHERE = {
    "rows-and-columns-swapped": "every layer with a height and a width",
    "size-kept": "every layer that changes height or width",
    "values-as-params": "every layer with parameters, but `embedding`",
    "activation-parameters": "activations",
    "parameters-of-nothing": "every other layer without parameters",
    "repeat-counted-once": "`repeat`, `for`; `params`, `trainable`, `macs`",
    "channels-left-out": "every layer with rows and columns",
    "axes-left-out": "every layer whose result is 1x1",
    "shared-counted-again": "a line with shared weights",
    "forgot-layer": "`params`, `trainable`, `macs`; a line of several layers",
    "forgot-non-trainable": "`params`",
    "non-trainable-counted": "`trainable`, `non_trainable`",
    "flops-for-macs": "`macs`",
    "macs-for-params": "`params`",
    "params-for-macs": "`macs`",
}
SAMPLES = """\
input 31x37x6 | conv 8, f=4, s=3, p=1, d=2 | conv 6, f=3, groups=2, bias=false | relu | batchnorm | dropout 0.1
input 31x37x6 | conv 8, f=3, s=3, p=same
input 31x37x6 | depthwise 4, s=3, p=1, d=2
input 31x37x6 | depthwise 3, s=3, p=same, bias=false
input 31x37x6 | maxpool 4, s=3, p=1, d=2
input 31x37x6 | maxpool 4, s=3, p=1, ceil=true
input 31x37x6 | maxpool 4, s=3, p=same
input 31x37x6 | avgpool 4, s=3, p=1
input 31x37x6 | avgpool 4, s=3, p=1, ceil=true
input 31x37x6 | avgpool 4, s=3, p=same
input 12x17x6 | conv_transpose 4, f=4, s=3, p=1, output_pad=1, groups=2
input 12x17x6 | conv_transpose 5, f=4, s=2, d=2, bias=false
input 12x17x6 | layernorm | groupnorm 3 | instancenorm | sigmoid | flatten | dense 9 | dense 8, bias=false
input 12x17x6 | upsample 2 | global_avgpool
input 12x17x6 | global_maxpool
input 20x6 | conv 4, f=3
input 20, integer | embedding 100, 8
input 12x17x6 | concat { branch { identity } branch { conv 4, f=1 } }
input 12x17x6 | residual { conv 6, f=1 }
input 12x17x6 | mul { branch { identity } branch { conv 6, f=1 } }
input 12x17x6 | maximum { branch { identity } branch { conv 6, f=1 } }
input 12x17x6 | average { branch { identity } branch { conv 6, f=1 } }
input 12x17x6 | sub { branch { identity } branch { conv 6, f=1 } }
"""
"""Layers at which each mistake can be made: with them it is found out where."""


def known_mistakes() -> Iterator[str]:
    rows = ((f"`{name}`", title_of(name), places(name), RULES[name], example(name)) for name in mistakes.NAMES)
    return table("name | in words | where | what is given instead | for example", rows)


def places(name: str) -> str:
    if name in WHERE:
        return WHERE[name]
    known = [one for one in (*mistakes.SIZES, *mistakes.COUNTS) if one.name == name]
    return ", ".join(f"`{kind}`" for kind in sorted({kind for one in known for kind in made(one)}))


def made(known: Any) -> Iterator[str]:
    """The kinds of the samples at which a mistake gives something else than what is right."""
    for network in samples():
        for layer in network.layers:
            wrong = known.rule(layer.operation)
            if wrong is not None and wrong not in (layer.size, layer.params):
                yield layer.kind


@cache
def samples() -> list[Any]:
    return [cnnspec.loads(line.replace(" | ", "\n")) for line in SAMPLES.splitlines()]


def example(name: str) -> str:
    """A case computed by hand, whose value the program confirms."""
    _, size, line, key, right, wrong = next(case for case in BY_HAND if case[0] == name)
    exercise = make_exercise(Source(f"input {size}\n{line}\n"))
    one = next(one for one in solved(exercise) if one.blank.key == key)
    assert one.value == right
    assert any((each.mistake, each.value) == (name, wrong) for each in one.wrongs)
    given, asked = (show_count(n) if isinstance(n, int) else show(n) for n in (wrong, right))
    code = re.sub(r" -> .*", "", line.replace("\n", "; "))
    return f"`{code}` after {size}: {given}, not {asked}"


VALUES = {
    "kernel-flipped": (
        "the kernel turned round, as mathematicians convolve",
        "conv 1, f=2, weight=[[1, 2], [3, 4]], bias=0",
    ),
    "forgot-padding": ("the map without padding", "conv 1, f=2, p=1, weight=[[1, 1], [1, 1]], bias=0"),
    "forgot-bias-value": ("each number without the bias", "conv 1, f=2, weight=[[1, 1], [1, 1]], bias=5"),
    "forgot-activation": (
        "the numbers before the activation",
        "conv 1, f=2, weight=[[-1, -1], [-1, 1]], bias=0 | relu",
    ),
    "max-for-average": ("the largest for the mean, or the mean for the largest", "maxpool 2, s=1"),
    "stride-ignored": ("the map for s = 1", "maxpool 1, s=2"),
    "map-transposed": ("rows and columns swapped", "conv 1, f=2, weight=[[1, 1], [1, 1]], bias=0"),
}
IMAGE = "[[1, 2, 3], [4, 5, 7], [6, 8, 12]]"


def value_mistakes() -> Iterator[str]:
    rows = ((f"`{name}`", title_of(name), *value_example(name)) for name in OF_VALUES)
    return table("name | in words | what is given instead | for example | right | wrong", rows)


def value_example(name: str) -> tuple[str, str, str, str]:
    rule, line = VALUES[name]
    [one] = solved(make_exercise(Source(f"input 3x3x1\n{line}\nexample {IMAGE} -> ?\n")))
    wrong = next(each.value for each in one.wrongs if each.mistake == name)
    return rule, f"`{line}`", f"`{one.right}`", f"`{wrong}`"


# --- readings --------------------------------------------------------------------------------------------------------

NUMBERS = (
    "9248",
    "9 248",
    "9,248",
    "9.248",
    "9'248",
    "9_248",
    "61,7 k",
    "138 M",
    "1,2 million",
    "1.5e3",
    "(5*5*3 + 1)*6",
    "(5×5×3 + 1)*6 = 456",
    "floor((28 + 2*0 - 5)/2) + 1",
    "2^10",
    "~ 9248 params",
    "aucun",
    "1/2",
)
SIZES = (
    "62x62x32",
    "62 × 62 × 32",
    "(62, 62, 32)",
    "[None, 62, 62, 32]",
    "torch.Size([62, 62, 32])",
    "(1, 62, 62, 32)",
    "[-1, 32, 62, 62]",
    "30*30*32",
    "30x30x32 = 28800",
    "28 800",
    "28,800",
)


def readings_of_numbers() -> Iterator[str]:
    return table("written | read as", ((f"`{text}`", meanings(numbers(text))) for text in NUMBERS))


def readings_of_sizes() -> Iterator[str]:
    rows = []
    for text in SIZES:
        axes = 1 if "28" in text else 3
        rows.append((f"`{text}`", str(axes), meanings(reading for reading in sizes(text, axes) if fits(reading, axes))))
    return table("written | numbers that are asked for | read as", rows)


def fits(reading: Reading, axes: int) -> bool:
    return isinstance(reading.value, tuple) and len(reading.value) == axes


def meanings(readings: Iterable[Reading]) -> str:
    """Each value that a text may mean, with what is peculiar in it."""
    return ", or ".join(dict.fromkeys(meaning(reading) for reading in readings)) or "nothing: it is unreadable"


def meaning(reading: Reading) -> str:
    value = reading.value
    shown = (
        show(value)
        if isinstance(value, tuple)
        else show_count(value)
        if isinstance(value, int)
        else f"{float(value):g}"
    )
    if reading.form == ROUNDED:
        return f"{shown}, give or take {float(reading.half):,g}"
    return f"{shown} (channels in front)" if reading.form == CHANNELS_FIRST else shown


# --- marks -----------------------------------------------------------------------------------------------------------


def families() -> Iterator[str]:
    about = {
        "size": ("`-> ?`, `-> ?x?x32`", "`conv1.size`; of a part `conv1.height`, `conv1.width`, `conv1.channels`"),
        "params": ("`-> 62x62x32, ? params`", "`conv1.params`"),
        "argument": ("`conv ?, f=?`, `let k = ?`", "`conv1.filters`, `conv1.f`, `k`"),
        "figure": ("`expect params == ?`", "`params`"),
        "value": ("`example [[1, 2], [3, 4]] -> ?`", "`example1`; of one number in it `example1.2.1`"),
        "layers": ("`? -> 10`", "`layers1`"),
    }
    return table("family | written | key", ((f"`{family}`", *about[family]) for family in FAMILIES))


def lecture_marks() -> Iterator[str]:
    """The answers to the three tables of the lecture, from the best to the worst."""
    titles = {"hand_signs": "hand signs", "mnist": "MNIST", "mlp": "perceptron"}
    rows = []
    for (name, answer), (points, out_of) in marks_by_hand(ANSWERS / "marks.csv").items():
        if name in titles:
            link = f"[{answer}](../../examples/exercises/answers/{name}/{answer})"
            rows.append((-points / out_of, (titles[name], link, f"{points:g} of {out_of:g}", f"{points / out_of:.0%}")))
    order = list(titles.values())
    rows.sort(key=lambda row: (order.index(row[1][0]), row[0]))
    return table("exercise | answer | points | part", (row for _, row in rows))


TABLES = {
    "settings": settings,
    "known mistakes": known_mistakes,
    "mistakes of values": value_mistakes,
    "numbers": readings_of_numbers,
    "sizes": readings_of_sizes,
    "families": families,
    "marks": lecture_marks,
}
