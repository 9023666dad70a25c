"""Whose variant is graded, in a class with Moodle and without; sheets that lost the line that says it."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path

import pytest

from cnnspec.cli import main
from cnnspec.teaching.exercise import load_exercise
from cnnspec.teaching.labels import label_of
from cnnspec.teaching.making.inspecting import filled_text

SPEC = "model net(k = 3)\ninput 28x28x1\nconv 6, f=k -> ?x?x6, ? params\n"
LIST = "Numéro;Nom;Prénom;Courriel\n219;Curie;Marie;m@u.fr\n220;Noether;Emmy;e@u.fr\n221;Franklin;Rosalind;r@u.fr\n"
MARK = "assignsubmission_file_"


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tp.cnn").write_text(SPEC)
    (tmp_path / "tp.toml").write_text('seed = "student"\n[draw]\nk = [3, 4, 5, 6, 7, 8]\n')
    (tmp_path / "class.csv").write_text(LIST)
    return tmp_path


def hand_in(room: Path, place: str, seed: str) -> None:
    path = room / "in" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(filled_text(load_exercise(room / "tp.cnn", seed)))


def graded(*options: str) -> dict[str, dict[str, str]]:
    main(["grade", "tp.cnn", "in", "--csv", "marks.csv", "--statistics", *options])
    with open("marks.csv", encoding="utf-8-sig") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def test_a_list_says_the_number_by_name_address_and_the_name_of_the_file(room: Path) -> None:
    hand_in(room, f"Marie Curie_1006_{MARK}/answer.cnn", "219")
    hand_in(room, "tp-220.cnn", "220")
    hand_in(room, "r@u.fr/answer.cnn", "221")
    found = graded("--students", "class.csv")
    assert {name: (row["variant"], row["points"]) for name, row in found.items()} == {
        "Marie Curie": ("219", "3"),
        "tp-220": ("220", "3"),
        "r@u.fr": ("221", "3"),
    }
    assert found["Marie Curie"]["identifier"] == "1006"  # by which the worksheet knows the row


def test_with_a_list_the_sheet_of_another_counts_for_nobody(room: Path) -> None:
    seeds = {filled_text(load_exercise(room / "tp.cnn", n)).partition("\n")[2] for n in ("219", "220")}
    assert len(seeds) == 2
    hand_in(room, f"Marie Curie_1006_{MARK}/tp-220.cnn", "220")
    hand_in(room, f"Nobody Known_1007_{MARK}/tp-221.cnn", "221")
    found = graded("--students", "class.csv")
    assert found["Marie Curie"]["variant"] == "219"
    assert "the variant `220`" in found["Marie Curie"]["notices"]
    assert "no student of the list" in found["Nobody Known"]["problem"]


def test_without_a_list_the_name_that_draw_gave_counts(room: Path) -> None:
    hand_in(room, "tp-219.cnn", "219")
    hand_in(room, f"Emmy Noether_1006_{MARK}/tp-220.cnn", "220")
    hand_in(room, f"Rosalind Franklin_1007_{MARK}/answer.cnn", "221")
    hand_in(room, f"Lise Meitner_1008_{MARK}/tp-222.cnn", "223")
    found = graded()
    assert (found["tp-219"]["variant"], found["tp-219"]["points"]) == ("219", "3")
    assert (found["Emmy Noether"]["variant"], found["Emmy Noether"]["points"]) == ("220", "3")
    for name in ("Rosalind Franklin", "Lise Meitner"):
        assert "--students" in found[name]["problem"]


def test_a_name_of_a_file_that_two_have_says_nothing(room: Path) -> None:
    for name in ("Emmy Noether_1", "Marie Curie_2"):
        hand_in(room, f"{name}_{MARK}/tp-220.cnn", "220")
    assert all("--students" in row["problem"] for row in graded().values())


def test_a_sheet_drawn_from_moodles_own_list_is_known_by_the_participant(room: Path) -> None:
    hand_in(room, f"Emmy Noether_1006_{MARK}/answer.cnn", "Participant1006")
    assert graded()["Emmy Noether"]["points"] == "3"


def test_a_lost_variant_is_found_by_its_numbers(room: Path) -> None:
    (room / "tp.toml").write_text("[draw]\nk = [3, 4, 5, 6, 7, 8]\n")
    exercise = next(e for e in (load_exercise(room / "tp.cnn", str(n)) for n in range(9)) if "f=3" not in e.source.text)
    (room / "in").mkdir()
    (room / "in" / "marie.cnn").write_text(filled_text(exercise).partition("\n")[2])
    (row,) = graded().values()
    assert row["points"] == "3"
    assert "has the numbers of the variant" in row["notices"]
    assert (
        load_exercise(room / "tp.cnn", row["variant"]).source.text.partition("\n")[2]
        == (exercise.source.text.partition("\n")[2])
    )


def test_a_row_without_a_number_is_told(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (room / "class.csv").write_text(LIST + ";Meitner;Lise;\n")
    assert main(["exercise", "draw", "tp.cnn", "--students", "class.csv", "-o", "sheets"]) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 3
    assert err == "warning: row 5 of the list has no number: Lise Meitner is left out\n"


def test_a_drawn_sheet_says_what_a_student_has_to_know(room: Path) -> None:
    settings = 'title = "Tailles"\ntext = """\nComplétez.\nSans calculette."""\nlanguage = "fr"\n[draw]\nk = [3, 5]\n'
    (room / "tp.toml").write_text(settings)
    assert main(["exercise", "draw", "tp.cnn", "--students", "class.csv", "-o", "sheets"]) == 0
    lines = (room / "sheets" / "tp-219.cnn").read_text().splitlines()
    assert lines[0] == "# variant: 219"
    assert lines[1].startswith("# Ne supprimez pas")
    assert lines[2:6] == ["# Tailles", "# Nom : Marie Curie", "# Complétez.", "# Sans calculette."]
    assert main(["quiz", "tp.cnn", "--to", "html", "--seed", "219", "-o", "sheet.html"]) == 0
    page = (room / "sheet.html").read_text()
    assert "variante" in page
    assert "variant:" not in page


@pytest.mark.parametrize("command", [["grade", "tp.cnn", "x.cnn"], ["quiz", "tp.cnn", "--to", "html", "-o", "x.html"]])
def test_errors_speak_the_language_of_the_exercise(
    room: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    (room / "tp.toml").write_text('language = "fr"\ntitre = "x"\n')
    assert main(command) == 1
    assert capsys.readouterr().out.startswith("erreur\N{NO-BREAK SPACE}: tp.toml\N{NO-BREAK SPACE}: il n'y a pas de")
    (room / "tp.toml").write_text('language = "fr"\n')
    assert main(["grade", "tp.cnn", "missing.cnn"]) == 1
    assert capsys.readouterr().out.startswith("erreur\N{NO-BREAK SPACE}: missing.cnn\N{NO-BREAK SPACE}: ")


def test_a_changed_number_is_told_once(room: Path) -> None:
    (room / "tp.toml").unlink()
    (room / "tp.cnn").write_text(SPEC.replace("(k = 3)", "").replace("f=k", "f=3"))
    hand_in(room, "marie.cnn", "")
    place = room / "in" / "marie.cnn"
    place.write_text(place.read_text().replace("28x28x1", "32x32x1"))
    (row,) = graded().values()
    assert row["notices"].count("`input 32x32x1`") == 1


@pytest.mark.parametrize(("minute", "points"), [("17:59", "3"), ("18:01", "1.5")])
def test_times_of_a_worksheet_are_in_the_zone_of_the_deadline(
    room: Path, monkeypatch: pytest.MonkeyPatch, minute: str, points: str
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    (room / "tp.toml").write_text("due = 2026-11-20T18:00:00+01:00\nlate_penalty = 0.5\n")
    hand_in(room, f"Emmy Noether_1006_{MARK}/answer.cnn", "")
    head = "Identifiant,Nom complet,Note,Note maximale,Dernière modification (travail remis)\n"
    row = f'Participant1006,Emmy Noether,,20,"vendredi 20 novembre 2026, {minute}"\n'
    (room / "sheet.csv").write_text(head + row)
    try:
        found = graded("--worksheet", "sheet.csv", "-o", "filled.csv")
    finally:
        monkeypatch.undo()
        time.tzset()
        os.chdir(room)
    assert found["Emmy Noether"]["points"] == points


def test_labels_are_in_words(room: Path) -> None:
    (room / "tp.toml").unlink()
    (room / "tp.cnn").write_text("input 28x28x1\nconv ?, f=5 -> 24x24x6\nflatten\ndense ? -> 10\nexpect params == ?\n")
    told = [label_of(exercise, blank) for exercise in [load_exercise(room / "tp.cnn")] for blank in exercise.blanks]
    assert told == [
        "`conv ?, f=5`: number of filters",
        "`dense ?`: number of units",
        "total number of parameters",
    ]


def test_a_key_has_no_line_for_the_name_and_sheets_speak_of_boxes(room: Path) -> None:
    (room / "tp.toml").unlink()
    for more, there in (["--key"], False), ([], True):
        assert main(["quiz", "tp.cnn", "--to", "markdown", "-o", "sheet.md", *more]) == 0
        text = (room / "sheet.md").read_text()
        assert ("Name:" in text) is there
        assert ("in each box" in text) is there
        assert "question mark" not in text


def test_a_table_gives_answers_away_as_a_key_only(room: Path) -> None:
    (room / "tp.toml").unlink()
    for more in ([], ["--key"]):
        assert main(["quiz", "tp.cnn", "--to", "csv", "-o", "table.csv", *more]) == 0
        rows = list(csv.DictReader((room / "table.csv").read_text().splitlines()))
        assert len(rows) == 3
        for column in ("right", "wrong", "mistakes"):
            assert all(bool(row[column]) == bool(more) for row in rows)
