"""Measures every budget and prints a table: `python -m benchmarks [--only NAME] [--json]`.

Exits with 1 where a budget is passed. A row that cannot be measured here says why, and is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import checking, compiling, editing, grading, inference
from benchmarks.measure import Benchmark, NotMeasured

ALL = [
    *checking.BENCHMARKS,
    *compiling.BENCHMARKS,
    *inference.BENCHMARKS,
    *grading.BENCHMARKS,
    *editing.BENCHMARKS,
]
COLUMNS = "{:<22}{:<66}{:>10}{:>12}{:>13}{:>13}  {}"


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    chosen = [one for one in ALL if not options.only or any(one.name.startswith(name) for name in options.only)]
    if not options.json:
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}\n")
        print(COLUMNS.format("name", "what", "measured", "against", "ratio", "budget", "ok"))
    with tempfile.TemporaryDirectory(prefix="cnnspec-benchmarks-") as folder:
        precompile(Path(folder))
        rows = [measure(one, Path(folder), options.json) for one in chosen]
    if options.json:
        print(json.dumps(rows, indent=2))
    return int(any(row["ok"] is False for row in rows))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the budgets of cnnspec.")
    parser.add_argument("--only", action="append", metavar="NAME", help="rows whose name begins so (may be repeated)")
    parser.add_argument("--json", action="store_true", help="print one JSON list instead of the table")
    return parser.parse_args(arguments)


def precompile(folder: Path) -> None:
    """Keeps compiled modules in the folder: an installed program has them, a checkout may not."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "pycache")


def measure(benchmark: Benchmark, folder: Path, quiet: bool) -> dict[str, Any]:
    """Runs one benchmark and prints its row."""
    row: dict[str, Any] = {"name": benchmark.name, "what": benchmark.what, "ok": None}
    try:
        outcome = benchmark.run(folder)
    except NotMeasured as reason:
        row["skipped"] = str(reason)
        cells = ("", "", "", "", f"not measured: {reason}")
    except (RuntimeError, OSError, AssertionError) as failure:
        row |= {"failed": str(failure), "ok": False}
        cells = ("", "", "", "", f"FAILED: {str(failure).splitlines()[-1]}")
    else:
        row |= outcome._asdict() | {"ok": outcome.ok}
        ratio, budget = (f"{figure:.3g} {outcome.unit}" for figure in (outcome.ratio, outcome.budget))
        cells = (outcome.measured, outcome.against, ratio, budget, "yes" if outcome.ok else "NO")
    if not quiet:
        print(COLUMNS.format(benchmark.name, benchmark.what, *cells), flush=True)
    return row


if __name__ == "__main__":
    sys.exit(main())
