from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnspec.diagnostics import Edit
from cnnspec.editing.analysis import Analysis
from cnnspec.editing.names import RENAMED
from cnnspec.editing.renaming import Refused, applied, definitions, places, prepare, rename, symbol_at
from cnnspec.editing.workspace import Workspace
from tests.examples import SPECS
from tests.lsp.marked import marked

ROOT = Path(__file__).parents[2]
EXAMPLES = SPECS


def texts(text: str) -> list[str]:
    """What the mark's symbol is defined by, and every use: row and text."""
    analysis, offset = marked(text)
    found = symbol_at(analysis, offset)
    assert found is not None
    assert found.symbol is not None
    source = analysis.source
    return [
        f"{source.row(place.span.start)}:{'def' if place.defines else 'use'}"
        for place in places(found.symbol, [analysis])
    ]


def test_a_block_is_found_where_it_is_called_and_given_as_an_argument() -> None:
    text = "block a¦ct { relu }\nblock b(k) { k }\ninput 3x3x1\nact\nb act\nb k=act\n"
    assert texts(text) == ["1:def", "4:use", "5:use", "6:use"]


def test_a_parameter_is_found_in_its_block_and_in_named_arguments() -> None:
    text = "let n = 3\nblock b(n¦, m = n) { conv n, f=m }\ninput 9x9x1\nb n=4, m=3\nconv n, f=1\n"
    assert texts(text) == ["2:def", "2:use", "2:use", "4:use"]


def test_an_inner_let_hides_the_outer_one_from_its_line_on() -> None:
    text = "let k = 3\ninput 9x9x1\nrepeat 1 {\n    conv k, f=1\n    let k¦ = 5\n    conv k, f=1\n}\nconv k, f=1\n"
    assert texts(text) == ["5:def", "6:use"]


def test_a_value_given_in_several_branches_is_one_name() -> None:
    text = "input 8x8x1\nif true { relu as a } else { tanh as a }\nconv 1, f=1 | add a¦\n"
    assert texts(text) == ["2:def", "2:def", "3:use"]


def test_expect_finds_layers_and_outputs_by_name() -> None:
    text = "input 8x8x1\nconv 2, f=1 as hea¦d\nexpect params(head) == 4\noutput head\nexpect head == 8x8x2\n"
    assert texts(text) == ["2:def", "3:use", "4:use", "5:use"]


def test_a_loop_variable_ends_with_its_loop() -> None:
    assert texts("input 9x9x1\nfor i¦ in 1..2 { conv i, f=1 }\nfor i in 1..2 { conv i, f=1 }\n") == ["2:def", "2:use"]


def test_variants_set_the_parameters_of_the_model() -> None:
    assert texts("model m(n¦ = 3)\nvariant v(n = 4)\ninput 3x3x1\nconv n, f=1\n") == ["1:def", "2:use", "4:use"]


def test_a_used_block_is_found_in_its_file(tmp_path) -> None:
    (tmp_path / "blocks.cnn").write_text("# doc\nblock b(n) { conv n, f=3 }\n")
    analysis, offset = marked('use "blocks.cnn"\ninput 9x9x1\nb¦ n=4\n', str(tmp_path / "net.cnn"))
    found = symbol_at(analysis, offset)
    assert found is not None
    assert found.symbol is not None
    (place,) = definitions(found.symbol)
    assert os.path.realpath(place.filename) == os.path.realpath(tmp_path / "blocks.cnn")
    assert place.span == (12, 13)


# --- renaming --------------------------------------------------------------------------------------------------------


def renamed(text: str, name: str) -> str:
    analysis, offset = marked(text)
    edits = rename(analysis, offset, name, [analysis], Workspace().again)
    return applied(analysis.text, edits.get(analysis.source.filename, []))


def test_a_name_changes_everywhere_in_its_scope() -> None:
    text = "block b(n¦) { conv n, f=3 }\ninput 9x9x1\nb n=4\n"
    assert renamed(text, "filters") == "block b(filters) { conv filters, f=3 }\ninput 9x9x1\nb filters=4\n"


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        ("let k¦ = 3\ninput 9x9x1\nconv k, f=1\n", "Filters", "no name"),
        ("let k¦ = 3\ninput 9x9x1\nconv k, f=1\n", "repeat", "word of the language"),
        ("let k¦ = 3\nlet n = 4\ninput 9x9x1\nconv k, f=n\n", "n", "clash|twice"),
        ("block b(n) { let k¦ = 3\nconv k, f=n }\ninput 9x9x1\nb 1\n", "n", "clash|twice"),
        ("let k = 3\ninput 9x9x1\nfor i¦ in 1..2 { conv i, f=k }\n", "k", "clash"),
        ("block b¦ { conv 1, f=1 }\ninput 9x9x1\nb | conv 2, f=1\n", "conv", "clash"),
        ("let k¦ = 3\ninput 9x9x1\nconv k, f=1\n", "params", "word of the language"),
        ("let k¦ = 3\ninput 9x9x1\nconv k, f=1\n", "depth", "figure"),
        ("let k¦ = 3\ninput 9x9x1\nconv 3, f=k, p=same\n", "same", "clash"),
        ("let k¦ = 3\ninput 9x9x1\nconv k, f=\n", "n", "mend"),
        ("input 9x9x1\nco¦nv 1, f=1\n", "n", "only names"),
        ("in¦put 9x9x1\nconv 1, f=1 | add input\n", "n", "no name of its own"),
    ],
)
def test_what_would_change_the_meaning_is_refused(text: str, name: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        renamed(text, name)


def test_a_name_changes_in_the_files_that_use_it(tmp_path) -> None:
    library, net, other = (tmp_path / name for name in ("blocks.cnn", "net.cnn", "other.cnn"))
    library.write_text("block b(n) { conv n, f=3 }\n")
    net.write_text('use "blocks.cnn"\ninput 9x9x1\nb n=4\nb 3\n')
    other.write_text("block b(n) { conv n, f=5 }\ninput 9x9x1\nb n=4\n")
    space = Workspace()
    space.put(str(library), library.read_text())
    analysis = space.analysis(str(library))
    family = space.family(str(library), "b")
    edits = rename(analysis, analysis.text.index("b("), "bottle", family, space.again)
    assert {os.path.basename(file): len(made) for file, made in edits.items()} == {"blocks.cnn": 1, "net.cnn": 2}
    edits = rename(analysis, analysis.text.index("n)"), "filters", family, space.again)
    assert {os.path.basename(file): len(made) for file, made in edits.items()} == {"blocks.cnn": 2, "net.cnn": 1}


@pytest.mark.parametrize("opened", [("net.cnn",), ("net.cnn", "blocks.cnn")])
def test_a_name_of_a_used_file_changes_from_any_file_that_uses_it(tmp_path, opened) -> None:
    (tmp_path / "blocks.cnn").write_text("let wide = 8\nblock cb(n) { conv n, f=3 }\n")
    (tmp_path / "net.cnn").write_text('use "blocks.cnn"\ninput 28x28x1\ncb wide | cb 16\n')
    (tmp_path / "other.cnn").write_text('use "blocks.cnn"\ninput 28x28x1\ncb n=wide\n')
    space = Workspace()
    for name in opened:
        space.put(str(tmp_path / name), (tmp_path / name).read_text())
    analysis = space.analysis(str(tmp_path / "net.cnn"))
    for word, counts in (("cb", (1, 2, 1)), ("wide", (1, 1, 1))):
        found = symbol_at(analysis, offset := analysis.text.index(word))
        assert found is not None
        assert found.symbol is not None
        family = space.family(analysis.source.filename, word, found.symbol.source.filename)
        edits = rename(analysis, offset, "fresh", family, space.again)
        made = {os.path.basename(file): len(some) for file, some in edits.items()}
        assert made == dict(zip(("blocks.cnn", "net.cnn", "other.cnn"), counts, strict=True))


def own_names(space: Workspace, path: str) -> Iterator[tuple[str, int]]:
    analysis = space.analysis(path)
    for symbol in analysis.names.symbols:
        span = symbol.spans[0] if symbol.spans else None
        own = symbol.kind in RENAMED and symbol.source is analysis.source
        if own and span is not None and analysis.text[span.start : span.end] == symbol.name != "input":
            yield symbol.name, span.start


def attempt(space: Workspace, analysis: Analysis, offset: int) -> dict[str, list[Edit]] | None:
    """The edits; None where a parameter hands a block on, whose arguments nobody follows then."""
    try:
        return rename(analysis, offset, "fresh_name", [analysis], space.again)
    except Refused as refused:
        if "has no argument" in str(refused):
            return None
        raise


@pytest.mark.parametrize("path", EXAMPLES[::9], ids=lambda path: path.stem)
def test_renaming_leaves_published_networks_as_they_are(path: Path) -> None:
    space = Workspace()
    space.put(str(path), path.read_text(encoding="utf-8"))
    analysis = space.analysis(str(path))
    for name, offset in list(own_names(space, str(path)))[:12]:
        edits = attempt(space, analysis, offset)
        if edits is None:
            continue
        after = space.again(analysis, {os.path.realpath(path): applied(analysis.text, edits[str(path)])})
        assert not after.errors, name
        if analysis.network is not None:
            assert after.network is not None
            assert after.network.params == analysis.network.params


def test_the_name_under_the_cursor_is_what_is_changed() -> None:
    analysis, offset = marked("input 9x9x1\nrelu as ab¦c\nadd abc\n")
    span = prepare(analysis, offset)
    assert analysis.text[span.start : span.end] == "abc"
