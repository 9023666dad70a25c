"""What notebooks for grading have in common: the cells of an exercise, in the notebook format 4.5."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from cnnspec.language import say
from cnnspec.teaching.quiz.markdown import as_markdown
from cnnspec.teaching.quiz.sheet import Sheet, intro

ANSWER = "answer"


def notebook(cells: Sequence[dict[str, Any]]) -> str:
    """The text of an .ipynb file."""
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    document = {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def text_cell(name: str, text: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": _identity(name), "metadata": metadata or {}, "source": text}


def code_cell(name: str, text: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": _identity(name),
        "metadata": metadata or {},
        "outputs": [],
        "source": text,
    }


def statement(sheet: Sheet) -> str:
    """What is asked, in Markdown."""
    lines = [
        f"# {as_markdown(sheet.heading)}",
        "",
        intro(sheet),
        "",
        say("Fill in each question mark in the text below."),
    ]
    return "\n".join(lines)


def answer_text(sheet: Sheet) -> str:
    """The cell that the student edits: the exercise as a text in the variable `answer`."""
    text = sheet.exercise.source.text.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'{ANSWER} = """\n{text}\n"""'


def _identity(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]
