"""What all commands share: finding the command, exit codes, streams, faults."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import cnnspec
from cnnspec.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
GOOD = "input 28x28x1\nconv 6, f=5 | relu -> 24x24x6\n"
BAD = "input 4x4x1\nconv 6, f=5\n"


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "good.cnn"
    path.write_text(GOOD)
    return str(path)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    path = tmp_path / "bad.cnn"
    path.write_text(BAD)
    return str(path)


def process(*arguments: str, stdin: bytes | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "cnnspec", *arguments]
    return subprocess.run(
        command, cwd=ROOT, input=stdin, capture_output=True, check=False, env=os.environ | environment, timeout=60
    )


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"usage: cnnspec {name}" in out
    assert f"  cnnspec {name}" in out.partition("examples:")[2]
    assert "--debug" in out
    assert main(["help", name]) == 0


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"cnnspec {cnnspec.__version__}\n"


def test_nothing_and_an_unknown_command_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["chekc", "x.cnn"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no command `chekc`, did you mean `check`?" in captured.err
    assert main(["lenet.cnn"]) == 2
    assert "`cnnspec check lenet.cnn`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["check"], "required: FILE"),
        (["check", "--formt", "json", "x.cnn"], "did you mean --format?"),
        (["check", "--format", "yaml", "x.cnn"], "invalid choice: 'yaml'"),
        (["summary", "--set", "classes", "{spec}"], "--set takes NAME=VALUE, not `classes`"),
        (["summary", "--set", "classes=1O", "{spec}"], "`1O` is no number"),
        (["summary", "--depth", "0", "{spec}"], "--depth is 1 or more"),
        (["explain", "{spec}", "cnv1"], "did you mean `conv1`?"),
        (["explain", "{spec}", "77"], "no layer on line 77"),
        (["layers", "cnv"], "did you mean `conv`?"),
        (["rule", "E9"], "no code `E9`"),
        (["rule", "window-exceeds-inputs"], "did you mean `window-exceeds-input`?"),
    ],
)
def test_wrong_usage(arguments: list[str], word: str, spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([argument.format(spec=spec) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert word in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("command", ["check", "summary", "explain", "fmt"])
def test_a_missing_file_is_told_on_standard_output(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lenet5.cnn").write_text(GOOD)
    assert main([command, str(tmp_path / "lenet.cnn")]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("error[E100] unreadable-file: `")
    assert "did you mean `lenet5.cnn`?" in captured.out
    assert captured.err == ""


@pytest.mark.parametrize("command", ["summary", "explain"])
def test_a_folder_is_no_file(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lenet5.cnn").write_text(GOOD)
    assert main([command, str(tmp_path)]) == 1
    assert "is a folder, not a file" in capsys.readouterr().out


def test_a_fault_of_the_program_is_one_sentence(
    spec: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("first line\nsecond line")

    monkeypatch.setattr("cnnspec.api.check_source", broken)
    assert main(["check", spec]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert captured.err.startswith("cnnspec check: internal fault: ZeroDivisionError: first line\n")
    assert "Please report it" in captured.err
    for arguments in (["--debug", "check", spec], ["check", "--debug", spec]):
        assert main(arguments) == 2
        assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_no_fault(
    spec: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cnnspec.api.check_source", interrupted)
    assert main(["check", spec]) == 128 + signal.SIGINT
    assert capsys.readouterr().err == ""


def test_a_full_disk_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cnnspec", "--help"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert done.stderr == b"cnnspec: standard output cannot be written: No space left on device\n"


def test_a_reader_who_leaves_early_is_no_fault(tmp_path: Path) -> None:
    spec = tmp_path / "long.cnn"
    spec.write_text("input 8x8x8\nrepeat 5_000 { conv 8, f=1 | relu }\n")
    child = subprocess.Popen(
        [sys.executable, "-m", "cnnspec", "explain", str(spec)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.readline()
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(60) == 128 + signal.SIGPIPE


def test_the_module_is_the_command() -> None:
    done = process("--version")
    assert done.stdout.decode() == f"cnnspec {cnnspec.__version__}\n"


def test_colour_only_on_a_terminal(bad: str) -> None:
    assert b"\x1b[" not in process("check", bad).stdout


@pytest.mark.parametrize(
    ("environment", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_on_a_terminal(environment: dict[str, str], colored: bool, bad: str) -> None:
    pty = pytest.importorskip("pty")
    parent, child = pty.openpty()
    variables = {"TERM": "xterm"} | environment
    done = subprocess.run(
        [sys.executable, "-m", "cnnspec", "check", bad],
        cwd=ROOT,
        stdout=child,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "NO_COLOR"} | variables,
        timeout=60,
    )
    os.close(child)
    shown = os.read(parent, 65536)
    os.close(parent)
    assert done.returncode == 1
    assert (b"\x1b[" in shown) is colored


def test_a_terminal_without_unicode_fails_nothing(tmp_path: Path) -> None:
    spec = tmp_path / "names.cnn"
    spec.write_text("input 28x28x1\nadd skip\n", encoding="utf-8")
    done = process("check", str(spec), PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"E208" in done.stdout


def test_a_file_name_that_is_no_unicode(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.cnn"
    try:
        Path(os.fsdecode(name)).write_text(BAD)
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    for form in ("text", "concise", "json", "sarif", "github", "gitlab", "junit"):
        done = process("check", os.fsdecode(name), "--format", form)
        assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_language_may_be_given_before_and_after(language: str, spec: str) -> None:
    assert main(["--lang", language, "check", spec]) == 0
    assert main(["check", f"--lang={language}", spec]) == 0


def test_only_the_command_that_is_called_is_imported() -> None:
    code = (
        "import sys\nfrom cnnspec.cli import main\nmain(['rule', 'E301'])\n"
        "print(*(name for name in sys.modules if name.startswith('cnnspec.cli.')), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stderr.split()) == {"cnnspec.cli._common", "cnnspec.cli.rule"}
