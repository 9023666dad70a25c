"""The JSON of grading keeps to its published schemas."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel

from cnnspec.teaching.feedback.rendering import class_text, student_text
from cnnspec.teaching.feedback.statistics import ClassMarks, Statistics, class_marks
from cnnspec.teaching.model import Marks
from cnnspec.teaching.settings import Settings
from tests.teaching.feedback.samples import HOSTILE, hostile, marks

SCHEMAS = Path(__file__).parents[3] / "docs" / "reference" / "schemas"
PUBLISHED: dict[str, type[BaseModel]] = {"marks": Marks, "class": ClassMarks, "exercise": Settings}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_schema_is_that_of_the_model(name: str, update: bool) -> None:
    path, schema = SCHEMAS / f"{name}.json", json.dumps(PUBLISHED[name].model_json_schema(), indent=2) + "\n"
    if update:
        path.write_text(schema)
    assert path.read_text() == schema


def published(name: str) -> object:
    return json.loads((SCHEMAS / f"{name}.json").read_text())


def test_marks_keep_to_the_schema() -> None:
    for one in (marks(), hostile(), hostile(HOSTILE)):
        written = student_text(one, "json")
        jsonschema.validate(json.loads(written), published("marks"))
        assert Marks.model_validate_json(written) == one
        assert written.isascii()


def test_a_class_keeps_to_the_schema() -> None:
    for group in ([], [marks(), hostile(), marks(problem="no text")]):
        document = class_marks(group, "Hand signs", "en")
        written = class_text(document, "json")
        jsonschema.validate(json.loads(written), published("class"))
        assert ClassMarks.model_validate_json(written) == document
        alone = Statistics.model_validate_json(class_text(document, "json", statistics=True))
        assert alone == document.statistics


def test_a_schema_refuses_what_is_none() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"name": "Marie"}, published("marks"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"points_off": 1}, published("exercise"))
