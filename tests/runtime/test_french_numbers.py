"""Numbers that come out, as French people write them; and decimals that they write with a comma."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnspec.cli import main

SUM = "input 2\ndense 1, weight=[[0.5, 0.25]], bias=0\nexample [1, 1] -> 0.75\nexample [1, 1] -> 0.5\n"


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("sum.cnn").write_text(SUM)
    return "sum.cnn"


def test_results_have_the_decimal_sign_of_the_language(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", net, "1, 1"]) == 0
    assert capsys.readouterr().out.endswith("  0.7500\n")
    assert main(["run", net, "1, 1", "--lang", "fr"]) == 0
    assert capsys.readouterr().out.endswith("  0,7500\n")
    for form in ("csv", "json"):
        main(["run", net, "1, 1", "--format", form, "--lang", "fr"])
        assert "0.75" in capsys.readouterr().out


def test_examples_too(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", net, "--lang", "fr"]) == 1
    out = capsys.readouterr().out
    assert "example [1, 1] -> 0.75" in out
    assert "0,75\n" in out
    assert "0,25\n" in out
    assert main(["test", net]) == 1
    assert "largest difference 0.25\n" in capsys.readouterr().out


def test_decimal_commas_are_recognised(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", net, "0,5 2,5"]) == 1
    assert "decimals have a point: write `0.5 2.5`" in capsys.readouterr().out
    assert main(["run", net, "1 2 3"]) == 1
    assert "decimals" not in capsys.readouterr().out
