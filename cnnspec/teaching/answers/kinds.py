"""The kind of layer that a name in a table means, in the words of Keras, PyTorch, and people."""

from __future__ import annotations

import re

SKIPPED = frozenset({"activation", "dropout", "input", "identity"})
POOLS = frozenset(
    {"maxpool", "avgpool", "global_avgpool", "global_maxpool", "adaptive_avgpool", "adaptive_maxpool"},
)
_CONTAINERS = frozenset({"sequential", "functional", "model", "module", "module_list", "module_dict"})

# What has another name in each framework comes from the language itself.
KINDS = {
    **dict.fromkeys(("pool", "pooling", "max", "maxpooling", "max_pooling", "maxpool", "subsampling"), "maxpool"),
    **dict.fromkeys(("avg", "average", "averagepooling", "average_pooling", "avgpool", "mean"), "avgpool"),
    **dict.fromkeys(("convolution", "conv", "convolutional", "separable_conv", "conv_transpose"), "conv"),
    **dict.fromkeys(("depthwise", "depthwise_conv"), "depthwise"),
    **dict.fromkeys(("dense", "fc", "linear", "fully_connected", "mlp", "couche_dense"), "dense"),
    **dict.fromkeys(("flatten", "flattening", "aplatissement", "aplatir", "vector"), "flatten"),
    **dict.fromkeys(("batchnorm", "bn", "normalisation", "normalization"), "batchnorm"),
    **dict.fromkeys(("input", "input_layer", "entree", "image"), "input"),
    **dict.fromkeys(("dropout", "spatial_dropout", "drop_path"), "dropout"),
    **dict.fromkeys(("concatenate", "concat"), "concat"),
    **dict.fromkeys(("zero_padding", "pad"), "pad"),
    **dict.fromkeys(("up_sampling", "upsample"), "upsample"),
    "cropping": "crop",
    "multiply": "mul",
    "subtract": "sub",
    "rescaling": "rescale",
    "layer_normalization": "layernorm",
    "group_normalization": "groupnorm",
    "adaptive_avg_pool": "adaptive_avgpool",
    "adaptive_max_pool": "adaptive_maxpool",
    **dict.fromkeys(
        (
            *("activation", "relu", "relu6", "softmax", "sigmoid", "tanh", "elu", "selu", "gelu", "silu"),
            *("leaky_relu", "mish", "hard_sigmoid", "hard_swish", "softplus", "softsign", "log_softmax", "celu"),
            *("abs", "clip", "swish"),
        ),
        "activation",
    ),
}

# Keras 1 and 2 cut them off where the column ends.
_TYPES = (
    *("Activation", "AveragePooling2D", "BatchNormalization", "Concatenate", "Conv2D", "Conv2DTranspose"),
    *("Convolution2D", "Cropping2D", "Dense", "DepthwiseConv2D", "Dropout", "Embedding", "Flatten"),
    *("GlobalAveragePooling2D", "GlobalMaxPooling2D", "InputLayer", "LayerNormalization", "LeakyReLU"),
    *("MaxPooling2D", "Multiply", "Reshape", "SeparableConv2D", "Softmax", "SpatialDropout2D", "UpSampling2D"),
    *("ZeroPadding2D", "Functional", "Sequential"),
)
_TORCHINFO = re.compile(r"\s*([A-Za-z]\w*)(?: \([^()]*\))?: [0-9]+-[0-9]+")
_TYPE = re.compile(r"\(\s*(?P<type>[A-Za-z]\w*)(?P<cut>(?:\u2026|\.\.\.)?\s*$)?")


def kind_of(name: str) -> str:
    """The kind of layer that a name in a table means, "" where it tells none.

    >>> kind_of("max_pooling2d_3 (MaxPooling2D)"), kind_of("gap (GlobalAver"), kind_of("Dense 6")
    ('maxpool', 'global_avgpool', 'dense')
    >>> kind_of("Linear (pool): 1-3"), kind_of("conv1 (Sequential)")
    ('dense', '')
    """
    if found := _TORCHINFO.match(name):
        return _kind(found[1])
    type_ = _TYPE.search(name)
    words = re.findall(r"[^\W\d_]\w*", name)[:6]
    if "." in name and not type_:
        words = words[::-1]
    kinds = [_of_type(type_["type"], cut=type_["cut"] is not None)] if type_ else []
    if "container" in kinds:
        return ""
    return next((kind for kind in (*kinds, *map(_kind, words[:3])) if kind), "")


def _of_type(word: str, *, cut: bool) -> str:
    """The kind of a type, which may be cut off; "container" of a model in a model."""
    from cnnspec.syntax.foreign import lower_snake

    whole = [one for one in _TYPES if one.startswith(word)] if cut else []
    kinds = {_of_type(one, cut=False) for one in whole} or {_kind(word)}
    if lower_snake(word) in _CONTAINERS:
        return "container"
    return kinds.pop() if len(kinds) == 1 else ""


def _kind(word: str) -> str:
    from cnnspec import layers
    from cnnspec.syntax.foreign import lower_snake

    written = re.sub(r"(?<=[A-Za-z])_?[123][dD](?=[A-Z_]|$)", "", word[:60])
    written = re.sub(r"(?:_?[123][dD])?_?[0-9]*$", "", written)
    plain = lower_snake(written)
    kind = KINDS.get(plain, KINDS.get(plain.rpartition(".")[2], plain))
    return kind if kind in KINDS.values() or layers.find(kind) else ""


def alike(one: str, other: str) -> float:
    """How well a row of one kind goes with a layer of another: from 0 to 1."""
    if one == other:
        return 0.1 if one in SKIPPED else 1.0
    return 0.5 if one in POOLS and other in POOLS else 0.0
