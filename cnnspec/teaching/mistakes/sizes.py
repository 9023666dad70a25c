"""Wrong sizes that have nothing to do with a window: channels, flattening, joins, rows and columns."""

from __future__ import annotations

from math import prod

from cnnspec.language import say
from cnnspec.layers._kind import Operation
from cnnspec.teaching.mistakes._registry import Rules
from cnnspec.values import Size

SIZES = Rules()

FILTERED = ("conv", "conv_transpose")
GLOBAL = ("global_avgpool", "global_maxpool")


@SIZES.known("rows-and-columns-swapped", lambda _: say("rows and columns are swapped: the height comes first"))
def rows_and_columns_swapped(op: Operation) -> Size | None:
    y = op.output
    return (*y[:-3], y[-2], y[-3], y[-1]) if len(y) > 2 else None


@SIZES.known("channels-kept", lambda _: say("each filter gives one channel: there are as many as filters"))
def channels_kept(op: Operation) -> Size | None:
    return (*op.output[:-1], op.input[-1]) if op.kind.name in FILTERED else None


@SIZES.known("channels-multiplied", lambda _: say("a filter sums over all channels of its input: it gives one"))
def channels_multiplied(op: Operation) -> Size | None:
    return (*op.output[:-1], op.input[-1] * op.output[-1]) if op.kind.name in FILTERED else None


@SIZES.known("one-channel", lambda _: say("each filter gives a channel of its own, they are not summed"))
def one_channel(op: Operation) -> Size | None:
    return (*op.output[:-1], 1) if op.kind.name in FILTERED else None


@SIZES.known("channels-pooled", lambda _: say("pooling works on each channel: it leaves their number as it is"))
def channels_pooled(op: Operation) -> Size | None:
    if op.kind.name not in ("maxpool", "avgpool"):
        return None
    return (*op.output[:-1], op.input[-1] // op.args.s[-1]) if op.input[-1] >= op.args.s[-1] else None


@SIZES.known("channels-of-one", lambda op: say("`{kind}` keeps the channels of its input", kind=op.kind.name))
def channels_of_one(op: Operation) -> Size | None:
    return (*op.output[:-1], 1) if op.kind.name in ("maxpool", "avgpool", "depthwise") else None


@SIZES.known("flatten-one-channel", lambda _: say("the channels are forgotten: flattening takes every one of them"))
def flatten_one_channel(op: Operation) -> Size | None:
    return (prod(op.input[:-1]),) if op.kind.name == "flatten" and len(op.input) > 1 else None


@SIZES.known("flatten-one-axis", lambda _: say("an axis is forgotten: rows, columns and channels are multiplied"))
def flatten_one_axis(op: Operation) -> Size | None:
    return (prod(op.input[1:]),) if op.kind.name == "flatten" and len(op.input) > 2 else None


@SIZES.known("flatten-added", lambda _: say("the parts of the size are multiplied, not added"))
def flatten_added(op: Operation) -> Size | None:
    return (sum(op.input),) if op.kind.name == "flatten" and len(op.input) > 1 else None


@SIZES.known(
    "flattened-instead-of-pooled",
    lambda _: say("global pooling leaves one number of each channel: nothing is put in a row"),
)
def flattened_instead_of_pooled(op: Operation) -> Size | None:
    return (prod(op.input),) if op.kind.name in GLOBAL else None


@SIZES.known("axes-kept", lambda op: say("these are the right channels; here they are a vector, {n}", n=op.output[0]))
def axes_kept(op: Operation) -> Size | None:
    return (*(1,) * (len(op.input) - 1), op.output[0]) if op.kind.name in GLOBAL and len(op.output) == 1 else None


@SIZES.known("axes-left-out", lambda _: say("the number of channels is right; here rows and columns of 1 stay"))
def axes_left_out(op: Operation) -> Size | None:
    return op.output[-1:] if len(op.output) > 1 and set(op.output[:-1]) == {1} else None


@SIZES.known("channels-left-out", lambda _: say("the channels are left out: they stand last in a size"))
def channels_left_out(op: Operation) -> Size | None:
    return op.output[:-1] if len(op.output) > 2 else None


@SIZES.known("concat-as-add", lambda _: say("`concat` puts the channels side by side: they add up"))
def concat_as_add(op: Operation) -> Size | None:
    return op.inputs[0] if op.kind.name == "concat" else None


@SIZES.known("add-as-concat", lambda _: say("element by element, the channels stay: nothing is put side by side"))
def add_as_concat(op: Operation) -> Size | None:
    if not op.kind.joins or op.kind.name == "concat":
        return None
    return (*op.output[:-1], sum(x[-1] for x in op.inputs))


@SIZES.known("features-kept", lambda _: say("the size after `dense` is its number of units"))
def features_kept(op: Operation) -> Size | None:
    return op.input if op.kind.name == "dense" else None


@SIZES.known("flatten-kept", lambda _: say("after `flatten` all values stand in one row"))
def flatten_kept(op: Operation) -> Size | None:
    return op.input if op.kind.name == "flatten" else None


@SIZES.known("size-kept", lambda op: say("`{kind}` changes the size of what arrives", kind=op.kind.name))
def size_kept(op: Operation) -> Size | None:
    if op.kind.joins or len(op.input) != len(op.output) or len(op.input) < 2:
        return None
    return (*op.input[:-1], op.output[-1])
