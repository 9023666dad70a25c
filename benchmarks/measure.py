"""Time and peak memory of whole processes."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
MIB = 2**20

# A process as small as possible starts the one that is measured: Linux counts the memory of whoever starts a process
# as the least that the process ever had.
WRAPPER = """
import os, sys, time
start = time.perf_counter()
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, usage = os.wait4(pid, 0)
print(time.perf_counter() - start, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), status)
"""


class Process(NamedTuple):
    """One run of a process: seconds on the clock, bytes of memory at its peak."""

    seconds: float
    peak: int


class Outcome(NamedTuple):
    """What a benchmark found. `ratio` is compared with the budget; `against` says what it is a ratio of."""

    measured: str
    against: str
    ratio: float
    budget: float
    unit: str = "x"

    @property
    def ok(self) -> bool:
        return self.ratio <= self.budget


class NotMeasured(Exception):  # noqa: N818  (no error: a row says why it is empty)
    """Why a benchmark cannot run here."""


class Benchmark(NamedTuple):
    name: str
    what: str
    run: Callable[[Path], Outcome]


def run(command: Sequence[str | Path]) -> Process:
    """Runs a command in the checkout and measures it; a command that fails ends the benchmark."""
    wrapper = [sys.executable, "-I", "-S", "-c", WRAPPER, *map(str, command)]
    done = subprocess.run(wrapper, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, peak, status = done.stdout.split()
    if int(status) != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} failed: {done.stderr[-2000:]}")
    return Process(float(seconds), int(peak))


def python(*arguments: str | Path) -> Process:
    return run([sys.executable, *arguments])


def cnnspec(*arguments: str | Path) -> Process:
    """The command as its script starts it."""
    code = "import sys; from cnnspec.cli import main; sys.exit(main())"
    return python("-c", code, *arguments)


def in_turn(times: int, *actions: Callable[[], float]) -> list[float]:
    """The median of each action's figures, the actions taking turns: a busy moment of the machine meets them all."""
    figures: list[list[float]] = [[] for _ in actions]
    for _ in range(times):
        for kept, action in zip(figures, actions, strict=True):
            kept.append(action())
    return [statistics.median(kept) for kept in figures]


def report_of(*arguments: str | Path) -> dict[str, float]:
    """The JSON object that a Python process prints."""
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    report: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return report


def need_torch() -> None:
    from importlib.util import find_spec

    if find_spec("torch") is None:
        raise NotMeasured("PyTorch is missing: pip install 'cnnspec[peers]'")
