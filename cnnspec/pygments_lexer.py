"""Colours of `.cnn` files for Pygments, and so for Sphinx, MkDocs, and whatever else is built on it.

Pygments finds the lexer by its entry point, as `cnnspec` or `cnn`; nothing else here imports this module.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups, default, include, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from cnnspec import layers
from cnnspec.elaborate.expressions import FUNCTIONS
from cnnspec.elaborate.scopes import FIGURES, FLOW_FIGURES

__all__ = ["CnnSpecLexer"]

_NAME = r"([a-z][a-z0-9_]*)(?!\w)"
_SPACE = r"([^\S\n]+)"
_DIGITS = "[0-9]+(?:_[0-9]+)*"
_PART = rf"(?:{_DIGITS}|[A-Z]|\?[0-9]*)"


def _any(*names: str, before: str = r"(?!\w)") -> Any:
    """Any of the words, with what may follow."""
    return words(names, suffix=before)


class CnnSpecLexer(RegexLexer):
    """A statement starts in `root`; what follows its first word is read in `rest`, until the statement or step ends."""

    name = "cnnspec"
    aliases: ClassVar[list[str]] = ["cnnspec", "cnn"]
    filenames: ClassVar[list[str]] = ["*.cnn"]
    mimetypes: ClassVar[list[str]] = ["text/x-cnnspec"]

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            include("space"),
            (rf"(model|variant){_SPACE}{_NAME}", bygroups(Keyword.Declaration, Whitespace, Name.Class), "header"),
            (rf"(block){_SPACE}{_NAME}", bygroups(Keyword.Declaration, Whitespace, Name.Function), "header"),
            (rf"(let){_SPACE}{_NAME}", bygroups(Keyword.Declaration, Whitespace, Name.Constant), "rest"),
            (rf"(input){_SPACE}{_NAME}(?=\s*:)", bygroups(Keyword.Declaration, Whitespace, Name.Label), "rest"),
            (rf"(as|from|apply){_SPACE}{_NAME}", bygroups(Keyword, Whitespace, Name.Label)),
            (_any("use"), Keyword.Namespace, "rest"),
            (_any("input", "output"), Keyword.Declaration, "rest"),
            (_any("expect", "example", "for", "repeat", "if"), Keyword, "rest"),
            (_any("else", "residual", "shortcut", "branch", "frozen"), Keyword),
            ("->|→", Operator, "annotation"),
            (r"[|;{}]", Punctuation),
            (_any(*layers.names()), Name.Builtin, "rest"),
            (_NAME, Name.Function, "rest"),
            include("value"),
        ],
        "header": [
            (r"\(", Punctuation, ("parameters", "parameter")),
            include("rest"),
        ],
        "parameters": [
            (",", Punctuation, "parameter"),
            include("brackets"),
        ],
        "parameter": [
            include("space"),
            (_NAME, Name.Variable, "#pop"),
            default("#pop"),
        ],
        "annotation": [
            (_any("params", "param"), Keyword.Type),
            include("rest"),
        ],
        "rest": [
            (r"(?=[|;{}\n]|->|→|as\b)", bygroups(), "#pop"),
            (r",(?=\s*(?:#[^\n]*)?\n)", Punctuation, "continued"),
            include("space"),
            include("value"),
        ],
        "continued": [
            include("space"),
            default("#pop"),
        ],
        "brackets": [
            (r"[)\]]", Punctuation, "#pop"),
            include("space"),
            include("value"),
        ],
        "space": [
            (r"#[^\n]*?\bnoqa\b[^\n]*", Comment.Special),
            (r"#[^\n]*", Comment.Single),
            (r"\s+", Whitespace),
        ],
        "value": [
            (r'"[^"\n]*"', String.Double),
            (rf"{_PART}(?:[x×]{_PART})+(?!\w)", Number),
            (rf"{_DIGITS}(?:\.{_DIGITS}(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)(?!\w)", Number.Float),
            (rf"{_DIGITS}(?!\w)", Number.Integer),
            (r"\?[0-9]*(?!\w)", Name.Entity),
            (r"[A-Z](?!\w)", Name.Constant),
            (_any("true", "false"), Keyword.Constant),
            (_any("and", "or", "not", "if", "else", "in"), Operator.Word),
            (_any(*FUNCTIONS, before=r"(?=\()"), Name.Builtin),
            (_any(*FIGURES, *FLOW_FIGURES, "output"), Name.Builtin.Pseudo),
            (_any("integer"), Keyword.Type),
            (rf"{_NAME}(?=\s*=[^=])", Name.Attribute),
            (_any(*layers.names(), before=r"(?=\s*(?:[,)|;{}#\n]|->|→|if\b|else\b|\Z))"), Name.Builtin),
            (_NAME, Name),
            (r"==|!=|<=|>=|->|→|\.\.|\*\*|//|[-+*/%<>=]", Operator),
            (r"[(\[]", Punctuation, "brackets"),
            (r"[,:)\]]", Punctuation),
        ],
    }
