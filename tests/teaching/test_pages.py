"""The pages of the codes of exercises: the first example is refused with that code, the second is an exercise."""

from __future__ import annotations

import re

import pytest

from cnnspec.codes import CODES
from cnnspec.diagnostics import CnnSpecError
from cnnspec.report import pages
from cnnspec.source import Source
from cnnspec.teaching.exercise import make_exercise

FENCE = re.compile(r"^```cnn\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", [code for code in CODES if "E501" <= code < "E510" or code in ("E512", "E514")])
def test_the_examples_of_a_page(code: str) -> None:
    wrong, right = FENCE.findall(pages.page(code))
    with pytest.raises(CnnSpecError) as refused:
        make_exercise(Source(wrong))
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.code == code
    assert diagnostic.help
    assert code == "E501" or wrong[diagnostic.span.start : diagnostic.span.end].startswith("?")
    assert make_exercise(Source(right)).blanks
