"""A missing, a changed and an orphaned golden file each fail the run; `--update` mends all three."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TEST = """
def test_one(golden):
    golden("one\\n", "one.txt")
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_sample.py").write_text(TEST)
    return tmp_path


def run(suite: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        "--rootdir",
        ".",
        *arguments,
    ]
    return subprocess.run(command, cwd=suite, capture_output=True, text=True, check=False)


def test_missing_and_changed_golden_files_fail_until_updated(suite: Path) -> None:
    missing = run(suite)
    assert missing.returncode == 1
    assert "missing golden file" in missing.stdout

    assert run(suite, "--update").returncode == 0
    golden = suite / "goldens" / "test_sample" / "one.txt"
    assert golden.read_text() == "one\n"
    assert run(suite).returncode == 0

    golden.write_text("two\n")
    assert run(suite).returncode == 1


def test_an_orphaned_golden_file_fails_the_run_until_updated(suite: Path) -> None:
    run(suite, "--update")
    orphan = suite / "goldens" / "test_sample" / "old.txt"
    orphan.write_text("old\n")
    found = run(suite)
    assert found.returncode == 1
    assert "ORPHAN" in found.stdout
    assert run(suite, "test_sample.py::test_one").returncode == 0  # a part of the module proves nothing
    assert run(suite, "--update").returncode == 0
    assert not orphan.exists()
