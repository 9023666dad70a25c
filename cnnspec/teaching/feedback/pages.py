"""A folder of pages: one for each student, under a safe name, and an index for the teacher."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from cnnspec.files import FileProblem, make_folder, replacing
from cnnspec.language import say
from cnnspec.teaching.feedback import html, markdown, text
from cnnspec.teaching.feedback.statistics import ClassMarks
from cnnspec.teaching.feedback.wording import one_line
from cnnspec.teaching.model import Marks

INDEX = "index.html"
LONGEST = 60  # characters of a name; with its ending it is less than the 255 bytes that file systems take
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10)), "index"}
FORMS: dict[str, tuple[str, Callable[[Marks], str]]] = {
    "text": (".txt", text.page),
    "markdown": (".md", markdown.page),
    "html": (".html", html.page),
}


def page_names(marks: Sequence[Marks], ending: str) -> list[str]:
    """A file name for each answer, made of name and number; no two alike, not even where case does not count."""
    taken: set[str] = set()
    names = []
    for one in marks:
        base = safe_name("_".join(part for part in (one.name, one.identifier) if part))
        name, count = base, 1
        while name.casefold() in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name.casefold())
        names.append(name + ending)
    return names


def safe_name(words: str) -> str:
    """A text as a file name on every system: letters, digits and underscores.

    >>> safe_name("../Élodie  O'Neil"), safe_name("nul"), safe_name("=?")
    ('Elodie_O_Neil', 'nul_', 'answer')
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", words) if not unicodedata.combining(sign))
    kept = "".join(sign if sign.isalnum() else " " for sign in unicodedata.normalize("NFC", bare)[: 4 * LONGEST])
    name = "_".join(kept.split())[:LONGEST].strip("_") or "answer"
    return f"{name}_" if name.casefold() in RESERVED else name


def write_pages(folder: str | os.PathLike[str], document: ClassMarks, form: str) -> list[Path]:
    """Writes the pages and the index; returns their paths. Raises FileProblem, also for what others have written."""
    ending, make = FORMS[form]
    names = page_names(document.marks, ending)
    refuse_foreign(folder, names)
    where = make_folder(folder)
    contents = dict(zip(names, map(make, document.marks), strict=True))
    contents[INDEX] = html.class_document(document, names)
    for name, content in contents.items():
        write_text(where / name, content)
    return [where / name for name in contents]


def refuse_foreign(folder: str | os.PathLike[str], names: Sequence[str] = ()) -> None:
    """Raises FileProblem where a folder holds what is not ours, or such pages that our index does not have."""
    try:
        there = set(os.listdir(folder))
    except OSError:  # there is none yet, or writing says why
        return
    index = _index(Path(folder, INDEX)) if INDEX in there else ""
    unknown = {name for name in names if name in there and f'href="{escape(name)}"' not in index}
    foreign = unknown if index else there
    if foreign:
        raise FileProblem(
            folder,
            say("`{file}` lies in it, which this program did not write", file=one_line(min(foreign), 80)),
            help=say("give the pages a folder of their own"),
        )


def _index(path: Path) -> str:
    """Our index of earlier pages; "" for that of somebody else."""
    try:
        words = path.read_text("utf-8", "replace")
    except OSError:
        return ""
    return words if html.GENERATOR in words[:2000] else ""


def write_text(path: str | os.PathLike[str], content: str) -> None:
    """Writes a text as UTF-8, whole or not at all; a file that is so already is left alone. Raises FileProblem."""
    data = content.encode("utf-8", "backslashreplace")
    if _holds(path, data):
        return
    with replacing(path) as file:
        file.write(data)


def _holds(path: str | os.PathLike[str], data: bytes) -> bool:
    if not os.path.isfile(path) or os.path.getsize(path) != len(data):
        return False
    try:
        with open(path, "rb") as file:
            return file.read() == data
    except OSError:  # writing it says why
        return False
