"""How the statements look, for the messages."""

from __future__ import annotations

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

_VALUE = "a value"
NEEDS = {
    **dict.fromkeys(
        ("EQUAL", "COMMA", "LPAR", "CALL", "LSQB", "NOT", "AND", "OR", "UP_TO", "EXPECT", "EXAMPLE"), _VALUE
    ),
    **dict.fromkeys(("PLUS", "MINUS", "STAR", "SLASH", "DOUBLE_SLASH", "PERCENT", "DOUBLE_STAR"), _VALUE),
    **dict.fromkeys(("EQUALS", "DIFFERS", "LESS", "AT_MOST", "MORE", "AT_LEAST"), _VALUE),
    **dict.fromkeys(("AS", "LET", "BLOCK", "MODEL", "VARIANT", "FROM", "APPLY", "FOR", "OUTPUT"), "a name"),
    **dict.fromkeys(("ARROW", "INPUT", "COLON"), "a size"),
    "PIPE": "a layer",
    "IF": "a condition",
    "ELSE": "a body in braces",
    "REPEAT": "a number",
    "IN": "a list",
    "USE": "a file name in quotes",
}
