"""What a check costs: a linter is expected to answer at once."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import MIB, ROOT, Benchmark, Outcome, cnnspec, in_turn, python

RESNET50 = ROOT / "examples" / "architectures" / "resnet50.cnn"
LAYERS = 100_000
FILES = 1_000
WARM = 2


def check_time(folder: Path) -> Outcome:
    for _ in range(WARM):
        cnnspec("check", RESNET50)
    check, lark = in_turn(15, lambda: cnnspec("check", RESNET50).seconds, lambda: python("-c", "import lark").seconds)
    return Outcome(f"{check * 1000:.0f} ms", f"{lark * 1000:.0f} ms", check / lark, 2.0)


def check_memory(folder: Path) -> Outcome:
    check, lark = in_turn(
        3, lambda: cnnspec("check", RESNET50).peak / MIB, lambda: python("-c", "import lark").peak / MIB
    )
    return Outcome(f"{check:.0f} MiB", f"{lark:.0f} MiB", check, 45, "MiB")


def unrolled(folder: Path, layers: int) -> Path:
    path = folder / f"unrolled_{layers}.cnn"
    path.write_text("input 8x8x8\n" + "conv 8, f=3, p=1 | relu\n" * (layers // 2))
    return path


def check_unrolled(folder: Path) -> Outcome:
    seconds = cnnspec("check", unrolled(folder, LAYERS)).seconds
    return Outcome(f"{seconds:.1f} s", "", seconds, 25, "s")


def check_linear(folder: Path) -> Outcome:
    """Time a layer at 100,000 layers, against the time a layer at 20,000."""
    files = [unrolled(folder, layers) for layers in (LAYERS, LAYERS // 5)]
    large, small = in_turn(1, *(lambda path=path: cnnspec("check", path).seconds for path in files))
    return Outcome(f"{large:.1f} s", f"5 * {small:.1f} s", large / (5 * small), 1.3)


def check_repeat(folder: Path) -> Outcome:
    path = folder / "repeat.cnn"
    path.write_text(f"input 8x8x8\nrepeat {LAYERS // 2} {{ conv 8, f=3, p=1 | relu }}\n")
    (seconds,) = in_turn(3, lambda: cnnspec("check", path).seconds)
    return Outcome(f"{seconds:.2f} s", "", seconds, 2, "s")


# In one process, as `check_many` runs it: how long to parse and elaborate every file, and how long to check it.
MANY = """
import sys, time
from cnnspec.api import check_source
from cnnspec.syntax.reading import read

sources = [read(path) for path in sys.argv[1:]]
seconds = {False: [], True: []}
for _ in range(5):
    for lint, taken in seconds.items():
        start = time.process_time()
        for source in sources:
            check_source(source, lint=lint, variant=None)
        taken.append(time.process_time() - start)
print(min(seconds[False]), min(seconds[True]))
"""


def copies(folder: Path, files: int) -> list[Path]:
    """So many files: the published architectures that are one network each, again and again."""
    networks = [
        path
        for path in sorted(RESNET50.parent.glob("*.cnn"))
        if not re.search(r"^(?:variant|use) ", path.read_text(), re.MULTILINE)
    ]
    found = [folder / "many" / f"folder_{i // 100}" / f"network_{i}.cnn" for i in range(files)]
    for i, path in enumerate(found):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(networks[i % len(networks)].read_text())
    return found


def check_many(folder: Path) -> Outcome:
    copies(folder, FILES)
    seconds = cnnspec("check", folder / "many").seconds
    return Outcome(f"{seconds:.1f} s", "", seconds, 30, "s")


def check_lint(folder: Path) -> Outcome:
    """What the linter adds to a file without findings."""
    command = [sys.executable, "-c", MANY, *map(str, copies(folder, 60))]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    plain, linted = map(float, printed.split())
    return Outcome(f"{linted:.2f} s", f"{plain:.2f} s", linted / plain, 1.8)


BENCHMARKS = [
    Benchmark("check-time", "check of ResNet-50, whole process, against `import lark`", check_time),
    Benchmark("check-memory", "check of ResNet-50, peak memory (beside it: `import lark`)", check_memory),
    Benchmark("check-many", f"check of {FILES:,} files in a folder, one process", check_many),
    Benchmark("check-lint", "parse, elaborate and lint 60 files, against the same without lint", check_lint),
    Benchmark("check-unrolled", f"check of {LAYERS:,} layers, unrolled", check_unrolled),
    Benchmark("check-linear", f"check of {LAYERS:,} layers against five times {LAYERS // 5:,}", check_linear),
    Benchmark("check-repeat", f"check of {LAYERS:,} layers, by `repeat`", check_repeat),
]
