"""Sizes that a letter leaves open: `H`, `(H + 1) // 2`, `2*H*W`, simplified so that equal ones look equal.

An expression is a sum of products of letters and of floors of such sums. Letters stand for whole numbers from 1 on.
The simplifications hold for all of them:

- floor((c*a + b)/c) = a + floor(b/c), and a common factor of numerator and divisor is divided out;
- floor((a + floor(b/c))/d) = floor((c*a + b)/(c*d)): windows after windows stay one floor;
- floor(-a/c) = -floor((a + c - 1)/c), so that numerators begin with something positive, and with at most half of c.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from cnnspec.values import UNKNOWN, Symbolic

if TYPE_CHECKING:
    from fractions import Fraction

MOST_TERMS = 200
MOST_FACTORS = 16
MOST_BITS = 256
MOST_ATOMS = 1000  # letters and floors in the text of an expression
MOST_INSIDE = 50  # of them inside a floor
DEEPEST = 12
PROBES = (1, 2, 3, 7, 1021)
LONGEST_PERIOD = 4096

Number: TypeAlias = "int | Expression"
Product: TypeAlias = "tuple[Atom, ...]"  # in the order of their text; () is the product of nothing, 1


class TooComplicatedError(OverflowError):
    """An expression beyond the limits of length, depth or numbers."""


class Expression(Symbolic):
    """A sum of products, at least one of which holds a letter. Immutable; made by `letter` and arithmetic.

    `==` compares the simplified forms, and where these differ the values. `<` and its kin are true where they hold
    whatever the letters are, so that neither `a < b` nor `a >= b` may be true.

    >>> H = letter("H")
    >>> (H - 1) // 2 + 1, ((H - 1) // 2 + 1 + 1) // 2, 16 * H // 4, (H + 2) - H
    ((H + 1) // 2, (H + 3) // 4, 4*H, 2)
    """

    __slots__ = ("_hash", "_text", "atoms", "depth", "terms")

    depth: int

    def __init__(self, terms: dict[Product, int]) -> None:
        if len(terms) > MOST_TERMS or max(map(len, terms)) > MOST_FACTORS:
            raise TooComplicatedError("a size of too many terms")
        if any(abs(factor).bit_length() > MOST_BITS for factor in terms.values()):
            raise TooComplicatedError("a size with too long numbers")
        self.terms = terms
        self.depth = max((atom.numerator.depth + 1 for product in terms for atom in product if atom.divisor), default=0)
        if self.depth > DEEPEST:
            raise TooComplicatedError("a size with floors of floors of floors")
        self.atoms = sum(atom.atoms for product in terms for atom in product)
        if self.atoms > MOST_ATOMS:
            raise TooComplicatedError("a size of too many letters")
        self._hash = hash(frozenset(terms.items()))
        self._text = ""

    # --- arithmetic ---------------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Any:
        terms = terms_of(other)
        if terms is None:
            return NotImplemented
        return _made(_sum(self.terms, terms))

    __radd__ = __add__

    def __neg__(self) -> Any:
        return self * -1

    def __pos__(self) -> Expression:
        return self

    def __sub__(self, other: Any) -> Any:
        terms = terms_of(other)
        if terms is None:
            return NotImplemented
        return _made(_sum(self.terms, {product: -factor for product, factor in terms.items()}))

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        terms = terms_of(other)
        if terms is None:
            return NotImplemented
        if len(terms) * len(self.terms) > MOST_TERMS**2:
            raise TooComplicatedError("a product of too many terms")
        result: dict[Product, int] = {}
        for left, a in self.terms.items():
            for right, b in terms.items():
                product = tuple(sorted((*left, *right), key=str)) if left and right else left or right
                result[product] = result.get(product, 0) + a * b
        return _made(result)

    __rmul__ = __mul__

    def __pow__(self, exponent: Any) -> Any:
        if not isinstance(exponent, int) or not 0 <= exponent <= 8:
            return NotImplemented
        return math.prod([self] * exponent, start=1)

    def __floordiv__(self, divisor: Any) -> Any:
        if isinstance(divisor, Expression):
            return _exact(self, divisor)
        if not isinstance(divisor, int):
            return NotImplemented
        if divisor == 0:
            raise ZeroDivisionError
        return _floor(self, divisor) if divisor > 0 else _floor(-self, -divisor)

    def __rfloordiv__(self, other: Any) -> Any:
        return 0 if other == 0 else NotImplemented

    def __rmod__(self, other: Any) -> Any:
        return 0 if other == 0 else NotImplemented

    def __mod__(self, divisor: Any) -> Any:
        quotient = self // divisor
        return NotImplemented if quotient is NotImplemented else self - divisor * quotient

    # --- comparison ---------------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if other is UNKNOWN:
            return NotImplemented
        if not isinstance(other, Expression):
            return False
        return self.terms == other.terms or _zero_everywhere(self - other)

    def __hash__(self) -> int:
        return self._hash

    def __lt__(self, other: Any) -> bool:
        return _never_below(other, self, 1)

    def __le__(self, other: Any) -> bool:
        return _never_below(other, self, 0)

    def __gt__(self, other: Any) -> bool:
        return _never_below(self, other, 1)

    def __ge__(self, other: Any) -> bool:
        return _never_below(self, other, 0)

    # --- use ----------------------------------------------------------------------------------------------------------

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters in it, in alphabetical order."""
        return tuple(sorted({letter for product in self.terms for atom in product for letter in atom.letters}))

    def at(self, values: Mapping[str, Number]) -> Any:
        """The expression with numbers, or other expressions, in the place of letters.

        >>> ((letter("H") + 1) // 2).at({"H": 7})
        4
        """
        total: Any = 0
        for product, factor in self.terms.items():
            total = total + factor * math.prod((atom.at(values) for atom in product), start=1)
        return total

    def __str__(self) -> str:
        if not self._text:
            self._text = _text(self.terms)
        return self._text

    __repr__ = __str__


class Atom:
    """A letter, or floor(numerator/divisor) of an expression."""

    __slots__ = ("_hash", "_text", "atoms", "divisor", "letters", "name", "numerator")

    numerator: Expression

    def __init__(self, name: str, numerator: Expression | None = None, divisor: int = 0) -> None:
        self.name = name
        self.divisor = divisor
        self._text = name
        self.letters: tuple[str, ...] = (name,)
        self.atoms = 1
        if numerator is not None:
            if numerator.atoms > MOST_INSIDE or divisor.bit_length() > MOST_BITS:
                raise TooComplicatedError("a floor of too many letters, or of too long numbers")
            self.atoms = numerator.atoms + 1
            self.numerator = numerator
            self.letters = numerator.letters
            self._text = f"{_grouped(numerator)} // {divisor}"
        self._hash = hash(self._text)

    def at(self, values: Mapping[str, Number]) -> Any:
        if self.divisor:
            return self.numerator.at(values) // self.divisor
        return values[self.name] if self.name in values else letter(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self._text == other._text

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


def letter(name: str) -> Expression:
    """The size that a letter stands for."""
    return Expression({(Atom(name),): 1})


# --- simplification --------------------------------------------------------------------------------------------------


def terms_of(value: Any) -> dict[Product, int] | None:
    """The terms of an expression or a whole number; None of anything else."""
    if isinstance(value, Expression):
        return value.terms
    return {(): value} if isinstance(value, int) else None


def _sum(left: Mapping[Product, int], right: Mapping[Product, int]) -> dict[Product, int]:
    result = dict(left)
    for product, factor in right.items():
        result[product] = result.get(product, 0) + factor
    return result


def _made(terms: dict[Product, int]) -> Number:
    """An expression of the terms, or the number that they are."""
    kept = {product: factor for product, factor in terms.items() if factor}
    if not any(kept):
        return kept.get((), 0)
    return Expression(kept)


def _first_factor(terms: Mapping[Product, int]) -> int:
    return min((item for item in terms.items() if item[0]), key=_rank)[1]


def _floor(expression: Number, divisor: int) -> Number:
    """floor(expression/divisor), the divisor 1 or more."""
    if isinstance(expression, int):
        return expression // divisor
    if _first_factor(expression.terms) < 0:
        return -_floor(-expression + (divisor - 1), divisor)
    one = _one_floor(expression.terms)
    if one is not None:
        return _floor(one[0], one[1] * divisor)
    outside: dict[Product, int] = {}
    inside: dict[Product, int] = {}
    for product, factor in expression.terms.items():
        outside[product], inside[product] = divmod(factor, divisor)
    constant = inside.pop((), 0)
    inside = {product: factor for product, factor in inside.items() if factor}
    if not inside:
        return _made(outside)
    common = math.gcd(divisor, *inside.values())
    if common > 1:
        inside = {product: factor // common for product, factor in inside.items()}
        constant, divisor = constant // common, divisor // common
    if divisor == 1:
        return _made(_sum(outside, _sum(inside, {(): constant})))
    one = _one_floor({**inside, (): constant})
    if one is not None:
        return _added(outside, _floor(one[0], one[1] * divisor))
    sign = 1
    if 2 * _first_factor(inside) > divisor:
        sign, constant, outside = -1, divisor - 1 - constant, _sum(outside, dict.fromkeys(inside, 1))
        inside = {product: divisor - factor for product, factor in inside.items()}
    numerator = Expression(_sum(inside, {(): constant}) if constant else inside)
    return _made(_sum(outside, {(Atom("", numerator, divisor),): sign}))


def _one_floor(terms: Mapping[Product, int]) -> tuple[Number, int] | None:
    """Numerator and divisor of the one floor that the sum is: a + floor(b/c) = floor((c*a + b)/c), with - likewise.

    None where it holds no floor that stands alone, or several.
    """
    floors = [product for product in terms if len(product) == 1 and product[0].divisor]
    if len(floors) != 1 or abs(terms[floors[0]]) != 1:
        return None
    atom, sign = floors[0][0], terms[floors[0]]
    rest = _scaled({product: n for product, n in terms.items() if product != floors[0]}, atom.divisor)
    return rest + sign * atom.numerator + (0 if sign > 0 else atom.divisor - 1), atom.divisor


def _scaled(terms: Mapping[Product, int], factor: int) -> Number:
    return _made({product: n * factor for product, n in terms.items()})


def _added(terms: Mapping[Product, int], more: Number) -> Number:
    added = terms_of(more)
    assert added is not None
    return _made(_sum(terms, added))


def _exact(expression: Expression, divisor: Expression) -> Any:
    """The quotient where the divisor is one product that is in every term: 16*H // H."""
    if len(divisor.terms) != 1:
        return 1 if expression == divisor else NotImplemented
    ((product, factor),) = divisor.terms.items()
    result: dict[Product, int] = {}
    for term, n in expression.terms.items():
        rest = list(term)
        for atom in product:
            if atom not in rest:
                return NotImplemented
            rest.remove(atom)
        if n % factor:
            return NotImplemented
        result[tuple(rest)] = n // factor
    return _made(result)


# --- equality --------------------------------------------------------------------------------------------------------


def _zero_everywhere(difference: Number) -> bool:
    """Whether an expression of one letter is 0 whatever the letter is, though the simplified form shows it not.

    floor(H/4) - floor(H/8) - floor((H + 4)/8), for example. A sum of floors repeats itself, with a constant slope,
    after the product of its divisors: two periods of zeros mean zeros for ever.
    """
    if isinstance(difference, int):
        return difference == 0
    letters = difference.letters
    if any(difference.at(dict.fromkeys(letters, n)) for n in PROBES):
        return False
    repeats = period(difference)
    if len(letters) > 1 or max(map(len, difference.terms)) > 1 or repeats > LONGEST_PERIOD:
        return False
    return not any(difference.at({letters[0]: n}) for n in range(1, 2 * repeats + 1))


def period(expression: Expression) -> int:
    """After how many pixels the remainders of all floors repeat themselves."""
    periods = [
        atom.divisor * period(atom.numerator) for product in expression.terms for atom in product if atom.divisor
    ]
    return math.lcm(*periods)


# --- bounds ----------------------------------------------------------------------------------------------------------


def _never_below(left: Any, right: Any, gap: int) -> bool:
    """Whether left - right is at least `gap` (0 or 1) whatever the letters are; False where that is not found."""
    if left is UNKNOWN or right is UNKNOWN:
        return False
    if math.inf in (abs(side) for side in (left, right) if isinstance(side, float)):
        return math.inf in (left, -right)
    if isinstance(left, float):  # n < 2.5 where n <= 2
        left, gap = (math.ceil(left) - 1, 0) if gap else (math.floor(left), 0)
    elif isinstance(right, float):
        right, gap = (math.floor(right) + 1, 0) if gap else (math.ceil(right), 0)
    difference = left - right
    if isinstance(difference, int):
        return difference >= gap
    if any(difference.at(dict.fromkeys(difference.letters, n)) < gap for n in (1, PROBES[-1])):
        return False
    return _lowest(difference) >= gap or _lowest_between(difference) >= gap


def _lowest_between(value: Expression) -> float:
    """The same as `_lowest`, where something is subtracted: each floor lies between (a - c + 1)/c and a/c.

    What is left is a sum of products of letters. With 1 + h for each letter H, where h is 0 or more, it is never below
    its constant if all its other terms are added.
    """
    from fractions import Fraction  # which takes longer to import than most files to check

    total: dict[Product, Fraction] = {}
    try:
        for product, factor in value.terms.items():
            for letters, n in _between(product, Fraction(factor)).items():
                total[letters] = total.get(letters, 0) + n
        common = math.lcm(*(n.denominator for n in total.values()))
        whole = _made({product: int(n * common) for product, n in total.items()})
        if not isinstance(whole, int):
            whole = whole.at({name: letter(name) + 1 for name in whole.letters})
    except TooComplicatedError:
        return -math.inf
    terms = terms_of(whole) or {}
    if any(n < 0 for product, n in terms.items() if product):
        return -math.inf
    return -(-terms.get((), 0) // common)


def _between(product: Product, factor: Fraction) -> dict[Product, Fraction]:
    """A sum of products of letters that `factor` times the product never falls below."""
    place = next((i for i, atom in enumerate(product) if atom.divisor), None)
    if place is None:
        return {product: factor}
    atom, others = product[place], (*product[:place], *product[place + 1 :])
    if any(_lowest_atom(other) < 0 for other in others):
        raise TooComplicatedError("a product with a floor that may be negative")
    numerator = atom.numerator if factor < 0 else atom.numerator - (atom.divisor - 1)
    result: dict[Product, Fraction] = {}
    for term, n in (terms_of(numerator) or {}).items():
        joined = tuple(sorted((*term, *others), key=str))
        for letters, m in _between(joined, factor * n / atom.divisor).items():
            result[letters] = result.get(letters, 0) + m
    return result


def _lowest(value: Number) -> float:
    """A number that the value never falls below, all letters being 1 or more."""
    if isinstance(value, int):
        return value
    total = 0
    for product, factor in value.terms.items():
        bounds = [_lowest_atom(atom) for atom in product]
        if factor < 0 and product:
            return -math.inf
        if any(bound < 0 for bound in bounds):
            return -math.inf
        total += factor * math.prod(map(int, bounds))
    return total


def _lowest_atom(atom: Atom) -> float:
    if not atom.divisor:
        return 1
    lowest = _lowest(atom.numerator)
    return lowest if lowest == -math.inf else lowest // atom.divisor


# --- text ------------------------------------------------------------------------------------------------------------


def _text(terms: Mapping[Product, int]) -> str:
    """As one writes it in a file: the highest degree first, and something positive at the beginning."""
    ordered = sorted(terms.items(), key=_rank)
    text = _sum_text(ordered)
    joined = _joined_text(terms)
    return joined if joined and len(joined) < len(text) else text


def _sum_text(ordered: list[tuple[Product, int]]) -> str:
    ordered = list(ordered)
    first = next((item for item in ordered if item[1] > 0), ordered[0])
    ordered.remove(first)
    text = _product_text(*first)
    return text + "".join(f" {'-' if n < 0 else '+'} {_product_text(product, abs(n))}" for product, n in ordered)


def _joined_text(terms: Mapping[Product, int]) -> str:
    """The text with a floor that takes in what is added to it: 3*H // 2 for H + H // 2; empty where none does."""
    factor = next((n for product, n in terms.items() if product and product[0].divisor), 0)
    rest = {product: n // factor for product, n in terms.items() if product} if factor else {}
    if len(rest) < 2 or any(n % factor for product, n in terms.items() if product):
        return ""
    one = _one_floor(rest)
    if one is None or isinstance(one[0], int):
        return ""
    numerator: Expression = one[0]
    divisor = one[1]
    if _first_factor(numerator.terms) < 0:  # floor(-a/c) = -floor((a + c - 1)/c)
        numerator, factor = -numerator + (divisor - 1), -factor
    constant = terms.get((), 0)
    return _sum_text([((Atom("", numerator, divisor),), factor), *([((), constant)] if constant else [])])


def _rank(item: tuple[Product, int]) -> tuple[int, str]:
    return -len(item[0]), "*".join(map(str, item[0]))


def _product_text(product: Product, factor: int) -> str:
    if not product:
        return str(factor)
    atoms = [f"({atom})" if atom.divisor and (len(product) > 1 or factor != 1) else str(atom) for atom in product]
    number = {1: "", -1: "-"}.get(factor, f"{factor}*")
    return number + "*".join(atoms)


def _grouped(expression: Expression) -> str:
    """The text as the numerator of a floor: in parentheses, where a sign or a product would read otherwise."""
    text = str(expression)
    return f"({text})" if " " in text or text.startswith("-") else text
