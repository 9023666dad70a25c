"""An exercise: a file with blanks, the settings beside it, and what is asked in which place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cnnspec.diagnostics import ERROR, CnnSpecError, Mistake
from cnnspec.elaborate import Elaboration
from cnnspec.network import Network
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.syntax.parser import parse
from cnnspec.syntax.reading import read
from cnnspec.teaching.blanks import find_blanks
from cnnspec.teaching.model import ARGUMENT, LAYERS, VALUE, Blank, Solved
from cnnspec.teaching.reading import check_keys, read_settings, settings_of
from cnnspec.teaching.settings import Settings

__all__ = ["Exercise", "load_exercise", "make_exercise", "read_settings", "settings_of", "solved"]


class Exercise:
    """A checked network with blanks. `seed` is that of the drawn variant, "" where nothing is drawn."""

    __slots__ = ("_known", "blanks", "file", "network", "path", "seed", "settings", "source")

    def __init__(
        self,
        source: Source,
        file: tree.File,
        network: Network,
        blanks: tuple[Blank, ...],
        settings: Settings,
        *,
        seed: str = "",
        path: str = "",
    ) -> None:
        self.source = source
        self.file = file
        self.network = network
        self.blanks = blanks
        self.settings = settings
        self.seed = seed
        self.path = path
        self._known: dict[Any, Any] = {}

    @property
    def title(self) -> str:
        return self.settings.title or self.network.model

    @property
    def language(self) -> str | None:
        """That of sheet and feedback; None where it is the reader's."""
        return self.settings.language

    def blank(self, key: str) -> Blank:
        """The blank of that key. Raises KeyError."""
        by_key: dict[str, Blank] = self.known("by key", lambda: {blank.key: blank for blank in self.blanks})
        return by_key[key]

    def known(self, key: Any, make: Any) -> Any:
        """What `make()` gives, made once for this exercise; for what is the same for every answer."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def __repr__(self) -> str:
        return f"<Exercise {self.title}: {len(self.blanks)} blanks>"


def load_exercise(path: str | os.PathLike[str], seed: str = "") -> Exercise:
    """The exercise in a file, with the settings in the TOML file of the same name beside it.

    `seed` chooses the drawn variant, where the settings draw any. Raises CnnSpecError where the exercise cannot be
    graded, FileProblem where its settings cannot be used.
    """
    name = os.fspath(path)
    source = read(name)
    beside = Path(name).with_suffix(".toml")
    settings = read_settings(beside) if name != "-" and beside.is_file() else Settings.model_validate({})
    return make_exercise(source, settings, seed=seed, path=name)


def make_exercise(source: Source, settings: Settings | None = None, *, seed: str = "", path: str = "") -> Exercise:
    """The exercise of a text. Raises CnnSpecError where it cannot be graded, FileProblem for settings that do not fit.

    >>> [blank.key for blank in make_exercise(Source("input 28x28x1\\nconv 6, f=5 -> ?x?x6, ? params")).blanks]
    ['conv1.height', 'conv1.width', 'conv1.params']
    """
    from cnnspec.teaching.truth import check_single

    settings = settings or Settings.model_validate({})
    if settings.draw:
        from cnnspec.teaching.variants.drawing import draw

        source = draw(source, settings, seed)
    file, network = _checked(source)
    try:
        blanks = find_blanks(file, network)
        if not blanks:
            raise Mistake(
                "E501",
                "the file has no blanks to fill",
                help="write `?` where the student is to answer: `conv 6, f=5 -> ?x?x?, ? params`",
            )
        exercise = Exercise(
            source, file, network, blanks, settings, seed=seed if settings.draw else "", path=path or source.filename
        )
        check_single(exercise)
    except Mistake as mistake:
        raise CnnSpecError([mistake.at(source, Span(0, 0))]) from None
    check_keys(exercise)
    _check_answers(exercise)
    return exercise


def _check_answers(exercise: Exercise) -> None:
    """That blank arguments, layers and values have an answer. Raises CnnSpecError with E512, E513 or E514."""
    families = {blank.family for blank in exercise.blanks}
    if ARGUMENT in families:
        from cnnspec.teaching.arguments.judge import check_arguments

        check_arguments(exercise)
    if LAYERS in families:
        from cnnspec.teaching.designing import design_key

        design_key(exercise)
    if VALUE in families:
        from cnnspec.teaching.values.judge import sheets

        sheets(exercise)


def _checked(source: Source) -> tuple[tree.File, Network]:
    file, broken = parse(source)
    network, found = Elaboration(source, file, syntax_errors=bool(broken)).one()
    wrong = [d for d in (*broken, *found) if d.severity == ERROR]
    if wrong or network is None:
        missing = Mistake("E401", "the file has no `input`", help="begin with the size of the input")
        raise CnnSpecError(wrong or [missing.at(source, Span(0, 0))])
    return file, network


def solved(exercise: Exercise) -> tuple[Solved, ...]:
    """The answer key: each blank with its right answer, its arithmetic, and wrong answers that are known by name."""
    from cnnspec.teaching.key import solutions

    return solutions(exercise)
