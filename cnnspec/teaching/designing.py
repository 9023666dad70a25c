"""Judges layers that a student puts in the place of `?`, under the conditions that the exercise states.

The student's lines take the place of the blank in the exercise's own text, in braces of their own, and the checker
decides. Each condition is held or not: the annotations from the blank on, each side of an `expect` line, the kinds that
the settings allow. The credit is the part that holds. What a design that does nothing would fulfil as well (a bound on
the parameters, say) counts where it is missed only: to keep it is no work, and an empty answer earns nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnspec import layers
from cnnspec.diagnostics import ERROR, CnnSpecError, Diagnostic, Mistake
from cnnspec.elaborate.checks import Figures
from cnnspec.elaborate.program import SYNTAX_OR_CHECK, Program
from cnnspec.elaborate.scopes import FIGURES, FLOW_FIGURES
from cnnspec.elaborate.uses import Uses
from cnnspec.language import plural, say
from cnnspec.network import Layer, Network
from cnnspec.record import Record
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.syntax.parser import parse
from cnnspec.teaching.model import LAYERS, Answer, Blank, Judgement, Status
from cnnspec.values import UNKNOWN, show, show_count

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

LONGEST = 10_000  # characters of an answer
MOST_ELEMENTS = 1000  # in lists of an answer: weights by hand are small
STEPS = 20_000
MOST_LAYERS = 3000
NOTHING = "identity"
NOWHERE = Span(0, 0)  # where the settings, not the text, ask for something
IDLE = ("identity", "dropout", "drop_path")
MAY_STAND = (tree.Flow, tree.Let, tree.Block)
OPPOSITE = {"==": "≠", "!=": "=", "<": "≥", "<=": ">", ">": "≤", ">=": "<"}
SIGNS = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


class Condition(Record):
    """One thing that is asked of a design, and whether it holds. `place` is where the exercise asks it."""

    text: str
    holds: bool
    place: Span


class Lines(Record):
    """The lines of an answer, read: what takes the place of the blank, and lets and blocks for the end of the file."""

    inside: str
    outside: str


class Refused(Exception):  # noqa: N818  (said to the student as it is)
    """An answer that is not to be judged, and why."""


def judge_layers(exercise: Exercise, answer: Answer) -> dict[str, Judgement]:
    """A judgement for each `?` in the place of layers."""
    judged: dict[str, Judgement] = {}
    written: dict[str, Lines] = {}
    for blank in _holes(exercise):
        text = answer.given.get(blank.key, "").strip()
        try:
            lines = read_lines(text)
        except Refused as refused:
            judged[blank.key] = Judgement("unreadable", 0.0, str(refused))
            continue
        if lines.inside:
            written[blank.key] = lines
        else:
            judged[blank.key] = Judgement("empty", 0.0, say("this blank is still open"))
    if written:
        trial = Trial(exercise, written)
        for key in written:
            judged[key] = _judgement(exercise, exercise.blank(key), trial, len(_holes(exercise)))
    right = design_key(exercise)
    return {key: judgement._replace(right=right.get(key, "")) for key, judgement in judged.items()}


def design_key(exercise: Exercise) -> dict[str, str]:
    """The layers of the file that the settings name as `solution`; nothing where they name none.

    Raises CnnSpecError with E513 where they do not fulfil every condition.
    """
    found: dict[str, str] = exercise.known("design key", lambda: _design_key(exercise))
    return found


def _holes(exercise: Exercise) -> list[Blank]:
    return [blank for blank in exercise.blanks if blank.family == LAYERS]


# --- the student's lines ---------------------------------------------------------------------------------------------


def read_lines(text: str) -> Lines:
    """The lines of an answer, with what may stand in them. Raises Refused."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if text in ("", "?"):
        return Lines("", "")
    if len(text) > LONGEST:
        raise Refused(say("the answer is longer than {limit} characters", limit=show_count(LONGEST)))
    source = Source(text)
    file, errors = parse(source)
    if errors:
        raise Refused(_quoted(source, errors[0]))
    _check(source, file.body)
    starts = [*(one.span.start for one in file.body), len(text)]
    inside, outside = [text[: starts[0]]], list[str]()
    for one, start, end in zip(file.body, starts, starts[1:], strict=False):
        (outside if isinstance(one, (tree.Let, tree.Block)) else inside).append(text[start:end].strip(" \n;"))
    return Lines("\n".join(inside).strip(), "\n".join(outside))


def _check(source: Source, body: tree.Body) -> None:
    """Refuses statements that belong to the exercise, blanks, large lists, and names that would change the rest."""
    for statement in body:
        if not isinstance(statement, MAY_STAND):
            raise _belongs(source, statement)
    for node in _nodes(body):
        if isinstance(node, (tree.Blank, tree.Hole)):
            raise Refused(say("line {row}: there is still a `?` in the answer", row=_row(source, node)))
        if isinstance(node, (tree.Use, tree.Input, tree.Output, tree.Expect, tree.Example, tree.Model, tree.Variant)):
            raise _belongs(source, node)
        name = getattr(node, "name", None) if isinstance(node, (tree.Let, tree.Block)) else None
        if name and (layers.find(name) or name in FIGURES or name in FLOW_FIGURES):
            row = _row(source, node)
            raise Refused(say("line {row}: `{name}` has a meaning already, choose another name", row=row, name=name))
    if sum(len(node.items) for node in _nodes(body) if isinstance(node, tree.ListLiteral)) > MOST_ELEMENTS:
        raise Refused(say("the answer holds more than {limit} numbers in lists", limit=show_count(MOST_ELEMENTS)))
    if re.search(r"^[^#\n]*#.*\bnoqa\b", source.text, re.MULTILINE):
        raise Refused(say("`noqa` belongs to the exercise, not to the answer"))


def _belongs(source: Source, node: Any) -> Refused:
    word = type(node).__name__.lower()
    row = _row(source, node)
    return Refused(say("line {row}: `{word}` belongs to the exercise, not to the answer", row=row, word=word))


def _nodes(node: Any) -> Iterator[Any]:
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, (tuple, list)) and not isinstance(one, Span):
            if hasattr(one, "_fields"):
                yield one
            stack.extend(one)


def _row(source: Source, node: Any) -> int:
    return source.row(node.span.start)


def _quoted(source: Source, error: Diagnostic) -> str:
    row = source.row(error.span.start)
    return say("line {row}, `{line}`: {problem}", row=row, line=source.line(row).strip()[:60], problem=error.message)


# --- the exercise with these lines -----------------------------------------------------------------------------------


class Trial:
    """The exercise with lines in the place of its blanks, elaborated."""

    def __init__(self, exercise: Exercise, written: Mapping[str, Lines]) -> None:
        self.exercise = exercise
        self.regions: dict[str, Span] = {}  # of each blank's lines, in the new text
        self._shifts: list[tuple[int, int]] = []  # from which place of the exercise on, by how much places move
        self.source = Source(self._spliced(written), exercise.source.filename)
        file, self.broken = parse(self.source)
        folder = str(Path(exercise.source.filename).resolve().parent)
        self.program = Program(self.source, file, Uses(folder), {})
        self.program.again = True
        self.program.allowance = STEPS
        self.file = file
        self.network: Network | None = None
        if not self.broken:
            self.program.walk()
            self.errors = [d for d in self.program.diagnostics if d.severity == ERROR]
            if all(d.code in SYNTAX_OR_CHECK for d in self.errors) and len(self.program.layers) <= MOST_LAYERS:
                self.network = self.program.network(Network, 0)
        else:
            self.errors = list(self.broken)

    def _spliced(self, written: Mapping[str, Lines]) -> str:
        text, shift, made, at = self.exercise.source.text, 0, [], 0
        for blank in sorted(_holes(self.exercise), key=lambda one: one.span):
            if blank.key not in written:
                continue
            for span in blank.spans:
                lines = f"if true {{\n{written[blank.key].inside}\n}}"
                made.append(text[at : span.start] + lines)
                self.regions[blank.key] = Span(span.start + shift, span.start + shift + len(lines))
                shift += len(lines) - (span.end - span.start)
                self._shifts.append((span.end, shift))
                at = span.end
        outside = "\n".join(lines.outside for lines in written.values())
        body = "".join(made) + text[at:] + "\n"
        self.outside = Span(len(body), len(body) + len(outside))
        return body + outside + "\n"

    def original(self, span: Span) -> Span | None:
        """The place in the exercise of one in the new text; None for what the student wrote."""
        if self.is_students(span):
            return None
        for start, shift in reversed(self._shifts):
            if span.start - shift >= start:
                return Span(span.start - shift, span.end - shift)
        return span

    def is_students(self, span: Span) -> bool:
        """Whether a place in the new text is one of the student's."""
        return any(one.start <= span.start < one.end for one in (*self.regions.values(), self.outside))

    def students_layers(self) -> list[Layer]:
        """The layers that the student's lines make, also through the blocks that they call."""
        rows = {row for span in (*self.regions.values(), self.outside) for row in self._rows(span)}
        return [layer for layer in self.program.layers if self._made(layer, rows)]

    def _rows(self, span: Span) -> range:
        """The rows on which nothing stands but what the student wrote: the braces share theirs with the exercise."""
        first, last = self.source.row(span.start), self.source.row(span.end)
        return range(first, last + 1) if span == self.outside else range(first + 1, last)

    def _made(self, layer: Layer, rows: set[int]) -> bool:
        if layer.source is self.source and self.is_students(layer.span):
            return True
        return any(call.source is self.source and call.row in rows for call in layer.trace)

    def lines_of(self, error: Diagnostic) -> str:
        """An error with the line where it lies."""
        if error.source is not self.source:
            return error.message
        row = self.source.row(error.span.start)
        return say("`{line}`: {problem}", line=self.source.line(row).strip()[:60], problem=error.message)


# --- conditions ------------------------------------------------------------------------------------------------------


def conditions(trial: Trial) -> list[Condition]:
    """Everything that the exercise asks of the design, in the order of the text."""
    return [*_kinds(trial), *_annotations(trial), *_expectations(trial)]


def _kinds(trial: Trial) -> Iterator[Condition]:
    allowed = trial.exercise.settings.kinds
    if allowed is None:
        return
    others = sorted({layer.kind for layer in trial.students_layers() if layer.kind not in (*allowed, "?")})
    if others:
        text = say("{kinds}: not among the layers that may be used", kinds=", ".join(f"`{kind}`" for kind in others))
    else:
        text = say("only layers that may be used: held")
    yield Condition(text, not others, NOWHERE)


def _annotations(trial: Trial) -> Iterator[Condition]:
    """The annotations of the exercise from the first blank on."""
    first = min(region.start for region in trial.regions.values())
    wrong = {d.span: d for d in trial.errors if d.code in ("E402", "E403")}
    flows = [node for node in _nodes(trial.file.body) if isinstance(node, tree.Flow)]
    for node in sorted(flows, key=lambda one: one.span):
        if node.annotation is None or trial.is_students(node.annotation.span):
            continue
        if node.span.end < first:
            continue
        for part in (node.annotation.size, node.annotation.params):
            if part is not None and not any(isinstance(inner, tree.Blank) for inner in _nodes((part,))):
                yield _annotation(trial, part, wrong.get(part.span), counts=part is node.annotation.params)


def _annotation(trial: Trial, part: tree.Expression, error: Diagnostic | None, *, counts: bool) -> Condition:
    text = " ".join(trial.source.text[part.span.start : part.span.end].split())
    place = trial.original(part.span) or part.span
    if error is not None:
        said = say(
            "{text} params: not held: {problem}" if counts else "the size {text}: not held: {problem}",
            text=text,
            problem=error.message,
        )
    elif trial.network is None:
        said = say("{text} params: not reached" if counts else "the size {text}: not reached", text=text)
    else:
        said = say("{text} params: held" if counts else "the size {text}: held", text=text)
    return Condition(said, error is None and trial.network is not None, place)


def _expectations(trial: Trial) -> Iterator[Condition]:
    network = trial.network
    figures = Figures(trial.program, network) if network is not None else None
    expects = [node for node in _nodes(trial.file.body) if isinstance(node, tree.Expect)]
    for expect in sorted(expects, key=lambda one: one.span):
        for part in _sides(expect.condition):
            if not any(isinstance(inner, tree.Blank) for inner in _nodes((part,))):
                yield _expectation(trial, figures, part)


def _sides(condition: tree.Expression) -> Iterator[tree.Expression]:
    if isinstance(condition, tree.Binary) and condition.operator == "and":
        yield from _sides(condition.left)
        yield from _sides(condition.right)
    else:
        yield condition


def _expectation(trial: Trial, figures: Figures | None, node: tree.Expression) -> Condition:
    text = " ".join(trial.source.text[node.span.start : node.span.end].split())
    place = trial.original(node.span) or node.span
    if figures is None:
        return Condition(say("`{text}`: not reached", text=text), False, place)
    try:
        holds = figures.condition(node, say("what stands after `expect`")) is True
        shown = _compared(trial, figures, node, holds)
    except Mistake as mistake:
        problem = mistake.at(trial.source, node.span).message
        return Condition(say("`{text}`: {problem}", text=text, problem=problem), False, place)
    return Condition(shown or say("`{text}`: held" if holds else "`{text}`: not held", text=text), holds, place)


def _compared(trial: Trial, figures: Figures, node: tree.Expression, held: bool) -> str:
    """`params: 61,706 > 60,000: not held`: the figure, and how it stands to what is asked; "" where it is unknown."""
    if not isinstance(node, tree.Binary) or node.operator not in OPPOSITE:
        return ""
    left, right = figures.evaluate(node.left), figures.evaluate(node.right)
    what = " ".join(trial.source.text[node.left.span.start : node.left.span.end].split())
    if UNKNOWN in (left, right):
        return ""
    return say(
        "{what}: {left} {sign} {right}: held" if held else "{what}: {left} {sign} {right}: not held",
        what=what,
        left=_shown(left),
        sign=(SIGNS if held else OPPOSITE)[node.operator],
        right=_shown(right),
    )


def _shown(value: Any) -> str:
    return show_count(value) if isinstance(value, int) and not isinstance(value, bool) else show(value)


# --- the verdict -----------------------------------------------------------------------------------------------------


def _judgement(exercise: Exercise, blank: Blank, trial: Trial, holes: int) -> Judgement:
    error = next((d for d in trial.errors if d.code not in SYNTAX_OR_CHECK), None)
    if error is not None or trial.network is None:
        problem = trial.lines_of(error) if error else say("more than {limit} layers", limit=show_count(MOST_LAYERS))
        return Judgement("wrong", 0.0, say("these layers do not work: {problem}", problem=problem))
    own = next((d for d in trial.errors if trial.is_students(d.span)), None)
    asked = [one for one in conditions(trial) if holes == 1 or _concerns(exercise, blank, one)]
    vacuous = _vacuous(exercise)
    demands = [one for one in asked if one.place not in vacuous]
    free = [] if not demands else [one for one in asked if one.holds and one not in demands]
    lines = (*(_line(one, free) for one in asked), *([trial.lines_of(own)] if own is not None else []))
    working = [layer for layer in trial.students_layers() if layer.kind not in IDLE]
    if not working or (demands and not any(one.holds for one in demands)):
        return Judgement("wrong", 0.0, say("nothing of what is asked is reached"), arithmetic=lines)
    counted = [one for one in asked if one in demands or not one.holds] if demands else asked
    held, count = sum(one.holds for one in counted), len(counted) + (own is not None)
    credit = held / count if count else 1.0
    status: Status = "right" if credit == 1 else "wrong"
    return Judgement(status, credit, _told(counted, own is None), arithmetic=lines)


def _line(condition: Condition, free: Sequence[Condition]) -> str:
    """The condition, and whether it earns nothing because layers that do nothing fulfil it as well."""
    if condition in free:
        return say("{condition} (counts only when missed)", condition=condition.text)
    return condition.text


def _told(asked: Sequence[Condition], works: bool) -> str:
    """How many of the conditions that count hold; all of them stand below."""
    if not asked:
        return say("right: these layers work") if works else say("an annotation of your own does not hold")
    return plural(
        "{held} of {n} condition holds",
        "{held} of {n} conditions hold",
        len(asked) + (not works),
        held=sum(one.holds for one in asked),
    )


def _concerns(exercise: Exercise, blank: Blank, condition: Condition) -> bool:
    """Of several blanks each has the annotations up to the next one, and all have the `expect` lines."""
    others = sorted(one.span.start for one in _holes(exercise) if one.span.start > blank.span.start)
    expects = [node.span for node in exercise.file.body if isinstance(node, tree.Expect)]
    if condition.place == NOWHERE or any(one.start <= condition.place.start < one.end for one in expects):
        return True
    return condition.place.start >= blank.span.start and not (others and condition.place.start > others[0])


def _vacuous(exercise: Exercise) -> set[Span]:
    """The places of conditions that a design which does nothing fulfils as well."""

    def find() -> set[Span]:
        idle = Trial(exercise, {blank.key: Lines(NOTHING, "") for blank in _holes(exercise)})
        return {NOWHERE, *(one.place for one in conditions(idle) if one.holds)}

    found: set[Span] = exercise.known("vacuous", find)
    return found


# --- the key ---------------------------------------------------------------------------------------------------------


def _design_key(exercise: Exercise) -> dict[str, str]:
    if exercise.settings.solution is None or not _holes(exercise):
        return {}
    from cnnspec.teaching.answers import read_answer
    from cnnspec.teaching.model import Submission

    folder = Path(exercise.path).resolve().parent
    path = (folder / exercise.settings.solution).resolve()
    if not path.is_relative_to(folder):
        raise CnnSpecError([_no_key(exercise, say("it lies outside the folder of the exercise"))])
    try:
        content = path.read_bytes()
    except OSError:
        raise CnnSpecError([_no_key(exercise, say("it cannot be read"))]) from None
    answer = read_answer(exercise, Submission(path.stem, path.name, _drawn(exercise, content, path.name)))
    given = {blank.key: answer.given.get(blank.key, "") for blank in _holes(exercise)}
    exercise._known["design key"] = given  # the judgement below asks for it
    judged = judge_layers(exercise, Answer(given))
    broken = next((one for one in judged.values() if one.credit < 1), None)
    if broken:
        del exercise._known["design key"]
        raise CnnSpecError([_no_key(exercise, broken.message, broken.arithmetic)])
    return given


def _drawn(exercise: Exercise, content: bytes, name: str) -> bytes:
    """The solution with the numbers of the variant in the place of its model's parameters."""
    if not exercise.settings.draw:
        return content
    from cnnspec.syntax.reading import decode, read
    from cnnspec.teaching.variants.drawing import choose
    from cnnspec.teaching.variants.writing import written_out

    source = decode(content, name)
    file, broken = parse(source)
    _, values = choose(read(exercise.path), exercise.settings, exercise.seed)
    return content if broken else written_out(source, file, values, "").text.encode()


def _no_key(exercise: Exercise, why: str, lines: tuple[str, ...] = ()) -> Diagnostic:
    mistake = Mistake(
        "E513",
        "`solution` is no right answer: {why}",
        help="mend the file, or leave `solution` out of the settings",
        lines=lines,
        why=why,
    )
    return mistake.at(exercise.source, _holes(exercise)[0].span)
