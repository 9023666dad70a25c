"""The settings of an exercise that are not the network's: a TOML file beside it, `lenet.toml` beside `lenet.cnn`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, field_validator

Credit = Annotated[float, Field(ge=0, le=1)]
Drawn = int | float | bool | str | list[int]


class Feedback(StrEnum):
    """How much an answer that is not right is told: nothing but the verdict, a hint, the formula, the solution."""

    NOTHING = "nothing"
    HINT = "hint"
    FORMULA = "formula"
    SOLUTION = "solution"


class Settings(BaseModel):
    """All have defaults that make sense: a .cnn file with blanks is an exercise without any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field("", max_length=200, description="shown above the exercise; by default the model's name")
    text: str = Field("", max_length=20_000, description="what is asked, in a few sentences, above the exercise")
    language: Literal["en", "fr"] | None = Field(None, description="of sheet and feedback; by default the reader's")

    points: PositiveFloat | None = Field(None, description="of the whole; by default the sum over the blanks")
    points_of: dict[str, NonNegativeFloat] = Field(
        default_factory=dict, description="weights of blanks by key, number or family (size, params, …); 1 by default"
    )
    follow_through: Credit = Field(
        0.75, description="part of the points for what is right after the student's own earlier answers"
    )
    mistakes: dict[str, Credit] = Field(
        default_factory=dict, description="part of the points for a known mistake, by its name; 0 by default"
    )
    tolerance: Annotated[float, Field(ge=0, lt=0.5)] = Field(
        0.0, description="relative deviation that a count or a value may have, below 0.5"
    )
    rounded: bool = Field(False, description="whether a rounded form such as 138 M counts, to the digits written")

    feedback: Feedback = Field(Feedback.SOLUTION, description="how much a wrong answer is told")
    hints: dict[str, str] = Field(default_factory=dict, description="hints by key, number or family of a blank")

    due: datetime | None = Field(None, description="later submissions lose `late_penalty` a day")
    late_penalty: Credit = Field(0.0, description="part of the points that each day begun after `due` costs")

    kinds: list[str] | None = Field(None, description="the only layer kinds that a design may use")
    solution: str | None = Field(
        None, description="a filled .cnn beside the exercise: the key of a design, which has none by default"
    )

    draw: dict[str, list[Drawn]] = Field(
        default_factory=dict, description="sets from which parameters of the model are drawn for each student"
    )
    seed: Literal["sheet", "student"] = Field(
        "sheet", description="which variant is graded: the one the answer sheet states, or that of the student's number"
    )

    @field_validator("points_of", "hints", mode="before")
    @classmethod
    def _keys(cls, table: Any) -> Any:
        """`conv1.params = 2` without quotes is a table in a table for TOML; here it is the key."""
        return dict(_flat(table)) if isinstance(table, dict) else table


def _flat(table: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{rest}", inner) for rest, inner in _flat(value))
        else:
            yield str(key), value
