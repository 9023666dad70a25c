"""What compiling costs: time against PyTorch's export, memory against the weights."""

from __future__ import annotations

from pathlib import Path

from benchmarks.checking import RESNET50
from benchmarks.measure import MIB, ROOT, Benchmark, Outcome, cnnspec, in_turn, need_torch, python

VGG16 = ROOT / "examples" / "architectures" / "vgg.cnn"
VGG16_BYTES = 138_357_544 * 4

# Eleven dense layers of 67 million weights each, one of 8 million: 3.0 GB.
THREE_GB = "input 8192\nrepeat 11 { dense 8192 | relu }\ndense 1000 | softmax\nexpect params == 746_480_616\n"


def compile_resnet50(folder: Path) -> Outcome:
    need_torch()

    def ours() -> float:
        return cnnspec("compile", RESNET50, "-o", folder / "ours.onnx").seconds

    def theirs() -> float:
        return python("-m", "benchmarks.rivals", "export", folder / "theirs.onnx").seconds

    ours(), theirs()
    mine, other = in_turn(5, ours, theirs)
    return Outcome(f"{mine:.2f} s", f"{other:.2f} s", mine / other, 1 / 4)


def compile_vgg16_time(folder: Path) -> Outcome:
    mine, numpy = in_turn(
        5,
        lambda: cnnspec("compile", VGG16, "-o", folder / "vgg16.onnx").seconds,
        lambda: python("-m", "benchmarks.rivals", "write", folder / "bytes", str(VGG16_BYTES)).seconds,
    )
    return Outcome(f"{mine:.2f} s", f"{numpy:.2f} s", mine / numpy, 3.0)


def compile_vgg16_memory(folder: Path) -> Outcome:
    peak = cnnspec("compile", VGG16, "-o", folder / "vgg16.onnx").peak
    return Outcome(f"{peak / MIB:.0f} MiB", f"{VGG16_BYTES / MIB:.0f} MiB", peak / VGG16_BYTES, 1.3)


def compile_three_gb(folder: Path) -> Outcome:
    path = folder / "three_gb.cnn"
    path.write_text(THREE_GB)
    process = cnnspec("compile", path, "-o", folder / "three_gb.onnx")
    written = sum(file.stat().st_size for file in folder.glob("three_gb.onnx*"))
    assert written > 2_985_000_000, written
    return Outcome(f"{process.peak / 1e6:.0f} MB", f"{process.seconds:.0f} s", process.peak / 1e6, 500, "MB")


BENCHMARKS = [
    Benchmark("compile-resnet50", "compile ResNet-50, against PyTorch's build and export", compile_resnet50),
    Benchmark("compile-vgg16-time", "compile VGG-16 (553 MB), against numpy writing the bytes", compile_vgg16_time),
    Benchmark("compile-vgg16-memory", "compile VGG-16, peak memory against its weights", compile_vgg16_memory),
    Benchmark("compile-3gb", "compile 3 GB of weights, peak memory (beside it: time)", compile_three_gb),
]
