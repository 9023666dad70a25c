"""What a teacher wants to know of an exercise before it is handed out: the filled file, and what may be amiss."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cnnspec.language import say
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.syntax.format import format_text
from cnnspec.teaching.model import ARGUMENT, FAMILIES, LAYERS, PARAMS, SIZE, VALUE, Blank, Solved

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

TELLING = 100  # numbers from here on stand nowhere by chance
CHOICES = re.compile(r"\?\d*\([^)]*\)")
NUMBER = re.compile(r"(?<![\w.])\d[\d_]*(?:x\d[\d_]*)*(?![\w.])")


def filled_text(exercise: Exercise) -> str:
    """The exercise with a right answer in each blank; layers in place of `?` only where the settings have a solution.

    >>> from cnnspec.source import Source
    >>> from cnnspec.teaching.exercise import make_exercise
    >>> print(filled_text(make_exercise(Source("input 28x28x1\\nconv 6, f=5 -> ?, ? params"))), end="")
    input 28x28x1
    conv 6, f=5 -> 24x24x6, 156 params
    """
    from cnnspec.teaching.exercise import solved

    edits = []
    for one in solved(exercise):
        right = _bare(one)
        if one.blank.family == LAYERS and right and not _alone(exercise, one.blank):
            right = f"if true {{\n{right}\n}}"
        if right:
            edits += [(span, right) for span in one.blank.spans]
    text = exercise.source.text
    for span, right in sorted(edits, reverse=True):
        text = text[: span.start] + right + text[span.end :]
    return format_text(text, exercise.source.filename)


def _bare(one: Solved) -> str:
    """The answer as it stands in the place of the `?`: without `f=`, numbers as the language has them."""
    right = one.right
    if one.blank.family == ARGUMENT:
        right = right.removeprefix(f"{one.blank.part}=")
    elif one.blank.family == LAYERS:
        return right
    elif one.blank.family != VALUE:
        right = right.replace(",", "").replace(" ", "")
    return f"{int(right):_}" if right.isdigit() and len(right) > 4 else right


def _alone(exercise: Exercise, blank: Blank) -> bool:
    """Whether the blank is a statement by itself, whose annotation may stand behind its last line."""
    flows = (one for one in exercise.file.body if isinstance(one, tree.Flow) and one.span == blank.statement)
    return any(len(flow.steps) == 1 for flow in flows)


def warnings_of(exercise: Exercise) -> Iterator[tuple[Blank, str]]:
    """What a teacher may not have meant: answers that stand elsewhere in the file, blanks that ask for nothing."""
    from cnnspec.teaching.exercise import solved
    from cnnspec.teaching.judging import points_of

    written = set(_written(exercise))
    worth = points_of(exercise)
    yield from _easy_maps(exercise)
    if exercise.settings.kinds is not None and not any(blank.family == LAYERS for blank in exercise.blanks):
        yield exercise.blanks[0], say("`kinds` holds for a `?` in the place of layers, and there is none")
    families = {blank.family for blank in exercise.blanks}
    for one in solved(exercise):
        blank = one.blank
        if blank.key in {*exercise.settings.points_of, *exercise.settings.hints} & (set(FAMILIES) - families):
            yield (
                blank,
                say("in the settings `{key}` means counts after `->`; write `figure` for this one", key=blank.key),
            )
        if not one.right and blank.family == LAYERS:
            yield blank, say("there is no key: name a file with the layers as `solution` in the settings")
        elif not one.right:
            yield blank, say("no right answer was found")
        elif _tells(one) and _bare(one).replace("_", "") in written:
            yield blank, say("the answer {answer} stands elsewhere in the file", answer=one.right)
        if len(blank.choices) == 1:
            yield blank, say("there is one choice only")
        if worth[blank.key] == 0:
            yield blank, say("this blank is worth no points")
        if blank.family in (SIZE, PARAMS) and _is_idle(exercise, blank):
            yield blank, say("nothing changes in this line: the answer is trivial")
        if blank.family == ARGUMENT and _always_right(exercise, blank):
            yield blank, say("every value that was tried is right")


def _easy_maps(exercise: Exercise) -> Iterator[tuple[Blank, str]]:
    """Of each `example` the first blank, where one number written everywhere gets most of the points."""
    from cnnspec.teaching.exercise import solved

    asked: dict[Span, list[Solved]] = {}
    for one in solved(exercise):
        if one.blank.family == VALUE:
            asked.setdefault(one.blank.statement, []).append(one)
    for some in asked.values():
        numbers = [n for one in some for n in _flat(one.value)]
        if len(numbers) > 1 and len(set(numbers)) == 1:
            yield some[0].blank, say("all numbers of the answer are the same")
        elif len(numbers) > 1 and 2 * numbers.count(0) > len(numbers):
            yield some[0].blank, say("most numbers of the answer are 0")


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    else:
        yield value


def _tells(one: Solved) -> bool:
    bare = _bare(one).replace("_", "")
    return "x" in bare or (bare.isdigit() and int(bare) >= TELLING)


def _written(exercise: Exercise) -> Iterator[str]:
    """The numbers and sizes of the file that say what comes out: of annotations, `expect` lines, comments."""
    text = exercise.source.text
    stack: list[object] = list(exercise.file.body)
    while stack:
        node = stack.pop()
        if isinstance(node, (tree.Annotation, tree.Expect)):
            yield from _numbers(text[node.span.start : node.span.end])
        elif isinstance(node, (tuple, list)):
            stack.extend(node)
    for comment in re.findall(r"#.*", text):
        yield from _numbers(comment)


def _numbers(text: str) -> Iterator[str]:
    text = CHOICES.sub("?", text)
    return (found.replace("_", "") for found in NUMBER.findall(text))


def _is_idle(exercise: Exercise, blank: Blank) -> bool:
    """Whether the statement neither changes the size nor has parameters, nor a window that might have changed it."""
    from cnnspec.teaching.runs import runs_of

    runs = runs_of(exercise.network).get(blank.statement, ())
    return bool(runs) and all(
        run.arriving == run.result and not any(layer.params or hasattr(layer.args, "f") for layer in run.layers)
        for run in runs
    )


def _always_right(exercise: Exercise, blank: Blank) -> bool:
    from cnnspec.teaching.arguments.judge import puzzle_of

    puzzle = puzzle_of(exercise)
    group = next(group for group in puzzle.groups if blank.key in group.keys)
    return puzzle.is_free(group, blank.key)
