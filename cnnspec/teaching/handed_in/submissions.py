"""What a class handed in: files, folders of students, and the zip that Moodle makes of them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from cnnspec.files import FileProblem
from cnnspec.language import number, say
from cnnspec.record import Record
from cnnspec.teaching.answers.decoding import LARGEST
from cnnspec.teaching.handed_in.archives import (
    LARGEST_INNER,
    MOST_FILES,
    Found,
    in_bytes,
    in_folder,
    in_zip,
    read_file,
    too_large,
    too_many,
    visible,
)
from cnnspec.teaching.model import Submission

# Moodle's names: "Curie Marie_123456_assignsubmission_file_", then the name of the file or a folder of them.
_MARK = re.compile(r"_(?P<number>[0-9]{1,12})_assignsubmission_(?:file|onlinetext)(?=_|\Z)")
ENDINGS = (".cnn", ".txt", ".md", ".csv", ".tsv", ".json", ".ipynb", ".html", ".htm", ".zip")
_PREFERRED = ENDINGS[:-1]
MOST_STUDENTS = 20_000


class Student(Record):
    """Who handed in: what is shown, and the platform's number; `doubt` is why one was not taken."""

    name: str
    identifier: str = ""
    doubt: str = ""
    participant: bool = False


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


def submission_of(
    folder: str | os.PathLike[str],
    name: str,
    identifier: str = "",
    preferred: Sequence[str] = (),
    only: Collection[str] | None = None,
) -> Submission:
    """What one student handed in: a folder as a platform lays it out, read as `submissions` reads that of a student.

    A file of a preferred name goes before all others. With `only`, paths in the folder, no other file counts.
    """
    student = Student(name, identifier)
    try:
        files = [file for file in in_folder(Path(folder)) if file.name]
    except FileProblem as problem:
        return _submission(student, "", b"", "; ".join(problem.problems))
    if only is not None:
        names = set(map(visible, only))
        files = [file for file in files if "/".join(file.parts) in names]
    if not files:
        return _submission(student, "", b"", say("no answer was handed in: {endings}", endings=", ".join(ENDINGS)))
    return _chosen(student, [file._replace(parts=("", *file.parts)) for file in files], preferred)


def _own_files(exercise: str | os.PathLike[str] | None) -> frozenset[str]:
    if exercise is None:
        return frozenset()
    path = Path(os.path.realpath(exercise))
    return frozenset((str(path), str(path.with_suffix(".toml"))))


def _at(place: Path, own: frozenset[str]) -> Iterator[Submission]:
    if place.is_dir():
        yield from _of(place, in_folder(place), own)
    elif place.suffix.lower() == ".zip":
        yield from _of(place, _without_root(in_zip(place)), own)
    else:
        content, problem = read_file(os.fspath(place), LARGEST + 1)
        yield _submission(_of_file(visible(place.name), ()), visible(place.name), content, problem)


def _of(place: Path, files: Sequence[Found], own: frozenset[str]) -> Iterator[Submission]:
    students: dict[Student, list[Found]] = {}
    taken = {_student(file.parts[0]).identifier for file in files if len(file.parts) > 1}
    for file in files:
        if not file.place or file.place not in own:
            first = file.parts[0]
            student = _student(first) if len(file.parts) > 1 else _of_file(first, taken)
            students.setdefault(student, []).append(file)
    if len(students) > MOST_STUDENTS:
        raise FileProblem(place, say("there are more than {limit} students", limit=number(MOST_STUDENTS)))
    for student in sorted(students, key=lambda one: (_natural(one.name), one.identifier)):
        try:
            yield _chosen(student, students[student])
        except MemoryError:
            yield _submission(student, "", b"", say("it takes more memory than there is"))


def _without_root(files: Sequence[Found]) -> Sequence[Found]:
    """The files without the one folder that they all lie in, where that is no student's."""
    roots = {file.parts[0] for file in files}
    if len(roots) != 1 or any(len(file.parts) < 3 for file in files) or _marks(files[0].parts[0]):
        return files
    return [file._replace(parts=file.parts[1:]) for file in files]


def _marks(name: str) -> list[re.Match[str]]:
    """Where a name states the number of a participant. Students may choose what stands before, and behind."""
    return [mark for mark in _MARK.finditer(name) if mark.start()]


def _student(name: str) -> Student:
    """Whose folder this is: the platform's number stands behind all that a student has chosen."""
    marks = _marks(name)
    return _known(name, marks[-1]) if marks else Student(name)


def _known(name: str, mark: re.Match[str]) -> Student:
    shown = name[: mark.start()].strip()
    blind = shown.casefold() == "participant"
    return Student(f"{shown} {mark['number']}" if blind else shown, mark["number"], participant=True)


def _of_file(name: str, taken: Collection[str]) -> Student:
    """Whose file this is, outside of folders: what stands behind the number is the student's, and may state another."""
    marks = _marks(name)
    if not marks:
        return Student(PurePosixPath(name).stem)
    student = _known(name, marks[0])
    if len(marks) > 1:
        doubt = say("the name of the file states several numbers: none of them is taken")
        return student._replace(identifier="", doubt=doubt)
    if student.identifier in taken:
        doubt = say("the number {number} belongs to another folder: it is not taken", number=student.identifier)
        return student._replace(identifier="", doubt=doubt)
    return student


def told_twins(found: Sequence[Submission]) -> list[Submission]:
    """The same, those told that share the number of the platform with another."""
    numbers = [one.identifier.lstrip("0") for one in found]
    counts = Counter(filter(None, numbers))
    return [_told_twin(one) if counts[number] > 1 else one for one, number in zip(found, numbers, strict=True)]


def _told_twin(one: Submission) -> Submission:
    told = say("several answers have the number {number}: a grading worksheet takes none", number=one.identifier[:40])
    return one._replace(notices=(*one.notices, told))


def _natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """A key by which 2 comes before 10."""
    parts = re.split("([0-9]{1,18})", name.casefold())
    return tuple((0, int(part)) if part.isascii() and part.isdigit() else (1, part) for part in parts)


# --- one student -----------------------------------------------------------------------------------------------------


def _chosen(student: Student, files: Sequence[Found], preferred: Sequence[str] = ()) -> Submission:
    """The file that is most likely the answer; the names of the others go with it."""
    named = sorted((file for file in files if file.name), key=_rank)
    named.sort(key=lambda file: preferred.index(file.name) if file.name in preferred else len(preferred))
    if len(files) > MOST_FILES:
        return _submission(student, "", b"", too_many())
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
    if len(file.parts) == 1:
        marks = _marks(file.name)
        return file.name[marks[0].end() :].lstrip("_") if marks else file.name
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
    notices = (student.doubt,) if student.doubt else ()
    return Submission(
        student.name, filename, content, student.identifier, problem, others[:20], notices, student.participant
    )
