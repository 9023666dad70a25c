"""Files that appear whole or not at all: written under another name beside the target, then renamed.

The one exception is a file with several names (hard links) or of another owner: renaming would cut it off from them.
"""

from __future__ import annotations

import errno
import glob
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

from cnnspec.language import decimal, number, say


class FileProblem(ValueError):  # noqa: N818  (it is the problem of a file, not of the program)
    """Something is wrong with a file that the user named, or with the place where one was to be written.

    `path` is the file, `problems` says what is wrong (a line each), `help` the remedy where there is one.
    """

    def __init__(self, path: str | os.PathLike[str], *problems: str, help: str = "") -> None:
        self.path = os.fspath(path)
        self.problems = problems
        self.help = help
        super().__init__(f"{self.path}: {'; '.join(problems)}")


class Ended(KeyboardInterrupt):
    """Somebody ended the program: half-written files are removed on the way out, as after Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


_signals: list[int] = []


def end(number: int, _frame: object = None) -> NoReturn:
    """What a signal that ends the program calls. Raises Ended."""
    _signals.append(number)
    raise Ended(number)


def check_ended() -> None:
    """Raises Ended once more where a signal has come: what it raises is lost if Python is just in a finalizer."""
    if _signals:
        raise Ended(_signals.pop())


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A new binary file that takes the place of `path` when the block ends without an exception.

    Until then `path` stays as it was, and whatever ends the block early removes the new file. A pipe or a device such
    as /dev/null is written directly. What the system refuses is told as FileProblem, and so is a read-only file.
    """
    target = Path(os.path.realpath(path))
    with _explained(path):
        if target.is_dir():
            raise FileProblem(path, say("this is a folder"), help=say("give the name of a file in it"))
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                yield stream
            return
        _refuse_read_only(target)
        _clear_leftovers(target)
        temporary = target.with_name(_temporary_name(target))
        try:
            with temporary.open("xb") as stream:
                yield stream
            check_ended()
            _take_place(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)


def make_folder(path: str | os.PathLike[str]) -> Path:
    """The folder of that name, made where it is missing."""
    with _explained(path):
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def check_space(path: str | os.PathLike[str], needed: int) -> None:
    """Says beforehand that so many bytes will not fit beside `path`. Raises FileProblem."""
    with _explained(path):
        free = shutil.disk_usage(Path(os.path.realpath(path)).parent).free
    if needed > free:
        raise FileProblem(
            path,
            say("this takes {needed}, and the disk has {free} left", needed=show_bytes(needed), free=show_bytes(free)),
            help=say("free some space, or give a file on another disk"),
        )


def show_bytes(count: int) -> str:
    """The number of bytes as people say it: 240 B, 246.8 kB, 553.4 MB, 12.3 GB."""
    if count < 1000:
        return f"{count} {say('B')}"
    size = float(min(count, 10**30))
    units = say("kB"), say("MB"), say("GB"), say("TB"), say("PB"), say("EB")
    for unit in units:
        size /= 1000
        if size < 999.95:
            return f"{decimal(size, 1)} {unit}"
    return say("more than {size}", size=f"{number(round(size))} {units[-1]}")


def explain_toml(error: ValueError) -> str:
    """Why a text is no TOML, in the words of Python, with the place."""
    import re

    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
    if found is None:
        return str(error)
    reason, row, column = found.groups()
    return say("{reason} (at line {row}, column {column})", reason=reason, row=row, column=column)


def explain(error: OSError) -> str:
    """An error of the system in words that say what to do about it."""
    words = {
        FileNotFoundError: say("there is no such file or folder"),
        PermissionError: say("the system does not permit it"),
        IsADirectoryError: say("this is a folder, not a file"),
        NotADirectoryError: say("a part of the path is a file, not a folder"),
        FileExistsError: say("there is a file of this name already"),
    }
    text = words.get(type(error)) or (error.strerror or str(error) or type(error).__name__)
    return text[:1].lower() + text[1:]


@contextmanager
def _explained(path: str | os.PathLike[str]) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        told = say("cannot be written: its folder does not exist")
        raise FileProblem(path, told, help=say("make the folder first")) from error
    except OSError as error:
        raise FileProblem(path, say("cannot be written: {reason}", reason=explain(error))) from error


def _temporary_name(target: Path) -> str:
    return f".{target.name[:100]}.{os.getpid()}-{os.urandom(4).hex()}.tmp"


def _clear_leftovers(target: Path) -> None:
    """Removes what a process that was killed left of this file; those that still run are left alone."""
    if os.name != "posix":  # elsewhere a process cannot be asked for without harm
        return
    for leftover in target.parent.glob(f".{glob.escape(target.name[:100])}.*-*.tmp"):
        process = leftover.name.rpartition(".tmp")[0].rpartition(".")[2].partition("-")[0]
        if process.isdigit() and not _runs(int(process)):
            leftover.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _refuse_read_only(target: Path) -> None:
    """A file that may not be written is not replaced either, though its folder would allow that."""
    if target.exists() and not (os.access(target, os.W_OK) and target.stat().st_mode & 0o222):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _take_place(temporary: Path, target: Path) -> None:
    """Renames the new file; where the old one has other names, or another owner, it gets the new content instead."""
    if not target.exists():
        temporary.replace(target)
        return
    old, new = target.stat(), temporary.stat()
    if old.st_nlink > 1 or (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        with temporary.open("rb") as content, target.open("r+b") as stream:
            shutil.copyfileobj(content, stream)
            stream.truncate()
    else:
        temporary.chmod(stat.S_IMODE(old.st_mode))
        temporary.replace(target)
