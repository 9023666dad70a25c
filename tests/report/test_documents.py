"""The JSON outputs keep to their published schemas."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from cnnspec.cli import main
from cnnspec.report.documents import Diagnostics, Diff, Summary, VariantList, VariantRow
from tests.examples import NETWORKS

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "docs" / "reference" / "schemas"


def printed(*arguments: str) -> str:
    with redirect_stdout(io.StringIO()) as stream:
        main(list(arguments))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "model"), [("summary", Summary), ("check", Diagnostics), ("variants", VariantList), ("diff", Diff)]
)
def test_the_published_schema_is_that_of_the_model(
    name: str, model: type[Summary | Diagnostics | VariantList | Diff], request: pytest.FixtureRequest
) -> None:
    path, schema = SCHEMAS / f"{name}.json", json.dumps(model.model_json_schema(), indent=2) + "\n"
    if request.config.getoption("--update"):
        SCHEMAS.mkdir(exist_ok=True)
        path.write_text(schema)
    assert path.read_text() == schema


@pytest.mark.parametrize("spec", NETWORKS, ids=lambda path: path.stem)
def test_summaries_keep_to_the_schema(spec: Path) -> None:
    text = printed("summary", "--format", "json", str(spec))
    document = Summary.model_validate_json(text)
    assert set(json.loads(text)) == set(Summary.model_fields)
    assert document.params == sum(layer.params for layer in document.layers if isinstance(layer.params, int))


def test_lists_of_variants_keep_to_the_schema() -> None:
    text = printed("variants", "--format", "json", str(ROOT / "examples" / "architectures"))
    rows = VariantList.model_validate_json(text).root
    assert {one.variant for one in rows} >= {"resnet18", "resnet50", None}
    assert all(set(one) == set(VariantRow.model_fields) for one in json.loads(text))
    assert all(one.params == one.trainable + one.non_trainable for one in rows)  # type: ignore[operator]


def test_diagnostics_keep_to_the_schema(tmp_path: Path) -> None:
    spec = tmp_path / "wrong.cnn"
    spec.write_text("input 28 x 28 x 1\nconv(6, f=5)\nconv 6, f=99\nmaxpool 3\n")
    found = Diagnostics.model_validate_json(printed("check", "--format", "json", str(spec))).root
    assert [one.code for one in found] == ["E109", "E108", "E301"]
    assert found[0].fix is not None
    assert found[0].fix.edits[0].content == "28x28x1"
