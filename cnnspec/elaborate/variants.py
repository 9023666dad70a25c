"""`variant resnet18(unit = basic) { expect … }`: one file, several networks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import Diagnostic, Label, Mistake
from cnnspec.elaborate.constructs import decide
from cnnspec.elaborate.limits import MAX_DIAGNOSTICS, MAX_STEPS, MAX_STEPS_OF_VARIANTS
from cnnspec.elaborate.parameters import unknown_parameter
from cnnspec.elaborate.tours import bodies
from cnnspec.language import say
from cnnspec.source import Source, Span
from cnnspec.suggest import did_you_mean
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN

if TYPE_CHECKING:
    from cnnspec.elaborate.program import Program

MOST_NAMES = 12  # of a list in a message
MOST_OPERATIONS = 50_000  # kept from one variant for the next


def unknown_variant(name: str, known: Sequence[str]) -> Mistake:
    listed = ", ".join([*known[:MOST_NAMES], *(["…"] if len(known) > MOST_NAMES else [])])
    near = did_you_mean(name, known)
    if known:
        remedy = say("its variants are {names}", names=listed)
    else:
        remedy = say("the file has no variants: leave the name out")
    return Mistake(
        "E227",
        "there is no variant `{name}`",
        help="{remedy}",
        name=name,
        remedy=f"{near} {remedy}" if near else remedy,
    )


# --- what can be said without running anything -----------------------------------------------------------------------


def check_names(program: Program) -> None:
    """Names that are given twice."""
    for statement in program.file.body:
        if isinstance(statement, tree.Variant):
            program.charge(1)
            first = program.variants[statement.name]
            if statement is not first:
                labels = (Label(program.source, first.name_span, say("given here first")),)
                mistake = Mistake("E209", "the variant `{name}` is given twice", help="choose another name")
                mistake.values["name"] = statement.name
                program.report(mistake, statement.name_span, labels)


def check_statement(program: Program, variant: tree.Variant, parameters: Sequence[str]) -> None:
    """Parameters that the model has not, and what does not belong into a body: in the variant's own run only."""
    _check_settings(program, variant, dict.fromkeys((*parameters, *program.letters)))
    _check_body(program, variant, variant.body)


def _check_settings(program: Program, variant: tree.Variant, known: Mapping[str, object]) -> None:
    taken = set()
    for argument in variant.settings:
        name = argument.name or ""
        mistake = None
        if name not in known:
            mistake = unknown_parameter(name, known)
        elif name in taken:
            mistake = Mistake("E205", "`{name}` is given twice", help="keep one of the two", name=name)
        if mistake is not None:
            program.report(mistake, argument.name_span or argument.span)
        taken.add(name)


def _check_body(program: Program, variant: tree.Variant, body: tree.Body) -> None:
    for statement in body:
        if isinstance(statement, tree.Expect):
            continue
        if isinstance(statement, tree.Let):
            right = f"variant {variant.name}({statement.name} = …)"
            _misplaced(program, "let", statement.span, say("write `{right}`", right=right))
            continue
        if not isinstance(statement, tree.Flow):
            _misplaced(program, type(statement).__name__.lower(), statement.span)
            continue
        for step in statement.steps:
            if isinstance(step, tree.If):
                for inner in bodies(step):
                    _check_body(program, variant, inner)
            elif not isinstance(step, tree.Broken):
                word = getattr(step, "kind", type(step).__name__.lower())
                _misplaced(program, word if word != "hole" else "?", step.span)
        if statement.annotation is not None:
            _misplaced(program, "->", statement.annotation.span)


def _misplaced(program: Program, word: str, span: Span, remedy: str = "") -> None:
    remedy = remedy or say("keep only `expect` in its braces, and let a model parameter say what differs")
    mistake = Mistake("E113", "`{word}` cannot stand in a variant", help="{remedy}", word=word, remedy=remedy)
    program.report(mistake, span)


# --- expectations ----------------------------------------------------------------------------------------------------


def expects_of(program: Program, body: tree.Body) -> Iterator[tree.Expect]:
    """The `expect` lines of a body, inside an `if` those of the case that holds."""
    for statement in body:
        program.charge(1)
        if isinstance(statement, tree.Expect):
            yield statement
        elif isinstance(statement, tree.Flow):
            for step in statement.steps:
                if isinstance(step, tree.If):
                    yield from expects_of(program, _case(program, step))


def _case(program: Program, step: tree.If) -> tree.Body:
    for condition, body in step.cases:
        verdict = decide(program, condition, "if")
        if verdict is UNKNOWN:
            return ()
        if verdict:
            return body
    return step.otherwise or ()


# --- all of them -----------------------------------------------------------------------------------------------------


class Budget:
    """The steps that all variants of a file may take together, and what one leaves for the next."""

    def __init__(self) -> None:
        self.left = MAX_STEPS_OF_VARIANTS
        self.operations: dict[Any, Any] = {}

    def lend(self, program: Program) -> None:
        """Gives a program what it may use."""
        if len(self.operations) > MOST_OPERATIONS:
            self.operations.clear()
        program.operations = self.operations
        program.allowance = min(MAX_STEPS, self.left)

    def settle(self, program: Program) -> None:
        self.left = -1 if program.exhausted else max(0, self.left - program.spent)


class Merged:
    """The diagnostics of several runs over one file, each once.

    What a variant is the first to say names it, and how many others say the same.
    """

    def __init__(self, source: Source, file: tree.File, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = list(diagnostics)
        self._sayers: dict[Any, list[str]] = {_key(d): [] for d in self.diagnostics}
        self._fresh: list[tuple[Diagnostic, list[str]]] = []
        self._source = source
        starts = [statement.span.start for statement in file.body]
        ends = [*starts[1:], len(source.text) + 1]
        self._places: dict[str, Span] = {}
        for statement, end in zip(file.body, ends, strict=True):
            if isinstance(statement, tree.Variant):
                self._places.setdefault(statement.name, Span(statement.span.start, end))

    @property
    def full(self) -> bool:
        return len(self._fresh) >= MAX_DIAGNOSTICS

    def add(self, name: str, diagnostics: Iterable[Diagnostic]) -> None:
        """Takes what the variant of that name says and nobody has said before."""
        for d in diagnostics:
            key = _key(d)
            if key not in self._sayers:
                self._sayers[key] = [name]
                self._fresh.append((d, self._sayers[key]))
            elif self._sayers[key]:
                self._sayers[key].append(name)

    def all(self) -> list[Diagnostic]:
        """Everything, with the names of the variants."""
        for d, (first, *others) in self._fresh:
            place = self._places[first]
            if d.source is not self._source or not place.start <= d.span.start < place.end:
                d.trace = (*d.trace, _sayers(first, len(others)))
        return [*self.diagnostics, *(d for d, _ in self._fresh)]


def _sayers(name: str, others: int) -> str:
    if not others:
        return say("in the variant `{name}`", name=name)
    return say("in the variant `{name}`, and in {count} more", name=name, count=others)


def _key(d: Diagnostic) -> tuple[Any, ...]:
    """Errors that say different things at one place are different; of findings, one is enough."""
    return (d.code, d.filename, d.span, d.message if d.code.startswith("E") else "")
