"""From text to tree, with all the syntax errors of the text at once."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from lark import Lark
from lark.exceptions import UnexpectedToken

from cnnspec.diagnostics import Diagnostic, Mistake
from cnnspec.language import number
from cnnspec.source import Source, Span
from cnnspec.syntax.build import Builder, Statements
from cnnspec.syntax.grammar import make_parser
from cnnspec.syntax.reading import LARGEST
from cnnspec.syntax.scanner import Braces, Scanner
from cnnspec.syntax.tokens import NEW_STATEMENT, Lexeme, Line, Vocabulary, lexeme
from cnnspec.syntax.tree import File

MAX_DIAGNOSTICS = 100
MAX_LINE = 20_000
_ONE_AT_A_TIME = Lock()  # the parser and what it builds with are shared

if TYPE_CHECKING:
    from lark.parsers.lalr_interactive_parser import InteractiveParser


def parse(source: Source) -> tuple[File, list[Diagnostic]]:
    """The tree of a text and all its syntax errors, in the order of the text.

    It never raises. What could not be understood stands in the tree as `Broken`; without errors nothing is broken.

    >>> file, errors = parse(Source("conv 10, f=5 | relu -> 24x24x10"))
    >>> len(file.body), errors
    (1, [])
    """
    with _ONE_AT_A_TIME, _no_collection():
        attempt = Attempt(source)
        attempt.run(_size_limit(source))
        if attempt.diagnostics:
            attempt = attempt.with_braces_mended()
    attempt.diagnostics.sort(key=lambda one: one.span)
    return attempt.file, attempt.diagnostics[:MAX_DIAGNOSTICS]


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection: a tree has no cycles, and looking for them takes as long as parsing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@cache
def machinery() -> tuple[Lark, Builder, Vocabulary]:
    """The parser, made once in a process."""
    builder = Builder()
    lark = make_parser(builder)
    return lark, builder, Vocabulary(lark.terminals)


def _size_limit(source: Source) -> Diagnostic | None:
    """The error of a text that is too long altogether, or in one line."""
    if len(source.text) > LARGEST:
        mistake = Mistake("E102", "the text is longer than {limit} characters", limit=number(LARGEST))
        mistake.help = "write what repeats with `repeat` or a `block`"
        return mistake.at(source, Span(0, 0))
    line = re.search(f"[^\n]{{{MAX_LINE + 1}}}", source.text)
    if line:
        mistake = Mistake("E102", "the line is longer than {limit} characters", limit=number(MAX_LINE))
        mistake.help = "break it inside brackets, or after `|` or a comma"
        return mistake.at(source, Span(line.start(), line.start() + 1))
    return None


class _EnoughError(Exception):
    """So many errors that more would help nobody."""


class _Failure(NamedTuple):
    """The place of the token that does not fit (the length of the line, if it ends too early), or a mistake there."""

    place: int
    mistake: Mistake | None


class Attempt:
    """One run over a text: feeds line after line to lark, and picks itself up after each error."""

    def __init__(self, source: Source, braces: Braces | None = None) -> None:
        lark, builder, vocabulary = machinery()
        builder.depths.clear()
        builder.noted.clear()
        self.builder = builder
        self.source = source
        self.scanner = Scanner(source, vocabulary, braces or Braces())
        self.bodies: dict[int, Diagnostic] = {}  # where a `{` is missing
        self.parser = lark.parse_interactive()
        self.diagnostics: list[Diagnostic] = []
        self.file = File((), Span(0, 0))

    def run(self, refusal: Diagnostic | None = None) -> None:
        """Reads the whole text into `file` and `diagnostics`; nothing of it, if it is refused."""
        feed = self.parser.feed_token
        previous: Line | None = None  # a statement whose end lark has not seen yet
        try:
            if refusal:
                self.diagnostics = [refusal]
                raise _EnoughError
            self._report(*self.scanner.comments)
            for line in self.scanner.lines():
                if line.mistakes or (len(line) > 1 and line[0] is not NEW_STATEMENT):
                    self._settle(previous)
                    self._read(line)
                    previous = None
                    continue
                token = None
                try:
                    for token in line:
                        feed(token)
                except (UnexpectedToken, Mistake):
                    if token is line[0]:
                        self._retry(previous)
                    else:
                        self._fall_back()
                    self._read(line)
                    previous = None
                else:
                    previous = line
            self._settle(previous)
        except _EnoughError:
            self.scanner.stopped = True
        self._finish()

    def with_braces_mended(self) -> Attempt:
        """Another attempt with the braces that seem to be missing, if that makes fewer errors."""
        scanner = self.scanner
        if scanner.stopped or not (scanner.unclosed or (scanner.strays and self.bodies)):
            return self
        from cnnspec.syntax.braces import missing_braces

        missing = missing_braces(self.source, scanner.pairs, scanner.unclosed)
        other = Attempt(self.source, Braces(missing, self.bodies if scanner.strays else {}))
        other.run()
        met = not (other.scanner.unclosed or other.scanner.strays)
        return other if met or len(other.diagnostics) < len(self.diagnostics) else self

    # --- lines with errors ---

    def _settle(self, previous: Line | None) -> None:
        """Shows lark the end of the statement before."""
        try:
            self.parser.feed_token(NEW_STATEMENT)
        except (UnexpectedToken, Mistake):
            self._retry(previous)

    def _retry(self, previous: Line | None) -> None:
        """Reads once more, with care, a statement that ended too early."""
        assert previous is not None, "only a statement can be incomplete"
        self._fall_back()
        self._read(previous)

    def _fall_back(self) -> None:
        """Forgets the statement under way: the stack again ends with the statements before it."""
        state = self.parser.parser_state
        while not isinstance(state.value_stack[-1], Statements):
            state.value_stack.pop()
            state.state_stack.pop()

    def _read(self, line: Line) -> None:
        """Reads a line with care: explains what is wrong in it, mends it or drops it."""
        self._report(*line.mistakes)
        reported = {one.code for one in line.mistakes}
        tokens = list(line)
        self.parser.feed_token(tokens[0])
        memory = _Memory(self.parser)
        last = -1
        while True:
            failure = _Failure(0, None) if line.spoiled else self._try(tokens)
            if failure is None:
                return
            memory.restore(self.parser)
            offset = tokens[failure.place].start_pos if failure.place < len(tokens) else tokens[-1].end_pos
            if line.spoiled or offset <= last:
                break
            last = offset
            from cnnspec.syntax.hints import explain  # nearly as large as the rest of the parser

            hint = explain(self.source, tokens, failure.place, failure.mistake)
            if hint.diagnostic.code not in reported and not (hint.vague and reported):
                self._report(hint.diagnostic)
                reported.add(hint.diagnostic.code)
            if hint.needs_body:
                self.bodies[tokens[-1].end_pos] = hint.diagnostic
            if not hint.tokens or (tokens[-1].type == "LBRACE") != (hint.tokens[-1].type == "LBRACE"):
                break
            tokens = hint.tokens
        self._drop(line)

    def _try(self, tokens: list[Lexeme]) -> _Failure | None:
        """Feeds the tokens after the first one; a line without open brace must make a whole statement."""
        rest = tokens if tokens[-1].type == "LBRACE" else [*tokens, NEW_STATEMENT]
        index = 0
        try:
            for index in range(1, len(rest)):
                self.parser.feed_token(rest[index])
        except UnexpectedToken:
            return _Failure(index, None)
        except Mistake as mistake:
            return _Failure(index, mistake)
        return None

    def _drop(self, line: Line) -> None:
        """Puts a broken step in the place of a line; where the line opens a body, that is read all the same."""
        spans = [(token.start_pos, token.end_pos) for token in line if token is not NEW_STATEMENT]
        spans += [one.span for one in line.mistakes]
        self.parser.feed_token(NEW_STATEMENT)
        self.parser.feed_token(broken(self.source.text, min(spans)[0], max(end for _, end in spans)))
        if line[-1].type == "LBRACE":
            self.parser.feed_token(line[-1])

    def _report(self, *diagnostics: Diagnostic) -> None:
        self.diagnostics += diagnostics
        if len(self.diagnostics) >= MAX_DIAGNOSTICS:
            raise _EnoughError

    def _finish(self) -> None:
        """Ends the file; where reading was given up, with what was complete."""
        if self.scanner.stopped:
            state = self.parser.parser_state
            del state.value_stack[1:], state.state_stack[2:]
            self.parser.feed_token(NEW_STATEMENT)
            self.parser.feed_token(broken(self.source.text, 0, len(self.source.text)))
        self.file = self.parser.feed_token(lexeme("$END", "", 0, 0))
        for span, mistake in {mistake.span: mistake for mistake in self.builder.noted}.items():
            assert span is not None, "the builder knows the places"
            self.diagnostics.append(mistake.at(self.source, span))


class _Memory:
    """The parser's stacks as they were; lists on them only ever grow."""

    def __init__(self, parser: InteractiveParser) -> None:
        state = parser.parser_state
        self.states = list(state.state_stack)
        self.values = list(state.value_stack)
        self.lengths = [(value, len(value)) for value in self.values if isinstance(value, list)]

    def restore(self, parser: InteractiveParser) -> None:
        parser.parser_state.state_stack[:] = self.states
        parser.parser_state.value_stack[:] = self.values
        for value, length in self.lengths:
            del value[length:]


def broken(text: str, start: int, end: int) -> Lexeme:
    """The token that stands for a stretch of text with an error."""
    token = lexeme("BROKEN", "", start, end)
    token.words = tuple(sorted(set(re.findall(r"[^\W\d]\w*", text[start:end]))))
    return token
