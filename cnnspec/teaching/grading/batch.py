"""The marks of many answers: each read and judged in a worker with limits, so that a hostile one harms only itself."""

from __future__ import annotations

import json
import os
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from cnnspec.language import language, say, speaking
from cnnspec.source import Source
from cnnspec.syntax import tree
from cnnspec.teaching.answers import read_answer, seed_of
from cnnspec.teaching.answers.decoding import unreadable
from cnnspec.teaching.answers.reading import text_of
from cnnspec.teaching.exercise import Exercise, make_exercise, settings_of
from cnnspec.teaching.grading.guard import LONGEST, SECONDS, Died, Worker, first_frame, ready, serve
from cnnspec.teaching.handed_in.numbers import same_number
from cnnspec.teaching.judging import judge
from cnnspec.teaching.model import Answer, Marks, Submission
from cnnspec.teaching.variants.drawing import clean_seed
from cnnspec.teaching.variants.finding import Given, given_part, seeds_by_given
from cnnspec.teaching.variants.students import as_filename

MOST_VARIANTS = 16  # that are kept: each student has another one

HandedIn = datetime | Mapping[str, datetime] | None

_SEED, _PREPARE, _JUDGE = b"s", b"p", b"j"
_FRESH = "from cnnspec.teaching.grading.batch import _serve; _serve()"


def grade(exercise: Exercise, submissions: Iterable[Submission], *, handed_in: HandedIn = None) -> Iterator[Marks]:
    """The marks of each submission, in order. One that needs more than 2 seconds or 200 MB gets nothing, and is told.

    `handed_in` says when: of all, or by the identifier (or the name) of each. Of an exercise with drawn numbers, the
    variant is graded that the settings name, unless `exercise` is a variant itself.

    >>> exercise = make_exercise(Source("input 28x28x1\\nconv 6, f=5 -> 24x24x6, ? params"))
    >>> [marks.points for marks in grade(exercise, [Submission("Marie", "marie.csv", b"conv1.params,156")])]
    [1.0]
    """
    grader = Grader(exercise)
    grader.warm_up()
    with Worker(grader.answer, _FRESH, grader.setup, grader.readable()) as worker:
        for submission in submissions:
            moment = _moment(handed_in, submission)
            request = _request(submission, moment)
            try:
                left = SECONDS
                if grader.original is not None:
                    began = time.monotonic()
                    seed = worker.ask(_SEED + request, left)
                    left -= time.monotonic() - began
                    worker.ask(_PREPARE + seed, LONGEST)  # which is the exercise's time, not that of the answer
                reply = worker.ask(_JUDGE + request, left)
            except Died as death:
                problem = _problem(death.why)
                yield judge(exercise, submission._replace(content=b"", problem=problem), Answer({}), moment)
            else:
                yield Marks.model_validate_json(reply)


def grade_one(exercise: Exercise, submission: Submission, handed_in: datetime | None = None) -> Marks:
    """The marks of one submission, in this process: for those who have limits of their own.

    >>> exercise = make_exercise(Source("input 28x28x1\\nconv 6, f=5 -> 24x24x6, ? params"))
    >>> grade_one(exercise, Submission("Marie", "marie.csv", b"conv1.params,150")).verdicts[0].mistake
    'forgot-bias'
    """
    return Grader(exercise).marks(submission, handed_in)


class Grader:
    """An exercise with its variants."""

    def __init__(self, exercise: Exercise, original: Source | None = None) -> None:
        self.exercise = exercise
        self.variants: OrderedDict[str, Exercise] = OrderedDict()
        self.original = original
        if exercise.settings.draw and not exercise.seed and original is None:
            self.original = _original(exercise)

    def warm_up(self, exercise: Exercise | None = None) -> None:
        """Computes what is the same for all answers, so that it is not done in the time of one of them."""
        exercise = exercise or self.exercise
        self._given()
        if not exercise.known("warm", lambda: [False])[0]:
            exercise.known("warm", list)[0] = True
            nobody = Submission("", "", b"")
            read_answer(exercise, nobody._replace(content=b"?"))
            for wrong in ("", "1/3", "relu"):
                judge(exercise, nobody, Answer(dict.fromkeys((blank.key for blank in exercise.blanks), wrong)))

    def marks(self, submission: Submission, handed_in: datetime | None) -> Marks:
        """Reads and judges. A fault of ours in one answer is told with that answer."""
        exercise = self.exercise
        try:
            submission = self.with_doubts(submission)
            exercise = self.variant(self.seed(submission))
            return judge(exercise, submission, read_answer(exercise, submission), handed_in)
        except RecursionError:
            problem = say("it is nested too deep")
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  (the others are graded all the same, and this one is not hidden)
            problem = say("the program failed on it, please report this: {fault}", fault=repr(error)[:300])
        return judge(exercise, submission._replace(content=b"", problem=problem), Answer({}), handed_in)

    def prepare(self, seed: str) -> None:
        """Makes a variant. Where that fails, judging fails in the same way, and tells it."""
        try:
            self.warm_up(self.variant(seed))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001
            return

    def seed(self, submission: Submission) -> str:
        """That of the variant which this student had; "" where nothing is drawn, or nobody knows."""
        if self.original is None:
            return ""
        return _own(submission) if self.exercise.settings.seed == "student" else self.stated(submission)

    def stated(self, submission: Submission) -> str:
        """The variant that the answer states, else the only one that has its given part."""
        return seed_of(submission) or self._by_given(submission)

    def _by_given(self, submission: Submission) -> str:
        if submission.problem or unreadable(submission.content):
            return ""
        return self._given().get(given_part(text_of(submission)), "")

    def _given(self) -> Mapping[Given, str]:
        original, settings = self.original, self.exercise.settings
        if original is None or settings.seed == "student":
            return {}
        found: Mapping[Given, str] = self.exercise.known("given", lambda: seeds_by_given(original, settings))
        return found

    def variant(self, seed: str) -> Exercise:
        """The exercise as a student had it."""
        settings = self.exercise.settings
        if self.original is None or not seed:
            return self.exercise
        if seed not in self.variants:
            path = self.exercise.path
            self.variants[seed] = make_exercise(self.original, settings, seed=seed, path=path)
            while len(self.variants) > MOST_VARIANTS:
                self.variants.popitem(last=False)
        return self.variants[seed]

    def with_doubts(self, submission: Submission) -> Submission:
        """The same with what student and teacher are told where the variant is not surely the student's own."""
        if self.original is None or submission.problem or unreadable(submission.content):
            return submission
        own, stated = clean_seed(_own(submission)), seed_of(submission)
        with speaking(self.exercise.language or language()):
            if self.exercise.settings.seed == "sheet":
                doubt = "" if stated else self._unstated(submission)
            elif not own:
                return submission._replace(problem=_unknown())
            elif own == stated and own == clean_seed(_claimed(submission)):
                doubt = say("the name of the file alone says that the variant `{stated}` is this student's", stated=own)
            elif stated in ("", own):
                doubt = ""
            else:
                doubt = say(
                    "the answer states the variant `{stated}`, but that of this student is `{own}`, which is graded",
                    stated=stated,
                    own=own,
                )
        return submission._replace(notices=(*submission.notices, doubt)) if doubt else submission

    def _unstated(self, submission: Submission) -> str:
        seed = self._by_given(submission)
        if seed:
            return say("it states no variant, but has the numbers of the variant `{seed}`, which is graded", seed=seed)
        return say("it states no variant: the numbers of the exercise itself are taken")

    # --- the worker ---

    def answer(self, request: bytes) -> bytes:
        """The marks for a request as bytes; before that, on demand, what takes long and is no fault of the student."""
        head, _, content = request[1:].partition(b"\n")
        asked = json.loads(head)
        if request.startswith(_PREPARE):
            with speaking(asked["language"]):
                self.prepare(asked["seed"])
            return b""
        moment = asked["handed_in"] and datetime.fromisoformat(asked["handed_in"])
        submission = Submission(
            asked["name"],
            asked["filename"],
            content,
            asked["identifier"],
            asked["problem"],
            tuple(asked["others"]),
            tuple(asked["notices"]),
            asked["participant"],
            asked["number"],
            asked["claim"],
        )
        with speaking(asked["language"]):
            if request.startswith(_SEED):
                return json.dumps({"seed": self.seed(submission), "language": language()}).encode()
            return self.marks(submission, moment).model_dump_json().encode()

    def readable(self) -> Collection[str]:
        """The files that judging may read: those of the exercise."""
        path = self.exercise.path
        beside = [self.exercise.settings.solution] if self.exercise.settings.solution else []
        folder = os.path.dirname(path)
        return {path, *(os.path.join(folder, name) for name in beside), *_used(self.exercise.file, path)}

    def setup(self) -> bytes:
        """What a fresh interpreter needs to become a worker."""
        exercise = self.exercise
        source = self.original or exercise.source
        document = {
            "text": source.text,
            "filename": source.filename,
            "drawn": self.original is None and bool(exercise.settings.draw),
            "settings": exercise.settings.model_dump(mode="json"),
            "seed": exercise.seed,
            "path": exercise.path,
            "language": language(),
        }
        return json.dumps(document).encode()


def _own(submission: Submission) -> str:
    """The number that draws the student's variant, "" where nobody knows it."""
    if submission.number or (submission.identifier and not submission.participant):
        return submission.number or submission.identifier
    stated = seed_of(submission)
    if submission.participant and stated and same_number(stated, submission.identifier):
        return stated
    return _claimed(submission)


def _claimed(submission: Submission) -> str:
    """The variant that the sheet states, where the name of its file says the same and nothing surer is known."""
    known = submission.number or (submission.identifier and not submission.participant)
    stated = "" if known or not submission.claim else seed_of(submission)
    return stated if stated and as_filename(stated) == submission.claim else ""


def _unknown() -> str:
    return say("the student's number, which draws the variant, is not known: give the class with `--students`")


def _original(exercise: Exercise) -> Source:
    """The exercise before anything was drawn. Raises CnnSpecError where its file is gone."""
    from cnnspec.syntax.reading import read

    return read(exercise.path)


def _used(file: tree.File, path: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """The files that a file brings in with `use`, and those that they do."""
    from cnnspec.diagnostics import CnnSpecError
    from cnnspec.syntax.parser import parse
    from cnnspec.syntax.reading import read

    found: set[str] = set()
    for node in file.body:
        if isinstance(node, tree.Use):
            used = os.path.realpath(os.path.join(os.path.dirname(path), node.path))
            if used in seen or used in found:
                continue
            found.add(used)
            try:
                found |= _used(parse(read(used))[0], used, seen | found)
            except CnnSpecError:  # the exercise says so itself
                continue
    return found


def _request(submission: Submission, handed_in: datetime | None) -> bytes:
    head = {
        "name": submission.name,
        "filename": submission.filename,
        "identifier": submission.identifier,
        "problem": submission.problem,
        "others": submission.others,
        "notices": submission.notices,
        "participant": submission.participant,
        "number": submission.number,
        "claim": submission.claim,
        "handed_in": handed_in.isoformat() if handed_in else None,
        "language": language(),
    }
    return json.dumps(head).encode() + b"\n" + submission.content


def _moment(handed_in: HandedIn, submission: Submission) -> datetime | None:
    if isinstance(handed_in, Mapping):
        return handed_in.get(submission.identifier) or handed_in.get(submission.name)
    return handed_in


def _problem(why: str) -> str:
    if why == "time":
        return say("it takes more than 2 seconds to read")
    if why == "memory":
        return say("it takes more than 200 MB of memory to read")
    return say("the program broke down on it: it gets no points, the others are graded")


def _serve() -> None:
    """The life of a worker that is a fresh interpreter."""
    requests, replies = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    setup: dict[str, Any] = json.loads(first_frame(requests))
    grader = _set_up(setup)
    grader.warm_up()
    ready(replies)
    serve(requests, replies, grader.answer, grader.readable())


def _set_up(setup: Mapping[str, Any]) -> Grader:
    source = Source(setup["text"], setup["filename"])
    settings = settings_of(setup["settings"])
    if not setup["drawn"]:
        exercise = make_exercise(source, settings, path=setup["path"])
        return Grader(exercise, source if settings.draw else None)
    exercise = make_exercise(source, settings.model_copy(update={"draw": {}}), path=setup["path"])
    exercise.settings, exercise.seed = settings, setup["seed"]
    return Grader(exercise)
