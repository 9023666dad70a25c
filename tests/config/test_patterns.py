"""Patterns match what git's own do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnspec.config.patterns import Patterns
from cnnspec.config.reading import Configs
from cnnspec.config.walking import files_of


@pytest.mark.parametrize(
    ("lines", "yes", "no"),
    [
        (["*.cnn"], ["a.cnn", "x/a.cnn"], ["a.txt", "a.cnn.txt"]),
        (["/a.cnn"], ["a.cnn"], ["x/a.cnn"]),
        (["x/a.cnn"], ["x/a.cnn"], ["y/x/a.cnn"]),
        (["x/*"], ["x/a.cnn", "x/y/a.cnn"], ["y/x/a.cnn"]),
        (["x/"], ["x/a.cnn", "y/x/a.cnn"], ["x"]),
        (["**/x/a.cnn"], ["x/a.cnn", "y/x/a.cnn"], ["x/y/a.cnn"]),
        (["x/**/a.cnn"], ["x/a.cnn", "x/y/a.cnn", "x/y/z/a.cnn"], ["y/x/a.cnn"]),
        (["x/**"], ["x/a.cnn", "x/y/a.cnn"], ["y/x/a.cnn"]),
        (["a?.cnn"], ["ab.cnn"], ["a.cnn", "a/.cnn"]),
        (["[a-c].cnn", "[!x]y.cnn"], ["b.cnn", "ay.cnn"], ["d.cnn", "xy.cnn"]),
        (["*.cnn", "!a.cnn"], ["b.cnn"], ["a.cnn", "x/a.cnn"]),
        (["!a.cnn", "*.cnn"], ["a.cnn"], []),
        (["# a.cnn", "", "\\#b.cnn"], ["#b.cnn"], ["# a.cnn", "a.cnn"]),
        (["a.cnn  ", "b.cnn\\ "], ["a.cnn", "b.cnn "], ["b.cnn"]),
        (["\\!a.cnn"], ["!a.cnn"], ["a.cnn"]),
        (["[.cnn", "a[.cnn", "/", "!"], [], ["a.cnn", "[.cnn"]),
        (["a**b.cnn"], ["axb.cnn", "ab.cnn"], ["a/b.cnn"]),
    ],
)
def test_patterns(lines: list[str], yes: list[str], no: list[str]) -> None:
    patterns = Patterns(lines)
    assert [path for path in yes if not patterns.match(path)] == []
    assert [path for path in no if patterns.match(path)] == []


def test_the_nearer_gitignore_wins(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name, text in {".gitignore": "*.cnn\n", "a/.gitignore": "!x.cnn\n", "a/b/.gitignore": "x.cnn\n"}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        (path.parent / "x.cnn").write_text("")
    for folder in (tmp_path, tmp_path / "a"):
        assert list(files_of(str(folder), Configs(isolated=True))) == [str(tmp_path / "a" / "x.cnn")]


parts = st.sampled_from(["a", "b", "ab", "*", "?", "**", "[ab]", "[!a]", "a*", "*b", "a.cnn", "*.cnn", "b?.cnn", "\\a"])
names = st.sampled_from(["a", "b", "ab", "bb", "a.cnn", "ab.cnn", "bb.cnn", "bc.cnn"])


@st.composite
def lines(draw) -> str:
    glob = "/".join(draw(st.lists(parts, min_size=1, max_size=3)))
    start = draw(st.sampled_from(["", "", "/", "!", "!/"]))
    return start + glob + draw(st.sampled_from(["", "", "/", " ", "/**"]))


@pytest.mark.skipif(shutil.which("git") is None, reason="compares with git")
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    outer=st.lists(lines(), max_size=4),
    inner=st.lists(lines(), max_size=3),
    tree=st.lists(st.lists(names, min_size=1, max_size=4).map("/".join), min_size=1, max_size=12),
)
def test_walking_leaves_out_what_git_ignores(
    outer: list[str], inner: list[str], tree: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / ".gitignore").write_text("\n".join(outer))
    for name in tree:
        path = root / (name if name.endswith(".cnn") else f"{name}/x.cnn")
        if not any(parent.is_file() for parent in path.parents) and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
    if (root / "a").is_dir():
        (root / "a" / ".gitignore").write_text("\n".join(inner))
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "-z"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    theirs = {name for name in listed.stdout.split("\0") if name.endswith(".cnn")}
    ours = {Path(name).relative_to(root).as_posix() for name in files_of(str(root), Configs(isolated=True))}
    assert ours == theirs, (outer, inner)
    inside = root / "a"
    if inside.is_dir():  # what lies above is known
        below = {Path(name).relative_to(root).as_posix() for name in files_of(str(inside), Configs(isolated=True))}
        kept = {name for name in theirs if name.startswith("a/")}
        assert kept <= below
