"""What is found in an answer: the text for each blank, and what is to be said of the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from cnnspec.language import plural, say
from cnnspec.source import Span
from cnnspec.suggest import did_you_mean
from cnnspec.teaching.answers.numerals import numbers, sizes
from cnnspec.teaching.answers.order import channels_first, in_order
from cnnspec.teaching.answers.synonyms import synonyms
from cnnspec.teaching.exercise import Exercise
from cnnspec.teaching.model import LAYERS, SIZE, Answer, Blank
from cnnspec.teaching.runs import runs_of
from cnnspec.values import show

MOST_NOTICES = 20
LONGEST = 1_000
LONGEST_LAYERS = 20_000
SHOWN = 60
TIMES = r"(?<![^\W\d_xX])[xX\u00d7]"  # not the x of a word such as six

# What others call the parts of keys.
_SYNONYMS = {
    **dict.fromkeys(("hauteur", "h", "rows", "lignes"), "height"),
    **dict.fromkeys(("largeur", "w", "l", "columns", "cols", "colonnes"), "width"),
    **dict.fromkeys(("canaux", "c", "channel", "canal", "filtres", "profondeur"), "channels"),
    **dict.fromkeys(("longueur",), "length"),
    **dict.fromkeys(
        ("taille", "forme", "shape", "output", "output_shape", "output_size", "sortie", "dimensions"), "size"
    ),
    **dict.fromkeys(("parametres", "parameters", "param", "calcul", "poids", "count"), "params"),
    **dict.fromkeys(("total", "total_params", "total_parametres"), "params"),
    **dict.fromkeys(("kernel", "filter", "kernel_size", "noyau"), "f"),
    **dict.fromkeys(("stride", "strides", "pas"), "s"),
    **dict.fromkeys(("padding", "pad"), "p"),
}
_UNKNOWN = re.compile(
    r"\W*(?:je (?:ne )?sais pas|j['\u2019]?sais pas|jsp|aucune id[e\u00e9]e"
    r"|(?:i )?do(?:n['\u2019]t| not) know|no idea|idk)\W*",
    re.IGNORECASE,
)
VARIANT_WORDS = frozenset({"variant", "variante", "seed", "graine"})


class Collected:
    """The answer as far as it is read."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.given: dict[str, str] = {}
        self.notices: list[str] = []
        self.seed = ""
        self._quarrels: set[str] = set()
        self._turned = False
        self.unread = False  # whether there are lines with numbers that belong to nothing

    def put(self, blank: Blank, text: str) -> None:
        """Takes the text for a blank, unless the blank was left open; a second text has to be the same."""
        text = unasked(text, blank)
        if not text:
            return
        before = self.given.setdefault(blank.key, text)
        if blank.key in self._quarrels or _same(before, text):
            return
        self._quarrels.add(blank.key)
        if len(blank.spans) > 1:  # places that have to agree: with two answers neither is the answer
            self.given[blank.key] = f"{before} \u2260 {text}"
            self.notice(
                say(
                    "`{blank}` was answered twice, `{first}` and `{second}`: one number is wanted for all places",
                    blank=blank.key,
                    first=shortened(before),
                    second=shortened(text),
                )
            )
        else:
            self.notice(
                say(
                    "`{blank}` was answered twice, `{first}` and `{second}`: the first counts",
                    blank=blank.key,
                    first=shortened(before),
                    second=shortened(text),
                )
            )

    def put_size(self, blanks: Sequence[Blank | str], text: str) -> None:
        """Shares a size out to the blanks of its parts; a part that is given by the exercise stands as its text."""
        for blank, part in zip(blanks, self.parts(blanks, text), strict=False):
            if isinstance(blank, Blank):
                self.put(blank, part)

    def parts(self, blanks: Sequence[Blank | str], text: str) -> list[str]:
        """The parts of a size; with a batch and the channels in front, in the order of the language."""
        statement = next((blank.statement for blank in blanks if isinstance(blank, Blank)), None)
        right = None if statement is None else self.result(statement)
        found = in_order(text, len(blanks), right) or channels_first(text, len(blanks), right)
        if found is None:
            return parts_of(text, len(blanks))
        size, was_turned = found
        if was_turned:
            self.was_turned(text, size)
        return [str(axis) for axis in size]

    def was_turned(self, text: str, size: tuple[int, ...]) -> None:
        """Says once that sizes were written with the channels in front."""
        if not self._turned:
            self._turned = True
            said = say(
                "`{text}` is read as {size}: here the channels stand last", text=shortened(text), size=show(size)
            )
            self.notice(said)

    def result(self, statement: Span) -> Any:
        """The size that a statement yields; None where it never runs."""
        runs = self.exercise.known("runs", lambda: runs_of(self.exercise.network)).get(statement, ())
        return runs[0].result if runs else None

    def take(self, other: Collected) -> None:
        """Takes all that another reading of the same answer found."""
        self.given.update(other.given)
        self.notices += other.notices
        self.seed = self.seed or other.seed
        self.unread |= other.unread

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def put_by_key(self, key: str, text: str) -> bool:
        """Takes the text for the blank of this key, of a number, or of a whole size; whether there is one."""
        if normal(key) in VARIANT_WORDS:
            self.seed = self.seed or text.strip()[:LONGEST]
            return True
        found = self.find(key)
        if isinstance(found, Blank):
            self.put(found, text)
        elif found:
            self.put_size(found, text)
        return found is not None

    def find(self, key: str) -> Blank | list[Blank] | None:
        """The blank of a key or number; the blanks of the parts, where the key asks for a whole size."""
        blanks: dict[str, Blank | list[Blank]] = self.exercise.known("blanks by key", self._by_key)
        written = key.strip().strip("`'\" ").casefold()
        return blanks.get(written) or blanks.get(normal(key))

    def _by_key(self) -> dict[str, Blank | list[Blank]]:
        known: dict[str, Blank | list[Blank]] = {}
        for blank in self.exercise.blanks:
            known[blank.key.casefold()] = blank
            known.setdefault(normal(blank.key), blank)
            owner, _, part = blank.key.rpartition(".")
            if blank.family == SIZE and part != "size":
                for word in (f"{owner}.size", owner):
                    group = known.setdefault(word, [])
                    if isinstance(group, list):
                        group.append(blank)
        for blank in self.exercise.blanks:
            known.setdefault(str(blank.number), blank)
        for key, blank in synonyms(self.exercise):
            known.setdefault(key.casefold(), blank)
        return known

    def unknown(self, keys: Iterable[str]) -> None:
        """Says that the exercise has no such blanks."""
        known = [blank.key for blank in self.exercise.blanks]
        for key in keys:
            near = did_you_mean(normal(key)[:100], known)
            name = shortened(key)
            if near:
                self.notice(say("there is no blank `{key}`: {near}", key=name, near=near))
            else:
                self.notice(say("there is no blank `{key}`", key=name))

    def answer(self) -> Answer:
        told = list(dict.fromkeys(self.notices))
        more = len(told) - MOST_NOTICES
        notices = told[:MOST_NOTICES]
        if more > 0:
            notices.append(plural("and {n} more", "and {n} more", more))
        return Answer(self.given, tuple(notices), "", self.seed)


def _same(one: str, other: str) -> bool:
    """Whether two answers say the same: `84` and `84 params`."""
    if "".join(one.split()) == "".join(other.split()):
        return True
    values = [reading.value for reading in numbers(one)[:1]]
    return bool(values) and values == [reading.value for reading in numbers(other)[:1]]


def unasked(text: str, blank: Blank) -> str:
    """The text without what the exercise has there: "" where the blank was left open, the 5 of `?(5)` and `?5`.

    What is longer than an answer can be is cut, which leaves it unreadable.
    """
    text = text.strip()[: LONGEST_LAYERS if blank.family == LAYERS else LONGEST]
    if _UNKNOWN.fullmatch(text):
        return ""
    if not text.startswith("?") or blank.family == LAYERS:
        return "" if re.fullmatch(r"\?[0-9]*|_+|\.\.+|\u2026", text) else text
    chosen = re.fullmatch(r"\?[0-9]*\s*\(([^,()]*)\)", text)
    if chosen:
        return chosen[1].strip()
    number = blank.key if blank.key.startswith("?") else "?"
    rest = text.removeprefix(number).strip()
    return "" if rest.startswith(("?", "(")) else rest


def parts_of(text: str, count: int) -> list[str]:
    """The parts of a size as they are written, or as they are read where it is written in another way.

    >>> parts_of("62x62x32", 3), parts_of("(None, 62, 62, 32)", 3), parts_of("62x62", 3)
    (['62', '62', '32'], ['62', '62', '32'], ['62', '62'])
    """
    parts = [part.strip() for part in re.split(TIMES, text)]
    if len(parts) == count and all(re.fullmatch(r"[0-9]+|\?[0-9]*|", part) for part in parts):
        return parts
    for reading in sizes(text, count):
        if isinstance(reading.value, tuple) and len(reading.value) == count and reading.form != "channels first":
            return [str(axis) for axis in reading.value]
    for signs in (TIMES, "[*\u00b7]", ";", ",", r"\s+"):
        parts = [part.strip() for part in re.split(signs, text.strip("()[] "))]
        if len(parts) > 1:
            return parts
    return [text]


def normal(key: str) -> str:
    """A key as the exercise writes it: small letters, points, English words.

    >>> normal("Conv1 / Hauteur"), normal("conv1.paramètres"), normal("n° 3")
    ('conv1.height', 'conv1.params', '3')
    """
    from unicodedata import combining, normalize

    plain = "".join(one for one in normalize("NFKD", key[:200]) if not combining(one)).casefold()
    plain = plain.strip(" `'\"")
    plain = re.sub(r"^(?:n|no|nr|#|case|blank|question|q)\s*+[\u00b0\u00bao.#]?\s*+(?=[0-9]+$)", "", plain)
    parts = [part for part in re.split(r"[\s./:>|\[\]-]+", plain) if part]
    return ".".join([*parts[:-1], _SYNONYMS.get(parts[-1], parts[-1])]) if parts else ""


def shortened(text: str) -> str:
    """The text on one line, as it fits into a message."""
    line = " ".join(
        "".join(one if one.isprintable() or one.isspace() else "\ufffd" for one in text[: 4 * SHOWN]).split()
    )
    return line if len(line) <= SHOWN and len(text) <= 4 * SHOWN else f"{line[: SHOWN - 3]}..."
