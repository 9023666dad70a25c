"""How the statements look, for the messages."""

from __future__ import annotations

from cnnspec.language import say

FORMS = {
    "MODEL": "model lenet(classes = 10)",
    "BLOCK": "block name(a, b = 1) { ... }",
    "USE": 'use "blocks.cnn"',
    "LET": "let name = value",
    "INPUT": "input 28x28x1",
    "OUTPUT": "output main, other",
    "EXPECT": "expect params == 100",
    "EXAMPLE": "example [[0, 1]] -> 0.7",
    "REPEAT": "repeat 3 { ... }",
    "FOR": "for i in 1..4 { ... }",
    "IF": "if a == b { ... } else { ... }",
    "RESIDUAL": "residual { ... } shortcut { ... }",
    "BRANCH": "branch { ... }",
    "FROZEN": "frozen { ... }",
    "FROM": "from name",
    "APPLY": "apply name",
    "VARIANT": "variant small(width = 16) { expect params == 100 }",
}

KEYWORDS = frozenset({*FORMS, "IN", "ELSE", "SHORTCUT", "AS", "TRUE", "FALSE", "AND", "OR", "NOT"})

_VALUE, _NAME, _SIZE = "value", "name", "size"
NEEDS = {
    **dict.fromkeys(
        ("EQUAL", "COMMA", "LPAR", "CALL", "LSQB", "NOT", "AND", "OR", "UP_TO", "EXPECT", "EXAMPLE"), _VALUE
    ),
    **dict.fromkeys(("PLUS", "MINUS", "STAR", "SLASH", "DOUBLE_SLASH", "PERCENT", "DOUBLE_STAR"), _VALUE),
    **dict.fromkeys(("EQUALS", "DIFFERS", "LESS", "AT_MOST", "MORE", "AT_LEAST"), _VALUE),
    **dict.fromkeys(("AS", "LET", "BLOCK", "MODEL", "VARIANT", "FROM", "APPLY", "FOR", "OUTPUT"), _NAME),
    **dict.fromkeys(("ARROW", "INPUT", "COLON"), _SIZE),
    **{kind: kind for kind in ("PIPE", "IF", "ELSE", "REPEAT", "IN", "USE")},
}


def needed(kind: str) -> str:
    """What has to follow a token of this kind, in words."""
    words = {
        _VALUE: say("a value"),
        _NAME: say("a name"),
        _SIZE: say("a size"),
        "PIPE": say("a layer"),
        "IF": say("a condition"),
        "ELSE": say("a body in braces"),
        "REPEAT": say("a number"),
        "IN": say("a list"),
        "USE": say("a file name in quotes"),
    }
    return words[NEEDS[kind]]
