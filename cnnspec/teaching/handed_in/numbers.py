"""Which student of a class an answer is from: by the platform's number, the name, or the name that `draw` gave a file.

The number draws the variant. What a platform says of a student goes before what a student may have chosen.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from cnnspec.language import say
from cnnspec.teaching.model import Submission
from cnnspec.teaching.variants.students import Student, as_filename

_PARTICIPANT = re.compile(r"participant[ _]?(?=\d+\Z)", re.IGNORECASE)


def claimed(found: Sequence[Submission], stem: str) -> list[Submission]:
    """Each with the number in the name of its file, `STEM-4711.cnn`, where no other file has that name."""
    names = [_in_name(one, stem) for one in found]
    counts = Counter(names)
    return [one._replace(claim=name if counts[name] == 1 else "") for one, name in zip(found, names, strict=True)]


def numbered(found: Sequence[Submission], students: Sequence[Student], stem: str) -> list[Submission]:
    """Each with its student's number, as the list of the class has it; a problem for those that are not in it."""
    return [_numbered(one, students, stem) for one in found]


def _numbered(one: Submission, students: Sequence[Student], stem: str) -> Submission:
    if one.problem:
        return one
    student = _student(one, students, stem)
    if student is None:
        return one._replace(problem=say("no student of the list is that of this answer, or several are"))
    return one._replace(number=student.number)


def _student(one: Submission, students: Sequence[Student], stem: str) -> Student | None:
    """The only student with the answer's number, else with its name or address, else with the name of its file."""
    word = _in_name(one, stem) or one.name
    tests: tuple[Callable[[Student], bool], ...] = (
        lambda student: bool(one.identifier) and any(same_number(cell, one.identifier) for cell in _cells(student)),
        lambda student: _name(one.name) == _name(student.name),
        lambda student: one.name.lower() in {cell.lower() for cell in _cells(student)},
        lambda student: not one.participant and word in {as_filename(cell) for cell in _cells(student)},
    )
    for test in tests:
        matching = [student for student in students if test(student)]
        if matching:
            return matching[0] if len(matching) == 1 else None
    return None


def same_number(one: str, other: str) -> bool:
    """Whether both are the same number of a platform: `Participant 1001` is 1001.

    >>> same_number("Participant1001", "1001"), same_number("21900472", "1001")
    (True, False)
    """
    return _bare(one) == _bare(other)


def _bare(number: str) -> str:
    return _PARTICIPANT.sub("", number).lstrip("0").lower()


def _cells(student: Student) -> tuple[str, ...]:
    return tuple(cell for cell in (student.number, *student.cells) if cell)


def _name(name: str) -> tuple[str, ...]:
    """A name as its parts in any order, without accents and case."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return tuple(sorted(re.findall(r"[^\W_]+", bare.casefold())))


def _in_name(one: Submission, stem: str) -> str:
    """The number in the name of a sheet that `draw` wrote: `lenet-4711.cnn` of `lenet.cnn`."""
    name = PurePosixPath(one.filename).stem
    return name.removeprefix(f"{stem}-") if name.startswith(f"{stem}-") else ""
