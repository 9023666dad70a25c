"""From text to logical lines of tokens: the words of the grammar, and the layout.

A logical line starts with NL (a statement follows) or with `}` (the rest of a construct follows), and ends before the
next of them. What is no token of the language is a mistake: it is noted, mended where its meaning is plain (see
`foreign`), and scanning goes on.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from cnnspec.diagnostics import Diagnostic, Edit, Fix, Label, Mistake
from cnnspec.language import number, say
from cnnspec.record import Record
from cnnspec.source import Source, Span
from cnnspec.syntax.tokens import NEW_STATEMENT, ODD_KINDS, Lexeme, Line, Vocabulary, lexeme

MAX_NESTING = 50
MAX_DIGITS = 100
MAX_STEPS = 150_000
MAX_TOKENS = 1_500_000
MAX_TOKENS_OF_STATEMENT = 250_000

CONTINUES = frozenset({"PIPE", "ARROW", "ELSE", "SHORTCUT", "LBRACE"})
AFTER_BRACE = frozenset({"BRANCH", "FOR", "IF", "REPEAT", "RESIDUAL", "FROZEN"})  # statements, even beside a `}`
_OPEN_ENDED = frozenset({"PIPE", "COMMA"})
_NAMES = frozenset({"NAME", "PARAMS", "PARAM"})
_CALLED = _NAMES | {"OUTPUT"}
_FIXED = frozenset({"NAME", "SIGN"})
_CLOSING = frozenset({"RPAR", "RSQB"})
_DIGITS = frozenset({"NUMBER", "SIZE", "BLANK"})
_BRACES = frozenset({"LBRACE", "RBRACE", "END"})
_STATEMENTS = frozenset(
    {
        *("MODEL", "BLOCK", "USE", "LET", "EXPECT", "EXAMPLE", "VARIANT", "REPEAT", "FOR"),
        *("RESIDUAL", "BRANCH", "FROZEN", "FROM", "APPLY"),
    }
)
_CLOSERS = {"LPAR": ("RPAR", ")"), "CALL": ("RPAR", ")"), "LSQB": ("RSQB", "]"), "LBRACE": ("RBRACE", "}")}

# Where a comment in the manner of another language may start: cheap to ask, seldom true.
_FOREIGN_COMMENT = re.compile(r"/\*|^[ \t]*(?://|--|%)|(?://|--|%)[ \t]*(?:[^\W\d]|[0-9]+[ \t]+\w|$)", re.MULTILINE)


class Braces(Record):
    """Braces that are missing, as an earlier look at the same text has found out.

    `closing` has the offsets before which a `}` is missing, with the brace left open; `opening` the offsets after which
    a `{` is missing, with the error to report.
    """

    closing: Mapping[int, Lexeme] = MappingProxyType({})
    opening: Mapping[int, Diagnostic] = MappingProxyType({})


class Scanner:
    """The logical lines of a text, one after the other."""

    def __init__(self, source: Source, vocabulary: Vocabulary, missing: Braces) -> None:
        self.source = source
        self.vocabulary = vocabulary
        self.missing = missing
        self.text = source.text
        self.line = Line((NEW_STATEMENT,))
        self.open: list[Lexeme] = []  # brackets and braces
        self.inside = 0  # the brackets opened since the last brace
        self.doomed: set[int] = set()  # offsets of brackets that nobody closes
        self.pairs: list[tuple[Lexeme, Lexeme]] = []  # braces, and the `}` at the start of a line that closes them
        self.unclosed: list[Lexeme] = []  # braces that nobody closes
        self.strays = 0  # braces that close nothing
        self.steps = 0
        self.tokens = 0
        self.stopped = False
        self.resume = 0  # where to read on, behind something that was read at once
        self.comments: tuple[Diagnostic, ...] = ()
        if _FOREIGN_COMMENT.search(self.text):
            from cnnspec.syntax.foreign import without_foreign_comments

            self.text, self.comments = without_foreign_comments(source)

    def lines(self) -> Iterator[Line]:
        position: int | None = 0
        while position is not None:
            position = yield from self._scan(position)

    def note(self, mistake: Mistake, start: int, end: int, fix: Fix | None = None, *labels: Label) -> None:
        """Notes a mistake of the current line."""
        self.line.note(mistake.at(self.source, Span(start, end), labels=labels, fix=fix))

    def spoil(self, mistake: Mistake, start: int, end: int) -> None:
        """Notes a mistake after which the rest of the line says nothing."""
        self.note(mistake, start, end)
        self.line.spoiled = True

    # One loop over all tokens of the text: what is split off here costs a tenth of the time of a check.
    def _scan(self, position: int) -> Generator[Line, None, int | None]:  # noqa: C901, PLR0912, PLR0915
        """The lines from a position on. Returns where to read again with what is known by then, or None at the end."""
        fixed = self.vocabulary.fixed
        closing, opening = self.missing
        line = self.line
        ended = False  # a line break ends the line, unless the next token continues it
        hard = False  # a `;` ends it in any case
        fresh = False  # no token yet since the last line break
        for match in self.vocabulary.pattern.finditer(self.text, position):
            kind: Any = match.lastgroup
            value: Any = match[kind]
            end = match.end()
            start = end - len(value)
            if kind in _FIXED:
                kind = fixed.get(value, kind)
            elif kind == "NL":
                fresh = True
                if self.inside:
                    if self._is_doomed():
                        self._close_brackets()
                    elif value == ";":
                        return self._reread()
                    elif len(line) > MAX_TOKENS_OF_STATEMENT:
                        yield self._too_many(line[1])
                        return None
                    else:
                        continue
                ended = True
                hard = hard or value == ";"
                continue
            elif kind == "COMMENT":
                continue

            if kind in AFTER_BRACE and line[-1].type == "RBRACE":
                ended = True
            if ended:
                ended = False
                if hard or (kind not in CONTINUES and line[-1].type not in _OPEN_ENDED):
                    hard = False
                    if opening and line[-1].end_pos in opening:
                        self._open_body(opening[line[-1].end_pos])
                    if not line.empty:
                        self.tokens += len(line)
                        yield line
                        line = self.line = Line((NEW_STATEMENT,))
                    if start in closing and self.open:
                        yield self._missing_brace(closing[start], start)
                        line = self.line = Line((NEW_STATEMENT,))
            if self.inside and (kind in _BRACES or (fresh and kind in _STATEMENTS)):
                if not self._is_doomed():
                    return self._reread()
                self._close_brackets()
            if kind in ODD_KINDS:
                from cnnspec.syntax.foreign import mend

                line.extend(mend(self, kind, value, start, end))
                fresh = False
                if self.resume:
                    resume, self.resume = self.resume, 0
                    return resume
                continue
            if kind == "LPAR" and line[-1].type in _CALLED and line[-1].end_pos == start:
                kind = "CALL"
            token = lexeme(kind, value, start, end)

            if kind in _CLOSERS:
                if len(self.open) == MAX_NESTING:
                    yield self._too_deep(token)
                    return None
                self.open.append(token)
                if kind == "LBRACE":
                    self.steps += 1
                    line.append(token)
                    yield line
                    line = self.line = Line((NEW_STATEMENT,))
                    continue
                self.inside += 1
            elif kind in _CLOSING:
                if not self.inside:
                    self._stray(token)
                    continue
                token = self._closing(token)
            elif kind == "RBRACE":
                if not self.open:
                    self._stray(token)
                    continue
                if not line.empty:
                    yield line
                opener = self.open.pop()
                if fresh:
                    self.pairs.append((opener, token))
                line = self.line = Line((token,))
                fresh = False
                continue
            elif kind == "PIPE":
                self.steps += 1
            elif kind in _DIGITS:
                if len(value) > MAX_DIGITS:
                    self._check_digits(token)
            elif kind == "END":
                break
            if fresh:
                fresh = False
                self.steps += 1
                if self.steps > MAX_STEPS or self.tokens > MAX_TOKENS:
                    yield self._too_many(token)
                    return None
            line.append(token)

        if not line.empty:
            yield line
        yield from self._missing_at_the_end()
        return None

    def _is_doomed(self) -> bool:
        """Whether one of the brackets open here is known to stay open."""
        return bool(self.doomed) and any(one.start_pos in self.doomed for one in self.open[-self.inside :])

    def _reread(self) -> int:
        """Gives up the brackets open here: each will end with its own line of text, read again from the first."""
        brackets = self.open[-self.inside :]
        first = brackets[0].start_pos
        self.doomed.update(one.start_pos for one in brackets)
        del self.open[-self.inside :]
        self.inside = 0
        del self.line[next(i for i, token in enumerate(self.line) if token is brackets[0]) :]
        self.line.mistakes = [one for one in self.line.mistakes if one.span.start < first]
        self.line.spoiled = self.line.spoiled and bool(self.line.mistakes)
        return first

    def _close_brackets(self) -> None:
        """Closes all brackets at the end of what has been read, and says that the first was never closed."""
        brackets = self.open[-self.inside :]
        self._unclosed(next(one for one in brackets if one.start_pos in self.doomed))
        for one in reversed(brackets):
            self._close(one)

    def _close(self, opener: Lexeme) -> None:
        place = self.line[-1].end_pos
        self.line.append(lexeme(*_CLOSERS[opener.type], place, place))
        self.open.pop()
        self.inside -= 1

    def _closing(self, token: Lexeme) -> Lexeme:
        """The token that closes the innermost bracket, where this one closes an outer one or is of the wrong shape."""
        kind, sign = _CLOSERS[self.open[-1].type]
        if kind != token.type:
            if any(_CLOSERS[one.type][0] == token.type for one in self.open[-self.inside :]):
                while _CLOSERS[self.open[-1].type][0] != token.type:
                    self._unclosed(self.open[-1])
                    self._close(self.open[-1])
            else:
                mistake = Mistake("E106", "`{sign}` cannot close `{opener}`", help="write `{expected}`")
                mistake.values = {"sign": token.value, "opener": self.open[-1].value, "expected": sign}
                self.note(mistake, token.start_pos, token.end_pos, replace(token, sign))
                token = lexeme(kind, sign, token.start_pos, token.end_pos)
        self.open.pop()
        self.inside -= 1
        return token

    def _unclosed(self, opener: Lexeme) -> None:
        sign = _CLOSERS[opener.type][1]
        mistake = Mistake("E106", "`{opener}` is never closed", help="add `{sign}`", opener=opener.value, sign=sign)
        self.note(mistake, opener.start_pos, opener.end_pos)

    def _stray(self, token: Lexeme) -> None:
        mistake = Mistake("E106", "`{sign}` closes nothing", help="remove it, or add the missing `{opener}`")
        mistake.values = {"sign": token.value, "opener": "([{"[")]}".index(token.value)]}
        self.note(mistake, token.start_pos, token.end_pos, replace(token, ""))
        self.strays += token.type == "RBRACE"

    def _missing_brace(self, opener: Lexeme, place: int) -> Line:
        """A line of a single `}`, for the brace left open before this place."""
        self.line = Line((lexeme("RBRACE", "}", place, place),))
        self._unclosed(opener)
        self.open.pop()
        return self.line

    def _open_body(self, error: Diagnostic) -> None:
        """Ends the line with the `{` that it lacks."""
        if self.line[-1].type == "COLON":
            self.line.pop()
        place = self.line[-1].end_pos
        self.line.append(lexeme("LBRACE", "{", place, place))
        self.open.append(self.line[-1])
        self.line.note(error)

    def _missing_at_the_end(self) -> Iterator[Line]:
        self.unclosed = list(self.open)
        while self.open:
            place = len(self.text)
            self.line = Line((lexeme("RBRACE", "}", place, place),))
            self._unclosed(self.open.pop())
            yield self.line

    def _too_deep(self, token: Lexeme) -> Line:
        mistake = Mistake("E103", "brackets are nested more than {limit} deep", limit=MAX_NESTING)
        mistake.help = "move the inner part into a `block`"
        return self._stop(mistake, token)

    def _too_many(self, token: Lexeme) -> Line:
        mistake = Mistake(
            "E102",
            "the text is too large: more than {steps} lines and steps, or {tokens} words",
            steps=number(MAX_STEPS),
            tokens=number(MAX_TOKENS),
        )
        mistake.help = "write what repeats with `repeat` or a `block`, and many weights into a file of their own"
        return self._stop(mistake, token)

    def _stop(self, mistake: Mistake, token: Lexeme) -> Line:
        self.stopped = True
        self.spoil(mistake, token.start_pos, token.end_pos)
        return self.line

    def _check_digits(self, token: Lexeme) -> None:
        longest = max(sum(map(str.isdigit, part)) for part in re.split("[x\u00d7]", token.value))
        if longest > MAX_DIGITS:
            mistake = Mistake("E107", "the number has {digits} digits", digits=longest)
            mistake.help = "write at most 100 digits"
            self.spoil(mistake, token.start_pos, token.end_pos)


def replace(token: Lexeme, content: str) -> Fix:
    """The safe fix that puts another text in the place of a token."""
    if content:
        message = say("replace `{old}` with `{new}`", old=token.value, new=content)
    else:
        message = say("remove `{old}`", old=token.value)
    return Fix("safe", message, (Edit(Span(token.start_pos, token.end_pos), content),))
