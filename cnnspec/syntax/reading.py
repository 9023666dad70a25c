"""Reading a spec from a file: what cannot be read is a diagnostic like any other."""

from __future__ import annotations

import errno
import os
import stat

from cnnspec.diagnostics import CnnSpecError, Diagnostic
from cnnspec.language import say
from cnnspec.source import Source, Span

LARGEST = 4 * 2**20
"""Bytes of a file. A network of 100,000 layers written out line by line takes about half of that."""


def read(path: str | os.PathLike[str]) -> Source:
    """The text of a file. Raises CnnSpecError with E100, E101 or E102."""
    name = os.fspath(path)
    try:
        refuse_pipe(name)
        with open(name, "rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise _unreadable(name, error) from None
    return decode(data, name)


def refuse_pipe(name: str) -> None:
    """Raises OSError for a named pipe or a socket: whoever opens one may wait for ever. Those of /dev are meant."""
    mode = os.stat(name).st_mode
    if (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)) and not os.path.abspath(name).startswith(("/dev/", "/proc/")):
        raise OSError(errno.EINVAL, say("it is a pipe or a socket, not a file"))


def split_variant(path: str) -> tuple[str, str | None]:
    """`nets/resnet.cnn:resnet18` as the file and the variant; None where no variant is named.

    A name with a colon of a file that exists stays whole, and so does the drive of a Windows path.
    """
    file, _, variant = path.rpartition(":")
    if not variant or len(file) < 2 or any(sign in variant for sign in "/\\") or os.path.exists(path):
        return path, None
    return (file, variant) if file.endswith(".cnn") or os.path.isfile(file) else (path, None)


def decode(data: bytes, name: str) -> Source:
    """The text of these bytes. Raises CnnSpecError with E101 or E102."""
    if len(data) > LARGEST:
        message = say("the file is larger than {limit} MiB", limit=LARGEST // 2**20)
        remedy = say("use `repeat`, `for` and blocks for what comes again, or `use` for parts")
        raise CnnSpecError([Diagnostic("E102", message, Source("", name), Span(0, 0), help=remedy)])
    try:
        return Source(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        raise _not_utf8(name, error) from None


def _not_utf8(name: str, error: UnicodeDecodeError) -> CnnSpecError:
    data = error.object  # without a byte order mark, which the offsets do not count
    start = len(data[: error.start].decode("utf-8"))
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    remedy = say("this looks like UTF-16: save the file as UTF-8" if utf16 else "save the file as UTF-8")
    message = say("the byte {byte} is not UTF-8", byte=f"0x{data[error.start]:02x}")
    source = Source(data.decode("utf-8", "replace"), name)
    return CnnSpecError([Diagnostic("E101", message, source, Span(start, start + 1), help=remedy)])


def _unreadable(name: str, error: OSError | ValueError) -> CnnSpecError:
    return CnnSpecError([unreadable(name, error)])


def unreadable(name: str, error: OSError | ValueError) -> Diagnostic:
    """Why a file cannot be read."""
    remedy = ""
    if isinstance(error, FileNotFoundError):
        message, remedy = say("`{name}` does not exist", name=name), _similar(name)
    elif isinstance(error, IsADirectoryError) or os.path.isdir(name):
        message, remedy = say("`{name}` is a folder, not a file", name=name), say("give a .cnn file")
    elif isinstance(error, PermissionError):
        message = say("`{name}` may not be read: permission denied", name=name)
    elif isinstance(error, OSError) and error.strerror:
        message = say("`{name}` cannot be read: {reason}", name=name, reason=error.strerror.lower())
    else:
        message = say("`{name}` cannot be read", name=name)
    return Diagnostic("E100", message, Source("", name), Span(0, 0), help=remedy)


def _similar(name: str) -> str:
    from cnnspec.suggest import did_you_mean

    folder, wanted = os.path.split(name)
    try:
        names = [entry for entry in os.listdir(folder or ".") if not entry.startswith(".")][:1000]
    except OSError:
        return say("make the folder first, or mend its name")
    return did_you_mean(wanted, names)
