"""`cnnspec grade`, as one calls it."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import zipfile
from pathlib import Path

import pytest

from cnnspec.cli import main
from cnnspec.teaching.feedback.statistics import ClassMarks, Statistics
from cnnspec.teaching.model import Marks

EXERCISE = """\
input 28x28x1
conv 6, f=5 | relu -> ?x?x6, ? params
flatten -> ?
expect params == ?
"""
RIGHT = EXERCISE.replace("?x?x6, ? params", "24x24x6, 156 params").replace("-> ?", "-> 3456").replace("== ?", "== 156")
NO_BIAS = RIGHT.replace("156", "150")
FOLLOWING = RIGHT.replace("24x24", "26x26").replace("3456", "4056")
SHEET = (
    "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Note maximale,La note peut être modifiée,"
    "Dernière modification (travail remis),Dernière modification (note),Feedback par commentaires\r\n"
    'Participant101,Marie Curie,m@x.fr,Remis,,"20,00",Oui,"lundi 16 novembre 2026, 14:13",-,\r\n'
    'Participant102,Jean Dupont,j@x.fr,Remis,,"20,00",Oui,"jeudi 19 novembre 2026, 09:00",-,\r\n'
    'Participant103,Zoé Martin,z@x.fr,Aucun travail remis,,"20,00",Oui,-,-,\r\n'
)


class Folder:
    """A folder with an exercise and answers, and the command called in it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.capsys = capsys
        self.write("ex.cnn", EXERCISE)
        for name, text in {"marie": RIGHT, "jean": NO_BIAS, "zoe": FOLLOWING}.items():
            self.write(f"answers/{name}.cnn", text)
        self.write("grades.csv", SHEET)

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def zip(self, name: str, texts: dict[str, str]) -> Path:
        with zipfile.ZipFile(self.path / name, "w") as file:
            for entry, text in texts.items():
                file.writestr(entry, text)
        return self.path / name

    def grade(self, *arguments: str) -> tuple[int, str, str]:
        code = main(["grade", *arguments])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err

    def files(self) -> dict[str, bytes]:
        found = (path for path in self.path.rglob("*") if path.is_file())
        return {path.relative_to(self.path).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path, capsys)


MOODLE = {
    "Marie Curie_101_assignsubmission_file_/answer.cnn": RIGHT,
    "Jean Dupont_102_assignsubmission_file_/answer.cnn": NO_BIAS,
}


# --- one answer ------------------------------------------------------------------------------------------------------


def test_a_right_answer(folder: Folder) -> None:
    code, out, err = folder.grade("ex.cnn", "answers/marie.cnn")
    assert (code, err) == (0, "")
    assert out.count("✓") == 5
    assert out.endswith("Total: 5 of 5 points (100%)\n")


def test_marks_are_no_reason_for_an_exit_code(folder: Folder) -> None:
    folder.write("guess.cnn", re.sub(r"\d+(?= params|$)", "7", RIGHT, flags=re.MULTILINE))
    code, out, _ = folder.grade("ex.cnn", "guess.cnn")
    assert code == 0
    assert "✗" in out


def test_a_known_mistake_is_named_and_worked(folder: Folder) -> None:
    _, out, _ = folder.grade("ex.cnn", "answers/jean.cnn")
    assert "you wrote `150`" in out
    assert "(5*5*1 + 1)*6 = 156" in out
    document = Marks.model_validate_json(folder.grade("ex.cnn", "answers/jean.cnn", "--format", "json")[1])
    assert [one.mistake for one in document.verdicts if one.family == "params"] == ["forgot-bias"]


def test_what_follows_from_earlier_answers_has_most_of_the_points(folder: Folder) -> None:
    document = Marks.model_validate_json(folder.grade("ex.cnn", "answers/zoe.cnn", "--format", "json")[1])
    flatten = next(one for one in document.verdicts if one.blank.startswith("flatten"))
    assert (flatten.status, flatten.points, flatten.given) == ("follow-through", 0.75, "4056")


@pytest.mark.parametrize(
    ("form", "words"), [("markdown", "**Total: 5 of 5"), ("html", "<!DOCTYPE html>"), ("csv", "name,")]
)
def test_forms_for_people(folder: Folder, form: str, words: str) -> None:
    assert words in folder.grade("ex.cnn", "answers/marie.cnn", "--format", form)[1]


def test_forms_for_platforms(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPL_GRADEMAX", "20")
    assert "\nGrade :=>>20\n" in folder.grade("ex.cnn", "answers/marie.cnn", "--format", "vpl")[1]
    for form, key, value in (("gradescope", "score", 5), ("prairielearn", "score", 1), ("coderunner", "fraction", 1)):
        assert json.loads(folder.grade("ex.cnn", "answers/marie.cnn", "--format", form)[1])[key] == value
        code, _, err = folder.grade("ex.cnn", "answers", "--format", form)
        assert (code, "one answer" in err) == (2, True)


def test_the_feedback_can_be_less(folder: Folder) -> None:
    shown = {
        level: folder.grade("ex.cnn", "answers/jean.cnn", "--feedback", level)[1] for level in ("nothing", "solution")
    }
    assert "(5*5*1 + 1)*6 = 156" in shown["solution"]
    assert "156" not in shown["nothing"].replace("`ex", "")


def test_pages_speak_the_language_that_is_asked_for(folder: Folder) -> None:
    folder.write("ex.toml", 'language = "fr"\n')
    languages = [
        json.loads(folder.grade("ex.cnn", "answers/jean.cnn", "--format", "json", *more)[1])["language"]
        for more in ((), ("--lang", "en"))
    ]
    assert languages == ["fr", "en"]


def test_colour_on_a_terminal_only(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def shown() -> str:
        stream = Terminal()
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(["grade", "ex.cnn", "answers/jean.cnn"]) == 0
        return stream.getvalue()

    assert "\x1b" not in folder.grade("ex.cnn", "answers/jean.cnn")[1]
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[31m✗" in shown()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in shown()


def test_what_a_student_writes_commands_nothing(folder: Folder) -> None:
    folder.write("foul.cnn", RIGHT.replace("3456", '"\x1b[2J\u202e<script>=1+1|`x`"'))
    for form in ("text", "markdown", "html", "csv", "json", "vpl", "gradescope"):
        _, out, _ = folder.grade("ex.cnn", "foul.cnn", "--format", form)
        assert out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert form in ("text", "csv", "json", "vpl", "gradescope", "markdown") or "<script" not in out


def test_an_answer_from_standard_input(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    for text, code, words in ((NO_BIAS, 0, "jean\n"), ("#" * 300_000, 1, "could not be read")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        found = folder.grade("ex.cnn", "-", "--stdin-filename", "jean.cnn")
        assert found[0] == code
        assert words in found[1]


def test_the_variant_of_the_sheet_is_graded(folder: Folder) -> None:
    folder.write("drawn.cnn", "model drawn(n = 28)\ninput [n, n, 1]\nconv 6, f=5 -> ?x?x6\n")
    folder.write("drawn.toml", "[draw]\nn = [28, 32, 40, 64, 100]\n")
    found = {}
    for seed in "abcdefgh":
        assert main(["exercise", "draw", "drawn.cnn", "--seed", seed]) == 0
        sheet = folder.capsys.readouterr().out
        n = int(re.search(r"input (\d+)x", sheet)[1])  # type: ignore[index]
        answer = sheet.replace("?x?", f"{n - 4}x{n - 4}")
        folder.write("mine.cnn", answer)
        marks = Marks.model_validate_json(folder.grade("drawn.cnn", "mine.cnn", "--format", "json")[1])
        assert (marks.points, marks.variant) == (2, seed)
        found[n] = seed
        folder.write("mine.cnn", re.sub("# variant.*", "", answer))
        told = Marks.model_validate_json(folder.grade("drawn.cnn", "mine.cnn", "--seed", seed, "--format", "json")[1])
        assert (told.points, told.variant) == (2, seed)
    assert len(found) > 1


# --- a class ---------------------------------------------------------------------------------------------------------


def test_a_class(folder: Folder) -> None:
    code, out, err = folder.grade("ex.cnn", "answers")
    assert (code, err) == (0, "")
    rows = [line for line in out.splitlines() if re.match(r" *[\d.]+ of 5 +\d+%", line)]
    assert [row.split()[-1] for row in rows] == ["jean", "marie", "zoe"]
    assert "3 answers" in out
    assert "bias forgotten" in out


def test_a_zip_of_moodle(folder: Folder) -> None:
    folder.zip("all.zip", MOODLE)
    code, out, _ = folder.grade("ex.cnn", "all.zip", "--format", "json")
    document = ClassMarks.model_validate_json(out)
    assert code == 0
    assert {(one.name, one.identifier) for one in document.marks} == {("Marie Curie", "101"), ("Jean Dupont", "102")}


def test_a_class_of_one_is_a_class(folder: Folder) -> None:
    folder.write("one/marie.cnn", RIGHT)
    assert "1 answer\n" in folder.grade("ex.cnn", "one")[1]


def test_one_answer_that_cannot_be_read_stops_nobody(folder: Folder) -> None:
    folder.write("answers/odd.cnn", "\x00\x01\x02")
    code, out, _ = folder.grade("ex.cnn", "answers", "--format", "json")
    document = ClassMarks.model_validate_json(out)
    assert code == 1
    assert {one.name: one.points for one in document.marks if not one.problem} == {
        "jean": 3.75,
        "marie": 5,
        "zoe": 2.75,
    }
    assert [(one.name, one.points) for one in document.marks if one.problem] == [("odd", 0)]


def test_a_hostile_answer_changes_nothing_for_the_others(folder: Folder) -> None:
    before = folder.grade("ex.cnn", "answers", "--format", "json")[1]
    hostile = {
        "deep.cnn": "input 8\nconv " + "(" * 100_000,
        "wide.cnn": RIGHT + "repeat 1_000_000_000 { repeat 1_000_000_000 { conv 1 } }\n",
        "power.json": json.dumps({"conv1.params": "9**9**9**9", "params": "9" * 100_000}),
        "csv.csv": "blank,answer\n" + "conv1.params,=1+1\n" * 10_000,
        "use.cnn": 'use "/etc/passwd"\n' + RIGHT,
        "odd.cnn": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1") * 1000,
    }
    for name, content in hostile.items():
        folder.write(f"answers/{name}", content)
    code, out, _ = folder.grade("ex.cnn", "answers", "--format", "json", "--pages", "pages", "--csv", "marks.csv")
    assert code in (0, 1)
    after = {one.name: one for one in ClassMarks.model_validate_json(out).marks}
    assert len(after) == 3 + len(hostile)
    assert all(after[one.name] == one for one in ClassMarks.model_validate_json(before).marks)


def test_statistics_alone(folder: Folder) -> None:
    code, out, _ = folder.grade("ex.cnn", "answers", "--statistics")
    assert code == 0
    assert "marie" not in out
    assert "3 answers" in out
    figures = Statistics.model_validate_json(folder.grade("ex.cnn", "answers", "--statistics", "--format", "json")[1])
    assert {one.blank: one.missed for one in figures.blanks}["conv1.params"] == 1


def test_a_broken_exercise(folder: Folder) -> None:
    folder.write("broken.cnn", "input 4x4x1\nconv 6, f=7 -> ?\n")
    code, out, _ = folder.grade("broken.cnn", "answers")
    assert (code, "E301" in out) == (1, True)
    folder.write("filled.cnn", RIGHT)
    assert folder.grade("filled.cnn", "answers")[0] == 1
    folder.write("ex.toml", "poinst = 3\n")
    code, out, _ = folder.grade("ex.cnn", "answers")
    assert (code, "`points`" in out) == (1, True)


def test_answers_that_are_not_there(folder: Folder) -> None:
    code, out, _ = folder.grade("ex.cnn", "nowhere.cnn")
    assert code == 1
    assert "nowhere.cnn" in out
    (folder.path / "empty").mkdir()
    code, out, _ = folder.grade("ex.cnn", "empty", "--csv", "marks.csv")
    assert (code, "there is no answer in it" in out) == (1, True)
    assert not (folder.path / "marks.csv").exists()


# --- files -----------------------------------------------------------------------------------------------------------


def test_pages_for_all(folder: Folder) -> None:
    folder.zip("all.zip", MOODLE)
    assert folder.grade("ex.cnn", "all.zip", "--pages", "pages")[0] == 0
    names = {path.name for path in (folder.path / "pages").iterdir()}
    assert names == {"index.html", "Marie_Curie_101.html", "Jean_Dupont_102.html"}
    assert folder.grade("ex.cnn", "all.zip", "--pages", "texts", "--page-format", "text")[0] == 0
    assert "Total: 5 of 5" in (folder.path / "texts" / "Marie_Curie_101.txt").read_text(encoding="utf-8")


def test_tables_besides(folder: Folder) -> None:
    assert folder.grade("ex.cnn", "answers", "--csv", "m.csv", "--json", "m.json", "--nbgrader", "n.csv")[0] == 0
    files = folder.files()
    assert files["m.csv"].startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(files["m.csv"].decode("utf-8-sig"))))
    assert [row["points"] for row in rows] == ["3.75", "5", "2.75"]
    assert ClassMarks.model_validate_json(files["m.json"]).statistics.answers == 3
    assert [row["score"] for row in csv.DictReader(io.StringIO(files["n.csv"].decode()))] == ["3.75", "5", "2.75"]


def test_a_worksheet_is_filled(folder: Folder) -> None:
    folder.zip("all.zip", MOODLE)
    code, out, err = folder.grade("ex.cnn", "all.zip", "--worksheet", "grades.csv", "-o", "filled.csv")
    assert code == 0
    assert "2 answers" in out
    assert "2 rows" in err
    rows = list(csv.DictReader(io.StringIO((folder.path / "filled.csv").read_text(encoding="utf-8"))))
    assert [row["Note"] for row in rows] == ["20,00", "15,00", ""]
    assert "150" in rows[1]["Feedback par commentaires"]
    assert (folder.path / "grades.csv").read_bytes() == SHEET.encode()
    folder.grade("ex.cnn", "all.zip", "--worksheet", "grades.csv", "-o", "filled.csv", "--missing", "zero")
    rows = list(csv.DictReader(io.StringIO((folder.path / "filled.csv").read_text(encoding="utf-8"))))
    assert rows[2]["Note"] == "0,00"


def test_what_becomes_of_rows_without_an_answer_is_told(folder: Folder) -> None:
    folder.zip("one.zip", {"Marie Curie_101_assignsubmission_file_/a.cnn": RIGHT})
    options = ("--worksheet", "grades.csv", "-o", "filled.csv", "--missing", "zero")
    _, _, err = folder.grade("ex.cnn", "one.zip", *options)
    assert "Zoé Martin (103): nothing was handed in, zero" in err
    assert "Jean Dupont (102): no answer, but perhaps something was handed in; no grade" in err
    assert "feedback" not in err
    folder.write("grades.csv", "\n".join(line.rpartition(",")[0] for line in SHEET.splitlines()) + "\n")
    _, _, err = folder.grade("ex.cnn", "one.zip", *options)
    assert "no column for feedback" in err


def test_the_sheet_says_who_is_late(folder: Folder) -> None:
    folder.write("ex.toml", "due = 2026-11-17T00:00:00\nlate_penalty = 0.1\n")
    folder.zip("all.zip", MOODLE)
    _, out, _ = folder.grade("ex.cnn", "all.zip", "--worksheet", "grades.csv", "-o", "filled.csv", "--format", "json")
    points = {one.name: one.points for one in ClassMarks.model_validate_json(out).marks}
    assert points == {"Marie Curie": 5, "Jean Dupont": pytest.approx(3.75 * 0.7)}


def test_answers_that_have_no_row_are_told(folder: Folder) -> None:
    code, _, err = folder.grade("ex.cnn", "answers", "--worksheet", "grades.csv", "-o", "filled.csv")
    assert code == 0
    assert "no row of the sheet is that of marie" in err
    assert (folder.path / "filled.csv").read_bytes() == SHEET.encode()


def test_grading_again_gives_the_same_files(folder: Folder) -> None:
    folder.zip("all.zip", MOODLE)
    options = ("--pages", "pages", "--csv", "m.csv", "--json", "m.json", "--nbgrader", "n.csv")
    runs = []
    for _ in range(2):
        runs.append(folder.grade("ex.cnn", "all.zip", *options, "--worksheet", "grades.csv", "-o", "filled.csv"))
        runs.append(folder.grade("ex.cnn", "all.zip", "-o", "table.txt"))
        runs.append((0, "", str(folder.files())))
    assert runs[:3] == runs[3:]


@pytest.mark.parametrize(
    "options",
    [
        ("-o", "answers/marie.cnn"),
        ("-o", "answers/marks.csv"),
        ("--csv", "answers/deeper/marks.csv"),
        ("--json", "ex.cnn"),
        ("--json", "ex.toml"),
        ("--pages", "answers"),
        ("--pages", "answers/pages"),
        ("--worksheet", "grades.csv"),
        ("--worksheet", "grades.csv", "-o", "grades.csv"),
        ("--missing", "zero"),
        ("--csv", "a", "--json", "./a"),
        ("--statistics", "--format", "vpl"),
        ("--format", "pdf"),
    ],
)
def test_wrong_usage_changes_nothing(folder: Folder, options: tuple[str, ...]) -> None:
    folder.write("ex.toml", "")
    before = folder.files()
    code, out, err = folder.grade("ex.cnn", "answers", *options)
    assert (code, out) == (2, "")
    assert err
    assert folder.files() == before


def test_an_output_takes_the_place_of_no_answer(folder: Folder) -> None:
    answer = folder.write("m.txt", RIGHT)
    for options in (("-o", "m.txt"), ("--pages", ".")):
        assert folder.grade("ex.cnn", "m.txt", *options)[0] == 2
    assert answer.read_text() == RIGHT


# --- who may write where, and whose row it is ------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["-o", "--csv", "--json", "--nbgrader"])
@pytest.mark.parametrize("name", ["pp/index.html", "pp/marks.csv", "pp/deep/marks.csv", "pp"])
def test_no_output_lies_among_the_pages(folder: Folder, option: str, name: str) -> None:
    before = folder.files()
    code, out, err = folder.grade("ex.cnn", "answers", "--pages", "pp", option, name)
    assert (code, out) == (2, "")
    assert "among the pages" in err
    assert folder.files() == before


def test_pages_take_the_place_of_our_own_only(folder: Folder) -> None:
    folder.write("site/index.html", "<h1>mine</h1>")
    before = folder.files()
    code, out, err = folder.grade("ex.cnn", "answers", "--pages", "site", "--csv", "marks.csv")
    assert code == 1
    assert "`index.html` lies in it" in out + err
    assert folder.files() == before
    assert folder.grade("ex.cnn", "answers", "--pages", "pages")[0] == 0
    folder.write("pages/paul.html", "mine")
    folder.write("pages/notes.txt", "mine")
    folder.write("answers/jean.cnn", RIGHT)
    assert folder.grade("ex.cnn", "answers", "--pages", "pages")[0] == 0
    folder.write("answers/paul.cnn", RIGHT)
    before = folder.files()
    code, out, err = folder.grade("ex.cnn", "answers", "--pages", "pages")
    assert code == 1
    assert "`paul.html` lies in it" in out + err
    assert folder.files() == before


def filled(folder: Folder, texts: dict[str, str]) -> tuple[int, str, list[dict[str, str]]]:
    folder.zip("all.zip", texts)
    code, _, err = folder.grade("ex.cnn", "all.zip", "--worksheet", "grades.csv", "-o", "filled.csv")
    rows = list(csv.DictReader(io.StringIO((folder.path / "filled.csv").read_text(encoding="utf-8"))))
    return code, err, rows


def test_a_name_that_states_the_number_of_another_takes_no_row(folder: Folder) -> None:
    evil = "Evil_101_assignsubmission_file_ X_555_assignsubmission_file_/a.cnn"
    for marie in ({}, {"Marie Curie_101_assignsubmission_file_/a.cnn": RIGHT}):
        code, err, rows = filled(folder, {evil: NO_BIAS, **marie})
        assert code == 0
        assert "no row of the sheet is that of Evil" in err
        assert rows[0]["Note"] == ("20,00" if marie else "")


def test_two_answers_with_one_number_fill_no_row(folder: Folder) -> None:
    texts = {
        "Marie Curie_101_assignsubmission_file_/a.cnn": RIGHT,
        "Marie Curie B_0101_assignsubmission_file_/a.cnn": NO_BIAS,
        "Jean Dupont_102_assignsubmission_file_/a.cnn": RIGHT,
    }
    code, err, rows = filled(folder, texts)
    assert code == 1
    assert err.count("several answers claim this row") == 2
    assert [row["Note"] for row in rows] == ["", "20,00", ""]
    _, out, _ = folder.grade("ex.cnn", "all.zip")
    assert out.count("several answers have the number") == 2


def test_a_row_of_another_name_is_not_filled(folder: Folder) -> None:
    code, err, rows = filled(folder, {"A_101_assignsubmission_file_a.cnn": RIGHT})
    assert code == 1
    assert "A (101): the row with this number has another name" in err
    assert rows[0]["Note"] == ""
    for name in ("Curie Marie", "G1-marie curie", "Participant", "MARIE CURIE"):
        code, err, rows = filled(folder, {f"{name}_101_assignsubmission_file_/a.cnn": RIGHT})
        assert (code, rows[0]["Note"]) == (0, "20,00")


def test_a_number_goes_before_a_name(folder: Folder) -> None:
    texts = {"Marie Curie_101_assignsubmission_file_/a.cnn": NO_BIAS, "Curie Marie/a.cnn": RIGHT}
    code, err, rows = filled(folder, texts)
    assert (code, rows[0]["Note"]) == (0, "15,00")
    assert "no row of the sheet is that of Curie Marie" in err


def test_a_class_table_says_who_stated_no_variant(folder: Folder) -> None:
    folder.write("drawn.cnn", "model drawn(n = 28)\ninput [n, n, 1]\nconv 6, f=5 -> ?x?x6\n")
    folder.write("drawn.toml", "[draw]\nn = [28, 32]\n")
    folder.write("class/marie.cnn", "input 28x28x1\nconv 6, f=5 -> 24x24x6\n")
    folder.write("class/jean.cnn", "# variant: 7\ninput 28x28x1\nconv 6, f=5 -> 24x24x6\n")
    _, out, _ = folder.grade("drawn.cnn", "class")
    (line,) = (line for line in out.splitlines() if "states no variant" in line)
    assert "marie" in line
    assert "states no variant" in folder.grade("drawn.cnn", "class/marie.cnn")[1]
