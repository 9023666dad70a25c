"""What letters in sizes (`input HxWx3`) ask of expressions: nothing may be decided that hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import listing, say
from cnnspec.sizes import at
from cnnspec.source import Span
from cnnspec.suggest import did_you_mean
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Size, Symbolic, Value, Word, as_whole, describe, is_number, is_open, show

if TYPE_CHECKING:
    from cnnspec.elaborate.expressions import Evaluator
    from cnnspec.elaborate.walk import Walker
    from cnnspec.network import Network


TRIED = (1, 2, 3, 4, 5, 6, 7, 8, 12, 100, 1021, 1 << 20)


def is_letter(name: str) -> bool:
    return len(name) == 1 and name.isupper()


def letters_in(node: Any) -> Iterator[str]:
    """The letters that an expression holds."""
    if isinstance(node, tree.Name) and is_letter(node.name):
        yield node.name
    elif isinstance(node, tuple) and not isinstance(node, Span):
        for part in node:
            yield from letters_in(part)


def letter_value(walker: Evaluator, name: str, given: Value, span: Span) -> Value:
    """What a letter stands for: any size, or the number that `--set` or a variant gives it."""
    if given is None:
        from cnnspec.symbolic import letter

        return letter(name)
    if isinstance(given, tree.Argument):
        span, given = given.span, walker.evaluate(given.value)
    whole = as_whole(given)
    if whole is None or isinstance(whole, Symbolic) or whole < 1:
        raise Mistake(
            "E207",
            "`{letter}` is a size: a whole number from 1 on, not {given}",
            help="set it to a number, such as {letter}=224",
            span=span,
            letter=name,
            given=describe(given),
        )
    return whole


def no_letter(name: str, span: Span, known: list[str]) -> Mistake:
    """A letter that no input has."""
    if name == "N":
        return Mistake(
            "E208",
            "`N` is the number of images in a batch, which is never written",
            help="use another letter, such as H or W",
            span=span,
            name=name,
        )
    remedy = did_you_mean(name, known) or (
        say("the sizes of the inputs have {letters}", letters=listing([f"`{letter}`" for letter in known]))
        if known
        else say("write it in the size of the input (`input {name}x{name}x3`), or use a lower-case name", name=name)
    )
    return Mistake("E208", "no input has the size `{name}`", help="{remedy}", span=span, name=name, remedy=remedy)


def undecided(node: tree.Binary, left: Value, right: Value) -> Mistake:
    return _undecided(left, node.operator, right, node.span)


def _undecided(left: Value, op: str, right: Value, span: Span | None = None) -> Mistake:
    """The message; only where both cases have been seen, it says that there are both."""
    letters = sorted(set(_letters_of(left)) | set(_letters_of(right)))
    seen = {_holds(_with(left, values), op, _with(right, values)) for values in _trials(letters)}
    return Mistake(
        "E225",
        "for some sizes {left} {op} {right} is true, for others it is not"
        if len(seen) == 2
        else "{left} {op} {right} cannot be decided for every {letters}",
        help="compare what does not hang on a letter, or give the input a known size",
        span=span,
        op=op,
        left=show(left),
        right=show(right),
        letters=listing(letters),
    )


def _letters_of(value: Value) -> Iterator[str]:
    if isinstance(value, (tuple, list)):
        for part in value:
            yield from _letters_of(part)
    elif isinstance(value, Symbolic):
        yield from value.letters


def _with(value: Value, values: Mapping[str, int]) -> Value:
    if isinstance(value, (tuple, list)):
        return tuple(_with(part, values) for part in value)
    return value.at(values) if isinstance(value, Symbolic) else value


def _trials(letters: list[str]) -> Iterator[dict[str, int]]:
    """A few numbers for the letters: equal ones, and each larger than the others."""
    for n in TRIED:
        yield dict.fromkeys(letters, n)
        for name in letters if len(letters) > 1 else ():
            yield {**dict.fromkeys(letters, n), name: 2 * n + 1}


def _holds(left: Value, op: str, right: Value) -> bool:
    from cnnspec.elaborate.expressions import ORDERINGS, equals

    if op in ORDERINGS:
        return bool(ORDERINGS[op](left, right))
    return bool(equals(left, right)) is (op == "==")


def known_needed(what: str, given: Value, span: Span | None) -> Mistake:
    return Mistake(
        "E226",
        "{what} has to be a known number, not {given}",
        help="give the input a known size, or write a number",
        span=span,
        what=what,
        given=show(given),
    )


def sizes_with_multiples(inputs: Iterable[Size], multiples: Mapping[str, int]) -> list[str]:
    """What to write where the letters stand in the inputs: 6 * H for the 3 * H that stands there, if H must be even."""
    from cnnspec.symbolic import letter

    values: dict[str, Any] = {name: factor * letter(name) for name, factor in multiples.items()}
    axes = [n for size in inputs if not is_open(size) for n in size if isinstance(n, Symbolic)]
    wanted = dict.fromkeys(
        str(n.at(values)).replace("*", " * ") for n in axes if not multiples.keys().isdisjoint(n.letters)
    )
    return list(wanted)


def is_quantity(value: Value) -> bool:
    """Whether one can compute with it: a number, or a size that letters leave open."""
    return is_number(value) or isinstance(value, Symbolic)


def may_be_equal(left: Value, right: Value) -> bool:
    """Whether two values of different form are equal for some sizes all the same."""
    if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)):
        return len(left) == len(right) and all(a == b or may_be_equal(a, b) for a, b in zip(left, right, strict=True))
    for several, one in ((left, right), (right, left)):
        if isinstance(several, (tuple, list)):
            return is_quantity(one) and all(part == one or may_be_equal(part, one) for part in several)
    if not (isinstance(left, Symbolic) or isinstance(right, Symbolic)):
        return False
    from cnnspec.solving import never_equal

    numbers = as_whole(left), as_whole(right)
    return None not in numbers and not never_equal(*numbers)


def not_for_every_size(node: tree.Binary, left: Value, right: Value) -> Mistake:
    """`H / 2`, `H * 0.5`, `2 ** H`: what is no whole number whatever H is, or no simple expression."""
    op = node.operator
    if isinstance(left, float) or isinstance(right, float):
        mistake = Mistake(
            "E226",
            "{left} {op} {right}: sizes with letters are computed in whole numbers",
            help="compute with whole numbers and +, -, *, // and %",
        )
    elif op == "**":
        mistake = Mistake(
            "E226",
            "{left} {op} {right}: the exponent has to be a known number, 0 to 8, where letters stand",
            help="write the product, or give the input a known size",
        )
    elif isinstance(right, Symbolic):
        mistake = Mistake(
            "E226",
            "{left} {op} {right}: a size with letters cannot be the divisor",
            help="divide by a known number",
        )
    else:
        mistake = Mistake(
            "E226",
            "{left} {op} {right} is not a whole number for every size",
            help="round down with `//`, or make the input a multiple: `[{divisor} * H, …]`",
        )
    mistake.span = node.span
    mistake.values = {"op": op, "left": _grouped(left), "right": _grouped(right), "divisor": right}
    return mistake


def _grouped(value: Value) -> str:
    text = show(value)
    return text if text.isalnum() or not isinstance(value, Symbolic) else f"({text})"


class Ordered:
    """A quantity for `min` and `max`, which must not guess where letters leave the order open."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: Ordered) -> bool:
        if self.value < other.value or self.value >= other.value:
            return bool(self.value < other.value)
        raise _undecided(self.value, "<", other.value)

    def __gt__(self, other: Ordered) -> bool:
        return other < self


def letters_of_example(walker: Walker, node: tree.Example, network: Network) -> dict[str, int]:
    """The letters' values that the inputs of an `example` give. Raises Mistake where they fit no size of the network.

    Empty where a blank leaves one open.
    """
    from cnnspec.layers._kind import literal_shape

    found: dict[str, int] = {}
    for part, (name, size) in zip(node.inputs, network.inputs.items(), strict=True):
        value = walker.evaluate(part)
        if value is UNKNOWN or isinstance(value, Word) or is_open(size):
            return {}
        shape = literal_shape(list(value) if isinstance(value, tuple) else value, say("the example"))
        here = next(_readings(shape, size, found), None)
        if here is None:
            text, given = show(at(size, found)), "x".join(map(str, shape)) or say("one number")
            raise Mistake(
                "E409",
                "the value is of size {given}, the input `{name}` has {size}",
                help="write rows of columns (of channels); axes of size one may be left out",
                span=part.span,
                given=given,
                name=name,
                size=text,
            )
        found.update(here)
    if network.trial is not None and len(found) == len(network.letters):
        error = network.trial.error({name: at(size, found) for name, size in network.inputs.items()})
        if error is not None:
            raise Mistake("E409", "the network takes no input of this size: {why}", span=node.span, why=error.message)
    return found


def _readings(shape: tuple[int, ...], size: Size, known: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """The letters' values with which nested lists of that shape have that size; axes of size one may be left out."""
    count = len(size)
    while len(shape) > count and 1 in shape:
        shape = tuple(n for i, n in enumerate(shape) if i != shape.index(1))
    for places in combinations(range(count), min(len(shape), count)) if len(shape) <= count else ():
        axes = dict(zip(places, shape, strict=True))
        reading = _reading([axes.get(i, 1) for i in range(count)], size, known)
        if reading is not None:
            yield reading


def _reading(numbers: list[int], size: Size, known: Mapping[str, int]) -> dict[str, int] | None:
    from cnnspec.solving import solve

    found: dict[str, int] = {}
    for n, part in zip(numbers, at(size, known), strict=True):
        letter = solve(part, n)
        if letter is None:
            if n != part and part is not UNKNOWN:
                return None
        elif found.setdefault(*letter) != letter[1]:
            return None
    return found
