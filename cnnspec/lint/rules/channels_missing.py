"""W303: `input 28x28`, which is a sequence, where an image of one channel was probably meant."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Edit, Fix
from cnnspec.language import say
from cnnspec.network import Input, Network
from cnnspec.source import Span
from cnnspec.values import Size, Unknown, show

CODE = "W303"
DEFAULT = True
ON_GRAPHS = False  # a graph says which operators it has, and so what its axes are
SMALLEST = 8  # of an image
SCREENS = ((4, 3), (3, 2), (16, 9), (16, 10))


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Inputs of two parts that look like height and width."""
    for value in net.input_values.values():
        if not value.integer and _looks_like_an_image(value.size):
            size = show(value.size)
            yield Diagnostic(
                CODE,
                say(
                    "`{size}` is a sequence of {length} values with {channels} channels each",
                    size=size,
                    length=value.size[0],
                    channels=value.size[1],
                ),
                value.source,
                value.span,
                help=say("write {size}x1 for a grey image, {size}x3 for a colour image", size=size),
                fix=_fix(value, size),
            )


def _fix(value: Input, size: str) -> Fix | None:
    """The grey image, where the size is written as such."""
    from cnnspec.lint._edits import fix

    start = value.source.text.find(size, value.span.start, value.span.end)
    edit = Edit(Span(start + len(size), start + len(size)), "x1") if start >= 0 else None
    return fix("unsafe", say("write `{size}x1`", size=size), edit)


def _looks_like_an_image(size: Size | Unknown) -> bool:
    """A square, or a large rectangle of a screen's shape."""
    if isinstance(size, Unknown) or len(size) != 2:
        return False
    height, width = size
    if not isinstance(height, int) or not isinstance(width, int) or min(height, width) < SMALLEST:
        return False
    large, small = max(height, width), min(height, width)
    return height == width or (small >= 100 and any(large * b == small * a for a, b in SCREENS))
