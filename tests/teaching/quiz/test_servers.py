"""CodeRunner, PrairieLearn, otter-grader and nbgrader: what they run is run, and what they read is read."""

from __future__ import annotations

import ast
import base64
import doctest
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from cnnspec.language import speaking
from cnnspec.teaching.exercise import load_exercise, solved
from cnnspec.teaching.model import Submission
from cnnspec.teaching.quiz import coderunner, nbgrader, otter, prairielearn
from cnnspec.teaching.quiz.jobs import marks_of
from cnnspec.teaching.quiz.sheet import Options, Sheet, make_sheet, variants
from cnnspec.teaching.quiz.writing import write
from tests.teaching.quiz import moodle_rules as rules
from tests.teaching.quiz.conftest import KINDS
from tests.teaching.quiz.test_autograders import DRAWN, PERFECT, SPEC, WRONG, environment, exercise_in, fill
from tests.teaching.quiz.test_results import CODERUNNER, PRAIRIELEARN


def run(command: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment(**more), capture_output=True, text=True, check=False, timeout=60
    )


def sheet_at(path: Path) -> Sheet:
    exercise = load_exercise(path)
    return make_sheet(exercise, solved(exercise))


# --- CodeRunner ------------------------------------------------------------------------------------------------------


def question_of(sheet: Sheet) -> ET.Element:
    (output,) = coderunner.export([sheet], Options())
    assert isinstance(output.content, str)
    (question,) = (q for q in rules.questions(output.content) if q.get("type") == "coderunner")
    return question


def run_on_jobe(question: ET.Element, folder: Path, answer: str) -> dict:
    done = job_on_jobe(question, folder, answer)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, CODERUNNER)
    return document


def job_on_jobe(
    question: ET.Element, folder: Path, answer: str, student: str = "17", options: tuple[str, ...] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    """The template with the answer in it, as Twig's escaper for Python writes it, run beside the support files."""
    program = question.findtext("template") or ""
    for name, value in (("STUDENT_ANSWER", answer), ("STUDENT.id", student)):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        program = program.replace(f"{{{{ {name} | e('py') }}}}", escaped)
    assert "{{" not in program
    assert "{%" not in program
    for file in question.findall("testcases/file"):
        (folder / (file.get("name") or "")).write_bytes(base64.b64decode(file.text or ""))
    (folder / "prog.py").write_text(program, encoding="utf-8")
    return run([sys.executable, *options, "prog.py"], folder, **more)


@pytest.mark.parametrize(
    ("answer", "fraction"),
    [(PERFECT, 1), (WRONG, 0), ("", 0), ('"""\nimport os\nos._exit(3)\n"""\\', 0), (PERFECT.replace("156", "1"), 0.8)],
)
def test_coderunner_prints_the_fraction(answer: str, fraction: float, tmp_path: Path) -> None:
    question = question_of(sheet_at(exercise_in(tmp_path)))
    (tmp_path / "job").mkdir()
    document = run_on_jobe(question, tmp_path / "job", answer)
    assert document["fraction"] == pytest.approx(fraction)


@pytest.mark.parametrize("fault", ["broken", "missing"])
def test_coderunner_sees_an_error_and_no_grade_where_it_cannot_grade(fault: str, tmp_path: Path) -> None:
    """No JSON and a failed run: CodeRunner says that the question is wrong, not that the answer is."""
    question = question_of(sheet_at(exercise_in(tmp_path)))
    (tmp_path / "job").mkdir()
    if fault == "broken":
        for file in question.findall("testcases/file"):
            file.text = base64.b64encode(b"nothing").decode()
    if fault == "missing":  # -S: a Python without what is installed beside it
        done = job_on_jobe(question, tmp_path / "job", PERFECT, options=("-S",), PYTHONPATH="/nonexistent")
    else:
        done = job_on_jobe(question, tmp_path / "job", PERFECT)
    assert done.returncode != 0
    assert not done.stdout
    assert "tell your teacher" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_question_of_coderunner_has_what_its_import_reads(tmp_path: Path) -> None:
    question = question_of(sheet_at(exercise_in(tmp_path, settings="points = 10\n")))
    assert question.findtext("grader") == "TemplateGrader"
    assert question.findtext("iscombinatortemplate") == "1"
    assert question.findtext("answerpreload") == SPEC
    assert question.findtext("defaultgrade") == "10"
    assert question.find("testcases/testcase/display/text") is not None
    ast.parse((question.findtext("template") or "").replace("{{", "").replace("}}", ""))


# --- PrairieLearn ----------------------------------------------------------------------------------------------------


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag.startswith("pl-"):
            self.found.append((tag, dict(attrs)))


def folder_of(sheets: list[Sheet], folder: Path) -> Path:
    write(str(folder / "question"), prairielearn.export(sheets, Options()))
    return folder / "question"


def server_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The functions of server.py, with the one function of PrairieLearn that it calls."""

    def set_weighted_score_data(data: dict[str, Any]) -> None:
        parts = data["partial_scores"].values()
        data["score"] = sum(p["score"] * p.get("weight", 1) for p in parts) / sum(p.get("weight", 1) for p in parts)

    module = ModuleType("prairielearn")
    module.set_weighted_score_data = set_weighted_score_data  # type: ignore[attr-defined]
    module.from_json = lambda v: v["_value"] if isinstance(v, dict) else v  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "prairielearn", module)
    names: dict[str, Any] = {}
    exec(compile((folder / "server.py").read_text(encoding="utf-8"), "server.py", "exec"), names)
    return names


def new_data(seed: int) -> dict[str, Any]:
    empty: dict[str, Any] = {name: {} for name in ("params", "correct_answers", "submitted_answers", "partial_scores")}
    return {**empty, "feedback": {}, "variant_seed": seed, "score": 0}


def rendered(template: str, data: dict[str, Any]) -> str:
    """Mustache, as far as the question uses it."""

    def section(match: re.Match[str]) -> str:
        items = look_up(match[1])
        return "".join(
            match[2].replace("{{.}}", str(item)) if not isinstance(item, dict) else filled(match[2], item)
            for item in items or []
        )

    def filled(text: str, item: dict[str, Any]) -> str:
        return re.sub(r"\{\{(\w+)\}\}", lambda name: str(item[name[1]]), text)

    def look_up(path: str) -> Any:
        value: Any = data
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    text = re.sub(r"\{\{#([\w.]+)\}\}(.*?)\{\{/\1\}\}", section, template, flags=re.DOTALL)
    text = re.sub(r"\{\{([\w.]+)\}\}", lambda match: str(look_up(match[1])), text)
    assert "{{" not in text
    assert "None" not in text
    return text


def test_the_elements_have_their_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = KINDS.replace("f=?1", "f=5").replace("?2", "16")
    folder = folder_of([sheet_at(exercise_in(tmp_path, text, "points_of = { params = 3 }\n"))], tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == ["info.json", "question.html", "server.py"]
    info = json.loads((folder / "info.json").read_text())
    assert {"uuid", "title", "topic", "type"} <= set(info)
    server, data = server_of(folder, monkeypatch), new_data(3)
    server["generate"](data)
    elements = Elements()
    elements.feed(rendered((folder / "question.html").read_text(encoding="utf-8"), data))
    inputs = [(tag, at) for tag, at in elements.found if tag.endswith("-input")]
    assert {at["answers-name"] for _, at in inputs} == set(data["correct_answers"])
    assert data["correct_answers"]["b_conv1_params"] == 156
    assert data["correct_answers"]["b_maxpool1_size_height"] == 12
    choices = [at["correct"] for tag, at in elements.found if tag == "pl-answer"]
    assert choices == ["false", "true", "false", "false", "true"]
    heavy = {at["answers-name"]: int(at["weight"] or 0) for _, at in inputs}
    assert heavy["b_conv1_params"] == 9 * heavy["b_maxpool1_size_height"]


def test_a_known_mistake_is_named_and_gets_its_credit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = "mistakes = { forgot-bias = 0.5 }\n"
    folder = folder_of([sheet_at(exercise_in(tmp_path, SPEC, settings))], tmp_path)
    server, data = server_of(folder, monkeypatch), new_data(3)
    server["generate"](data)
    for name, right in data["correct_answers"].items():
        given = 150 if name == "b_conv1_params" else right
        data["submitted_answers"][name] = given
        data["partial_scores"][name] = {"score": int(given == right), "weight": 1}
    server["grade"](data)
    assert data["partial_scores"]["b_conv1_params"]["score"] == 0.5
    (said,) = data["feedback"]["mistakes"]
    assert "bias" in said
    assert data["score"] == pytest.approx(6.5 / 7)


def test_a_known_mistake_is_named_as_the_language_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with speaking("fr"):
        folder = folder_of([sheet_at(exercise_in(tmp_path, SPEC, ""))], tmp_path)
    server, data = server_of(folder, monkeypatch), new_data(3)
    server["generate"](data)
    data["submitted_answers"]["b_conv1_params"] = 150
    data["partial_scores"]["b_conv1_params"] = {"score": 0, "weight": 1}
    server["grade"](data)
    assert " paramètres\u00a0: le biais est oublié" in data["feedback"]["mistakes"][0].replace(
        "de paramètres", " paramètres"
    )


@pytest.mark.parametrize("tolerance", [0, 0.01])
@pytest.mark.parametrize(
    "given", [150, 150.0, "150", "150.0", {"_type": "np_scalar", "_concrete_type": "float64", "_value": 150.0}]
)
def test_a_known_mistake_is_the_same_number_however_it_is_written(
    given: object, tolerance: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = f"tolerance = {tolerance}\nmistakes = {{ forgot-bias = 0.5 }}\n"
    folder = folder_of([sheet_at(exercise_in(tmp_path, SPEC, settings))], tmp_path)
    server, data = server_of(folder, monkeypatch), new_data(3)
    server["generate"](data)
    data["submitted_answers"]["b_conv1_params"] = given
    data["partial_scores"]["b_conv1_params"] = {"score": 0, "weight": 1}
    server["grade"](data)
    assert data["partial_scores"]["b_conv1_params"]["score"] == 0.5
    assert len(data["feedback"]["mistakes"]) == 1
    for other in (120, "150 x", None, "nan"):
        data["submitted_answers"]["b_conv1_params"] = other
        data["partial_scores"]["b_conv1_params"] = {"score": 0, "weight": 1}
        server["grade"](data)
        assert data["feedback"]["mistakes"] == []


def test_each_variant_has_its_own_texts_and_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = exercise_in(tmp_path, DRAWN, "[draw]\nn = [26, 28, 30, 32]\nk = [3, 5]\n")
    made = list(variants(str(path), 4))
    folder = folder_of(made, tmp_path)
    server = server_of(folder, monkeypatch)
    seen = set()
    for seed in range(40):
        data = new_data(seed)
        server["generate"](data)
        page = rendered((folder / "question.html").read_text(encoding="utf-8"), data)
        n, k = (int(found[1]) for found in (re.search(r"input (\d+)x", page), re.search(r"f=(\d+)", page)) if found)
        assert data["correct_answers"]["b_conv1_height"] == n - k + 1
        seen.add((n, k))
    assert len(seen) == 4


@pytest.mark.parametrize(("answer", "score"), [("F5", 1), ("F3", 0), (None, None), ("\x00", None)])
def test_open_blanks_are_graded_outside(answer: str | None, score: float | None, tmp_path: Path) -> None:
    spec = "input 28x28x1\nconv 6, f=?, p=0 -> 24x24x6\n"
    folder = folder_of([sheet_at(exercise_in(tmp_path, spec))], tmp_path)
    info = json.loads((folder / "info.json").read_text())
    assert info["gradingMethod"] == "External"
    assert info["externalGradingOptions"]["enabled"] is True
    root = tmp_path / "grade"
    (root / "tests").mkdir(parents=True)
    for path in (folder / "tests").iterdir():
        (root / "tests" / path.name).write_bytes(path.read_bytes())
    (root / "data").mkdir()
    (root / "data" / "data.json").write_text(json.dumps({"params": {"variant": ""}}))
    texts = {"F5": spec.replace("?", "5"), "F3": spec.replace("?", "3")}
    fill(root / "student", {} if answer is None else {"answer.cnn": texts.get(answer, answer)})
    done = run([sys.executable, "-P", str(root / "tests" / "grade.py")], root, GRADE=str(root))
    assert done.returncode == 0, done.stderr
    results = root / "results" / "results.json"
    document = json.loads(results.read_text())
    jsonschema.validate(document, PRAIRIELEARN)
    assert document.get("score") == score
    assert document["gradable"] == (score is not None)
    assert results.stat().st_size < 2**20


# --- notebooks -------------------------------------------------------------------------------------------------------


def test_otter_reads_its_test_and_its_cases_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = sheet_at(exercise_in(tmp_path))
    write(str(tmp_path / "out"), otter.export([sheet], Options()))
    names: dict[str, Any] = {}
    exec(compile((tmp_path / "out" / "tests" / "q1.py").read_text(), "q1.py", "exec"), names)
    assert names["OK_FORMAT"] is True
    (suite,) = names["test"]["suites"]
    assert suite["type"] == "doctest"
    assert [case["points"] for case in suite["cases"]] == [1, 1, 1, 1, 1]
    assert not suite.get("setup")  # otter refuses a suite that has one
    assert not suite.get("teardown")
    monkeypatch.chdir(tmp_path / "out")
    for answer, expected in ((PERFECT, [True] * 5), (WRONG, [False] * 5)):
        assert [passes(case["code"], {"answer": answer}) for case in suite["cases"]] == expected


def passes(code: str, names: dict[str, Any]) -> bool:
    test = doctest.DocTestParser().get_doctest(code, names, "case", None, 0)
    return doctest.DocTestRunner(verbose=False).run(test, out=lambda text: None).failed == 0


def nbgrader_book(folder: Path, settings: str = "", spec: str = SPEC) -> dict[str, Any]:
    sheet = sheet_at(exercise_in(folder, spec, settings))
    write(str(folder / "out"), nbgrader.export([sheet], Options()))
    book: dict[str, Any] = json.loads((folder / "out" / "exercise.ipynb").read_text())
    return book


def marked_cells(book: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in book["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def test_the_notebook_of_nbgrader_is_a_notebook(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(nbgrader_book(tmp_path))


def test_nbgrader_finds_locked_test_cells_that_give_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = nbgrader_book(tmp_path, "follow_through = 0.75\n")
    marked = marked_cells(book)
    assert all(cell["metadata"]["nbgrader"]["locked"] for cell in marked)
    assert [cell["metadata"]["nbgrader"]["points"] for cell in marked] == [1] * 5
    known = [cell["metadata"]["nbgrader"]["grade_id"] for cell in book["cells"] if "nbgrader" in cell["metadata"]]
    assert len(set(known)) == len(known)
    names: dict[str, Any] = {}
    exec(handed_out(book)["answer"], names)
    assert names["answer"].strip() == SPEC.strip()
    monkeypatch.chdir(tmp_path / "out")
    for text, points in ((PERFECT, 5), (names["answer"], 0), (PERFECT.replace("156", "9"), 4)):
        assert sum(value_of(cell["source"], {"answer": text}) for cell in marked) == points


def handed_out(book: dict[str, Any]) -> dict[str, str]:
    """What is left in the notebook of a student, by what each cell begins with: a solution becomes a stub."""
    stub = "# YOUR CODE HERE\nraise NotImplementedError()"
    sources = (
        stub if cell["metadata"].get("nbgrader", {}).get("solution") else cell["source"] for cell in book["cells"]
    )
    return {source.partition(" ")[0]: source for source in sources}


@pytest.mark.parametrize("points", [20, 7, 1, 0.1])
def test_no_cell_of_nbgrader_gives_more_than_its_points(
    points: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nbgrader breaks off where a cell gives more than it has, by however little."""
    spec = SPEC + "conv 6, f=5 -> ?x?x?, ? params\n"
    right = PERFECT + "conv 6, f=5 -> 8x8x6, 906 params\n"
    book = nbgrader_book(tmp_path, f"points = {points}\n", spec)
    monkeypatch.chdir(tmp_path / "out")
    given, most = [], []
    for cell in marked_cells(book):
        given.append(value_of(cell["source"], {"answer": right}))
        most.append(cell["metadata"]["nbgrader"]["points"])
    assert given == most
    assert sum(most) == pytest.approx(points, abs=1e-9)


@pytest.mark.parametrize("platform", [otter, nbgrader])
def test_the_notebook_itself_can_be_graded_without_running_it(platform: ModuleType, tmp_path: Path) -> None:
    spec = SPEC + 'conv 6, f=5 -> ?x8x6 # "a" \\\\ """b"""\n'
    (notebook, *_) = platform.export([sheet_at(exercise_in(tmp_path, spec))], Options())
    book = json.loads(notebook.content)
    (cell,) = (one for one in book["cells"] if one["source"].startswith("answer = "))
    cell["source"] = cell["source"].replace("? params", "156 params").replace("?x8x6", "8x8x6")
    submission = Submission("Marie", "m.ipynb", json.dumps(book).encode())
    marks = marks_of(tmp_path / "exercise.cnn", submission)
    assert (marks.points, marks.notices) == (2, ())


def value_of(source: str, names: dict[str, Any]) -> float:
    """What a notebook shows as the result of a cell: the value of its last line."""
    *lines, last = source.splitlines()
    exec("\n".join(lines), names)
    return float(eval(last, names))
