"""Edits of a layer's text, for the fixes of rules: change an argument, take a step out, put one in.

They look at the tokens of the text, so that comments, line breaks inside brackets, several steps in a line, `as NAME`
and annotations stay as they are. Each function gives None where the change cannot be written plainly: where the text
is no layer of its own (`apply`, the braces of a join, a block's parameter that stands for a kind), or where a comment
is in the way. `fix` takes such a None for "no fix".

    fix("safe", "write `bias=false`", put_argument(layer, "bias", "false"))
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache

from cnnspec.diagnostics import Edit, Fix
from cnnspec.network import Layer
from cnnspec.source import Listing, Span
from cnnspec.syntax.scanner import CONTINUES

BLANKS = " \t"
OPENERS = frozenset({"LPAR", "LSQB"})
CLOSERS = frozenset({"RPAR", "RSQB"})
OTHER_NAMES = {"padding": "p"}


def fix(applicability: str, message: str, *edits: Edit | None) -> Fix | None:
    """The fix of these edits, "safe" or "unsafe"; None where one of them cannot be made."""
    made = tuple(edit for edit in edits if edit is not None)
    return Fix(applicability, message, made) if made and len(made) == len(edits) else None


def argument_span(layer: Layer, name: str) -> Span | None:
    """Where the layer's text gives an argument, by its short or long name or in its place; None where it does not."""
    found = _written(layer, name)
    return found[1].span if found else None


def add_argument(layer: Layer, text: str) -> Edit | None:
    """Writes one more argument, such as `bias=false`, behind the others."""
    step = _step(layer)
    if step is None:
        return None
    return Edit(Span(step.end, step.end), f", {text}" if step.arguments else f" {text}")


def set_argument(layer: Layer, name: str, value: str) -> Edit | None:
    """Writes another value for an argument that the text gives, by name or in its place."""
    found = _written(layer, name)
    return Edit(found[1].value, value) if found else None


def put_argument(layer: Layer, name: str, value: str) -> Edit | None:
    """Writes another value where the text gives the argument, and adds it where it does not."""
    return set_argument(layer, name, value) or add_argument(layer, f"{name}={value}")


def remove_argument(layer: Layer, name: str) -> Edit | None:
    """Takes an argument out, with its comma; not one that the place of others depends on."""
    found = _written(layer, name)
    if found is None:
        return None
    step, argument = found
    index = step.arguments.index(argument)
    following = step.arguments[index + 1 :]
    if argument.name is None and any(one.name is None for one in following):
        return None
    if following:
        return _remove_before(step, argument, following[0])
    return _remove_last(step, argument)


def replace_kind(layer: Layer, kind: str) -> Edit | None:
    """Writes another kind, and leaves the arguments."""
    step = _step(layer)
    return Edit(step.kind.span, kind) if step else None


def replace_step(layer: Layer, text: str) -> Edit | None:
    """Writes another layer, such as `depthwise 3, p=1`, in place of the kind and all arguments."""
    step = _step(layer)
    if step is None or _has_comment(step.text, step.kind.span.start, step.end):
        return None
    return Edit(Span(step.kind.span.start, step.end), text)


def add_step(layer: Layer, text: str) -> Edit | None:
    """Writes a step such as `relu` behind the layer."""
    step = _step(layer)
    if step is None or step.after.kind == "AS":
        return None  # the name would be that of another value
    return Edit(Span(step.end, step.end), f" | {text}")


def add_step_before(layer: Layer, text: str) -> Edit | None:
    """Writes a step such as `flatten` before the layer."""
    step = _step(layer)
    return Edit(Span(step.kind.span.start, step.kind.span.start), f"{text} | ") if step else None


def remove_step(layer: Layer) -> Edit | None:
    """Takes the layer out, with the `|` that joined it to another; a line of its own goes with it."""
    step = _step(layer)
    if step is None or step.after.kind == "AS" or _has_comment(step.text, step.kind.span.start, step.end):
        return None
    if step.before.kind == "PIPE":
        return _remove_behind_pipe(step)
    if step.after.kind == "PIPE":
        return _remove_before_pipe(step)
    return None if step.after.kind == "ARROW" else _remove_statement(step)


# --- the text of a step ----------------------------------------------------------------------------------------------


class Word:
    """A token: its terminal and its place. Comments and line breaks are none; the place of the last is the end."""

    __slots__ = ("kind", "span")

    def __init__(self, kind: str, span: Span) -> None:
        self.kind = kind
        self.span = span


class Written:
    """An argument as it is written: its name, the places of the whole and of its value."""

    __slots__ = ("name", "span", "value")

    def __init__(self, name: str | None, span: Span, value: Span) -> None:
        self.name = name
        self.span = span
        self.value = value


class Step:
    """A layer's text: its kind, its arguments, where it ends, the tokens around it, and the whole text."""

    __slots__ = ("after", "arguments", "before", "end", "kind", "text")

    def __init__(self, words: list[Word], before: Word, after: Word, text: str) -> None:
        self.kind = words[0]
        self.arguments = _arguments(words[1:], text)
        self.end = words[-1].span.end
        self.before = before
        self.after = after
        self.text = text


def arguments(layer: Layer) -> list[tuple[str | None, str]]:
    """The arguments as they are written: (name or None, value)."""
    step = _step(layer)
    return [(one.name, step.text[slice(*one.value)]) for one in step.arguments] if step else []


@lru_cache(maxsize=2)
def _words(text: str) -> tuple[list[Word], list[int]]:
    """The tokens of a text without syntax errors, and where each starts."""
    from cnnspec.syntax.parser import machinery

    vocabulary = machinery()[2]
    words = [Word("END", Span(0, 0))]
    for match in vocabulary.pattern.finditer(text):
        kind = match.lastgroup or ""
        value = match[kind]
        if kind == "COMMENT" or (kind == "NL" and value != ";"):
            continue
        if kind in ("NAME", "SIGN"):
            kind = vocabulary.fixed.get(value, kind)
        words.append(Word(kind, Span(match.end() - len(value), match.end())))
    return words, [word.span.start for word in words]


def _step(layer: Layer) -> Step | None:
    """The text of a layer that is written as its kind and arguments."""
    if isinstance(layer.source, Listing):
        return None
    text = layer.source.text
    words, starts = _words(text)
    first = bisect_left(starts, layer.span.start, lo=1)
    last = bisect_left(starts, layer.span.end, lo=first)
    own = words[first:last]
    if not own or text[slice(*own[0].span)] != layer.kind or words[last].kind == "LBRACE":
        return None
    return Step(own, words[first - 1], words[last], text)


def _arguments(words: list[Word], text: str) -> list[Written]:
    found: list[Written] = []
    depth = first = 0
    for index, word in enumerate([*words, Word("COMMA", Span(0, 0))]):
        depth += (word.kind in OPENERS) - (word.kind in CLOSERS)
        if word.kind == "COMMA" and depth == 0 and index > first:
            named = index > first + 2 and words[first + 1].kind == "EQUAL"
            end = words[index - 1].span.end
            name = text[slice(*words[first].span)] if named else None
            value = Span(words[first + 2 if named else first].span.start, end)
            found.append(Written(name, Span(words[first].span.start, end), value))
            first = index + 1
    return found


def _written(layer: Layer, name: str) -> tuple[Step, Written] | None:
    """The argument of that short or long name, by its name or in its place."""
    step = _step(layer)
    wanted = layer.definition.argument(OTHER_NAMES.get(name, name))
    if step is None or wanted is None:
        return None
    for place, one in enumerate(step.arguments):
        if one.name is not None:
            meant = layer.definition.argument(OTHER_NAMES.get(one.name, one.name))
        else:
            meant = layer.definition.arguments[place] if place < len(layer.definition.arguments) else None
        if meant == wanted:
            return step, one
    return None


# --- what goes with what is taken out --------------------------------------------------------------------------------


def _has_comment(text: str, start: int, end: int) -> bool:
    """Whether a comment stands there; a `#` in a string counts as one, which only costs a fix."""
    return "#" in text[start:end]


def _skip(text: str, place: int) -> int:
    """The place behind blanks."""
    while place < len(text) and text[place] in BLANKS:
        place += 1
    return place


def _back(text: str, place: int) -> int:
    """The place where the blanks before this one begin."""
    while place and text[place - 1] in BLANKS:
        place -= 1
    return place


def _remove_before(step: Step, argument: Written, following: Written) -> Edit | None:
    """Takes out an argument and the comma behind it."""
    text, start = step.text, argument.span.start
    comma = text.index(",", argument.span.end)
    if argument is step.arguments[0] and _breaks(text, comma, following.span.start):
        if _has_comment(text, comma, following.span.start):
            return None
        return Edit(Span(start, following.span.start), "")
    end = _skip(text, comma + 1)
    if _ends_line(text, end):
        start = _back(text, start)
        end = _whole_lines(text, start, end).end if text[start - 1] in "\r\n" else comma + 1
    return Edit(Span(start, end), "")


def _remove_last(step: Step, argument: Written) -> Edit | None:
    """Takes out the last argument and the comma before it."""
    text = step.text
    place = step.arguments.index(argument)
    start = step.arguments[place - 1].span.end if place else step.kind.span.end
    gap = text[start : argument.span.start]
    if "#" not in gap:
        return Edit(Span(start, argument.span.end), "")
    comma = gap.index(",")
    kept = gap[:comma] + gap[comma + 1 :]
    if "#" in gap[:comma]:
        return None
    if _ends_line(text, argument.span.end):
        return Edit(Span(start, argument.span.end), kept.rstrip())
    return Edit(Span(start, argument.span.end), kept) if step.after.kind in CONTINUES else None


def _remove_behind_pipe(step: Step) -> Edit | None:
    """`conv 6 | relu | …`: the step goes with the `|` before it, or with the one behind it at the end of a line."""
    text, pipe = step.text, step.before.span
    if not _breaks(text, pipe.end, step.kind.span.start):
        return _remove_beside_pipe(step)
    if step.after.kind == "PIPE" and not _breaks(text, step.end, step.after.span.start):
        end = step.after.span.end
        if _ends_line(text, end):
            return Edit(_whole_lines(text, step.kind.span.start, end), "")
        return Edit(Span(step.kind.span.start, _skip(text, end)), "")
    if _has_comment(text, pipe.end, step.kind.span.start):
        return None
    return Edit(Span(_back(text, pipe.start), step.end), "")


def _remove_beside_pipe(step: Step) -> Edit:
    """The `|` before the step stands in the same line."""
    text, pipe = step.text, step.before.span
    start = _back(text, pipe.start)
    if text[start - 1] not in "\r\n":
        return Edit(Span(start, step.end), "")
    if _ends_line(text, step.end):
        return Edit(_whole_lines(text, pipe.start, step.end), "")
    return Edit(Span(pipe.start, _skip(text, step.end)), "")


def _remove_before_pipe(step: Step) -> Edit | None:
    """`relu | conv 6`: the first step goes with the `|` behind it."""
    text, start, pipe = step.text, step.kind.span.start, step.after.span
    if _has_comment(text, step.end, pipe.start):
        return None
    if _ends_line(text, pipe.end):
        return Edit(_whole_lines(text, start, pipe.end), "")
    return Edit(Span(start, _skip(text, pipe.end)), "")


def _remove_statement(step: Step) -> Edit:
    """The step is the whole statement: its line goes too, unless something else stands there."""
    text, start = step.text, step.kind.span.start
    if step.after.kind == "NL" and not _breaks(text, step.end, step.after.span.start):
        return Edit(Span(start, _skip(text, step.after.span.end)), "")
    before = _back(text, start)
    if (before == 0 or text[before - 1] in "\r\n") and _ends_line(text, step.end):
        return Edit(_whole_lines(text, start, step.end), "")
    return Edit(Span(start, _skip(text, step.end)), "")  # what follows, a comment or a `}`, comes to stand here


def _ends_line(text: str, place: int) -> bool:
    """Whether nothing but blanks stands in the rest of the line."""
    return text[_skip(text, place) :][:1] in ("\n", "\r", "")


def _breaks(text: str, start: int, end: int) -> bool:
    return any(sign in text[start:end] for sign in "\r\n#")


def _whole_lines(text: str, start: int, end: int) -> Span:
    """From the begin of the line to that of the next."""
    end = _skip(text, end)
    if text[end : end + 2] == "\r\n":
        end += 2
    elif text[end : end + 1] in ("\n", "\r"):
        end += 1
    return Span(_back(text, start), end)
