"""Each known mistake in two or three words, as teachers read them in statistics; its name is for settings and data."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cnnspec.language import say

TITLES: Mapping[str, Callable[[], str]] = {
    # of sizes
    "rounded-down": lambda: say("rounded down"),
    "forgot-padding": lambda: say("padding forgotten"),
    "padding-once": lambda: say("padding on one side only"),
    "forgot-stride": lambda: say("stride forgotten"),
    "forgot-plus-one": lambda: say("+ 1 forgotten"),
    "rounded-up": lambda: say("rounded up"),
    "forgot-dilation": lambda: say("dilation forgotten"),
    "forgot-output-padding": lambda: say("`output_pad` forgotten"),
    "transposed-as-conv": lambda: say("rule of an ordinary convolution"),
    "stride-only": lambda: say("multiplied by the stride only"),
    "stride-taken-for-window": lambda: say("window taken for the stride"),
    "padding-assumed": lambda: say("`p=same` assumed"),
    "rows-and-columns-swapped": lambda: say("rows and columns swapped"),
    "channels-kept": lambda: say("channels of the input"),
    "channels-multiplied": lambda: say("channels multiplied"),
    "one-channel": lambda: say("one channel only"),
    "channels-pooled": lambda: say("channels pooled"),
    "channels-of-one": lambda: say("channels lost"),
    "flatten-one-channel": lambda: say("flattened without the channels"),
    "flatten-one-axis": lambda: say("flattened without an axis"),
    "flatten-added": lambda: say("flattened by adding"),
    "flattened-instead-of-pooled": lambda: say("flattened, not pooled"),
    "axes-kept": lambda: say("axes of 1 kept"),
    "axes-left-out": lambda: say("axes of 1 left out"),
    "channels-left-out": lambda: say("size without channels"),
    "concat-as-add": lambda: say("`concat` taken for a sum"),
    "add-as-concat": lambda: say("sum taken for `concat`"),
    "features-kept": lambda: say("size before `dense` kept"),
    "flatten-kept": lambda: say("size before `flatten` kept"),
    "size-kept": lambda: say("size kept"),
    # of counts
    "forgot-bias": lambda: say("bias forgotten"),
    "bias-counted": lambda: say("bias where there is none"),
    "forgot-channels": lambda: say("input channels forgotten"),
    "forgot-channels-and-bias": lambda: say("channels and bias forgotten"),
    "f-not-squared": lambda: say("f in place of f*f"),
    "f-squared": lambda: say("f*f in place of f"),
    "one-filter-only": lambda: say("one filter or unit only"),
    "one-bias": lambda: say("one bias for all"),
    "bias-for-each-channel": lambda: say("a bias for each input"),
    "output-instead-of-input": lambda: say("output in place of input"),
    "forgot-groups": lambda: say("groups forgotten"),
    "macs-as-params": lambda: say("MACs as parameters"),
    "places-times-params": lambda: say("parameters at each place"),
    "values-as-params": lambda: say("values as parameters"),
    "batchnorm-two": lambda: say("mean and variance forgotten"),
    "batchnorm-four": lambda: say("four numbers a channel"),
    "norm-one": lambda: say("one number a channel"),
    "norm-for-each-value": lambda: say("normalised for each value"),
    "norm-without-parameters": lambda: say("normalisation without parameters"),
    "embedding-with-bias": lambda: say("embedding with a bias"),
    "embedding-of-text": lambda: say("length in place of vocabulary"),
    "pooling-parameters": lambda: say("pooling with parameters"),
    "flatten-parameters": lambda: say("flattening with parameters"),
    "activation-parameters": lambda: say("activation with parameters"),
    "parameters-of-nothing": lambda: say("parameters where there are none"),
    "repeat-counted-once": lambda: say("repeated layers counted once"),
    "shared-counted-again": lambda: say("shared weights counted twice"),
    # of totals
    "forgot-layer": lambda: say("a layer forgotten"),
    "forgot-non-trainable": lambda: say("what is not trained forgotten"),
    "non-trainable-counted": lambda: say("all parameters counted"),
    "flops-for-macs": lambda: say("FLOPs in place of MACs"),
    "macs-for-params": lambda: say("MACs in place of parameters"),
    "params-for-macs": lambda: say("parameters in place of MACs"),
    # of values
    "kernel-flipped": lambda: say("kernel turned round"),
    "forgot-bias-value": lambda: say("bias forgotten"),
    "forgot-activation": lambda: say("activation forgotten"),
    "max-for-average": lambda: say("maximum and mean mixed up"),
    "stride-ignored": lambda: say("stride ignored"),
    "map-transposed": lambda: say("rows and columns swapped"),
}


def title_of(name: str) -> str:
    """A known mistake in words; its name where it is none of this version.

    >>> title_of("forgot-bias")
    'bias forgotten'
    """
    return TITLES[name]() if name in TITLES else name
