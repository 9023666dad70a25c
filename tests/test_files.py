"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnnspec.files import Ended, FileProblem, check_space, end, replacing, show_bytes


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def half_write(target: Path, error: BaseException) -> None:
    with replacing(target) as stream:
        stream.write(b"half")
        raise error


def test_a_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    with replacing(target) as stream:
        stream.write(b"new")
        assert not target.exists()
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["model.onnx"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_whatever_ends_the_block_early_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "model.onnx"
    target.write_bytes(b"old")
    with pytest.raises(error):
        half_write(target, error())
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["model.onnx"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    target.write_bytes(b"old")
    with pytest.raises(FileProblem, match="cannot be written: no space left") as caught:
        half_write(target, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert caught.value.path == str(target)
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["model.onnx"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, the disk that is always full")
def test_a_device_is_written_directly() -> None:
    with pytest.raises(FileProblem, match="no space left"), replacing("/dev/full") as stream:
        stream.write(b"x" * 100_000)
    with replacing("/dev/null") as stream:
        stream.write(b"x")
    assert not Path("/dev/null").is_file()


HALF_WRITTEN = """
import sys, time
from cnnspec.files import replacing
with replacing(sys.argv[1]) as stream:
    stream.write(b"half" * 100_000)
    stream.flush()
    print("written", flush=True)
    time.sleep(60)
"""


def test_a_killed_program_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    target.write_bytes(b"old")
    command = [sys.executable, "-c", HALF_WRITTEN, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert target.read_bytes() == b"old"


TOO_LARGE = """
import resource, sys
from cnnspec.files import FileProblem, replacing
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with replacing(sys.argv[1]) as stream:
        for _ in range(100):
            stream.write(bytes(10_000))
except FileProblem as problem:
    print(problem.problems[0])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on file sizes")
def test_a_limit_of_the_system_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    target.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", TOO_LARGE, str(target)], capture_output=True, text=True, check=True)
    assert done.stdout == "cannot be written: file too large\n"
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["model.onnx"]


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="this is a folder"), replacing(tmp_path):
        pass


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="its folder does not exist") as caught, replacing(tmp_path / "a" / "b.onnx"):
        pass
    assert caught.value.help == "make the folder first"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    with replacing(tmp_path / "link") as stream:
        stream.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="needs the permissions of Unix")
def test_permissions_stay_as_they_were(tmp_path: Path) -> None:
    target = tmp_path / "model.onnx"
    target.write_bytes(b"old")
    target.chmod(0o640)
    with replacing(target) as stream:
        stream.write(b"new")
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="needs the permissions of Unix")
def test_a_read_only_file_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "net.cnn"
    target.write_bytes(b"old")
    target.chmod(0o444)
    with pytest.raises(FileProblem, match="cannot be written: the system does not permit it"), replacing(target):
        pass
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["net.cnn"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs the permissions of Unix")
def test_a_file_that_belongs_to_somebody_else_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "net.cnn"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(FileProblem, match="does not permit it"), replacing(target):
        pass
    assert target.read_bytes() == b"old"


def test_all_names_of_a_file_see_the_new_content(tmp_path: Path) -> None:
    one, other = tmp_path / "one.cnn", tmp_path / "other.cnn"
    one.write_bytes(b"a longer old text")
    other.hardlink_to(one)
    with replacing(one) as stream:
        stream.write(b"new")
    assert one.samefile(other)
    assert other.read_bytes() == b"new"
    assert names(tmp_path) == ["one.cnn", "other.cnn"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    target = tmp_path / "net.cnn"
    target.write_bytes(b"old")
    os.chown(target, 12345, 12345)
    with replacing(target) as stream:
        stream.write(b"new")
    assert (target.stat().st_uid, target.stat().st_gid) == (12345, 12345)
    assert target.read_bytes() == b"new"


def test_too_little_space_is_said_beforehand(tmp_path: Path) -> None:
    check_space(tmp_path / "small", 1)
    with pytest.raises(FileProblem, match=r"this takes 1\.0 EB, and the disk has"):
        check_space(tmp_path / "large", 10**18)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (246_824, "246.8 kB"),
        (553_430_176, "553.4 MB"),
        (12_288 * 10**6, "12.3 GB"),
    ],
)
def test_bytes_as_people_say_them(count: int, text: str) -> None:
    assert show_bytes(count) == text


@pytest.mark.skipif(sys.platform == "win32", reason="needs the processes of Unix")
def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    of_the_dead = tmp_path / f".model.onnx.{ended.pid}-0123abcd.tmp"
    of_the_living = tmp_path / f".model.onnx.{os.getpid()}-0123abcd.tmp"
    of_another_file = tmp_path / f".other.onnx.{ended.pid}-0123abcd.tmp"
    for leftover in (of_the_dead, of_the_living, of_another_file):
        leftover.write_bytes(b"half")
    with replacing(tmp_path / "model.onnx") as stream:
        stream.write(b"whole")
    assert not of_the_dead.exists()
    assert of_the_living.exists()
    assert of_another_file.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs the signals of Unix")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_compile_that_is_ended_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "large.cnn").write_text("input 100_000\ndense 8_000\n")
    command = [sys.executable, "-m", "cnnspec", "compile", "large.cnn", "-o", "large.onnx"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL) as process:
        while not list(tmp_path.glob(".large.onnx*")) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait() == 128 + number
    assert [path.name for path in tmp_path.iterdir()] == ["large.cnn"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_falls_into_a_finalizer_is_not_lost(tmp_path: Path) -> None:
    class Dying:
        def __del__(self) -> None:
            end(signal.SIGTERM)

    def write() -> None:
        with replacing(tmp_path / "model.onnx") as stream:
            stream.write(b"whole")
            dying = [Dying()]
            dying.clear()  # what it raises is only printed

    with pytest.raises(Ended) as ended:
        write()
    assert ended.value.number == signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
    with replacing(tmp_path / "model.onnx") as stream:
        stream.write(b"whole")
