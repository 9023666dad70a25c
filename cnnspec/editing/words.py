"""What the words of the language mean, in a sentence each, and how one writes them."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.language import say


class Word(NamedTuple):
    """A keyword or figure: what it means, and a snippet (`$1`, `${2:default}` are the places to fill)."""

    text: str
    snippet: str = ""


STATEMENTS = {
    "input": Word("The size of what comes in: height x width x channels, without the batch.", "input ${1:28x28x1}"),
    "block": Word(
        "Layers under a name, called like a layer, with parameters.",
        "block ${1:name}(${2:filters}) {\n    $0\n}",
    ),
    "let": Word("A name for a value.", "let ${1:name} = $0"),
    "model": Word(
        "The name of the network, and parameters that are set from outside.", "model ${1:name}(${2:classes = 10})"
    ),
    "variant": Word(
        "Settings of the model's parameters under a name; `FILE:NAME` is that network.",
        "variant ${1:name}(${2:parameter} = ${3:value})",
    ),
    "use": Word("Brings in the blocks and lets of another file.", 'use "${1:blocks.cnn}"'),
    "output": Word("The values that the network yields; without it, the last one.", "output ${1:name}"),
    "expect": Word("A figure of the whole network that has to hold.", "expect ${1:params} == $0"),
    "example": Word(
        "Values in, values out: `cnnspec test` runs it, and compares to the digits printed.",
        "example ${1:[0, 1]} -> ${2:0.5}",
    ),
}
STEPS = {
    "residual": Word(
        "Adds what arrives to what the braces yield; `shortcut { … }` says what is added instead.",
        "residual {\n    $0\n}",
    ),
    "branch": Word("One way through a join; alone, an auxiliary head that leaves the flow as it was.", "branch { $0 }"),
    "repeat": Word("Runs the braces several times.", "repeat ${1:2} {\n    $0\n}"),
    "for": Word("Runs the braces once for each element of a list or range.", "for ${1:i} in ${2:1..4} {\n    $0\n}"),
    "if": Word("Runs the braces where the condition holds.", "if ${1:condition} {\n    $0\n}"),
    "frozen": Word("Marks the parameters inside as not trainable.", "frozen {\n    $0\n}"),
    "from": Word("Continues from a named value.", "from ${1:name}"),
    "apply": Word("Runs a named layer or block once more, with the same weights.", "apply ${1:name}"),
}
OTHERS = {
    "as": Word("Names the value of a step, and its layer or block."),
    "else": Word("What runs where no condition before it holds."),
    "shortcut": Word("What a `residual` adds in place of the value that arrives."),
    "in": Word("What a `for` goes through."),
    "and": Word("Both conditions hold."),
    "or": Word("One of the conditions holds, or both."),
    "not": Word("The condition does not hold."),
    "true": Word("Holds; of a tensor: learned."),
    "false": Word("Does not hold; of a tensor: absent."),
}
FIGURES = {
    "params": Word("All parameters, trainable or not. In `expect`, `params(NAME)` are those of one layer or block."),
    "trainable": Word("The parameters that training changes."),
    "non_trainable": Word("The parameters that training leaves: running means and variances, and what is `frozen`."),
    "macs": Word("Multiply-and-adds for one image; biases and element-wise layers are not counted. FLOPs = 2 * MACs."),
    "depth": Word("Layers with weights on the longest path: conv, depthwise, conv_transpose, dense."),
    "receptive_field": Word("How many rows and columns of the input the last value with rows and columns sees."),
    "count": Word(
        "Number of layers of these kinds: `count(conv, depthwise)`; `count()` counts all.", "count(${1:conv})"
    ),
    "output": Word("The size of the output."),
}
FLOW = {
    "channels": Word("The channels of the arriving value."),
    "height": Word("The height of the arriving value."),
    "width": Word("The width of the arriving value."),
    "frames": Word("The frames of the arriving value."),
    "length": Word("The length of the arriving sequence."),
    "features": Word("The features of the arriving vector."),
}
FUNCTIONS = {
    "min": Word("The smallest of several numbers."),
    "max": Word("The largest of several numbers."),
    "floor": Word("The next whole number below."),
    "ceil": Word("The next whole number above."),
    "round": Word("The nearest whole number; a tie goes to the even one."),
    "sqrt": Word("The square root."),
    "log": Word("The natural logarithm."),
    "abs": Word("The absolute value."),
    "len": Word("The number of elements of a list."),
    "round_to": Word(
        "`round_to(x, m)`: the nearest multiple of m, never more than 10 % below x.", "round_to(${1:x}, ${2:8})"
    ),
}
MODES = {
    "same": Word("As much padding as keeps ceil(n/s) rows and columns; the odd one at the end."),
    "valid": Word("No padding."),
    "integer": Word("The elements of the input are whole numbers that stand for words."),
    "zero": Word("Pads with zeros."),
    "reflect": Word("Pads with what lies inside, mirrored at the border."),
    "edge": Word("Pads with the outermost values."),
    "nearest": Word("Takes the nearest value."),
    "linear": Word("Blends the neighbouring values."),
}
ALL = {**MODES, **FUNCTIONS, **FLOW, **FIGURES, **OTHERS, **STEPS, **STATEMENTS}


def meaning(word: Word) -> str:
    """What a word means, in the language of the reader."""
    return say(word.text)
