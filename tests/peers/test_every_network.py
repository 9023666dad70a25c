"""Every network of examples/architectures: checked, compiled, accepted by the ONNX checker, and run.

That takes minutes and some gigabytes on disk, so it belongs to the comparisons.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

import cnnspec
from cnnspec.onnx import write_model
from cnnspec.weights.sources import source_of
from tests.peers.families import ARCHITECTURES, load, variants

FAMILIES = sorted(path.stem for path in ARCHITECTURES.glob("*.cnn"))
NETWORKS = [(family, variant) for family in FAMILIES for variant in variants(family) or [""]]


def test_there_are_more_than_a_hundred() -> None:
    assert len(NETWORKS) >= 100


@pytest.mark.parametrize(("family", "variant"), NETWORKS, ids=lambda name: name or "-")
def test_the_network_runs(family: str, variant: str, tmp_path: Path) -> None:
    net = load(family, variant)
    model = tmp_path / "model.onnx"
    write_model(net, model, source_of(net, None, init="zeros"))
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    outputs = session.run(None, {value.name: images(net, value.name) for value in session.get_inputs()})
    wanted = {name: (1, size[-1], *size[:-1]) for name, size in net.outputs.items()}
    assert {value.name: found.shape for value, found in zip(session.get_outputs(), outputs, strict=True)} == wanted
    assert all(np.isfinite(found).all() for found in outputs)


def images(net: cnnspec.Network, name: str) -> Any:
    value: Any = net.input_values[name]
    shape = (1, *value.size) if value.integer else (1, value.size[-1], *value.size[:-1])
    return np.zeros(shape, np.int64 if value.integer else np.float32)
