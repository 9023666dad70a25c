"""Which configuration holds for a file, and what is wrong with one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnspec.config import ConfigProblem, Configs
from cnnspec.config.document import Table
from cnnspec.lint.engine import DEFAULT

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "config.json"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `nets` with a folder `old` in it."""
    (tmp_path / "nets" / "old").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def only(codes: frozenset[str]) -> str:
    return " ".join(sorted(codes)) if len(codes) < 5 else "usual" if codes == DEFAULT else "other"


def of(name: str) -> str:
    return only(Configs().of(name).codes(name))


def test_without_configuration(tree: Path) -> None:
    assert of("nets/a.cnn") == "usual"
    assert Configs().of("a.cnn").path == ""


def test_the_nearest_configuration_holds(tree: Path) -> None:
    (tree / "pyproject.toml").write_text('[tool.cnnspec]\nselect = ["W301"]\n')
    assert (of("a.cnn"), of("nets/a.cnn"), of("nets/old/a.cnn")) == ("W301",) * 3
    (tree / "nets" / "cnnspec.toml").write_text('select = ["W302"]\n')
    assert (of("a.cnn"), of("nets/a.cnn"), of("nets/old/a.cnn")) == ("W301", "W302", "W302")
    (tree / "nets" / "old" / "pyproject.toml").write_text("[project]\nname = 'cnnspec'\n[tool.ruff]\n")
    assert of("nets/old/a.cnn") == "W302"
    (tree / "cnnspec.toml").write_text('select = ["W303"]\n')
    assert of("a.cnn") == "W303"


@pytest.mark.parametrize(
    "text",
    [
        '[tool.cnnspec]\nselect = ["W301"]\n',
        '[ tool . "cnnspec" ]\nselect = ["W301"]\n',
        "[tool]\ncnnspec.select = ['W301']\n",
        "[tool]\ncnnspec = {select = ['W301']}\n",
        "tool.cnnspec.select = ['W301']\n",
        "# a comment\n\n  [tool.cnnspec]\n  select = ['W301']\n",
        "\ufeff[tool.cnnspec]\nselect = ['W301']\n",
    ],
)
def test_the_table_of_a_pyproject(text: str, tree: Path) -> None:
    (tree / "pyproject.toml").write_text(text, encoding="utf-8")
    assert of("a.cnn") == "W301"


def test_a_pyproject_without_our_table_is_not_read(tree: Path) -> None:
    (tree / "pyproject.toml").write_text("this is [no TOML, but names cnnspec\n")
    assert of("a.cnn") == "usual"


def test_a_named_configuration_and_none(tree: Path) -> None:
    (tree / "cnnspec.toml").write_text('select = ["W301"]\n')
    (tree / "other.toml").write_text('select = ["W302"]\n[per-file-ignores]\n"nets/" = ["W302"]\n')
    named = Configs("other.toml")
    assert [only(named.of(name).codes(name)) for name in ("a.cnn", "nets/old/a.cnn")] == ["W302", ""]
    assert only(Configs(isolated=True).of("a.cnn").codes("a.cnn")) == "usual"
    (tree / "nets" / "pyproject.toml").write_text('[tool.cnnspec]\nselect = ["W303"]\n')
    assert only(Configs("nets/pyproject.toml").of("a.cnn").codes("a.cnn")) == "W303"
    with pytest.raises(ConfigProblem, match=r"missing\.toml: the file does not exist"):
        Configs("missing.toml")


def test_every_key(tree: Path) -> None:
    (tree / "cnnspec.toml").write_text(
        'select = ["W3", "W4"]\nextend-select = ["W110"]\nignore = ["W30"]\nexclude = ["old/"]\n'
        'unsafe-fixes = true\nroot = "nets"\nlang = "fr"\n'
        '[per-file-ignores]\n"nets/*.cnn" = ["W110"]\n"b.cnn" = ["W3"]\n'
    )
    config = Configs().of("a.cnn")
    codes = config.codes("a.cnn")
    assert {"W310", "W401", "W110"} <= codes
    assert not codes & {"W301", "W101"}
    assert "W110" not in config.codes("nets/a.cnn")
    assert not {code for code in config.codes("x/b.cnn") if code.startswith("W3")}
    assert config.excludes("nets/old/a.cnn")
    assert not config.excludes("nets/a.cnn")
    assert (config.unsafe_fixes, config.root, config.lang) == (True, str(tree / "nets"), "fr")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('slect = ["W301"]', "unknown key `slect`, did you mean `select`?"),
        ("x = 1", "unknown key `x`, the keys are select, extend-select, ignore,"),
        ("select = 'W301'", "`select`: input should be a valid list"),
        ("select = [3]", "`select.0`: input should be a valid string"),
        ('select = ["W999"]', "`select`: there is no code `W999`"),
        ('ignore = ["E301"]', "`ignore`: `E301` is an error, which cannot be ignored"),
        ('[per-file-ignores]\n"*.cnn" = ["E3"]', "`per-file-ignores.*.cnn`: `E3` is an error"),
        ('unsafe-fixes = "yes"', "`unsafe-fixes`: input should be a valid boolean"),
        ("unsafe_fixes = true", "unknown key `unsafe_fixes`, did you mean `unsafe-fixes`?"),
        ('lang = "de"', "`lang`: input should be 'en' or 'fr'"),
        ("select = [", "this is no TOML: "),
    ],
)
def test_what_is_wrong_is_said(text: str, problem: str, tree: Path) -> None:
    (tree / "cnnspec.toml").write_text(text)
    with pytest.raises(ConfigProblem) as caught:
        Configs().of("nets/a.cnn")
    assert str(caught.value).startswith(f"cnnspec.toml: {problem}")


def test_all_problems_are_told_at_once(tree: Path) -> None:
    (tree / "cnnspec.toml").write_text('slect = ["W301"]\nlang = "de"\n')
    with pytest.raises(ConfigProblem) as caught:
        Configs().of("a.cnn")
    assert len(caught.value.problems) == 2


def test_the_published_schema_is_that_of_the_model(request: pytest.FixtureRequest) -> None:
    schema = json.dumps(Table.model_json_schema(), indent=2) + "\n"
    if request.config.getoption("--update"):
        SCHEMA.write_text(schema)
    assert SCHEMA.read_text() == schema
