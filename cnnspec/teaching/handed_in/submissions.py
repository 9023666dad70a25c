"""What a class handed in: files, folders of students, and the zip that Moodle makes of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from cnnspec.files import FileProblem
from cnnspec.language import say
from cnnspec.record import Record
from cnnspec.teaching.answers.decoding import LARGEST
from cnnspec.teaching.handed_in.archives import (
    LARGEST_INNER,
    Found,
    in_bytes,
    in_folder,
    in_zip,
    read_file,
    too_large,
    visible,
)
from cnnspec.teaching.model import Submission

# Moodle's names: "Curie Marie_123456_assignsubmission_file_", then the name of the file or a folder of them.
_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<number>[0-9]{1,12})_assignsubmission_(?P<kind>file|onlinetext)_?(?P<rest>.*)", re.DOTALL
)
_PREFERRED = (".cnn", ".txt", ".md", ".csv", ".tsv", ".json", ".ipynb", ".html", ".htm")


class Student(Record):
    """Who handed in: what is shown, and the platform's number."""

    name: str
    identifier: str = ""


def submissions(
    paths: Iterable[str | os.PathLike[str]], exercise: str | os.PathLike[str] | None = None
) -> Iterator[Submission]:
    """What was handed in at these places, in order: those named, and inside each by the names of the students.

    A folder holds a file or a folder for each student, a zip the same. The exercise itself, and the settings beside it,
    are passed over. Files are read one by one while the iterator goes on. Raises FileProblem for a place that there is
    not, or a zip that is none.

    >>> list(submissions([]))
    []
    """
    places = [Path(path) for path in paths]
    for place in places:
        if not place.exists():
            raise FileProblem(place, say("there is no such file or folder"))
    own = _own_files(exercise)
    return (submission for place in places for submission in _at(place, own))


def _own_files(exercise: str | os.PathLike[str] | None) -> frozenset[str]:
    if exercise is None:
        return frozenset()
    path = Path(os.path.realpath(exercise))
    return frozenset((str(path), str(path.with_suffix(".toml"))))


def _at(place: Path, own: frozenset[str]) -> Iterator[Submission]:
    if place.is_dir():
        yield from _of(in_folder(place), own)
    elif place.suffix.lower() == ".zip":
        yield from _of(_without_root(in_zip(place)), own)
    else:
        content, problem = read_file(os.fspath(place), LARGEST + 1)
        yield _submission(_student(place.stem), visible(place.name), content, problem)


def _of(files: Sequence[Found], own: frozenset[str]) -> Iterator[Submission]:
    students: dict[Student, list[Found]] = {}
    for file in files:
        if os.path.realpath(file.place) not in own or not file.place:
            first = file.parts[0]
            alone = len(file.parts) == 1
            stem = PurePosixPath(first).stem if alone and not _MOODLE.fullmatch(first) else first
            students.setdefault(_student(stem), []).append(file)
    for student in sorted(students, key=lambda one: (_natural(one.name), one.identifier)):
        yield _chosen(student, students[student])


def _without_root(files: Sequence[Found]) -> Sequence[Found]:
    """The files without the one folder that they all lie in, where that is no student's."""
    roots = {file.parts[0] for file in files}
    if len(roots) != 1 or any(len(file.parts) < 3 for file in files) or _MOODLE.fullmatch(files[0].parts[0]):
        return files
    return [file._replace(parts=file.parts[1:]) for file in files]


def _student(name: str) -> Student:
    moodle = _MOODLE.fullmatch(name)
    if not moodle:
        return Student(name)
    shown = moodle["name"].strip()
    blind = shown.casefold() == "participant"
    return Student(f"{shown} {moodle['number']}" if blind else shown, moodle["number"])


def _natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """A key by which 2 comes before 10."""
    parts = re.split("([0-9]{1,18})", name.casefold())
    return tuple((0, int(part)) if part.isascii() and part.isdigit() else (1, part) for part in parts)


# --- one student -----------------------------------------------------------------------------------------------------


def _chosen(student: Student, files: Sequence[Found]) -> Submission:
    """The file that is most likely the answer; the names of the others go with it."""
    named = sorted((file for file in files if file.name), key=_rank)
    if not named:
        return _submission(student, "", b"", files[0].read(1)[1])
    chosen = named[0]
    others = tuple(_short(file, files) for file in named[1:])
    if chosen.name.lower().endswith(".zip"):
        return _inner(student, chosen, others)
    content, problem = chosen.read(LARGEST + 1)
    return _submission(student, _short(chosen, files), content, problem, others)


def _rank(file: Found) -> tuple[int, int, tuple[tuple[int, int | str], ...]]:
    ending = PurePosixPath(file.name).suffix.lower()
    rank = _PREFERRED.index(ending) if ending in _PREFERRED else len(_PREFERRED) + (ending != ".zip")
    return rank, len(file.parts), _natural("/".join(file.parts))


def _short(file: Found, files: Sequence[Found]) -> str:
    """The name of a file without what names the student."""
    moodle = _MOODLE.fullmatch(file.parts[0])
    if len(file.parts) == 1:
        return (moodle["rest"] if moodle else "") or file.name
    same = sum(other.name == file.name for other in files) > 1
    return "/".join(file.parts[1:]) if same else file.name


def _inner(student: Student, chosen: Found, others: tuple[str, ...]) -> Submission:
    """A zip that a student handed in: one of its files."""
    content, problem = chosen.read(LARGEST_INNER + 1)
    files: list[Found] = []
    if not problem:
        problem, files = (say("the zip is too large"), []) if len(content) > LARGEST_INNER else in_bytes(content)
    named = sorted((file for file in files if file.name and not file.name.lower().endswith(".zip")), key=_rank)
    if not named:
        return _submission(student, chosen.name, b"", problem or say("the zip is empty"), others)
    content, problem = named[0].read(LARGEST + 1)
    return _submission(student, named[0].name, content, problem, (*(file.name for file in named[1:]), *others))


def _submission(
    student: Student, filename: str, content: bytes, problem: str = "", others: tuple[str, ...] = ()
) -> Submission:
    if len(content) > LARGEST:
        content, problem = b"", too_large()
    return Submission(student.name, filename, content, student.identifier, problem, others[:20])
