"""Segmentation, text, sound, video, super-resolution, pairs and a generator against PyTorch's own or a rebuild."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

import numpy as np
import torch
from torch import nn

import cnnspec
from tests.peers import beyond, families
from tests.peers.compare import assert_close, lively_weights, load, run_cnnspec, run_torch
from tests.peers.originals import loaded, same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

Build = Callable[[], nn.Module]
VIDEO = torchvision.models.video


def segmenter(depth: int, auxiliary: bool) -> Build:
    """PyTorch's FCN, with or without the head that helps in training."""
    build = getattr(torchvision.models.segmentation, f"fcn_resnet{depth}")
    return lambda: build(weights=None, weights_backbone=None, num_classes=21, aux_loss=auxiliary)


def head_first(names: list[str]) -> list[str]:
    """Ours works before the last stage of ResNet, PyTorch's after everything else."""
    head = [name for name in names if name.startswith("aux_classifier")]
    rest = [name for name in names if name not in head]
    place = next(place for place, name in enumerate(rest) if name.startswith("backbone.layer4"))
    return [*rest[:place], *head, *rest[place:]]


def sound(stem: int, plan: str) -> Build:
    """`plan` as the paper's table has it: maps of each convolution, p for pooling."""
    steps = [step if step == "p" else int(step) for step in plan.split()]
    return lambda: beyond.SignalCnn(stem, steps)


NETWORKS: dict[str, dict[str, Build]] = {
    "unet": {
        "unet_2015": lambda: beyond.UNet(colours=1, padded=False, normalised=False),
        "unet_padded": beyond.UNet,
        "unet_upsample": lambda: beyond.UNet(transposed=False),
        "unet_brain": lambda: beyond.UNet(classes=1, base=32),
    },
    "fcn_resnet": {
        "fcn_resnet50": segmenter(50, auxiliary=False),
        "fcn_resnet50_aux": segmenter(50, auxiliary=True),
        "fcn_resnet101": segmenter(101, auxiliary=False),
        "fcn_resnet101_aux": segmenter(101, auxiliary=True),
    },
    "char_cnn": {
        "char_cnn_small": beyond.CharCnn,
        "char_cnn_large": lambda: beyond.CharCnn(filters=1024, units=2048),
    },
    "sentence_cnn": {
        "sentence_cnn_nonstatic": lambda: beyond.SentenceCnn(fixed=False, learned=True),
        "sentence_cnn_static": lambda: beyond.SentenceCnn(fixed=True, learned=False),
        "sentence_cnn_multichannel": lambda: beyond.SentenceCnn(fixed=True, learned=True),
    },
    "signal_cnn": {
        "m3": sound(256, "p 256 p"),
        "m5": sound(128, "p 128 p 256 p 512 p"),
        "m11": sound(64, "p 64 64 p 128 128 p 256 256 256 p 512 512"),
        "m18": sound(64, "p 64 64 64 64 p 128 128 128 128 p 256 256 256 256 p 512 512 512 512"),
    },
    "c3d": {"c3d_sports1m": beyond.C3d, "c3d_ucf101": lambda: beyond.C3d(classes=101)},
    "video_resnet": {
        "r2plus1d_18": lambda: VIDEO.r2plus1d_18(weights=None),
        "r3d_18": lambda: VIDEO.r3d_18(weights=None),
        "mc3_18": lambda: VIDEO.mc3_18(weights=None),
    },
    "espcn": {f"espcn_x{r}": partial(beyond.Espcn, r) for r in (2, 3, 4)},
    "siamese": {"siamese_2015": beyond.Siamese},
    "dcgan_generator": {"dcgan_2016": beyond.DcganGenerator, "dcgan_pytorch": beyond.DcganOfPyTorch},
}
ALL = [(family, variant) for family, variants in NETWORKS.items() for variant in variants]


def scores(family: str, name: str, **settings: Any) -> cnnspec.Network:
    """The network up to its scores: a softmax would hide differences."""
    return families.load(family, name, logits=True, **settings)


def smaller(family: str, name: str, pattern: str, replacement: Any, **settings: Any) -> cnnspec.Network:
    """The same layers on a smaller input, or fewer: other numbers in the text, so what it states of sizes goes."""
    path = families.ARCHITECTURES / f"{family}.cnn"
    text = re.sub(r"^ *expect [^\n]*|->[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    changed = re.sub(pattern, replacement, text)
    assert changed != text
    return cnnspec.loads(changed, filename=str(path), variant=name, **settings)


@pytest.mark.parametrize("family", NETWORKS)
def test_every_variant_is_compared(family: str) -> None:
    assert families.variants(family) == list(NETWORKS[family])


@pytest.mark.parametrize(("family", "name"), ALL)
def test_figures_are_those_of_the_original(family: str, name: str) -> None:
    same_figures(families.load(family, name), NETWORKS[family][name])


@pytest.mark.parametrize(
    ("name", "options", "settings"),
    [
        ("unet_2015", {"colours": 1, "padded": False, "normalised": False}, {"H": 12, "W": 12}),
        ("unet_padded", {}, {"H": 3, "W": 3}),
        ("unet_upsample", {"transposed": False}, {"H": 3, "W": 3}),
        ("unet_brain", {"classes": 1}, {"H": 3, "W": 3}),
    ],
)
def test_unet_computes_the_same(name: str, options: dict[str, Any], settings: dict[str, int]) -> None:
    same_values(scores("unet", name, base=8, **settings), lambda: beyond.UNet(base=8, **options))


@pytest.mark.parametrize("name", ["fcn_resnet50_aux", "fcn_resnet50"])
def test_fcn_computes_the_same_on_an_odd_image(name: str) -> None:
    """Neither side is a multiple of eight: the answer is as large as the image all the same."""
    net = families.load("fcn_resnet", name, H=97, W=66)
    assert set(net.outputs.values()) == {(97, 66, 21)}
    same_values(net, NETWORKS["fcn_resnet"][name], head_first)


@pytest.mark.parametrize(
    ("family", "name"),
    [("char_cnn", "char_cnn_small"), ("signal_cnn", "m3"), ("signal_cnn", "m11")],
)
def test_network_computes_the_same(family: str, name: str) -> None:
    same_values(scores(family, name), NETWORKS[family][name])


@pytest.mark.parametrize("name", NETWORKS["sentence_cnn"])
def test_sentence_cnn_computes_the_same(name: str) -> None:
    net = scores("sentence_cnn", name)
    weights = lively_weights(net)
    words = np.random.default_rng(0).integers(0, 18_766, (3, 64))
    found = run_cnnspec(net, weights, words)["output"]
    assert_close(found, run_torch(loaded(net, NETWORKS["sentence_cnn"][name], weights), words))


def test_narrow_c3d_computes_the_same() -> None:
    """Every layer eight times narrower: the same graph, 1.3 million parameters instead of 78."""
    widths = r"(?<=[a-z] )(64|128|256|512|4096)\b"
    net = smaller("c3d", "c3d_ucf101", widths, lambda width: str(int(width[0]) // 8), logits=True)
    same_values(net, lambda: beyond.C3d(classes=101, divisor=8))


@pytest.mark.parametrize("name", NETWORKS["video_resnet"])
def test_video_resnet_computes_the_same(name: str) -> None:
    net = smaller("video_resnet", name, "16x112x112x3", "9x20x28x3", logits=True)
    same_values(net, NETWORKS["video_resnet"][name])


@pytest.mark.parametrize("r", [2, 3, 4])
def test_espcn_computes_the_same(r: int) -> None:
    net = families.load("espcn", f"espcn_x{r}", H=17, W=23)
    assert net.outputs == {"output": (17 * r, 23 * r, 1)}
    same_values(net, lambda: beyond.Espcn(r))


def test_siamese_pair_computes_the_same() -> None:
    net = scores("siamese", "siamese_2015")
    weights = lively_weights(net)
    rng = np.random.default_rng(0)
    pair = {side: rng.standard_normal((3, 1, 105, 105)).astype(np.float32) for side in ("left", "right")}
    found = run_cnnspec(net, weights, pair)["output"]
    module = loaded(net, beyond.Siamese, weights)
    with torch.no_grad():
        wanted = module(*map(torch.from_numpy, pair.values())).numpy()
    assert np.ptp(wanted) > 0.01 * np.abs(wanted).max()
    assert_close(found, wanted)


def test_dcgan_draws_the_same() -> None:
    same_values(families.load("dcgan_generator", "dcgan_2016"), beyond.DcganGenerator)


def test_dcgan_of_pytorch_draws_the_same() -> None:
    """There the first layer is a transposed convolution of a 1x1 picture: the same matrix, turned and reshaped."""
    net = families.load("dcgan_generator", "dcgan_pytorch")
    weights = lively_weights(net)
    tensors = [torch.from_numpy(values) for values in weights.values()]
    tensors[0] = tensors[0].T.reshape(100, 512, 4, 4)
    module = beyond.DcganOfPyTorch()
    names = [name for name in module.state_dict() if not name.endswith("num_batches_tracked")]
    load(module, dict(zip(names, tensors, strict=True)))
    z = np.random.default_rng(0).standard_normal((2, 100)).astype(np.float32)
    assert_close(run_cnnspec(net, weights, z)["output"], run_torch(module, z))


def test_figures_that_pytorch_publishes() -> None:
    """The weights that the library offers state parameters and 10^9 multiply-adds."""
    library = torchvision.models
    published = {
        ("fcn_resnet", "fcn_resnet50_aux"): library.segmentation.FCN_ResNet50_Weights,
        ("fcn_resnet", "fcn_resnet101_aux"): library.segmentation.FCN_ResNet101_Weights,
        ("video_resnet", "r3d_18"): VIDEO.R3D_18_Weights,
        ("video_resnet", "mc3_18"): VIDEO.MC3_18_Weights,
        ("video_resnet", "r2plus1d_18"): VIDEO.R2Plus1D_18_Weights,
    }
    for place, weights in published.items():
        net: Any = families.load(*place)
        meta = weights.DEFAULT.meta
        assert (net.trainable, round(net.macs / 1e9, 3)) == (meta["num_params"], meta["_ops"])
