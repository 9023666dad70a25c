"""The files of an exercise as a platform needs them: the .cnn, its settings, its solution, the files that it uses."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cnnspec import version
from cnnspec.files import FileProblem
from cnnspec.language import say
from cnnspec.syntax import tree
from cnnspec.syntax.parser import parse
from cnnspec.syntax.reading import read

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise
    from cnnspec.teaching.quiz.sheet import Output

MOST = 200
CARRIED = (".py", ".md", ".mo", ".typed")
EPOCH = (1980, 1, 1, 0, 0, 0)
REGULAR, EXECUTABLE = 0o100644, 0o100755


def files_of(exercise: Exercise) -> dict[str, bytes]:
    """Each file by its path beside the exercise, the exercise first. Raises FileProblem, CnnSpecError and OSError."""
    path = Path(exercise.path)
    if not path.is_file():
        raise FileProblem(exercise.path, say("a platform needs the exercise as a file"))
    folder = Path(os.path.realpath(path)).parent
    names = [path.name, *_used(folder, path.name)]
    beside = path.with_suffix(".toml").name
    names += [name for name in (beside, exercise.settings.solution) if name and (folder / name).is_file()]
    return {name: _content(folder, name) for name in dict.fromkeys(names)}


def _used(folder: Path, name: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The files that a file uses, and those that they use, as paths from the folder."""
    file, _ = parse(read(folder / name))
    for node in file.body:
        if isinstance(node, tree.Use) and len(seen) < MOST:
            used = os.path.normpath(os.path.join(os.path.dirname(name), node.path))
            if used not in seen:
                seen |= {used}
                yield used
                yield from _used(folder, used, seen)


def _content(folder: Path, name: str) -> bytes:
    full = Path(os.path.realpath(folder / name))
    if not full.is_relative_to(folder):
        raise FileProblem(name, say("this lies outside the folder of the exercise"), help=say("move it inside"))
    return full.read_bytes()


def own_files() -> dict[str, bytes]:
    """The files of the cnnspec that runs, as they lie in a wheel, so that a platform needs no package of that name."""
    from cnnspec.syntax.grammar import grammar_path

    package = Path(version.__file__).parent
    paths = (path for path in sorted(package.rglob("*")) if path.suffix in CARRIED and path.is_file())
    files = {f"cnnspec/{path.relative_to(package).as_posix()}": path.read_bytes() for path in paths}
    return {**files, "cnnspec/grammar/cnnspec.lark": Path(grammar_path()).read_bytes()}


def zipped(outputs: Sequence[Output]) -> bytes:
    """A zip that is the same for the same files, with the mode bits of what is to be run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for output in outputs:
            entry = zipfile.ZipInfo(output.name, EPOCH)
            entry.create_system = 3  # Unix, so that the mode counts
            entry.external_attr = (EXECUTABLE if output.executable else REGULAR) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, output.content)
    return buffer.getvalue()


def packed(files: Mapping[str, bytes]) -> str:
    """The files as one text of lines of 76 characters: a zip in base 64, for scripts that carry them along."""
    import base64

    from cnnspec.teaching.quiz.sheet import Output

    return base64.encodebytes(zipped([Output(name, content) for name, content in files.items()])).decode()


def unpack(archive: bytes, folder: Path) -> None:
    """Writes the files of a packed exercise, which cnnspec made itself, into a folder."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for name in opened.namelist():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(opened.read(name))
