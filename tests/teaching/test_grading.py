"""A class is graded in order; one hostile answer changes nothing for the others."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cnnspec.language import speaking
from cnnspec.source import Source
from cnnspec.teaching import judging
from cnnspec.teaching.exercise import Exercise, load_exercise, make_exercise
from cnnspec.teaching.grading import batch as grading
from cnnspec.teaching.grading import guard
from cnnspec.teaching.grading.batch import grade, grade_one
from cnnspec.teaching.model import Answer, Marks, Submission
from cnnspec.teaching.settings import Settings
from tests.teaching.test_answers_cnn import FILLED, LECTURES, hand_signs

ROOT = Path(__file__).parents[2]


def submission(name: str, text: str | bytes, filename: str = "a.cnn") -> Submission:
    return Submission(name, filename, text if isinstance(text, bytes) else text.encode())


@pytest.fixture(params=["forked", "fresh"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sorts of workers."""
    if request.param == "fresh":
        monkeypatch.setattr(guard, "can_fork", lambda: False)


def points(exercise: Exercise, *answers: Submission, **options) -> list[float]:
    return [marks.points for marks in grade(exercise, answers, **options)]


@pytest.mark.usefixtures("either")
def test_the_marks_come_in_order_and_are_those_of_one_alone() -> None:
    texts = [FILLED, FILLED.replace("896", "864"), "?", "", FILLED.replace("62x62", "64x64")]
    answers = [submission(f"student {i}", text) for i, text in enumerate(texts)]
    found = list(grade(hand_signs(), answers))
    assert [marks.name for marks in found] == [one.name for one in answers]
    assert found == [grade_one(hand_signs(), one) for one in answers]
    assert found[0].points == found[0].out_of == 15
    assert found[1].verdicts[3].mistake == "forgot-bias"
    assert found[3].problem == "the file is empty"


def wicked(exercise: Exercise, one: Submission, answer, handed_in=None) -> Marks:
    if b"loop" in one.content:
        while True:
            pass
    if b"hoard" in one.content:
        bytearray(2**29)
    if b"raise" in one.content:
        raise KeyError("what")
    if b"deep" in one.content:
        return wicked(exercise, one, answer)
    if b"exit" in one.content:
        import os

        os._exit(1)
    return JUDGE(exercise, one, answer, handed_in)


JUDGE = judging.judge


@pytest.mark.skipif(not guard.can_fork() or sys.platform != "linux", reason="needs a forked worker with limits")
def test_whatever_goes_wrong_in_one_answer_harms_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading, "judge", wicked)
    deeds = ["loop", "hoard", "raise", "deep", "exit"]
    answers = [submission(deed, f"{FILLED}# {deed}") for deed in deeds]
    kept = [answer for one in answers for answer in (submission("good", FILLED), one)] + [submission("good", FILLED)]
    found = list(grade(hand_signs(), kept))
    assert [marks.points for marks in found if marks.name == "good"] == [15.0] * 6
    problems = {marks.name: marks.problem for marks in found if marks.name != "good"}
    assert {marks.points for marks in found if marks.name != "good"} == {0.0}
    assert {name: problem.split(":")[0] for name, problem in problems.items()} == {
        "loop": "it takes more than 2 seconds to read",
        "hoard": "it takes more than 200 MB of memory to read",
        "raise": "the program failed on it, please report this",
        "deep": "it is nested too deep",
        "exit": "the program broke down on it",
    }
    assert all(len(marks.verdicts) == 15 for marks in found)


@pytest.mark.usefixtures("either")
def test_used_files_are_those_of_the_exercise(tmp_path: Path) -> None:
    (tmp_path / "blocks.cnn").write_text('use "more.cnn"\nblock c { conv 6, f=5 | relu }\n')
    (tmp_path / "more.cnn").write_text("let k = 10\n")
    (tmp_path / "secret.cnn").write_text("block s { conv 6, f=5 }\n")
    text = 'use "blocks.cnn"\ninput 28x28x1\nc\n?\n-> 10\nexpect params <= 60_000\n'
    (tmp_path / "tp.cnn").write_text(text)
    exercise = load_exercise(tmp_path / "tp.cnn")
    good = submission("good", text.replace("\n?\n", "\nmaxpool 2 | flatten\ndense k\n").replace("dense k", "dense 10"))
    bad = submission("bad", text.replace("\n?\n", '\nuse "secret.cnn"\ns | flatten | dense 10\n'))
    right, wrong = grade(exercise, [good, bad])
    assert right.points == right.out_of
    assert wrong.points == 0


def drawn(tmp_path: Path, seed: str = "sheet") -> Exercise:
    (tmp_path / "tp.cnn").write_text("model net(k = 3)\ninput 28x28x1\nconv 6, f=k -> ?x?x6, ? params\n")
    (tmp_path / "tp.toml").write_text(f'seed = "{seed}"\n[draw]\nk = [3, 5, 7]\n')
    return load_exercise(tmp_path / "tp.cnn")


def solution(exercise: Exercise) -> str:
    k = int(exercise.source.text.partition("f=")[2].partition(" ")[0])
    size = 28 - k + 1
    return exercise.source.text.replace("?x?x6, ? params", f"{size}x{size}x6, {6 * (k * k + 1)} params")


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize("by", ["sheet", "student"])
def test_the_variant_of_each_student_is_graded(tmp_path: Path, by: str) -> None:
    exercise = drawn(tmp_path, by)
    answers = []
    for number in range(8):
        variant = load_exercise(tmp_path / "tp.cnn", str(number))
        answers.append(Submission(f"s{number}", "a.cnn", solution(variant).encode(), str(number)))
    assert len({one.content.partition(b"input")[2] for one in answers}) > 1
    found = list(grade(exercise, answers))
    assert [marks.points for marks in found] == [3.0] * 8
    assert [marks.variant for marks in found] == [str(number) for number in range(8)]


@pytest.mark.usefixtures("either")
def test_a_variant_that_is_given_is_graded_whatever_the_sheet_says(tmp_path: Path) -> None:
    drawn(tmp_path)
    by_k: dict[str, tuple[str, str]] = {}
    for number in range(40):
        text = solution(load_exercise(tmp_path / "tp.cnn", str(number)))
        by_k.setdefault(text.partition("f=")[2][0], (str(number), text))
    (seed, text), (_, other) = list(by_k.values())[:2]
    exercise = load_exercise(tmp_path / "tp.cnn", seed)
    assert points(exercise, submission("a", text), submission("b", other)) == [3.0, 0.0]


@pytest.mark.usefixtures("either")
def test_late_answers_and_the_language_reach_the_worker() -> None:
    due = datetime(2026, 3, 2, 12, tzinfo=UTC)
    exercise = make_exercise(
        Source("input 28x28x1\nconv 6, f=5 -> ?x?x?, ? params"),
        Settings.model_validate({"due": due, "late_penalty": 0.5}),
    )
    answers = [
        Submission("a", "a.csv", b"1,24", "7"),
        Submission("b", "b.csv", b"1,24", "8"),
        Submission("c", "c.csv", b"", "9"),
    ]
    late = {"7": datetime(2026, 3, 2, 13, tzinfo=UTC), "b": due}
    with speaking("fr"):
        found = list(grade(exercise, answers, handed_in=late))
    assert [marks.points for marks in found] == [0.5, 1.0, 0.0]
    assert {marks.language for marks in found} == {"fr"}
    assert points(exercise, *answers[:2], handed_in=late["7"]) == [0.5, 0.5]


@pytest.mark.skipif(not guard.can_fork(), reason="needs a forked worker")
def test_what_takes_long_the_first_time_is_no_fault_of_a_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search for a right answer, say: it is made for the exercise, and for each variant, before the clock runs."""

    def slow(exercise: Exercise, one: Submission, answer: Answer, handed_in: datetime | None = None) -> Marks:
        exercise.known("searched", lambda: time.sleep(0.6))
        return JUDGE(exercise, one, answer, handed_in)

    monkeypatch.setattr(grading, "judge", slow)
    monkeypatch.setattr(grading, "SECONDS", 0.4)
    plain = make_exercise(Source("input 28x28x1\nconv 6, f=5 -> ?x?x6"))
    assert points(plain, submission("a", "1,24", "a.csv")) == [1.0]
    exercise = drawn(tmp_path)
    variants = [load_exercise(tmp_path / "tp.cnn", str(number)) for number in range(2)]
    assert points(exercise, *(submission("a", solution(one)) for one in variants)) == [3.0, 3.0]


@pytest.mark.usefixtures("either")
def test_an_answer_without_a_variant_is_told_loudly(tmp_path: Path) -> None:
    exercise = drawn(tmp_path)
    (marks,) = grade(exercise, [submission("a", solution(exercise))])
    assert marks.points == 3
    assert marks.warnings == ("it states no variant: the numbers of the exercise itself are taken",)
    assert marks.notices[:1] == marks.warnings
    variant = load_exercise(tmp_path / "tp.cnn", "7")
    (marks,) = grade(exercise, [submission("a", solution(variant))])
    assert marks.warnings == ()


@pytest.mark.usefixtures("either")
def test_without_the_number_that_draws_the_variant_nothing_is_graded(tmp_path: Path) -> None:
    exercise = drawn(tmp_path, "student")
    unknown, known = grade(exercise, [submission("a", solution(exercise)), Submission("b", "b.cnn", b"?", "7")])
    assert (unknown.points, known.problem) == (0, known.problem)
    assert "the student's number, which draws the variant, is not known" in unknown.problem
    assert "number" not in known.problem


@pytest.mark.usefixtures("either")
def test_the_search_for_the_variant_is_in_the_time_of_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty answers made of blanks, among those of others: what was quadratic took 30 seconds each."""
    asked: list[float] = []
    ask = guard.Worker.ask

    def recording(worker: guard.Worker, request: bytes, seconds: float = guard.SECONDS) -> bytes:
        if len(request) > 1000:
            asked.append(seconds)
        return ask(worker, request, seconds)

    monkeypatch.setattr(guard.Worker, "ask", recording)
    exercise = drawn(tmp_path)
    good = solution(load_exercise(tmp_path / "tp.cnn", "7"))
    blanks = ("# variant" + " \t" * 120_000, "# variant: x" + " " * 240_000 + "y", "# seed" + " " * 240_000 + ":")
    bad = [submission(f"bad{i}", blanks[i % 3], "b.cnn") for i in range(20)]
    found = list(grade(exercise, [*bad, *(submission(f"good{i}", good) for i in range(20))]))
    assert [marks.points for marks in found[20:]] == [3.0] * 20
    assert not any("2 seconds" in marks.problem for marks in found)
    assert asked
    assert max(asked) <= guard.SECONDS


def test_a_class_is_graded_without_a_numerical_library(tmp_path: Path) -> None:
    for i in range(200):
        text = FILLED.replace("896", str(864 + i % 3 * 16)).replace("60x60x32", f"{58 + i % 5}x60x32")
        (tmp_path / f"student {i}.cnn").write_text(text)
    code = (
        "import sys\nfrom cnnspec.teaching.exercise import load_exercise\n"
        "from cnnspec.teaching.grading.batch import grade\n"
        "from cnnspec.teaching.handed_in.submissions import submissions\n"
        f"exercise = load_exercise({str(LECTURES / 'hand_signs_exercise.cnn')!r})\n"
        f"marks = list(grade(exercise, submissions([{str(tmp_path)!r}])))\n"
        "assert len(marks) == 200 and len({one.points for one in marks}) > 2\n"
        "assert not {'numpy', 'onnx', 'onnxruntime', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
