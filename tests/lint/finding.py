"""What the tests of the rules share: the findings of one code, and a text after their fixes."""

from __future__ import annotations

from cnnspec.api import check_source
from cnnspec.diagnostics import Diagnostic
from cnnspec.lint.engine import DEFAULT
from cnnspec.lint.fixing import with_edits
from cnnspec.source import Source


def find(text: str, code: str) -> list[Diagnostic]:
    """The findings of one code, which need not be a usual one; the text has no errors."""
    network, found = check_source(Source(text), codes=DEFAULT | {code})
    assert network is not None, found
    assert [d for d in found if d.severity == "error"] == []
    return [d for d in found if d.code == code]


def rows(text: str, code: str) -> list[int]:
    return [d.row for d in find(text, code)]


def marked(text: str, code: str) -> str:
    """The text that the only finding of this code marks."""
    (d,) = find(text, code)
    return d.source.text[slice(*d.span)]


def fixed(text: str, code: str, applicability: str) -> str:
    """The text with all fixes of this code, which are of one sort; its findings are then gone and no error is new."""
    fixes = [d.fix for d in find(text, code) if d.fix is not None]
    assert {fix.applicability for fix in fixes} == {applicability}
    text = with_edits(text, {edit for fix in fixes for edit in fix.edits})
    assert find(text, code) == []
    return text
