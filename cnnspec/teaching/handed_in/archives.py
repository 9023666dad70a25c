"""The files in a folder or a zip, listed with care and read one by one; nothing is unpacked, no link followed out."""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from cnnspec.files import FileProblem, explain
from cnnspec.language import number, say
from cnnspec.record import Record
from cnnspec.teaching.answers.decoding import LARGEST

MOST_ENTRIES = 200_000  # of a class
MOST_FILES = 200  # of a student
LARGEST_DIRECTORY = 16 * 2**20  # of a zip: its list of entries
LARGEST_INNER = 4 * 2**20  # of a zip inside another
LARGEST_INNER_DIRECTORY = 2**18
DEEPEST = 4
LONGEST_NAME = 1_000  # in a zip, with its folders
MOST_PARTS = 32

_JUNK = re.compile(r"\..*|~\$.*|__MACOSX|__pycache__|Thumbs\.db|desktop\.ini|Icon\r", re.IGNORECASE)
_END = struct.Struct("<4s4H2LH")  # of the directory of a zip
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = 20  # bytes between the two

Read = Callable[[int], tuple[bytes, str]]


class Found(Record):
    """A file: the folders that lead to it with its name, and how it is read (at most so many bytes, or a problem).

    A folder without files is there as well, with a name of "".
    """

    parts: tuple[str, ...]
    read: Read
    place: str = ""  # on the disk

    @property
    def name(self) -> str:
        return self.parts[-1]


def in_folder(folder: Path) -> list[Found]:
    """The files in a folder and the folders in it, in order. Raises FileProblem where it cannot be listed.

    A folder in it is a student's: links are followed inside of it only; with over MOST_FILES, none of them counts.
    """
    root = os.path.realpath(folder)
    try:
        entries = _entries(root, MOST_ENTRIES)
    except OSError as error:
        raise FileProblem(folder, explain(error)) from None
    if len(entries) > MOST_ENTRIES:
        raise FileProblem(root, say("there are more than {limit} files", limit=number(MOST_ENTRIES)))
    found: list[Found] = []
    for entry in entries:
        own: list[Found] = []
        _take(entry, entry.path, (), own)
        found += own if len(own) <= MOST_FILES else [Found((visible(entry.name), ""), _refused(too_many()))]
    return found


def _entries(folder: str, most: int) -> list[os.DirEntry[str]]:
    """What lies in a folder, in order, and of more than `most` one more than that. Raises OSError."""
    with os.scandir(folder) as listing:
        kept = (entry for entry in listing if not _JUNK.fullmatch(entry.name))
        return sorted(islice(kept, most + 1), key=lambda entry: entry.name)


def _take(entry: os.DirEntry[str], root: str, parts: tuple[str, ...], found: list[Found]) -> None:
    inside = (*parts, visible(entry.name))
    if not entry.is_dir(follow_symlinks=False):
        found.append(Found(inside, _on_disk(entry.path, root), entry.path))
    elif len(parts) < DEEPEST:
        _walk(root, entry.path, inside, found)
    else:
        found.append(Found((*inside, ""), _refused(say("its folders are nested deeper than {limit}", limit=DEEPEST))))


def _walk(root: str, folder: str, parts: tuple[str, ...], found: list[Found]) -> None:
    try:
        entries = _entries(folder, MOST_FILES)
    except OSError as error:
        found.append(Found((*parts, ""), _refused(explain(error))))
        return
    if not entries:
        found.append(Found((*parts, ""), _refused(say("the folder is empty"))))
    for entry in entries:
        if len(found) > MOST_FILES:
            return
        _take(entry, root, parts, found)


def _on_disk(path: str, root: str = "") -> Read:
    return lambda most: read_file(path, most, root)


def read_file(path: str, most: int, root: str = "") -> tuple[bytes, str]:
    """The first bytes of a file, or why there are none. With `root`, a link may not lead out of that folder."""
    real = os.path.realpath(path)
    if root and os.path.commonpath([root, real]) != root:
        return b"", say("this is a link to a place outside the folder")
    try:
        handle = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return b"", say("this is no file but a pipe, a device or a folder")
            return file.read(most), ""
    except (OSError, ValueError) as error:
        return b"", explain(error) if isinstance(error, OSError) else say("the name of the file is invalid")


# --- zips ------------------------------------------------------------------------------------------------------------


def in_zip(path: Path) -> list[Found]:
    """The files in a zip, in order; they are read while the program runs. Raises FileProblem for what is no zip."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise FileProblem(path, say("this is no file but a pipe, a device or a folder"))
        stream = path.open("rb")
    except OSError as error:
        raise FileProblem(path, explain(error)) from None
    problem, found = _listed(stream, LARGEST_DIRECTORY)
    if problem:
        stream.close()
        raise FileProblem(path, problem)
    return found


def in_bytes(content: bytes) -> tuple[str, list[Found]]:
    """The files of a zip that is a student's answer; a problem where it cannot be read."""
    problem, found = _listed(io.BytesIO(content), LARGEST_INNER_DIRECTORY)
    return (too_many(), []) if len(found) > MOST_FILES else (problem, found)


def _listed(stream: io.BufferedReader | io.BytesIO, largest: int) -> tuple[str, list[Found]]:
    if _size_of_directory(stream) > largest:
        return say("the zip has too many entries"), []
    try:
        archive = zipfile.ZipFile(stream)
        entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
        return say("the zip is broken"), []
    if len(entries) > MOST_ENTRIES:
        return say("the zip has too many entries"), []
    found = list(_files(archive, entries))
    return "", sorted(found, key=lambda one: one.parts)


def _size_of_directory(stream: io.BufferedReader | io.BytesIO) -> int:
    """How large the list of entries says that it is: Python would read it whole."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - 2**16 - _END.size - _LOCATOR_64 - _END_64.size))
    tail = stream.read()
    stream.seek(0)
    place = tail.rfind(b"PK\x05\x06", 0, len(tail) - _END.size + 4)
    if place < 0:
        return 0  # no zip at all, which is said in its turn
    small = int(_END.unpack_from(tail, place)[5])
    before = place - _LOCATOR_64 - _END_64.size
    if before < 0 or not tail.startswith(b"PK\x06\x06", before):
        return small
    return max(small if small < 2**32 - 1 else 0, int(_END_64.unpack_from(tail, before)[8]))


def _files(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[Found]:
    filled: set[tuple[str, ...]] = set()
    folders = []
    for entry in entries:
        name = _name_of(entry)
        parts, whole = _parts(name)
        if not parts or any(_JUNK.fullmatch(part) for part in parts if part != ".."):
            continue
        if name.endswith("/") and whole:
            folders.append(parts)
            continue
        unsafe = ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name)
        parts = tuple(part for part in parts if part != "..") or ("?",)
        filled.update(parts[:i] for i in range(1, len(parts)))
        if not whole:
            yield Found(parts, _refused(say("the name of the file is too long")))
        elif unsafe:
            yield Found(parts, _refused(say("the name of the file leads out of the zip")))
        else:
            yield Found(parts, _in(archive, entry))
    for parts in sorted(set(folders) - filled):
        if ".." not in parts:
            yield Found((*parts, ""), _refused(say("the folder is empty")))


def _parts(name: str) -> tuple[tuple[str, ...], bool]:
    """The folders of a name and the name in them, and whether that is all of it: names may be long and deep."""
    split = name[:LONGEST_NAME].replace("\\", "/").split("/")
    parts = tuple(visible(part) for part in split if part not in ("", "."))
    return parts[:MOST_PARTS], len(name) <= LONGEST_NAME and len(parts) <= MOST_PARTS


def _name_of(entry: zipfile.ZipInfo) -> str:
    """The name, also where the archive has UTF-8 without saying so, as macOS makes them."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename


def _in(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Read:
    return lambda most: _read_entry(archive, entry, most)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> tuple[bytes, str]:
    mode = entry.external_attr >> 16
    if entry.flag_bits & 0x1:
        return b"", say("the file is encrypted")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return b"", say("this is no file but a link or a device")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return b"", say("the file is compressed in a way that is not read here")
    try:
        with archive.open(entry) as file:
            return file.read(most), ""
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        struct.error,
    ):
        return b"", say("the zip is broken")


# --- both ------------------------------------------------------------------------------------------------------------


def visible(name: str) -> str:
    """A name of visible characters, composed as one types it."""
    from unicodedata import normalize

    return "".join(one if one.isprintable() else "\ufffd" for one in normalize("NFC", name[:255]))


def _refused(problem: str) -> Read:
    return lambda _: (b"", problem)


def too_large() -> str:
    return say("the file is larger than {limit} KiB", limit=LARGEST // 1024)


def too_many() -> str:
    return say("there are more than {limit} files", limit=number(MOST_FILES))
