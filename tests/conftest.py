"""What every test may use: the option `--update` and the fixture `golden`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run, however slow the machine; `--hypothesis-profile=search` looks for new ones.
settings.register_profile("fixed", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("fixed")

# English, whatever the developer speaks; also in the programs that tests start.
os.environ["LANGUAGE"] = "en"

TESTS = Path(__file__).parent
GOLDENS = TESTS / "goldens"

used = pytest.StashKey[set[Path]]()
partial = pytest.StashKey[set[str]]()
orphans = pytest.StashKey[list[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite golden files and outputs shown in docs")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[used] = set()
    config.stash[partial] = {arg.split("::")[0].rpartition("/")[2] for arg in config.args if "::" in arg}


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in items:
        item.config.stash[partial].add(item.path.name)


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether this run rewrites what it would otherwise compare with."""
    return bool(request.config.getoption("--update"))


@pytest.fixture
def golden(request: pytest.FixtureRequest, update: bool) -> Callable[[str, str], None]:
    """`golden(text, "name.txt")` compares a text with `tests/goldens/<test module>/name.txt`.

    A missing file fails the test, and a file that no test of its module asks for fails the run;
    `pytest --update` writes the one and removes the other.
    """

    def compare(text: str, name: str) -> None:
        path = GOLDENS / request.path.stem / name
        request.config.stash[used].add(path)
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists():
            pytest.fail(f"missing golden file {path}: write it with --update, then read it", pytrace=False)
        else:
            assert text == path.read_text(encoding="utf-8")

    return compare


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Golden files that no test asked for: removed with `--update`, else the run fails."""
    if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or session.config.option.collectonly:
        return
    named = session.config.stash[partial]
    whole = {item.path.name for item in session.items} - named
    stale = [path for path in sorted(GOLDENS.rglob("*")) if path.is_file() and _is_orphan(path, whole, session.config)]
    if session.config.getoption("--update"):
        for path in stale:
            path.unlink()
    elif stale:
        session.config.stash[orphans] = stale
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_orphan(path: Path, whole: set[str], config: pytest.Config) -> bool:
    module = f"{path.relative_to(GOLDENS).parts[0]}.py"
    if path in config.stash[used]:
        return False
    return module in whole or not any(TESTS.rglob(module))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for path in config.stash.get(orphans, []):
        terminalreporter.write_line(f"ORPHAN {path}: no test asks for this golden file", red=True)
