"""Half-typed texts: every answer comes without a fault, wherever the cursor is."""

from __future__ import annotations

import os
import random
from contextlib import suppress
from pathlib import Path

import pytest

from cnnspec.editing import actions, colours, completion, hints, hover, layout, outline, renaming, signature
from cnnspec.editing.analysis import Analysis
from cnnspec.editing.renaming import Refused
from cnnspec.editing.workspace import Workspace
from cnnspec.source import Span
from tests.examples import SPECS

ROOT = Path(__file__).parents[2]
EXAMPLES = SPECS
SIGNS = '{}()[]|,=?;"#x->\n '
EVERYTHING = """\
model m(classes = 10, act = relu)
use "blocks.cnn"
let ks = [3, 5]
block part(n, s = 1, a = act) { # a block
    residual {
        conv n, f=3, s=s, p=same | a
    } shortcut {
        if s != 1 { conv n, f=1, s=s } else { identity }
    }
}
input left: HxWx3
concat { branch { part 8 } branch { for k in ks { conv 8, f=k, p=k // 2 } } } as both -> [H, W, 16]
branch { global_avgpool | dense classes } as head
from both | repeat 2 { part 16, s=2 as again } | apply again
global_avgpool | dense classes, bias=[1] | softmax -> classes, 5 params
output head
expect params(head) <= 10_000 and count(conv) > 2
example [[0, 1]] -> 0.7
variant large(classes = 1000, act = gelu) { expect params == ? }
"""


def ask_everything(space: Workspace, path: str, offset: int) -> Analysis:
    analysis = space.analysis(path)
    found = list(hints.hints(analysis, space.users(path)))
    hover.hover(analysis, offset)
    for item in completion.completion(analysis, offset)[:3]:
        completion.documentation(analysis, item.label, item.sort, offset)
    signature.signature(analysis, offset)
    outline.outline(analysis)
    list(outline.folds(analysis))
    list(outline.links(analysis))
    layout.formatting(analysis.source)
    coloured = colours.colours(analysis)
    list(
        actions.actions(
            analysis, Span(offset, offset), lambda text: space.again(analysis, {os.path.realpath(path): text})
        )
    )
    actions.fix_all(analysis)
    if renaming.symbol_at(analysis, offset) is not None:
        with suppress(Refused):
            renaming.rename(analysis, offset, "fresh_name", [analysis], space.again)
    length = len(analysis.text)
    assert all(0 <= hint.offset <= length for hint in found)
    assert all(0 <= one.span.start <= one.span.end <= length for one in coloured)
    return analysis


def test_a_text_typed_character_by_character(tmp_path: Path) -> None:
    (tmp_path / "blocks.cnn").write_text("block other(n) { conv n, f=1 }\n")
    path, space = str(tmp_path / "net.cnn"), Workspace()
    for i in range(len(EVERYTHING) + 1):
        space.put(path, EVERYTHING[:i])
        if i % 3 == 0 or i == len(EVERYTHING):
            analysis = ask_everything(space, path, i)
    assert analysis.text == EVERYTHING


@pytest.mark.parametrize("seed", range(4))
def test_lines_deleted_and_signs_changed_at_random(seed: int) -> None:
    chance = random.Random(seed)
    for path in map(str, chance.sample(EXAMPLES, 5)):
        space = Workspace()
        lines = Path(path).read_text(encoding="utf-8").split("\n")
        space.put(path, "\n".join(lines))
        space.analysis(path)
        for _ in range(4):
            spoil(lines, chance)
            text = "\n".join(lines)
            space.put(path, text)
            ask_everything(space, path, chance.randrange(len(text) + 1))


def spoil(lines: list[str], chance: random.Random) -> None:
    """Deletes a line, cuts one off, or changes a sign in one."""
    row = chance.randrange(len(lines))
    line = lines[row]
    column = chance.randrange(len(line) + 1)
    choice = chance.randrange(3)
    if choice == 0 and len(lines) > 1:
        del lines[row]
    elif choice == 1:
        lines[row] = line[:column]
    else:
        lines[row] = line[:column] + chance.choice(SIGNS) + line[column + 1 :]


@pytest.mark.parametrize("path", EXAMPLES[::25], ids=lambda path: path.stem)
def test_the_editor_says_what_the_command_says(path: Path) -> None:
    from cnnspec.api import check_source
    from cnnspec.source import Source

    text, space = path.read_text(encoding="utf-8"), Workspace()
    space.put(str(path), text)
    analysis = space.analysis(str(path), whole=True)
    network, found = check_source(Source(text, str(path)))
    assert [repr(d) for d in analysis.diagnostics] == [repr(d) for d in found]
    assert (analysis.network and analysis.network.params) == (network and network.params)
