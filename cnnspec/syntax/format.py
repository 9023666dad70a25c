"""The canonical layout of a text: what `cnnspec fmt` writes.

Four spaces a brace, one statement a line, `->` aligned within a paragraph, one blank line at most. Comments stay where
they stand, and so do the line breaks inside brackets, before `|` and after a comma, and braces written on one line.
A line that ends in `# noqa` stays one line, and the first line decides whether lines end as on Windows.
"""

from __future__ import annotations

from cnnspec.diagnostics import CnnSpecError
from cnnspec.files import FileProblem
from cnnspec.language import say
from cnnspec.source import Source
from cnnspec.syntax.layout import Row, aligned
from cnnspec.syntax.parser import machinery, parse
from cnnspec.syntax.spacing import CLOSERS, OPENERS, Piece, comments_of, pieces, space_between

INDENT = 4


def format_text(text: str, filename: str = "<text>") -> str:
    """The text in its canonical layout. Raises CnnSpecError where it has syntax errors.

    Should the layout ever lose a comment, this raises FileProblem.

    >>> print(format_text("conv 10,f = 5|relu→24×24×10;  dense 3 ->3"), end="")
    conv 10, f=5 | relu  -> 24x24x10
    dense 3              -> 3
    """
    source = Source(text, filename)
    _, errors = parse(source)
    if errors:
        raise CnnSpecError(errors)
    vocabulary = machinery()[2]
    writer = _Writer()
    for piece in pieces(text, vocabulary):
        writer.write(piece)
    formatted = aligned(writer.rows)
    if "#" in text and comments_of(formatted, vocabulary) != comments_of(text, vocabulary):
        told = say("a comment would get lost: the layout stays as it is")
        raise FileProblem(filename, told, help=say("report this file"))
    return formatted.replace("\n", "\r\n") if _ends_as_on_windows(text) else formatted


def _ends_as_on_windows(text: str) -> bool:
    end = text.find("\n")
    return end > 0 and text[end - 1] == "\r"


class _Writer:
    """Puts piece after piece into rows."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.last: Piece | None = None
        self.braces: list[bool] = []  # whether each open brace has its body on its own line
        self.brackets = 0
        self.indent = 0  # of the current statement
        self.held: Piece | None = None  # a `|` that waits for its line

    def write(self, piece: Piece) -> None:
        if piece.kind == "PIPE" and not piece.comments and not piece.breaks and self.held is None:
            self.held = piece
            return
        held, self.held = self.held, None
        if held is not None:
            held.breaks, held.comments, piece.breaks, piece.comments = piece.breaks, piece.comments, 0, []
            self._place(held)
        self._place(piece)

    def _place(self, piece: Piece) -> None:
        """Writes the comments before the piece and the piece, on a new row where one begins."""
        indent = self._indent_of(piece)
        fresh = self._begins_row(piece)
        self._write_comments(piece, indent)
        if piece.kind == "END":
            return
        if fresh:
            blank = piece.breaks > 1 and piece.starts_statement and not self._at_start_of_body()
            self.rows.append(Row(indent, blank=blank))
            if piece.starts_statement:
                self.indent = indent
        row = self.rows[-1]
        if row.text and piece.kind in CLOSERS and row.text.endswith(","):
            row.text = row.text[:-1]
        if piece.kind == "ARROW" and row.text:
            if row.arrow:  # only the last one of a row is aligned
                row.text = f"{row.text[: row.arrow]} {row.text[row.arrow :]}"
            row.arrow = len(row.text)
        elif row.text and self.last is not None and space_between(self.last, piece):
            row.text += " "
        row.text += piece.text
        self._keep_account(piece)

    def _keep_account(self, piece: Piece) -> None:
        self.last = piece
        if piece.kind == "LBRACE":
            self.braces.append(piece.spread)
        elif piece.kind == "RBRACE":
            if self.braces.pop():
                self.indent = self._depth() * INDENT
        elif piece.kind in OPENERS:
            self.brackets += 1
        elif piece.kind in CLOSERS:
            self.brackets -= 1

    def _depth(self) -> int:
        return sum(self.braces)

    def _begins_row(self, piece: Piece) -> bool:
        if piece.kept and not piece.comments:
            return False
        if not self.rows or piece.starts_statement:
            return not self._inline()
        if piece.kind == "RBRACE":
            return self.braces[-1]
        if piece.comments:
            return True
        if self.brackets:
            return piece.breaks > 0
        return piece.breaks > 0 and piece.kind not in ("ARROW", "ELSE", "SHORTCUT", "LBRACE")

    def _inline(self) -> bool:
        return bool(self.braces) and not self.braces[-1]

    def _indent_of(self, piece: Piece) -> int:
        if self.brackets:
            return self.indent + INDENT * (self.brackets - (piece.kind in CLOSERS))
        if piece.starts_statement or piece.kind == "END":
            return self._depth() * INDENT
        if piece.kind == "RBRACE":
            return (self._depth() - 1) * INDENT
        return self.indent + INDENT

    def _at_start_of_body(self) -> bool:
        if not self.rows or self.rows[-1].is_comment:
            return not self.rows
        return self.last is not None and self.last.kind == "LBRACE"

    def _write_comments(self, piece: Piece, indent: int) -> None:
        if piece.kind == "RBRACE" or (self.brackets and piece.kind in CLOSERS):
            indent += INDENT
        for comment in piece.comments:
            row = self.rows[-1] if self.rows else None
            if not comment.own_line and row is not None and not row.comment:
                row.comment = comment.text
            else:
                blank = comment.breaks > 1 and not self._at_start_of_body() and not self.brackets
                self.rows.append(Row(indent, comment=comment.text, blank=blank))
