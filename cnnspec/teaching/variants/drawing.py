"""Variants of an exercise: numbers drawn for each student from the sets that its settings state.

The parameters of `model NAME(n = 28, k = 5)` that stand in `draw` get a value each; what is handed out has the numbers
in the place of all parameters. A variant is chosen among those that are alike: no errors, the same layers, windows that
leave rows over, move by one, reach over a padding and keep the size only where they do with the defaults, and counts of
about as many digits.

The choice: of the alike combinations, in the order in which the settings list them, the one whose index is the first
eight bytes of SHA-256 of `MODEL:SEED`, modulo their number. It stays the same in every version of the program.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from cnnspec.diagnostics import ERROR, CnnSpecError, Diagnostic, Mistake
from cnnspec.elaborate import Elaboration
from cnnspec.language import number, say
from cnnspec.layers._windows import dilation_of
from cnnspec.network import Layer, Network
from cnnspec.record import Record
from cnnspec.source import Source, Span
from cnnspec.suggest import did_you_mean
from cnnspec.syntax import tree
from cnnspec.syntax.parser import parse
from cnnspec.teaching.settings import Settings
from cnnspec.values import known

MOST_COMBINATIONS = 600  # that are looked at; of more, this many are chosen by a hash
MOST_SEED = 60
VARIANT = re.compile(r"^#[ \t]{0,20}variant:[ \t]{0,20}(?P<seed>[^\s][^\n]{0,240})", re.MULTILINE)

Drawn = Mapping[str, Any]


def draw(source: Source, settings: Settings, seed: str) -> Source:
    """The exercise with the numbers of the variant `seed` in the place of the model's parameters.

    Its first line states the seed: `# variant: 4711`. Without a seed the parameters have their defaults. A source of
    which nothing is drawn stays as it is. Raises CnnSpecError with E510 or E511.
    """
    if not settings.draw:
        return source
    from cnnspec.teaching.variants.writing import written_out

    seed = clean_seed(seed)
    file, values = choose(source, settings, seed)
    return written_out(source, file, values, f"# variant: {seed}\n" if seed else "")


def choose(source: Source, settings: Settings, seed: str) -> tuple[tree.File, Drawn]:
    """The tree of the exercise, and the values of all its parameters in this variant. Raises CnnSpecError."""
    sets = tuple((name, tuple(_frozen(value) for value in values)) for name, values in settings.draw.items())
    found = _variants(source.text, source.filename, sets)
    model = next(node.name for node in found.file.body if isinstance(node, tree.Model))
    seed = clean_seed(seed)
    values = found.alike[pick(len(found.alike), f"{model}:{seed}")] if seed else found.defaults
    return found.file, values


def variants(source: Source, settings: Settings) -> tuple[Drawn, ...]:
    """The values of the parameters in each variant that can be drawn. Raises CnnSpecError with E510 or E511."""
    sets = tuple((name, tuple(_frozen(value) for value in values)) for name, values in settings.draw.items())
    return _variants(source.text, source.filename, sets).alike if sets else ()


def pick(count: int, text: str) -> int:
    """One of `count` indices, by a hash of the text.

    >>> pick(10, "lenet:4711")
    4
    """
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % count


def clean_seed(seed: str) -> str:
    """A seed as one word, as it stands in a comment, a name of a file, a field of a form.

    >>> clean_seed(" 47/11\\n")
    '47_11'
    """
    text = unicodedata.normalize("NFC", seed[: 4 * MOST_SEED].strip())
    return re.sub(r"[^\w.@-]+", "_", text)[:MOST_SEED]


def seed_of(text: str) -> str:
    """The seed that an answer sheet states, "" where it states none.

    >>> seed_of("# variant: 4711\\ninput 28x28x1\\n")
    '4711'
    """
    found = VARIANT.search(text)
    return clean_seed(found["seed"]) if found else ""


# --- which combinations are alike ------------------------------------------------------------------------------------


class Variants(Record):
    file: tree.File
    defaults: Drawn
    alike: tuple[Drawn, ...]


class Look(Record):
    """What makes two variants alike: the layers, how hard their windows are, and how many digits the figures have."""

    layers: tuple[str, ...]
    left_over: frozenset[str]
    windows: tuple[tuple[str, bool, bool, bool], ...]  # layer; whether it moves by one, has no padding, keeps the size
    digits: tuple[int, ...]
    ones: tuple[bool, ...]


@lru_cache(maxsize=64)
def _variants(text: str, filename: str, sets: tuple[tuple[str, tuple[Any, ...]], ...]) -> Variants:
    source = Source(text, filename)
    file, broken = parse(source)
    elaboration = Elaboration(source, file, syntax_errors=bool(broken))
    network, found = elaboration.one()
    errors = [d for d in (*broken, *found) if d.severity == ERROR]
    if errors or network is None:
        raise CnnSpecError(errors or [_no_network().at(source, Span(0, 0))])
    _check_names(source, file, [name for name, _ in sets])
    wanted, completable = look(network), _Completable(source, file)
    alike: list[Drawn] = []
    reasons: dict[str, int] = {}
    for values in _combinations(sets):
        reason, all_values = _unlike(source, file, values, wanted, completable)
        if reason:
            reasons[reason] = reasons.get(reason, 0) + 1
        else:
            alike.append(all_values)
    if not alike:
        raise CnnSpecError([_nothing(source, file, reasons)])
    return Variants(file, network.settings, tuple(alike))


class _Completable:
    """Whether blank arguments have a right answer with the values; nothing to ask where there are none."""

    def __init__(self, source: Source, file: tree.File) -> None:
        from cnnspec.teaching.blanks import find_blanks  # noqa: F401  (the room of blanks, loaded with the first draw)

        self.needed = "?" in source.text and any(_has_blank_argument(one) for one in file.body)

    def __call__(self, source: Source, file: tree.File, values: Drawn) -> bool:
        if not self.needed:
            return True
        from cnnspec.teaching.arguments.judge import can_be_completed
        from cnnspec.teaching.variants.writing import written_out

        return can_be_completed(written_out(source, file, values, ""))


def _has_blank_argument(node: Any) -> bool:
    if isinstance(node, tree.Argument):
        return isinstance(node.value, tree.Blank)
    return isinstance(node, tuple) and not isinstance(node, Span) and any(map(_has_blank_argument, node))


def _unlike(
    source: Source, file: tree.File, values: Drawn, wanted: Look, completable: _Completable
) -> tuple[str, Drawn]:
    """Why a combination is not taken ("" where it is), and the values of all parameters with it."""
    network, found = Elaboration(source, file, settings=values).one()
    error = next((d for d in found if d.severity == ERROR), None)
    if error is not None or network is None:
        return (error.message if error else say("there is no network")), {}
    seen = look(network)
    if seen.layers != wanted.layers:
        return say("other layers than with the defaults"), {}
    if seen.left_over != wanted.left_over:
        return say("rows are left over in other layers than with the defaults"), {}
    if seen.windows != wanted.windows:
        return say("other steps, padding or sizes that stay than with the defaults"), {}
    if not _as_long(seen.digits, wanted.digits) or seen.ones != wanted.ones:
        return say("figures of another length than with the defaults"), {}
    if not completable(source, file, network.settings):
        return say("the blanks have no right answer"), {}
    return "", network.settings


def _as_long(digits: Sequence[int], wanted: Sequence[int]) -> bool:
    """Whether no figure has over one digit more or less, and all together at most a sixth more or less."""
    each = all(abs(a - b) <= 1 for a, b in zip(digits, wanted, strict=True))
    return each and 6 * abs(sum(digits) - sum(wanted)) <= sum(wanted)


def look(network: Network) -> Look:
    """What of a network a variant has to keep."""
    figures = [n for layer in network.layers if known(layer.size) for n in (*layer.size, layer.params)]
    numbers = [n for n in figures if isinstance(n, int)]
    return Look(
        tuple(layer.name for layer in network.layers),
        frozenset(layer.name for layer in network.layers if leaves_over(layer)),
        tuple(_window(layer) for layer in network.layers if _has_window(layer)),
        tuple(len(str(n)) for n in numbers),
        tuple(n == 1 for n in numbers),
    )


def _has_window(layer: Layer) -> bool:
    return all(hasattr(layer.args, name) for name in ("f", "s", "p")) and known(layer.operation.input)


def _window(layer: Layer) -> tuple[str, bool, bool, bool]:
    args, arriving = layer.args, layer.operation.input
    pads = args.p.resolve(arriving, args.f, args.s, dilation_of(layer.operation))
    ones, bare = all(step == 1 for step in args.s), not any(end for pair in pads for end in pair)
    return layer.name, ones, bare, arriving[:-1] == layer.size[:-1]


def leaves_over(layer: Layer) -> bool:
    """Whether rows or columns are left over at the end of this layer's windows: whether its floor bites."""
    args = layer.args
    if layer.definition.family == "convolution" and layer.kind == "conv_transpose":
        return False
    if not all(hasattr(args, name) for name in ("f", "s", "p")) or not known(layer.operation.input):
        return False
    d = dilation_of(layer.operation)
    pads = args.p.resolve(layer.operation.input, args.f, args.s, d)
    axes = zip(layer.operation.input[:-1], args.f, args.s, d, pads, strict=True)
    return any(_rest(n, f, s, di, begin, end, bool(args.p.same)) for n, f, s, di, (begin, end) in axes)


def _rest(n: Any, f: Any, s: Any, d: Any, begin: Any, end: Any, same: bool) -> bool:
    if not all(isinstance(one, int) for one in (n, f, s, d, begin, end)):
        return False
    return bool(n % s if same else (n + begin + end - d * (f - 1) - 1) % s)


def _combinations(sets: Sequence[tuple[str, tuple[Any, ...]]]) -> Iterator[Drawn]:
    count = math.prod(len(values) for _, values in sets)
    for index in _indices(count):
        chosen, rest = {}, index
        for name, values in sets:
            rest, at = divmod(rest, len(values))
            chosen[name] = _thawed(values[at])
        yield chosen


def _indices(count: int) -> Sequence[int]:
    """All, or of very many some that are chosen by a hash."""
    if count <= MOST_COMBINATIONS:
        return range(count)
    return sorted({pick(count, str(i)) for i in range(MOST_COMBINATIONS)})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _thawed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


# --- what is wrong ---------------------------------------------------------------------------------------------------


def _check_names(source: Source, file: tree.File, names: Sequence[str]) -> None:
    model = next((node for node in file.body if isinstance(node, tree.Model)), None)
    known_names = [parameter.name for parameter in model.parameters] if model else []
    wrong = [name for name in names if name not in known_names]
    if not wrong:
        return
    remedy = did_you_mean(wrong[0], known_names) or say(
        "write `model NAME({name} = …)` in the first line", name=wrong[0]
    )
    mistake = Mistake(
        "E511",
        "`draw` names `{name}`, which is no parameter of the model",
        help="{remedy}",
        name=wrong[0],
        remedy=remedy,
    )
    raise CnnSpecError([mistake.at(source, model.name_span if model else Span(0, 0))])


def _nothing(source: Source, file: tree.File, reasons: Mapping[str, int]) -> Diagnostic:
    model = next(node for node in file.body if isinstance(node, tree.Model))
    first = sorted(reasons.items(), key=lambda one: -one[1])[:3]
    mistake = Mistake(
        "E510",
        "no combination of the numbers in `draw` is like the exercise",
        lines=tuple(say("{n} of them: {reason}", n=number(count), reason=reason) for reason, count in first),
        help="change the sets, or the defaults of the parameters",
    )
    return mistake.at(source, model.name_span)


def _no_network() -> Mistake:
    return Mistake("E401", "the file has no `input`", help="begin with the size of the input")
