"""The package as people install it: a wheel, an editable install and a plain checkout all find the grammar."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import cnnspec

ROOT = Path(__file__).parents[1]
SPEC = "input 28x28x1\nconv 10, f=5 -> 24x24x10\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def check(path: Path, spec: Path) -> subprocess.CompletedProcess[str]:
    """`cnnspec check` by a fresh process that finds the package in `path`, away from the checkout."""
    code = "import sys, cnnspec.cli; print(cnnspec.__file__); sys.exit(cnnspec.cli.main())"
    command = [sys.executable, "-c", code, "check", str(spec)]
    environment = os.environ | {"PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=spec.parent, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "one.cnn"
    path.write_text(SPEC)
    return path


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"cnnspec/__init__.py", "cnnspec/py.typed", "cnnspec/grammar/cnnspec.lark"} <= set(names)
    tops = {name.split("/")[0] for name in names}
    assert tops == {"cnnspec", f"cnnspec-{cnnspec.__version__}.dist-info"}
    assert not [name for name in names if name.endswith((".pyc", ".so")) or "__pycache__" in name]


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "cnnspec"
    files = {path.relative_to(ROOT).as_posix() for path in package.rglob("*") if path.suffix in {".py", ".md", ".mo"}}
    assert "cnnspec/locale/fr/LC_MESSAGES/cnnspec.mo" in files
    assert files <= names


def test_an_installed_wheel_finds_its_grammar(wheel: Path, spec: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    done = check(site, spec)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(str(site))


def test_a_plain_checkout_finds_its_grammar(spec: Path) -> None:
    done = check(ROOT, spec)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(str(ROOT))
