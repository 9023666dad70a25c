"""The shape of the program: which room may import which, and what stays out of a quick start."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cnnspec"
MODULES = sorted(PACKAGE.rglob("*.py"))

# The rooms from the ground up. A room imports from its own floor only itself, and whatever lies below.
FLOORS = (
    ("language",),
    ("record", "codes", "values", "suggest", "files", "version"),
    ("source",),
    ("diagnostics", "symbolic"),
    ("solving",),
    ("sizes", "reach"),
    ("syntax", "layers"),
    ("network",),
    ("fields", "memory"),
    ("figures",),
    ("elaborate",),
    ("smallest",),
    ("lint", "report"),
    ("config",),
    ("weights",),
    ("onnx",),
    ("runtime",),
    ("teaching",),
    ("api",),
    ("__init__",),
    ("notebook",),
    ("editing",),
    ("lsp", "pygments_lexer"),
    ("cli",),
    ("__main__",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Packages that only some places may import.
FENCED = {
    "lark": ("syntax/",),
    "onnx": ("onnx/",),
    "onnxruntime": ("runtime/session.py",),
    "pygments": ("pygments_lexer.py",),
    "pygls": ("lsp/",),
    "lsprotocol": ("lsp/",),
    "torch": (),
    "tensorflow": (),
    "pickle": (),
    "marshal": (),
    "shelve": (),
}
HEAVY = ("numpy", "onnx", "onnxruntime", "pydantic", "PIL", "safetensors", "tqdm")
LONGEST = 500


class Import(NamedTuple):
    """One import: `module` as a dotted name, the line, and whether it is for the type checker only."""

    module: str
    line: int
    typing: bool = False


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


def room_of(module: str) -> str:
    """`cnnspec.layers.conv` lies in the room `layers`; `cnnspec` itself is `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports_of(path: Path) -> Iterator[Import]:
    """Every import of a file, inside functions too."""
    tree = tree_of(path)
    conditional = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    typing = {id(inner) for node in conditional for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, id(node) in typing) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (Import(module, node.lineno, id(node) in typing) for module in targets_of(node, path))


def targets_of(node: ast.ImportFrom, path: Path) -> Iterator[str]:
    """`from cnnspec import sizes` imports the room `sizes`, `from cnnspec import load` the public names."""
    base = node.module or ""
    if node.level:
        package = path.relative_to(ROOT).parent.parts
        base = ".".join((*package[: len(package) - node.level + 1], *([node.module] if node.module else [])))
    if base != "cnnspec":
        yield base
        return
    for alias in node.names:
        yield f"cnnspec.{alias.name}" if alias.name in FLOOR else "cnnspec"


def calls_of(path: Path) -> Iterator[Import]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield Import(node.func.id, node.lineno)


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_there_is_something_to_look_at() -> None:
    assert MODULES


def test_every_room_has_its_floor() -> None:
    rooms = {path.stem if path.parent == PACKAGE else path.relative_to(PACKAGE).parts[0] for path in MODULES}
    assert rooms <= FLOOR.keys(), "give the new room its floor in FLOORS"


def test_imports_go_downwards() -> None:
    upward = []
    for path in MODULES:
        room = room_of(name_of(path))
        for module, line, _ in imports_of(path):
            if module.split(".")[0] != "cnnspec":
                continue
            other = room_of(module)
            if other != room and FLOOR.get(other, len(FLOORS)) >= FLOOR[room]:
                upward.append(f"{place(path, line)}: {room} imports {other}")
    assert not upward


@pytest.mark.parametrize("package", FENCED)
def test_fenced_packages_stay_behind_their_fence(package: str) -> None:
    allowed = FENCED[package]
    outside = [
        place(path, line)
        for path in MODULES
        if not path.relative_to(PACKAGE).as_posix().startswith(allowed or ("nowhere/",))
        for module, line, typing in imports_of(path)
        if module.split(".")[0] == package and not typing
    ]
    assert not outside


def test_layers_are_plain_python() -> None:
    """A kind describes itself; it is handed what it needs."""
    foreign = [
        f"{place(path, line)}: {module}"
        for path in MODULES
        if path.is_relative_to(PACKAGE / "layers")
        for module, line, _ in imports_of(path)
        if module.split(".")[0] not in {"cnnspec", *sys.stdlib_module_names}
    ]
    assert not foreign


def streams_of(path: Path) -> Iterator[Import]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys":
            yield Import(f"sys.{node.attr}", node.lineno)


def test_only_the_commands_print() -> None:
    speaking = {"print", "input", "sys.stdout", "sys.stderr", "sys.stdin", "sys.exit"}
    printing = [
        f"{place(path, line)}: {name}"
        for path in MODULES
        if not path.is_relative_to(PACKAGE / "cli") and path.stem != "__main__"
        for name, line, _ in (*calls_of(path), *streams_of(path))
        if name in speaking
    ]
    assert not printing


def test_nothing_is_executed() -> None:
    running = [
        f"{place(path, line)}: {name}"
        for path in MODULES
        for name, line, _ in calls_of(path)
        if name in {"eval", "exec", "__import__"}
    ]
    assert not running


def test_modules_stay_readable() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def modules_after(code: str) -> set[str]:
    """The top-level packages that a fresh process has loaded after running the code."""
    report = f"import sys\n{code}\nprint(*{{name.split('.')[0] for name in sys.modules}}, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", report], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return set(done.stderr.split())


def test_importing_cnnspec_loads_nothing_heavy() -> None:
    assert "cnnspec" in (loaded := modules_after("import cnnspec"))
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("command", ["check", "summary", "explain"])
def test_reading_a_network_loads_nothing_heavy(command: str, tmp_path: Path) -> None:
    spec = tmp_path / "one.cnn"
    spec.write_text("input 28x28x1\nconv 10, f=5 | relu | maxpool 2 -> 12x12x10\nexpect params == 260\n")
    code = f"from cnnspec.cli import main\ncode = main({[command, str(spec)]!r})\nassert code in (0, None), code"
    assert "cnnspec" in (loaded := modules_after(code))
    assert loaded.isdisjoint(HEAVY)
