"""The worker holds its limits, whatever is done in it, and another takes its place when it dies."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnspec.teaching.grading import guard
from cnnspec.teaching.grading.guard import Died, Worker

FRESH = "from tests.teaching.test_guard import serve_fresh; serve_fresh()"
HERE = Path(__file__)


def answer(request: bytes) -> bytes:
    """Does what an answer could make us do if we had a hole."""
    what, _, rest = request.decode().partition(" ")
    return str(DEEDS[what](rest)).encode()


def loop(_: str) -> None:
    while True:
        pass


def hoard(megabytes: str) -> int:
    return len(b"x" * (int(megabytes) * 2**20))


def pile(_: str) -> None:
    found: list[list[int]] = []
    while True:
        found.append([0] * 100_000)


def refused(deed) -> str:
    try:
        deed()
    except PermissionError:
        return "refused"
    return "done"


DEEDS = {
    "echo": lambda rest: rest,
    "pid": lambda _: os.getpid(),
    "loop": loop,
    "power": lambda _: 9**9**9,
    "hoard": hoard,
    "pile": pile,
    "die": lambda _: os._exit(3),
    "large": lambda size: "x" * int(size),
    "read": lambda path: refused(lambda: Path(path).read_text(encoding="utf-8")),
    "write": lambda path: refused(lambda: Path(path).write_text("x", encoding="utf-8")),
    "remove": lambda path: refused(lambda: Path(path).unlink()),
    "run": lambda _: refused(lambda: subprocess.run([sys.executable, "-c", ""], check=False)),
    "system": lambda _: refused(lambda: os.system("true")),
    "call": lambda _: refused(socket.socket),
    "keep": lambda _: refused(lambda: os.mkdir("folder_of_test_guard")),
    "import": lambda _: __import__("colorsys").__name__,
}


def serve_fresh() -> None:
    requests, replies = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    readable = guard.first_frame(requests).decode().split("\n")
    guard.ready(replies)
    guard.serve(requests, replies, answer, readable)


@pytest.fixture(params=["forked", "fresh"])
def worker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    if request.param == "fresh":
        monkeypatch.setattr(guard, "can_fork", lambda: False)
    elif not guard.can_fork():
        pytest.skip("processes are not forked here")
    readable = [str(HERE.with_name("__init__.py"))]
    with Worker(answer, FRESH, lambda: "\n".join(readable).encode(), readable) as one:
        yield one


def test_it_answers_in_the_same_process_again_and_again(worker: Worker) -> None:
    first = worker.ask(b"pid")
    assert first != str(os.getpid()).encode()
    assert [worker.ask(f"echo {i}".encode()) for i in range(50)] == [str(i).encode() for i in range(50)]
    assert worker.ask(b"pid") == first
    assert worker.starts == 1
    assert len(worker.ask(b"large 1000000")) == 1_000_000
    assert worker.ask(b"echo " + b"y" * 1_000_000) == b"y" * 1_000_000


@pytest.mark.parametrize("deed", [b"loop", b"power"])
def test_what_takes_too_long_is_ended_and_the_next_is_answered(worker: Worker, deed: bytes) -> None:
    worker.ask(b"echo ready")
    with pytest.raises(Died) as death:
        worker.ask(deed, seconds=0.5)
    assert death.value.why == "time"
    assert worker.ask(b"echo on") == b"on"
    assert worker.starts == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is limited on Linux")
@pytest.mark.parametrize("deed", [b"hoard 400", b"pile"])
def test_what_takes_too_much_memory_is_ended(worker: Worker, deed: bytes) -> None:
    with pytest.raises(Died) as death:
        worker.ask(deed, seconds=20)
    assert death.value.why == "memory"
    assert worker.ask(b"hoard 20") == str(20 * 2**20).encode()


def test_a_process_that_dies_is_replaced(worker: Worker) -> None:
    for _ in range(2):
        with pytest.raises(Died) as death:
            worker.ask(b"die")
        assert death.value.why == "died"
    assert worker.ask(b"echo on") == b"on"


def test_files_are_neither_read_nor_written(worker: Worker, tmp_path: Path) -> None:
    secret = tmp_path / "secret.cnn"
    secret.write_text("x")
    code = tmp_path / "secret.py"
    code.write_text("x")
    link = Path(__file__).with_name("link_of_test_guard.py")
    for deed, path in (
        ("read", secret),
        ("read", "/etc/passwd"),
        ("read", code),
        ("read", HERE.parents[2] / "pyproject.toml"),
        ("write", secret),
        ("remove", secret),
    ):
        assert worker.ask(f"{deed} {path}".encode()) == b"refused", (deed, path)
    assert worker.ask(f"write {link}".encode()) == b"refused"
    assert worker.ask(f"write {HERE.with_name('__init__.py')}".encode()) == b"refused"
    assert worker.ask(f"read {HERE.with_name('__init__.py')}".encode()) == b"done"
    assert secret.read_text() == "x"
    assert worker.starts == 1


@pytest.mark.parametrize("deed", [b"run", b"system", b"call", b"keep"])
def test_nothing_is_started_nor_called(worker: Worker, deed: bytes) -> None:
    assert worker.ask(deed) == b"refused"


def test_code_is_loaded_when_it_is_needed(worker: Worker) -> None:
    assert worker.ask(b"import") == b"colorsys"


def test_no_process_is_left(worker: Worker) -> None:
    number = int(worker.ask(b"pid"))
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_worker_whose_program_is_gone_ends(tmp_path: Path) -> None:
    code = (
        "import os\nfrom tests.teaching.test_guard import *\n"
        "worker = Worker(answer, FRESH, lambda: b'')\n"
        "print(int(worker.ask(b'pid')), flush=True)\nos._exit(0)"
    )
    root = HERE.parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    number = int(done.stdout)
    for _ in range(100):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{number}/status").is_file() and "(zombie)" in Path(f"/proc/{number}/status").read_text():
            return
        time.sleep(0.05)
    pytest.fail("the worker goes on")
