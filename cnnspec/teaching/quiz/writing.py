"""Exports reach the disk whole or not at all: a file, a zip, or a folder that takes its place when it is complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from cnnspec.files import FileProblem, explain, replacing
from cnnspec.language import say
from cnnspec.teaching.quiz.bundle import zipped
from cnnspec.teaching.quiz.sheet import Output

ZIP = ".zip"


def write(path: str, outputs: Sequence[Output]) -> None:
    """Writes what an export made: its one file, or all of them into a zip or a new folder. Raises FileProblem."""
    if len(outputs) == 1 and not outputs[0].name:
        _file(path, _bytes(outputs[0]))
    elif path.endswith(ZIP):
        _file(path, zipped(outputs))
    else:
        _folder(Path(path), outputs)


def _file(path: str, content: bytes) -> None:
    with replacing(path) as file:
        file.write(content)


def _folder(target: Path, outputs: Sequence[Output]) -> None:
    """A folder is made under another name and then renamed. What was there before is never touched."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileProblem(
            target,
            say("there is something of this name already"),
            help=say("give the name of a new folder, or of a .zip"),
        )
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        for output in outputs:
            place = temporary / output.name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(_bytes(output))
            place.chmod(0o755 if output.executable else 0o644)
        if target.is_dir():
            target.rmdir()
        temporary.rename(target)
    except OSError as error:
        raise FileProblem(target, say("cannot be written: {why}", why=explain(error))) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _bytes(output: Output) -> bytes:
    return output.content if isinstance(output.content, bytes) else output.content.encode()
