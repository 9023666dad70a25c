"""`cnnspec check model.onnx`: formats, selection, folders, standard input, and what stays without onnx."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import onnx
import pytest

import cnnspec
from tests.cli.test_commands import Folder, folder
from tests.onnx.graphs import Graph

__all__ = ["folder"]


def good() -> onnx.ModelProto:
    return cnnspec.loads("input 28x28x1\nconv 12, f=5 | relu | conv 2, f=3", "good.cnn").to_onnx()


def broken() -> onnx.ModelProto:
    g = Graph()
    stem = g.conv("x", 4, 3, name="stem")
    return g.model(g.add("MaxPool", stem, name="pool", kernel_shape=[20, 20]))


def doubtful() -> onnx.ModelProto:
    """Columns are dropped, and an activation comes twice."""
    return cnnspec.loads("input 11x11x1\nmaxpool 2 | relu | relu | conv 4, f=3").to_onnx()


@pytest.fixture(autouse=True)
def files(folder: Folder) -> None:
    for name, model in {"good": good(), "broken": broken(), "doubtful": doubtful()}.items():
        onnx.save(model, str(folder.path / f"{name}.onnx"))


def test_a_good_model(folder: Folder) -> None:
    net = cnnspec.loads("input 28x28x1\nconv 12, f=5 | relu | conv 2, f=3")
    closing = f"all good: 3 layers, {net.params:,} parameters, {net.macs:,} MACs\n"
    assert folder.call("check", "good.onnx") == (0, closing, "")


def test_the_node_stands_where_the_line_would(folder: Folder) -> None:
    code, out, _ = folder.call("check", "broken.onnx")
    assert code == 1
    assert out == (
        "error[E301] window-exceeds-input: the window 20x20 is larger than the input 6x6\n"
        "  --> broken.onnx:2:21\n"
        "   |\n"
        " 1 | stem: Conv(x, w1)\n"
        "   | ----------------- gives 6x6x4\n"
        " 2 | pool: MaxPool(stem) kernel_shape=[20, 20]\n"
        "   |                     ^^^^^^^^^^^^^^^^^^^^^ needs at least 20x20\n"
        "   |\n"
        "   = (n + 2p - f)/s + 1 = (6 + 2*0 - 20)/1 + 1 = -13\n"
        "   = help: use f=6 or smaller, or p=7\n"
        "\n"
        "1 error\n"
    )


def test_short_forms_name_the_node(folder: Folder) -> None:
    message = "pool (MaxPool): the window 20x20 is larger than the input 6x6"
    assert folder.call("check", "broken.onnx", "--format", "concise")[1] == f"broken.onnx:2:21: E301 {message}\n"
    (found,) = json.loads(folder.call("check", "broken.onnx", "--format", "json")[1])
    assert (found["message"], found["location"], found["fix"]) == (message, {"row": 2, "column": 21}, None)


@pytest.mark.parametrize("form", ["github", "gitlab", "junit", "sarif", "json-lines"])
def test_every_form(form: str, folder: Folder) -> None:
    code, out, err = folder.call("check", "broken.onnx", "--format", form)
    assert (code, err) == (1, "")
    assert "broken.onnx" in out
    assert "pool (MaxPool)" in out


def codes(folder: Folder, *arguments: str) -> tuple[int, list[str]]:
    code, out, _ = folder.call("check", *arguments, "--format", "concise")
    return code, sorted(line.split()[1] for line in out.splitlines())


def test_findings_are_selected_as_of_texts(folder: Folder) -> None:
    assert codes(folder, "doubtful.onnx") == (1, ["W203", "W301"])
    assert codes(folder, "doubtful.onnx", "--select", "W3") == (1, ["W301"])
    assert codes(folder, "doubtful.onnx", "--ignore", "W") == (0, [])
    assert codes(folder, "doubtful.onnx", "--exit-zero")[0] == 0
    folder.write("cnnspec.toml", '[per-file-ignores]\n"*.onnx" = ["W203"]\n')
    assert codes(folder, "doubtful.onnx") == (1, ["W301"])


def test_findings_offer_no_fix(folder: Folder) -> None:
    _, out, _ = folder.call("check", "doubtful.onnx", "--format", "json")
    assert {d["fix"] for d in json.loads(out)} == {None}
    assert "--fix" not in folder.call("check", "doubtful.onnx")[1]
    code, _, err = folder.call("check", "--fix", "doubtful.onnx")
    assert code == 2
    assert "`doubtful.onnx` has none" in err


def test_texts_and_models_together(folder: Folder) -> None:
    assert codes(folder, "good.cnn", "broken.onnx", "bad.cnn") == (1, ["E203", "E301", "E301"])


def test_folders(folder: Folder) -> None:
    """In a folder are its .cnn files; where it has none, its .onnx files."""
    assert "E301 pool" not in folder.call("check", ".", "--format", "concise")[1]
    (folder.path / "models").mkdir()
    os.rename("broken.onnx", "models/broken.onnx")
    assert codes(folder, "models") == (1, ["E301"])
    assert folder.call("fmt", "models")[0] == 1


def test_standard_input(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def give(model: onnx.ModelProto) -> None:
        stream: Any = io.BufferedReader(io.BytesIO(model.SerializeToString()))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))

    give(broken())
    assert codes(folder, "-") == (1, ["E301"])
    give(broken())
    assert "u.onnx:2:21" in folder.call("check", "-", "--stdin-filename", "u.onnx")[1]


@pytest.mark.parametrize("data", [b"", b"\x08\x08", b"conv 6, f=5\n"])
def test_files_that_are_no_models(data: bytes, folder: Folder) -> None:
    (folder.path / "none.onnx").write_bytes(data)
    code, out, err = folder.call("check", "none.onnx")
    assert (code, err) == (1, "")
    assert out.startswith("error[E100] unreadable-file: `none.onnx` ")


def test_a_missing_file(folder: Folder) -> None:
    code, out, _ = folder.call("check", "god.onnx")
    assert code == 1
    assert "did you mean `good.onnx`?" in out


def test_texts_are_checked_without_onnx(folder: Folder) -> None:
    probe = "import sys; from cnnspec.cli import main; main(['check', 'good.cnn']); print('onnx' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.endswith("False\n")
