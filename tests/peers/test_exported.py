"""Networks that PyTorch exports, read as graphs: no error, and every size is the one that onnxruntime computes."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

import torch
from torch import nn

from cnnspec.onnx.listing import listing
from cnnspec.onnx.reader import _Reader
from cnnspec.values import UNKNOWN, Symbolic
from tests.peers.originals import torchvision

pytestmark = pytest.mark.peers

CLASSIFIERS = (
    "resnet18",
    "mobilenet_v3_small",
    "efficientnet_b0",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    "densenet121",
    "convnext_tiny",
    "regnet_y_400mf",
)
LETTERS = {"N": 2, "H": 96, "W": 128}


class MainOutput(nn.Module):
    """A network for segmentation without its auxiliary head."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> Any:
        return self.network(x)["out"]


class SmallUNet(nn.Module):
    """Pads what it enlarges to the size of the shortcut: exporters compute the padding in the graph."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.low = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)
        self.up, self.end = nn.ConvTranspose2d(16, 8, 2, 2), nn.Conv2d(16, 4, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wide = nn.functional.relu(self.down(nn.functional.pad(x, [0, 1, 0, 1])))
        up = self.up(nn.functional.relu(self.low(nn.functional.max_pool2d(wide, 2))))
        rows, columns = wide.shape[2] - up.shape[2], wide.shape[3] - up.shape[3]
        up = nn.functional.pad(up, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        end: torch.Tensor = self.end(torch.cat([wide, up], 1))
        return end


def exported(network: nn.Module, *, fixed: bool) -> onnx.ModelProto:
    buffer = io.BytesIO()
    axes = {} if fixed else {"dynamic_axes": {"x": {0: "batch", 2: "height", 3: "width"}}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shape = tuple(LETTERS[letter] for letter in "NHW")
        x = torch.zeros(shape[0], 3, *shape[1:])
        torch.onnx.export(network.eval(), (x,), buffer, input_names=["x"], dynamo=False, **axes)
    return onnx.load_from_string(buffer.getvalue())


def sizes(model: onnx.ModelProto) -> tuple[dict[str, Any], dict[str, tuple[int, ...]]]:
    """The shape of every value of the network: as the reader says, and as onnxruntime computes."""
    reader = _Reader(model, *listing(model.graph, "exported.onnx"))
    network, diagnostics = reader.read()
    assert not diagnostics
    assert network is not None
    values = {name: value.shape for name, value in reader.w.values.items() if value.flow and name in reader.w.producers}
    present = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in values if name not in present)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    shape = (LETTERS["N"], 3, LETTERS["H"], LETTERS["W"])
    results = session.run(list(values), {"x": np.zeros(shape, np.float32)})
    return values, {name: result.shape for name, result in zip(values, results, strict=True)}


def in_numbers(shape: Any) -> tuple[Any, ...]:
    return tuple(n.at(LETTERS) if isinstance(n, Symbolic) else n for n in shape)


@pytest.mark.parametrize("fixed", [True, False], ids=["fixed", "any_size"])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_sizes_of_classifiers(name: str, fixed: bool) -> None:
    said, computed = sizes(exported(getattr(torchvision.models, name)(weights=None), fixed=fixed))
    assert {key: in_numbers(shape) for key, shape in said.items()} == computed


def test_sizes_of_a_segmentation() -> None:
    network = torchvision.models.segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None)
    said, computed = sizes(exported(MainOutput(network), fixed=False))
    assert {key: in_numbers(shape) for key, shape in said.items()} == computed


@pytest.mark.parametrize("fixed", [True, False], ids=["fixed", "any_size"])
def test_sizes_that_the_graph_computes(fixed: bool) -> None:
    said, computed = sizes(exported(SmallUNet(), fixed=fixed))
    assert {key: in_numbers(shape) for key, shape in said.items()} == computed


def test_what_a_transformer_leaves_open_is_not_wrong() -> None:
    """Windows of Swin and heads of attention are no kinds of ours; what is known of their sizes is right."""
    said, computed = sizes(exported(torchvision.models.swin_t(weights=None), fixed=True))
    for name, shape in said.items():
        if shape is not UNKNOWN:
            pairs = zip(in_numbers(shape), computed[name], strict=True)
            assert all(n is UNKNOWN or n == m for n, m in pairs), name
