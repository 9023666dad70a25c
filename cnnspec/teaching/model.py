"""What grading speaks of: blanks, submissions, answers, verdicts, and the marks of one answer.

What leaves the program (verdicts and marks) is a pydantic model with a published JSON Schema; the rest are records.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from cnnspec.language import say
from cnnspec.record import Record
from cnnspec.source import Span

SIZE, PARAMS, ARGUMENT, FIGURE, VALUE, LAYERS = "size", "params", "argument", "figure", "value", "layers"
FAMILIES = (SIZE, PARAMS, ARGUMENT, FIGURE, VALUE, LAYERS)


class Blank(Record):
    """One blank of an exercise, however often it is written or expanded.

    `key` names it in answers and reports and stays the same when lines are added elsewhere: "conv1.height",
    "conv1.size" (a whole size), "conv2.params", "conv1.f" (an argument), "params" (a figure of `expect`), "example1",
    "layers1", and "?1" for a numbered one. `part` is the axis of a part of a size, the argument or the figure.
    `layer` is the first layer of the statement with parameters or a size rule, "" where there is none. `spans` are all
    its places in the text of the exercise, `statement` is the statement of the first.
    """

    key: str
    number: int  # 1, 2, 3 … in the order of the file
    family: str
    part: str
    layer: str
    spans: tuple[Span, ...]
    statement: Span
    choices: tuple[Any, ...] = ()  # numbers or sizes

    @property
    def span(self) -> Span:
        return self.spans[0]


class Submission(Record):
    """What one student handed in, unread: bytes of a file with its name, and who it is from."""

    name: str  # "Marie Curie", or the file's name without its ending
    filename: str  # shown in messages
    content: bytes
    identifier: str = ""  # the platform's number of the participant, or the student's number
    problem: str = ""  # why there is nothing to read: an empty folder, a link, a file that is too large …
    others: tuple[str, ...] = ()  # files of the same student that were passed over
    notices: tuple[str, ...] = ()  # what student and teacher are told of where it came from
    participant: bool = False  # the identifier is one of the platform alone: no student's number
    number: str = ""  # the student's number, where the list of the class has it
    claim: str = ""  # the number in the name of the file, as `exercise draw` gave it


class Answer(Record):
    """What a submission says: for each blank the text as the student wrote it; blanks left open are absent.

    `notices` speak of the given part: what was changed, what could not be matched. `problem` is why nothing could be
    read, "" as a rule.
    """

    given: Mapping[str, str]
    notices: tuple[str, ...] = ()
    problem: str = ""
    seed: str = ""  # of the drawn variant, as the answer sheet states it


Status = Literal["right", "follow-through", "mistake", "wrong", "unreadable", "empty"]
"""`mistake`: wrong in a way that is known by name. `unreadable`: not a number, a size … `empty`: left open."""


class Judgement(Record):
    """What is to be said of one blank, before points and the feedback level: `credit` is from 0 to 1."""

    status: Status
    credit: float
    message: str
    right: str = ""  # a right answer, as one writes it in the file
    follows: str = ""
    mistake: str = ""
    arithmetic: tuple[str, ...] = ()  # the whole solution; of layers the conditions, held or not
    formula: tuple[str, ...] = ()  # the rule in letters, without numbers
    hint: str = ""


class Wrong(Record):
    """A wrong answer that is known by name: `forgot-bias` gives 9,216 in the place of 9,248."""

    value: Any  # a number, or a size
    mistake: str
    message: str


class Solved(Record):
    """A blank with its answer, for keys, sheets and quizzes."""

    blank: Blank
    label: str  # what is asked, in words
    value: Any  # a number or size (a tuple); None where many answers are right (ARGUMENT, LAYERS)
    right: str  # a right answer as one writes it: "62x62x32", "896", "f=5"
    arithmetic: tuple[str, ...]
    wrongs: tuple[Wrong, ...] = ()
    only: bool = False  # of an argument: whether it is proved that no other value is right


class Document(BaseModel):
    """A part of a document: fields keep their meaning, others may join them."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Verdict(Document):
    """How one blank was judged."""

    blank: str = Field(description="the key of the blank, such as conv1.height")
    number: int = Field(ge=1, description="its number in the order of the file")
    family: str = Field(description="size, params, argument, figure, value or layers")
    label: str = Field(description="what is asked, in words: `conv 32, f=3`: height")
    line: int = Field(ge=1, description="the line of the exercise")
    given: str = Field(description="what the student wrote; empty where the blank was left open")
    status: Status
    points: float = Field(ge=0)
    out_of: float = Field(ge=0)
    right: str = Field(description="a right answer; empty where the feedback does not show it")
    follows: str = Field(description="what is right after the student's own earlier answers, where that differs")
    mistake: str = Field(description="the name of a known mistake, such as forgot-bias; empty otherwise")
    message: str = Field(description="one sentence to the student")
    hint: str = Field("", description="the teacher's hint; empty where there is none, or it is not to be shown")
    arithmetic: tuple[str, ...] = Field(description="the worked arithmetic, as far as the feedback level shows it")

    @property
    def told(self) -> str:
        """The sentence to the student, with the hint."""
        return say("{message} – hint: {hint}", message=self.message, hint=self.hint) if self.hint else self.message


class Marks(Document):
    """The marks of one answer."""

    name: str
    identifier: str
    filename: str
    exercise: str = Field(description="the title of the exercise")
    language: str
    variant: str = Field(description="the seed of the drawn variant; empty where nothing is drawn")
    points: float = Field(ge=0)
    out_of: float = Field(ge=0)
    problem: str = Field(description="why the answer could not be read and gets nothing; empty otherwise")
    notices: tuple[str, ...] = Field(description="about the given part of the exercise, and late submission")
    warnings: tuple[str, ...] = Field((), description="those of the notices that the teacher has to look at")
    verdicts: tuple[Verdict, ...]

    @property
    def fraction(self) -> float:
        """Points as a part of those to be had, from 0 to 1."""
        return self.points / self.out_of if self.out_of else 0.0
