"""From a submission to the text for each blank: a filled .cnn file, a table, CSV, JSON or a notebook."""

from __future__ import annotations

from cnnspec.teaching.answers.reading import read_answer, seed_of

__all__ = ["read_answer", "seed_of"]
