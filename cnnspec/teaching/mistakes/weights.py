"""Wrong counts of layers with weights: convolutions, dense layers, embeddings, normalisation."""

from __future__ import annotations

from math import prod
from typing import Any

from cnnspec.language import say
from cnnspec.layers._kind import Operation
from cnnspec.record import Record
from cnnspec.teaching.mistakes._registry import Rules

COUNTS = Rules()

CONVOLUTIONS = ("conv", "conv_transpose", "depthwise")
DENSE = "dense"


class Filters(Record):
    """A layer with weights as (window*channels + bias)*filters; a dense layer has a window of one."""

    window: int
    channels: Any  # that one filter sees
    filters: Any
    bias: int  # 1 or 0

    @property
    def params(self) -> Any:
        return (self.window * self.channels + self.bias) * self.filters


def filters_of(op: Operation) -> Filters | None:
    """The layer as filters; None of one that has none."""
    bias = int(op.has("bias"))
    if op.kind.name == DENSE:
        return Filters(1, op.input[0], op.output[0], bias)
    if op.kind.name not in CONVOLUTIONS:
        return None
    channels = 1 if op.kind.name == "depthwise" else op.input[-1] // op.args.groups
    return Filters(prod(op.args.f), channels, op.output[-1], bias)


def _dense(op: Operation) -> bool:
    return op.kind.name == DENSE


@COUNTS.known(
    "forgot-bias",
    lambda op: (
        say("the bias is forgotten: each unit has one")
        if _dense(op)
        else say("the bias is forgotten: each filter has one")
    ),
)
def forgot_bias(op: Operation) -> Any:
    own = filters_of(op)
    return own._replace(bias=0).params if own and own.bias else None


@COUNTS.known("bias-counted", lambda _: say("here is no bias: `bias=false`"))
def bias_counted(op: Operation) -> Any:
    own = filters_of(op)
    return own._replace(bias=1).params if own and not own.bias else None


@COUNTS.known("forgot-channels", lambda _: say("the input channels are forgotten: a filter has weights for each"))
def forgot_channels(op: Operation) -> Any:
    own = filters_of(op)
    return own._replace(channels=1).params if own and own.channels != 1 and not _dense(op) else None


@COUNTS.known("forgot-channels-and-bias", lambda _: say("channels and bias are forgotten: (f*f*channels + 1)*filters"))
def forgot_channels_and_bias(op: Operation) -> Any:
    own = filters_of(op)
    if own is None or own.channels == 1 or not own.bias or _dense(op):  # of one channel it is the bias only
        return None
    return own._replace(channels=1, bias=0).params


@COUNTS.known("f-not-squared", lambda _: say("the window is f*f numbers, not f: one for each of its pixels"))
def f_not_squared(op: Operation) -> Any:
    own = filters_of(op)
    return own._replace(window=op.args.f[-1]).params if own and not _dense(op) else None


@COUNTS.known("f-squared", lambda _: say("along one axis the window is f numbers, not f*f"))
def f_squared(op: Operation) -> Any:
    own = filters_of(op)
    return own._replace(window=own.window**2).params if own and not _dense(op) and op.rank == 1 else None


@COUNTS.known(
    "one-filter-only",
    lambda op: (
        say("this counts one unit: there are {n}", n=op.output[-1])
        if _dense(op)
        else say("this counts one filter: there are {n}", n=op.output[-1])
    ),
)
def one_filter_only(op: Operation) -> Any:
    own = filters_of(op)
    return own._replace(filters=1).params if own else None


@COUNTS.known(
    "one-bias",
    lambda op: (
        say("every unit has a bias of its own, not one for all")
        if _dense(op)
        else say("every filter has a bias of its own, not one for all")
    ),
)
def one_bias(op: Operation) -> Any:
    own = filters_of(op)
    return own._replace(bias=0).params + 1 if own and own.bias else None


@COUNTS.known(
    "bias-for-each-channel",
    lambda op: (
        say("the bias is one for each unit, not for each input")
        if _dense(op)
        else say("the bias is one for each filter, not for each channel it sees")
    ),
)
def bias_for_each_channel(op: Operation) -> Any:
    own = filters_of(op)
    if own is None or not own.bias:
        return None
    return (own.filters + 1) * own.channels if _dense(op) else (own.window + 1) * own.channels * own.filters


@COUNTS.known(
    "bias-for-each-channel", lambda _: say("the bias is one for each filter: count the channels that come out")
)
def bias_for_each_input_channel(op: Operation) -> Any:
    own = filters_of(op)
    return own._replace(bias=0).params + op.input[-1] if own and own.bias and not _dense(op) else None


@COUNTS.known("output-instead-of-input", lambda _: say("the weights go by what arrives, not by what comes out"))
def output_instead_of_input(op: Operation) -> Any:
    own = filters_of(op)
    return own._replace(channels=own.filters).params if own and op.kind.name != "depthwise" else None


@COUNTS.known("forgot-groups", lambda _: say("a filter sees the channels of its group only"))
def forgot_groups(op: Operation) -> Any:
    own = filters_of(op)
    return own._replace(channels=op.input[-1]).params if own and not _dense(op) else None


@COUNTS.known("macs-as-params", lambda _: say("the weights are shared by all places: they count once, not at each"))
def macs_as_params(op: Operation) -> Any:
    own = filters_of(op)
    return op.macs if own and not _dense(op) else None


@COUNTS.known("places-times-params", lambda _: say("the same filter is used at every place: it counts once"))
def places_times_params(op: Operation) -> Any:
    own = filters_of(op)
    return own.params * prod(op.output[:-1]) if own and not _dense(op) else None


@COUNTS.known("values-as-params", lambda _: say("these are the values that come out: parameters are the weights"))
def values_as_params(op: Operation) -> Any:
    return prod(op.output) if op.params and op.kind.name != "embedding" else None


# --- normalisation and embedding -------------------------------------------------------------------------------------


@COUNTS.known("batchnorm-two", lambda _: say("batch normalisation has four numbers a channel: mean and variance too"))
def batchnorm_two(op: Operation) -> Any:
    return 2 * op.input[-1] if op.kind.name == "batchnorm" else None


@COUNTS.known("batchnorm-four", lambda op: say("each channel has {n} numbers here", n=op.params // op.input[-1]))
def batchnorm_four(op: Operation) -> Any:
    return 4 * op.input[-1] if op.kind.family == "normalisation" and op.params else None


@COUNTS.known("norm-one", lambda _: say("a scale and a shift for each channel are two numbers, not one"))
def norm_one(op: Operation) -> Any:
    return op.input[-1] if op.kind.family == "normalisation" and op.params else None


@COUNTS.known("norm-for-each-value", lambda _: say("it has its numbers for each channel, not for each value"))
def norm_for_each_value(op: Operation) -> Any:
    if op.kind.family != "normalisation" or not op.params:
        return None
    return op.params // op.input[-1] * prod(op.input)


@COUNTS.known("norm-without-parameters", lambda _: say("normalisation has a scale and a shift for each channel"))
def norm_without_parameters(op: Operation) -> Any:
    return 0 if op.kind.family == "normalisation" and op.params else None


@COUNTS.known("embedding-with-bias", lambda _: say("an embedding is a table: it has no bias"))
def embedding_with_bias(op: Operation) -> Any:
    return op.params + op.output[-1] if op.kind.name == "embedding" else None


@COUNTS.known("embedding-of-text", lambda _: say("the table has a row for each word of the vocabulary"))
def embedding_of_text(op: Operation) -> Any:
    return prod(op.output) if op.kind.name == "embedding" else None
