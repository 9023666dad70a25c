"""Patterns that students' texts meet take a time that grows with the text, not with its square."""

from __future__ import annotations

import ast
import gc
import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from types import FrameType, ModuleType

import pytest

import cnnspec.teaching

LENGTH = 10_000  # what is quadratic takes some 50,000,000 steps of this, what is linear 10,000 or a few times that
SECONDS = 0.2  # of computing, not of waiting
FLAGS = {"IGNORECASE": re.IGNORECASE, "MULTILINE": re.MULTILINE, "DOTALL": re.DOTALL}
REPEATED = (
    *(" ", "\t", " \t", "1", "a", "x", "_", "-", "=", "?", "(", "[", "`", ".", "/", '"', "+-", "\u00e9", "\u2500", "#"),
    *("1,", "1 ", "a ", "x ", "1x", "a.", "| ", "# ", "(1,", "[(", "None, ", "<p ", ", ", "1e", "\\"),
)
BEFORE = ("", "#", "# variant", "# variant:", "# variant: x", "params ", "conv(", "?(", "(None, ", "total", "<p>", "- ")
# What is never given more than this: cells, keys, names, answers that were cut before.
SHORT = {"answers.kinds: re.sub": 60}


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(cnnspec.teaching.__path__, "cnnspec.teaching."):
        yield importlib.import_module(found.name)


def uses() -> dict[tuple[re.Pattern[str], str], str]:
    """Each pattern with each way in which it is used, and the name of its place."""
    found: dict[tuple[re.Pattern[str], str], str] = {}
    for module in modules():
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                pattern = _pattern(module, node)
                if pattern is not None:
                    name = f"{module.__name__.removeprefix('cnnspec.teaching.')}: {ast.unparse(node.func)}"
                    found.setdefault((pattern, node.func.attr), name)
    return found


def _pattern(module: ModuleType, node: ast.Call) -> re.Pattern[str] | None:
    assert isinstance(node.func, ast.Attribute)
    owner = node.func.value
    if not isinstance(owner, ast.Name) or node.func.attr not in WAYS:
        return None
    if owner.id != "re":
        named = getattr(module, owner.id, None)
        return named if isinstance(named, re.Pattern) else None
    if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
        words = " ".join(map(ast.unparse, [*node.args[1:], *node.keywords]))
        return re.compile(node.args[0].value, sum(flag for name, flag in FLAGS.items() if name in words))
    return None


WAYS = {
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "search": lambda pattern, text: pattern.search(text),
    "sub": lambda pattern, text: pattern.sub("", text),
    "split": lambda pattern, text: pattern.split(text),
    "findall": lambda pattern, text: pattern.findall(text),
    "finditer": lambda pattern, text: list(pattern.finditer(text)),
}


class Slow(Exception):  # noqa: N818  (it is a signal)
    pass


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Slow


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a clock of computing time")
def test_no_pattern_is_quadratic() -> None:
    before = signal.signal(signal.SIGVTALRM, _stop)
    slow = []
    gc.disable()  # an alarm that rings in a callback of the collector is lost
    try:
        for (pattern, way), name in uses().items():
            text = _slow_text(pattern, way, SHORT.get(name, LENGTH))
            if text is not None:
                slow.append((name, pattern.pattern, text))
    finally:
        gc.enable()
        signal.signal(signal.SIGVTALRM, before)
    assert not slow, "\n".join(map(str, slow))


def _slow_text(pattern: re.Pattern[str], way: str, length: int) -> str | None:
    for start, signs, end in product(BEFORE, REPEATED, ("!", "\n!")):
        text = start + (signs * length)[:length] + end
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            WAYS[way](pattern, text)
        except Slow:
            return text[:20]
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return None
