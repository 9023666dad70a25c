"""What cnnspec is compared with, each a process of its own: `python -m benchmarks.rivals export FILE.onnx`."""

from __future__ import annotations

import json
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import Any


def export(path: str, weights: str = "") -> None:
    """ResNet-50 built in PyTorch and written as ONNX by its fastest exporter; with the weights of a file, if given."""
    import torch

    from tests.peers.networks import ResNet

    warnings.simplefilter("ignore")
    network = ResNet().eval()
    if weights:
        from safetensors.torch import load_file

        network.load_state_dict(load_file(weights), strict=False)
    torch.onnx.export(
        torch.nn.Sequential(network, torch.nn.Softmax(1)),
        (torch.zeros(1, 3, 224, 224),),
        path,
        dynamo=False,
        opset_version=17,
        input_names=["input"],
        output_names=["output"],
        dynamic_axes={"input": {0: "N"}, "output": {0: "N"}},
    )


def write(path: str, size: str) -> None:
    """So many bytes of 32-bit numbers, written by numpy."""
    import numpy as np

    np.full(int(size) // 4, 0.5, np.float32).tofile(path)


def race(first: str, second: str, batch: str) -> None:
    """Prints the medians of two ONNX models' inference times, in turn, and how far their outputs lie apart."""
    import numpy as np
    import onnxruntime

    sessions = [onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]) for path in (first, second)]
    x = np.random.default_rng(0).standard_normal((int(batch), 3, 224, 224)).astype(np.float32)
    outputs = [run_once(session, x)[1] for session in sessions]
    times: list[list[float]] = [[], []]
    for _ in range(max(4, 24 // int(batch))):
        for kept, session in zip(times, sessions, strict=True):
            kept.append(run_once(session, x)[0])
    apart = float(np.abs(outputs[0] - outputs[1]).max())
    print(json.dumps({"first": statistics.median(times[0]), "second": statistics.median(times[1]), "apart": apart}))


def run_once(session: Any, x: Any) -> tuple[float, Any]:
    name = session.get_inputs()[0].name
    start = time.perf_counter()
    (output,) = session.run(None, {name: x})
    return time.perf_counter() - start, output


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    rivals: dict[str, Any] = {"export": export, "write": write, "race": race}
    rivals[sys.argv[1]](*sys.argv[2:])
