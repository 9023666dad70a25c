"""A process of its own for what is hostile until read: limited memory and time, no files, and a new one when it dies.

The program and its worker speak in frames of bytes over two pipes, so that nothing is ever unpickled. Where a process
can be forked, the worker starts with everything that is loaded and computed; elsewhere it is a fresh interpreter.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import BinaryIO, NoReturn, Self

SECONDS = 2.0
LONGEST = 30.0  # that is ever asked for
MEMORY = 200 * 2**20
SECONDS_TO_START = 60.0
LARGEST_FRAME = 64 * 2**20

_PACKAGE = str(Path(__file__).resolve().parents[2])
_GONE = -1
_EXHAUSTED = b"\x00memory"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CODE = (".py", ".pyc", ".so", ".pyd", ".mo", ".lark", ".tables", ".md")
_REFUSED = ("socket.", "subprocess.", "os.exec", "os.spawn", "os.posix_spawn", "shutil.", "ctypes.dlopen", "tempfile.")
_REFUSED_EVENTS = frozenset(
    {
        *("os.system", "os.fork", "os.forkpty", "os.startfile", "os.kill", "os.putenv", "os.unsetenv"),
        *(
            "os.remove",
            "os.rename",
            "os.mkdir",
            "os.rmdir",
            "os.link",
            "os.symlink",
            "os.truncate",
            "os.chmod",
            "os.chown",
        ),
    }
)

Answer = Callable[[bytes], bytes]


class Died(Exception):  # noqa: N818  (it is told, not raised to a user)
    """The worker gave no answer: `why` is "time", "memory" or "died"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Worker:
    """Answers requests one at a time. `answer` is what a forked worker calls; another one runs the code `fresh` in a
    new interpreter, which gets `setup` as its first frame and answers it when it is ready.
    """

    def __init__(self, answer: Answer, fresh: str, setup: Callable[[], bytes], readable: Collection[str] = ()) -> None:
        self.answer = answer
        self.fresh = fresh
        self.setup = setup
        self.readable = readable
        self.starts = 0
        self._process: _Forked | _Fresh | None = None

    def ask(self, request: bytes, seconds: float = SECONDS) -> bytes:
        """What the worker answers. Raises Died where it gives none in that time."""
        process = self._ready()
        try:
            reply = process.ask(request, seconds)
        except Died:
            self.close()
            raise
        if reply == _EXHAUSTED:
            self.close()
            raise Died("memory")
        return reply

    def _ready(self) -> _Forked | _Fresh:
        if self._process is not None and not self._process.alive:
            self.close()
        if self._process is None:
            self.starts += 1
            self._process = _Forked(self.answer, self.readable) if can_fork() else _Fresh(self.fresh, self.setup())
        return self._process

    def close(self) -> None:
        """Ends the process; another `ask` starts a new one."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def can_fork() -> bool:
    """Whether a process can be forked here and is safe to: with no other thread, which could hold a lock for ever."""
    return hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1


# --- the program's side ----------------------------------------------------------------------------------------------


class _Process:
    """Two pipes to a process, and a watchdog that kills it."""

    def __init__(self, to: BinaryIO, back: BinaryIO) -> None:
        self.to = to
        self.back = back
        self.alive = True

    def ask(self, request: bytes, seconds: float) -> bytes:
        watchdog = threading.Timer(seconds, self.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            _write(self.to, request)
            reply = _read(self.back)
        except (OSError, ValueError):
            reply = None
        finally:
            watchdog.cancel()
            watchdog.join()
        if reply is None:
            late = not self.alive
            self.alive = False
            raise Died("time" if late else "died")
        return reply

    def kill(self) -> None:
        raise NotImplementedError

    def end(self) -> None:
        raise NotImplementedError


class _Forked(_Process):
    def __init__(self, answer: Answer, readable: Collection[str]) -> None:
        request, to = os.pipe()
        back, reply = os.pipe()
        with warnings.catch_warnings():  # of threads of libraries: the worker calls none of them
            warnings.simplefilter("ignore", DeprecationWarning)
            self.number = os.fork()
        if self.number == 0:
            _run_forked(answer, readable, (request, reply), (to, back))
        os.close(request)
        os.close(reply)
        super().__init__(os.fdopen(to, "wb"), os.fdopen(back, "rb"))

    def kill(self) -> None:
        import signal

        self.alive = False
        os.kill(self.number, signal.SIGKILL)

    def end(self) -> None:
        if self.number != _GONE:
            self.kill()
            os.waitpid(self.number, 0)
            self.number = _GONE
            _close(self.to, self.back)


class _Fresh(_Process):
    def __init__(self, code: str, setup: bytes) -> None:
        root = os.path.dirname(_PACKAGE)
        path = os.pathsep.join(one for one in (root, os.environ.get("PYTHONPATH", "")) if one)
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", code],  # -P: modules of the current folder, perhaps of students, are not run
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        super().__init__(self.process.stdin, self.process.stdout)  # type: ignore[arg-type]
        self.ask(setup, SECONDS_TO_START)

    def kill(self) -> None:
        self.alive = False
        self.process.kill()

    def end(self) -> None:
        self.kill()
        self.process.wait()
        _close(self.to, self.back)


def _close(*streams: BinaryIO) -> None:
    for stream in streams:
        try:
            stream.close()
        except OSError:  # what was still to be written has no reader any more
            continue


# --- frames ----------------------------------------------------------------------------------------------------------


def _write(stream: BinaryIO, content: bytes) -> None:
    stream.write(len(content).to_bytes(4, "big") + content)
    stream.flush()


def _read(stream: BinaryIO) -> bytes | None:
    """The next frame; None where the other side is gone."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    length = int.from_bytes(head, "big")
    content = stream.read(length) if length <= LARGEST_FRAME else b""
    return content if len(content) == length else None


# --- the worker's side -----------------------------------------------------------------------------------------------


def _run_forked(answer: Answer, readable: Collection[str], own: tuple[int, int], others: tuple[int, int]) -> NoReturn:
    """The life of a forked worker. It ends here: nothing that the program has still to do is done twice."""
    import signal

    code = 1
    try:
        for number in others:
            os.close(number)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program hears it and ends the worker
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        serve(os.fdopen(own[0], "rb"), os.fdopen(own[1], "wb"), answer, readable)
        code = 0
    finally:
        os._exit(code)


def serve(requests: BinaryIO, replies: BinaryIO, answer: Answer, readable: Collection[str] = ()) -> None:
    """Answers frame after frame until there are no more, or memory is exhausted; it may read code, and `readable`."""
    limit_memory()
    confine(readable)
    while (request := _read(requests)) is not None:
        limit_time()
        try:
            reply = answer(request)
        except MemoryError:
            _write(replies, _EXHAUSTED)
            return
        _write(replies, reply)


def first_frame(stream: BinaryIO) -> bytes:
    """What a fresh worker is told before all."""
    return _read(stream) or b""


def ready(stream: BinaryIO) -> None:
    """Says that a fresh worker has started."""
    _write(stream, b"ready")


def limit_memory() -> None:
    """Holds this process to MEMORY, as far as the system can; no core, no file that grows."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    try:
        with open("/proc/self/statm", "rb") as file:
            pages, resident = (int(word) * resource.getpagesize() for word in file.read().split()[:2])
    except OSError:  # no Linux: its address space says little
        return
    _limit(resource.RLIMIT_AS, pages + max(MEMORY - resident, MEMORY // 4))


def limit_time() -> None:
    """The watchdog is the program's; this is for the case that the program is gone."""
    try:
        import resource
    except ImportError:
        return
    _limit(resource.RLIMIT_CPU, int(time.process_time()) + int(LONGEST) + 2)


def _limit(what: int, most: int) -> None:
    import resource

    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(what, (most, hard))
    except (ValueError, OSError):  # the system does not have this limit: the others hold
        return


def confine(readable: Collection[str]) -> None:
    """From now on this process opens no files but code and those named, starts nothing and speaks to nobody."""
    files = frozenset(map(os.path.realpath, readable))
    folders = {
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        os.path.dirname(os.__file__),
        _PACKAGE,
        os.path.dirname(_PACKAGE),
    }
    roots = tuple(os.path.realpath(folder) + os.sep for folder in folders)

    def refuse(event: str, args: Sequence[object]) -> None:
        if event == "open":
            path, flags = args[0], args[2]
            if isinstance(path, str | bytes) and not _may_open(os.fsdecode(path), flags, roots, files):
                raise PermissionError("an answer opens no files")
        elif event in _REFUSED_EVENTS or event.startswith(_REFUSED):
            raise PermissionError(f"an answer does no {event}")

    sys.addaudithook(refuse)


def _may_open(path: str, flags: object, roots: tuple[str, ...], files: Collection[str]) -> bool:
    if isinstance(flags, int) and flags & _WRITING:
        return False
    real = os.path.realpath(path)
    return real in files or (real.startswith(roots) and real.endswith(_CODE))
