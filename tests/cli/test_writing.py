"""What `fmt`, `check --fix`, `--add-noqa` and `-o` do to files, and what they leave alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import GOOD, UGLY, Folder, folder

__all__ = ["folder"]

FIXABLE = "let a = 1\ninput 28x28x1\nconv 6, f=5\n"
CHANGING = [("fmt",), ("check", "--fix", "--unsafe-fixes"), ("check", "--add-noqa")]


@pytest.mark.parametrize("command", CHANGING, ids=lambda command: command[-1])
def test_a_read_only_file_is_left_and_the_others_are_done(command: tuple[str, ...], folder: Folder) -> None:
    texts = {"a.cnn": FIXABLE, "b.cnn": FIXABLE}
    for name, text in texts.items():
        folder.write(name, text.replace("let a = 1", "let  a = 1"))
    old = (folder.path / "a.cnn").read_bytes()
    (folder.path / "a.cnn").chmod(0o444)
    code, out, err = folder.call(*command, "a.cnn", "b.cnn")
    assert code == 1
    assert "error: a.cnn: cannot be written: the system does not permit it" in out + err
    assert (folder.path / "a.cnn").read_bytes() == old
    assert (folder.path / "b.cnn").read_bytes() != old


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_fmt_keeps_line_ends_and_the_byte_order_mark(mark: bytes, folder: Folder) -> None:
    path = folder.path / "windows.cnn"
    path.write_bytes(mark + GOOD.replace("\n", "\r\n").encode())
    assert folder.call("fmt", "--check", "windows.cnn")[:2] == (0, "1 file unchanged\n")
    path.write_bytes(mark + UGLY.replace("\n", "\r\n").encode())
    assert folder.call("fmt", "windows.cnn")[0] == 0
    data = path.read_bytes()
    assert data.startswith(mark + b"input 28x28x1\r\n")
    assert data.count(b"\r\n") == data.count(b"\n") == 2


@pytest.mark.parametrize(
    "text",
    [
        "input 28x28x1\nmaxpool 3 ; relu | abs ; relu | relu ; flatten | dense 3\n",
        "input 28x28x1\nconcat {\n branch {\n conv 3, 3 | batchnorm | relu | relu } }\nflatten | dense 3\n",
    ],
)
def test_what_is_allowed_stays_allowed_after_fmt(text: str, folder: Folder) -> None:
    folder.write("net.cnn", text)
    assert folder.call("check", "net.cnn")[0] == 1
    assert folder.call("check", "--add-noqa", "net.cnn")[0] == 0
    assert folder.call("check", "net.cnn")[0] == 0
    assert folder.call("fmt", "net.cnn")[0] == 0
    assert folder.call("check", "net.cnn")[0] == 0
    assert folder.call("fmt", "--check", "net.cnn")[0] == 0


def test_fmt_says_that_a_comment_would_get_lost(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder.write("net.cnn", "input  8  # why\n")
    folder.write("other.cnn", "input  8\n")
    monkeypatch.setattr("cnnspec.syntax.format._Writer._write_comments", lambda *_: None)
    code, out, _ = folder.call("fmt", "net.cnn", "other.cnn")
    assert code == 1
    assert "net.cnn: a comment would get lost" in out
    assert "1 file rewritten" in out
    assert path.read_text() == "input  8  # why\n"


@pytest.mark.parametrize("output", ["good.cnn", "./good.cnn", "blocks.cnn", "model.onnx", "input.txt"])
def test_a_report_takes_the_place_of_no_network(output: str, folder: Folder) -> None:
    path = folder.write("input.txt", GOOD)
    code, out, err = folder.call("check", "good.cnn", "input.txt", "-o", output)
    assert (code, out) == (2, "")
    assert "the output would take the place of" in err
    assert path.read_text() == (folder.path / "good.cnn").read_text() == GOOD


def test_a_model_does_not_take_the_place_of_its_spec(folder: Folder) -> None:
    assert folder.call("compile", "good.cnn", "-o", "good.cnn")[0] == 2
    assert (folder.path / "good.cnn").read_text() == GOOD


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("name", ["pipe.cnn", "pipe.onnx"])
def test_a_named_pipe_is_no_file(name: str, folder: Folder) -> None:
    os.mkfifo(folder.path / name)
    command = [sys.executable, "-m", "cnnspec", "check", name]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        command, cwd=folder.path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert f"`{name}` cannot be read: it is a pipe or a socket, not a file" in done.stdout


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_a_pipe_of_the_shell_is_read(folder: Folder) -> None:
    reading, writing = os.pipe()
    os.write(writing, GOOD.encode())
    os.close(writing)
    assert folder.call("check", f"/dev/fd/{reading}")[0] == 0
    os.close(reading)
