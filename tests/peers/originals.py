"""PyTorch's own networks beside ours: the same counts, the same MACs, and with the same weights the same values.

A test of a family says `same_figures(net, build)` for each variant, and `same_values(net, build)` for a small one;
`build` makes the original, as in `lambda: torchvision.models.resnet18()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import cnnspec
from tests.peers.compare import assert_close, count, lively_weights, run_cnnspec

Build = Callable[[], nn.Module]
Reorder = Callable[[list[str]], list[str]]


def _define_missing_operators() -> Any:
    """torchvision beside a CPU build of PyTorch lacks its compiled operators; networks need only their names."""
    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


try:
    import torchvision
except RuntimeError:
    _LIBRARY = _define_missing_operators()  # kept: the names go with it
    import torchvision

__all__ = ["WithHeads", "macs", "on_meta", "order", "paired", "same_figures", "same_values", "torchvision"]


class WithHeads(nn.Module):
    """A network of torchvision that shows its auxiliary heads in training only: here it does so always.

    It returns the main output and then the heads, the one nearest to the input first.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def train(self, mode: bool = True) -> WithHeads:
        super().train(mode)
        self.network.training = True  # the layers inside stay as `mode` says
        return self

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        main, *heads = self.network(x)
        return (main, *reversed(heads))


def on_meta(build: Build) -> nn.Module:
    """The original without memory for its weights, ready for inference."""
    with torch.device("meta"):
        return build().eval()


def inputs_of(net: cnnspec.Network, device: str = "meta", batch: int = 1) -> list[torch.Tensor]:
    """One tensor for each input of the network: height x width x channels becomes N x C x H x W."""
    shapes = [(batch, size[-1], *size[:-1]) for size in net.inputs.values()]
    return [torch.zeros(shape, device=device) for shape in shapes]


def macs(module: nn.Module, inputs: Iterable[torch.Tensor]) -> int:
    """Multiply-adds of convolutions and matrix products, for one image, as PyTorch's own counter has them."""
    tensors = list(inputs)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(*tensors)
    flops = int(counter.get_total_flops())
    assert flops % (2 * tensors[0].shape[0]) == 0
    return flops // 2 // tensors[0].shape[0]


def own_tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    """Weights that belong to this module itself, not to its children."""
    saved = module.state_dict()
    return {name: saved[name] for name in saved if "." not in name and name != "num_batches_tracked"}


def order(module: nn.Module, inputs: Iterable[torch.Tensor]) -> list[str]:
    """Names of the modules that own weights, in the order in which they first finish their work."""
    names: list[str] = []
    hooks = []
    for name, child in module.named_modules():
        if own_tensors(child):

            def note(*_: Any, name: str = name) -> None:
                if name not in names:
                    names.append(name)

            hooks.append(child.register_forward_hook(note))
    with torch.no_grad():
        module(*inputs)
    for hook in hooks:
        hook.remove()
    return names


def _by_layer(net: cnnspec.Network) -> list[dict[str, Any]]:
    """For each layer with weights, in order: the tensor's short name to the parameter."""
    layers: dict[str, dict[str, Any]] = {}
    for parameter in net.parameters:
        layer, _, short = parameter.name.rpartition(".")
        layers.setdefault(layer, {})[short] = parameter
    return list(layers.values())


def _short_name(name: str, found: dict[str, torch.Tensor]) -> str:
    """A lone tensor is a weight whatever its name: `layer_scale` of ConvNeXt."""
    return name if name in found else next(iter(found))


def _without_ones(shape: Iterable[int]) -> list[int]:
    return [side for side in shape if side != 1]


def paired(
    net: cnnspec.Network, module: nn.Module, inputs: Iterable[torch.Tensor], reorder: Reorder | None = None
) -> dict[str, str]:
    """Our tensor's name to the original's, by order of execution; shapes agree, nothing is missing or left over.

    `reorder` takes the names of the original's modules in their order and gives them in ours.
    """
    names = order(module, inputs)
    names = reorder(names) if reorder else names
    layers = _by_layer(net)
    modules = dict(module.named_modules())
    pairs: dict[str, str] = {}
    for layer, name in zip(layers, names, strict=False):
        found = own_tensors(modules[name])
        where = f"{next(iter(layer.values())).name} beside {name or 'the whole'}"
        assert len(found) == len(layer), f"{where}: {list(layer)} and {list(found)}"
        for short, parameter in layer.items():
            theirs = _short_name(short, found)
            shape = tuple(found[theirs].shape)
            assert _without_ones(shape) == _without_ones(parameter.shape), f"{where}: {shape}, {parameter.shape}"
            pairs[parameter.name] = f"{name}.{theirs}" if name else theirs
    wanted = {name for name in module.state_dict() if not name.endswith("num_batches_tracked")}
    assert len(layers) == len(names), f"{len(layers)} layers with weights beside {len(names)} modules"
    assert set(pairs.values()) == wanted, f"without a partner: {sorted(wanted - set(pairs.values()))[:5]}"
    return pairs


def same_figures(
    net: cnnspec.Network, build: Build, inputs: Iterable[torch.Tensor] | None = None, count_macs: bool = True
) -> None:
    """Parameters, trainable ones and MACs are those that the original has by PyTorch's own count."""
    module = on_meta(build)
    assert (net.params, net.trainable) == count(module)
    if count_macs:
        assert net.macs == macs(module, inputs_of(net) if inputs is None else inputs)


def _flat(outputs: Any) -> list[torch.Tensor]:
    """The tensors of whatever a module returns: one, a tuple of them, a dictionary."""
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    values = outputs.values() if isinstance(outputs, dict) else outputs
    return [tensor for value in values if value is not None for tensor in _flat(value)]


def loaded(
    net: cnnspec.Network, build: Build, weights: dict[str, Any], reorder: Reorder | None = None, seed: int = 0
) -> nn.Module:
    """The original with our weights in it."""
    pairs = paired(net, on_meta(build), inputs_of(net), reorder)
    torch.manual_seed(seed)
    module = build().eval()
    saved = module.state_dict()  # it carries a version, which MNASNet asks for
    for ours, theirs in pairs.items():
        saved[theirs] = torch.from_numpy(weights[ours]).reshape(saved[theirs].shape)
    module.load_state_dict(saved)
    return module


def same_values(
    net: cnnspec.Network, build: Build, reorder: Reorder | None = None, seed: int = 0, gain: float = 1.0
) -> None:
    """One set of lively weights in both: every output agrees, onnxruntime's with PyTorch's."""
    weights = lively_weights(net, seed, gain)
    module = loaded(net, build, weights, reorder, seed)
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal(tuple(x.shape)).astype(np.float32) for x in inputs_of(net)]
    with torch.no_grad():
        wanted = _flat(module(*map(torch.from_numpy, arrays)))
    found = run_cnnspec(net, weights, dict(zip(net.inputs, arrays, strict=True)))
    assert len(found) == len(wanted)
    for ours, theirs in zip(found.values(), wanted, strict=True):
        assert float(theirs.std()) > 0  # a constant would agree with anything
        assert_close(ours, theirs.numpy())
