"""What inference costs: the compiled graph against the one that PyTorch exports, same weights."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks.checking import RESNET50
from benchmarks.measure import Benchmark, Outcome, cnnspec, need_torch, python, report_of

NOISE = 0.05  # two runs of the same model differ by as much


def prepare(folder: Path) -> tuple[Path, Path]:
    ours, theirs, weights = folder / "ours_race.onnx", folder / "theirs_race.onnx", folder / "race.safetensors"
    if not theirs.exists():
        cnnspec("weights", RESNET50, "-o", weights)
        cnnspec("compile", RESNET50, "--weights", weights, "-o", ours)
        python("-m", "benchmarks.rivals", "export", theirs, weights)
    return ours, theirs


def inference(batch: int, folder: Path) -> Outcome:
    need_torch()
    report = report_of("-m", "benchmarks.rivals", "race", *prepare(folder), str(batch))
    assert report["apart"] < 1e-4, report
    ours, theirs = report["first"], report["second"]
    return Outcome(f"{ours * 1000:.0f} ms", f"{theirs * 1000:.0f} ms", ours / theirs, 1 + NOISE)


BENCHMARKS = [
    Benchmark(
        f"inference-{batch}",
        f"ResNet-50 in onnxruntime on the CPU, batch {batch}, against PyTorch's graph",
        partial(inference, batch),
    )
    for batch in (1, 8)
]
