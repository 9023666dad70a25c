"""The same file once more, with other sizes of its inputs: which does the network accept?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import ERROR, Diagnostic, Mistake
from cnnspec.sizes import at
from cnnspec.source import Span
from cnnspec.values import Size

if TYPE_CHECKING:
    from cnnspec.elaborate.checks import Figures
    from cnnspec.elaborate.program import Program
    from cnnspec.elaborate.walk import Watch
    from cnnspec.layers._kind import Operation
    from cnnspec.network import Network, Trial

UNJUDGED = ("E402", "E403", "E404")  # annotations and expectations speak of the size that is written
TRIED = (1024, 64, 1, 5040, 720_720, 1 << 20, 1 << 40)  # powers of two, and multiples of everything small


class Walks:
    """The network's `trial`: walks the file anew with the sizes that it is given; `program` makes a fresh walk."""

    __slots__ = ("_operations", "_program", "steps")

    def __init__(self, program: Callable[[], Program]) -> None:
        self._program = program
        self._operations: dict[Any, Operation] = {}  # of all walks over statements: many are the same each time
        self.steps = 0

    def error(self, sizes: Mapping[str, Size], unjudged: tuple[str, ...] = ()) -> Diagnostic | None:
        """The first error with inputs of these sizes, annotations and expectations aside; None where there is none."""
        program = self._program()
        program.again = True
        program.pinned = sizes
        program.most_diagnostics = 1
        program.unsaid = UNJUDGED + unjudged
        program.walk()
        self.steps += program.spent
        return next((d for d in program.diagnostics if d.severity == ERROR), None)

    def statements(self, see: Watch, carried: Mapping[Span, Size] | None = None) -> None:
        """Walks the file as it stands, and shows each run of each statement.

        After the statements at the places `carried` the flow goes on with the size given there, whatever it was.
        """
        program = self._program()
        program.again = True
        program.watch = see
        program.operations = self._operations
        program.carried = {} if carried is None else carried
        program.walk()

    def figures(self, network: Network) -> Figures:
        """What evaluates the conditions of `expect` over the network, in the file as it stands."""
        from cnnspec.elaborate.checks import Figures

        program = self._program()
        program.again = True
        program.walk()
        return Figures(program, network)


def check_some_size_fits(program: Program, network: Network) -> None:
    """Reports an input whose letters can be no numbers at all, such as two layers that shrink an axis to nothing."""
    if not network.letters or network.trial is None:
        return
    errors = list(_errors(network, network.trial))
    if None not in errors:
        first = errors[0]
        span = next(iter(network.input_values.values())).span
        program.report(
            Mistake(
                "E316",
                "no size was found for which this network works: with {letters} = {n}, {first}",
                letters=" = ".join(network.letters),
                n=TRIED[0],
                first=first.message if first else "",
            ),
            span,
        )


def _errors(network: Network, trial: Trial) -> Iterator[Diagnostic | None]:
    letters = network.letters
    tried = [dict.fromkeys(letters, n) for n in TRIED]
    if len(letters) > 1:  # such as a crop of one input to the size of another
        tried += [{**dict.fromkeys(letters, TRIED[1]), letter: TRIED[0]} for letter in letters]
    for values in tried:
        error = trial.error(sizes_at(network, values))
        yield error
        if error is None:
            return


def sizes_at(network: Network, values: Mapping[str, int]) -> dict[str, Size]:
    """The sizes of the inputs with numbers in the place of their letters."""
    return {name: at(size, values) for name, size in network.inputs.items()}
