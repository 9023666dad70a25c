"""A valid text in pieces, as the formatter writes them: canonical spellings, and the spaces between."""

from __future__ import annotations

import re
from itertools import accumulate, pairwise

from cnnspec.syntax.scanner import AFTER_BRACE, CONTINUES
from cnnspec.syntax.tokens import Vocabulary

OPENERS = frozenset({"LPAR", "CALL", "LSQB"})
CLOSERS = frozenset({"RPAR", "RSQB"})
_NAMES = frozenset({"NAME", "PARAMS", "PARAM"})
_OPERANDS = _NAMES | CLOSERS | {"NUMBER", "SIZE", "STRING", "TRUE", "FALSE", "BLANK", "SYMBOL", "INPUT", "OUTPUT"}
_TIGHT_AFTER = OPENERS | {"UP_TO", "SIGN", "EQUAL"}
_TIGHT_BEFORE = CLOSERS | {"COMMA", "COLON", "UP_TO", "EQUAL", "CALL", "SEMICOLON"}
_DEFINING = frozenset({"LET", "BLOCK", "MODEL", "VARIANT"})  # statements with spaces around their `=`
# The kinds whose padding is `p`; a block may have a parameter of the name `padding`, and keeps it.
_PADDED = frozenset({"conv", "depthwise", "conv_transpose", "maxpool", "avgpool", "pad"})
_ALLOWING = re.compile(r"\bnoqa\b", re.IGNORECASE)  # a comment that speaks for what stands in its line


class Comment:
    """A comment, and how many line breaks stand before it."""

    __slots__ = ("breaks", "own_line", "text")

    def __init__(self, text: str, breaks: int, *, own_line: bool) -> None:
        self.text = text
        self.breaks = breaks
        self.own_line = own_line


class Piece:
    """A token, what stands before it, and its place in the statement.

    `kind` is the terminal; SIGN is an unary `-` or `+`, SPACED_EQUAL the `=` of a `let` or a parameter. `spread` braces
    have their body on lines of its own. What is `kept` stays beside the piece before, whatever it is.
    """

    __slots__ = ("breaks", "comments", "kept", "kind", "spread", "starts_statement", "starts_step", "text")

    def __init__(self, kind: str, text: str, breaks: int, comments: list[Comment]) -> None:
        self.kind = kind
        self.text = text
        self.breaks = breaks
        self.comments = comments
        self.starts_statement = False
        self.starts_step = False
        self.spread = True
        self.kept = False


def pieces(text: str, vocabulary: Vocabulary) -> list[Piece]:
    """The pieces of a valid text, the last one an END."""
    found = _scanned(text, vocabulary)
    if "noqa" in text.lower():
        _keep_allowed_lines(found)
    _find_statements(found)
    found = _without_input_annotations(found)
    _spell(found)
    _find_spread_braces(found)
    return _without_semicolons(found)


def comments_of(text: str, vocabulary: Vocabulary) -> list[str]:
    """The comments of a text, in alphabetical order."""
    found = (match["COMMENT"] for match in vocabulary.pattern.finditer(text) if match.lastgroup == "COMMENT")
    return sorted(comment.rstrip() for comment in found)


def space_between(before: Piece, after: Piece) -> bool:
    """Whether a space stands between two neighbours on one row."""
    if after.kind == "LPAR":
        named = before.kind in _NAMES or (before.kind == "OUTPUT" and not before.starts_statement)
        touching = before.kind == "BLANK" or (named and not before.starts_step)
        return not touching and before.kind not in _TIGHT_AFTER
    if after.kind == "LSQB":
        begins = before.starts_step or before.starts_statement
        return before.kind not in _TIGHT_AFTER and (before.kind not in _OPERANDS or begins)
    if after.kind in _TIGHT_BEFORE:
        return False
    if before.kind == "SIGN":
        return after.kind == "SIGN"
    return before.kind not in _TIGHT_AFTER


def _scanned(text: str, vocabulary: Vocabulary) -> list[Piece]:
    found: list[Piece] = []
    comments: list[Comment] = []
    breaks = 1
    for match in vocabulary.pattern.finditer(text):
        kind = match.lastgroup or ""
        value = match[kind]
        if kind == "NL" and value != ";":
            breaks += len(re.findall("\r\n?|\n", value))
            continue
        if kind == "COMMENT":
            comments.append(Comment(value.rstrip(), breaks, own_line=breaks > 0))
            breaks = 0
            continue
        if kind in ("NAME", "SIGN"):
            kind = vocabulary.fixed.get(value, kind)
        found.append(Piece("SEMICOLON" if kind == "NL" else kind, value, breaks, comments))
        comments, breaks = [], 0
    return found


def _keep_allowed_lines(found: list[Piece]) -> None:
    """A line with a `# noqa` at its end is not split: the comment would leave some of what it speaks for.

    Closing braces at its end may go, for nobody finds anything there: the comment then stays before them.
    """
    first = 0  # of the line
    for index, piece in enumerate(found):
        comment = piece.comments[0] if piece.comments else None
        if comment is not None and not comment.own_line and _ALLOWING.search(comment.text):
            end = _end_of_content(found, first, index)
            if end < index:
                found[end].comments.append(piece.comments.pop(0))
            for one in found[first + 1 : end]:
                one.kept = True
        if piece.breaks or piece.comments:
            first = index


def _end_of_content(found: list[Piece], first: int, end: int) -> int:
    """Where the line's last pieces begin that close braces of earlier lines, or are `;`."""
    inside = sum((one.kind == "LBRACE") - (one.kind == "RBRACE") for one in found[first:end])
    while end > first + 1 and inside < 0 and found[end - 1].kind in ("RBRACE", "SEMICOLON"):
        end -= 1
        inside += found[end].kind == "RBRACE"
    return end


def _find_statements(found: list[Piece]) -> None:
    """Marks the first pieces of statements and of steps."""
    brackets = 0
    before = "NL"
    for piece in found:
        if brackets == 0 and piece.kind not in ("SEMICOLON", "RBRACE", "END"):
            ended = piece.breaks > 0 and piece.kind not in CONTINUES and before not in ("PIPE", "COMMA")
            beside = before == "RBRACE" and piece.kind in AFTER_BRACE
            piece.starts_statement = ended or beside or before in ("NL", "SEMICOLON", "LBRACE")
        piece.starts_step = piece.kind in _NAMES and (piece.starts_statement or before == "PIPE")
        brackets += (piece.kind in OPENERS) - (piece.kind in CLOSERS)
        before = piece.kind


def _without_input_annotations(found: list[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    in_input = dropping = False
    comments: list[Comment] = []
    for piece in found:
        if piece.starts_statement or piece.kind in ("SEMICOLON", "RBRACE", "END"):
            in_input, dropping = piece.kind == "INPUT", False
        dropping = dropping or (in_input and piece.kind == "ARROW")
        if dropping:
            comments += piece.comments
            continue
        piece.comments = comments + piece.comments
        comments = []
        kept.append(piece)
    return kept


def _without_semicolons(found: list[Piece]) -> list[Piece]:
    """The pieces without the `;` that a line break replaces: what stands before one goes before the next piece."""
    kept: list[Piece] = []
    comments: list[Comment] = []
    breaks = 0
    for piece, after in zip(found, [*found[1:], found[-1]], strict=True):
        beside = bool(kept) and kept[-1].kind not in ("SEMICOLON", "LBRACE")
        divides = piece.kept and after.kept and beside and after.kind != "RBRACE" and not piece.comments
        if piece.kind == "SEMICOLON" and not divides:
            comments += piece.comments
            breaks = max(breaks, piece.breaks)
            after.kept = after.kept and piece.kept
            continue
        piece.comments = comments + piece.comments
        piece.breaks = max(breaks, piece.breaks)
        comments, breaks = [], 0
        kept.append(piece)
    return kept


def _spell(found: list[Piece]) -> None:
    """Gives the pieces their canonical spelling and their kind for the spacing."""
    head, step, arrow, before = "", "", False, Piece("NL", "", 0, [])
    blocks = {after.text for one, after in pairwise(found) if one.kind == "BLOCK"}
    for index, piece in enumerate(found):
        if piece.starts_statement:
            head, arrow = piece.kind, False
        if piece.starts_step:
            step = piece.text
        if piece.kind == "ARROW":
            piece.text, arrow = "->", True
        elif piece.kind == "SIZE":
            piece.text = piece.text.replace("\u00d7", "x")
        elif piece.kind == "PARAM" and arrow and before.kind in _OPERANDS:
            piece.text = "params"
        elif piece.kind == "NAME" and piece.text == "padding" and step in _PADDED - blocks:
            if found[index + 1].kind == "EQUAL" and head not in _DEFINING:
                piece.text = "p"
        elif piece.kind == "EQUAL" and head in _DEFINING:
            piece.kind = "SPACED_EQUAL"
        elif piece.kind in ("PLUS", "MINUS"):
            operand = before.kind in _OPERANDS and not before.starts_step
            if not operand or (before.kind in ("INPUT", "OUTPUT") and before.starts_statement):
                piece.kind = "SIGN"
        before = piece


def _find_spread_braces(found: list[Piece]) -> None:
    """A brace keeps its body beside it where the author wrote both, and what is in the body, on one line."""
    breaks = [piece.breaks > 0 or bool(piece.comments) or piece.kind == "SEMICOLON" for piece in found]
    before = [0, *accumulate(breaks)]
    opened: list[int] = []
    for index, piece in enumerate(found):
        if piece.kind == "LBRACE":
            opened.append(index)
        elif piece.kind == "RBRACE":
            opener = opened.pop()
            found[opener].spread = before[index + 1] > before[opener + 1]
