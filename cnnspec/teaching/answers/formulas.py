"""Arithmetic as students write it, `(5×5×3 + 1)*6` or `5² + 1`, evaluated exactly and within bounds.

Nothing of it is Python's: a few signs, whole numbers and fractions, and results of at most `MAX_BITS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from cnnspec.record import Record

MAX_LENGTH = 300
MAX_BITS = 200
MAX_DEPTH = 30

Literal = Callable[[str], Fraction | None]

_SPACES = " \t\u00a0\u2007\u2009\u202f"
_TOKEN = re.compile(
    rf"[{_SPACES}\n]*(?:"
    rf"(?P<number>\.?[0-9](?:[.,'\u2019_{_SPACES}]?[0-9])*(?:[eE][+-]?[0-9]{{1,3}})?)"
    r"|(?P<power>[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]+)"
    r"|(?P<word>floor|ceil|plancher|plafond)"
    r"|(?P<sign>\*\*|//|[-+*/%^()\[\]\u2308-\u230b\u00d7\u00b7\u22c5\u2219\u2022\u2217\u00f7\u2212\u2013xX])"
    rf")[{_SPACES}\n]*"
)
_SIGNS = {
    **dict.fromkeys("\u00d7\u00b7\u22c5\u2219\u2022\u2217xX", "*"),
    **dict.fromkeys("\u2212\u2013", "-"),
    "\u00f7": "/",
    "^": "**",
    "[": "(",
    "]": ")",
}
_SUPERSCRIPTS = str.maketrans("\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079", "0123456789")
_ROUNDING = {"floor": "down", "plancher": "down", "\u230a": "down", "ceil": "up", "plafond": "up", "\u2308": "up"}
_CLOSING = {"\u230a": "\u230b", "\u2308": "\u2309"}


class Token(Record):
    kind: str  # "number", "power", "word", "sign"
    text: str


def evaluate(text: str, literal: Literal) -> Fraction | None:
    """The exact value of a formula, or None where it is none or passes the bounds; `literal` reads its numbers.

    >>> evaluate("(5×5×3 + 1)*6", Fraction)
    Fraction(456, 1)
    >>> evaluate("9**9**9", Fraction)
    """
    tokens = _tokens(text)
    if not tokens:
        return None
    formula = _Formula(tokens, literal)
    try:
        value = formula.sum()
    except _NoFormulaError:
        return None
    return value if formula.at_end else None


def is_formula(text: str) -> bool:
    """Whether something is to be computed: more than one number."""
    return len(_tokens(text)) > 1


class _NoFormulaError(Exception):
    """The text is no formula, or its value passes the bounds."""


def _tokens(text: str) -> list[Token]:
    """The tokens of a text; none where it has anything else in it."""
    tokens = []
    position = 0
    while position < len(text[:MAX_LENGTH]):
        match = _TOKEN.match(text, position)
        if not match or match.lastgroup is None:
            return []
        tokens.append(Token(match.lastgroup, _SIGNS.get(match[match.lastgroup], match[match.lastgroup])))
        position = match.end()
    return tokens if len(text) <= MAX_LENGTH else []


class _Formula:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[Token], literal: Literal) -> None:
        self.tokens = tokens
        self.literal = literal
        self.index = 0
        self.depth = 0

    @property
    def at_end(self) -> bool:
        return self.index == len(self.tokens)

    def _sign(self) -> str:
        """The sign that comes next, "" where something else does."""
        token = Token("", "") if self.at_end else self.tokens[self.index]
        return token.text if token.kind == "sign" else ""

    def _next(self) -> Token:
        if self.at_end:
            raise _NoFormulaError
        self.index += 1
        return self.tokens[self.index - 1]

    def sum(self) -> Fraction:
        value = self._product()
        while (sign := self._sign()) in ("+", "-"):
            self.index += 1
            right = self._product()
            value = _bounded(value + right if sign == "+" else value - right)
        return value

    def _product(self) -> Fraction:
        value = self._signed()
        while True:
            sign = self._sign()
            if sign in ("*", "/", "//", "%"):
                self.index += 1
                value = _multiplied(value, sign, self._signed())
            elif sign == "(":  # 32(3*3*3 + 1)
                value = _multiplied(value, "*", self._power())
            else:
                return value

    def _signed(self) -> Fraction:
        negative = False
        while (sign := self._sign()) in ("+", "-"):
            self.index += 1
            negative ^= sign == "-"
        value = self._power()
        return -value if negative else value

    def _power(self) -> Fraction:
        base = self._atom()
        if self._sign() == "**":
            self.index += 1
            self._deeper()
            value = _raised(base, self._signed())
            self.depth -= 1
            return value
        if not self.at_end and self.tokens[self.index].kind == "power":
            return _raised(base, Fraction(self._next().text.translate(_SUPERSCRIPTS)))
        return base

    def _atom(self) -> Fraction:
        token = self._next()
        if token.kind == "number":
            value = self.literal(token.text)
            if value is None:
                raise _NoFormulaError
            return _bounded(value)
        if token.text == "(":
            return self._inside(")")
        if token.text not in _ROUNDING or (token.kind == "word" and self._next().text != "("):
            raise _NoFormulaError
        value = self._inside(_CLOSING.get(token.text, ")"))
        return Fraction(value // 1 if _ROUNDING[token.text] == "down" else -(-value // 1))

    def _inside(self, closing: str) -> Fraction:
        self._deeper()
        value = self.sum()
        self.depth -= 1
        if self._next().text != closing:
            raise _NoFormulaError
        return value

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _NoFormulaError


def _bounded(value: Fraction) -> Fraction:
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise _NoFormulaError
    return value


def _multiplied(left: Fraction, sign: str, right: Fraction) -> Fraction:
    if sign == "*":
        return _bounded(left * right)
    if not right:
        raise _NoFormulaError
    if sign == "/":
        return _bounded(left / right)
    return Fraction(left // right) if sign == "//" else left % right


def _raised(base: Fraction, exponent: Fraction) -> Fraction:
    """A power whose size is known before it is computed."""
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if exponent.denominator != 1 or abs(exponent) * bits > MAX_BITS or (exponent < 0 and not base):
        raise _NoFormulaError
    return _bounded(Fraction(base ** int(exponent)))
