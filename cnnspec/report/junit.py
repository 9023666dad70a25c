"""Diagnostics as a JUnit report: a suite for each file, a failed test for each diagnostic."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.diagnostics import Diagnostic
from cnnspec.report.checked import Checked, each_once, relative
from cnnspec.report.message import one_diagnostic

# XML 1.0 has no place for most control characters, not even escaped.
CONTROL = [c for c in range(32) if c not in (9, 10, 13)]
ILLEGAL = dict.fromkeys((*CONTROL, *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd")
ESCAPED = ILLEGAL | {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}


def render(checked: Sequence[Checked]) -> str:
    """One document; a file without diagnostics is one passed test."""
    suites = [_suite(one.filename, diagnostics) for one, diagnostics in each_once(checked)]
    failures = sum(len(diagnostics) for _, diagnostics in each_once(checked))
    tests = sum(max(1, len(diagnostics)) for _, diagnostics in each_once(checked))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="cnnspec" tests="{tests}" failures="{failures}" errors="0">\n'
        + "".join(suites)
        + "</testsuites>\n"
    )


def _suite(filename: str, diagnostics: Sequence[Diagnostic]) -> str:
    name = _escape(relative(filename))
    cases = [_case(d) for d in diagnostics] or [f'    <testcase name="check" classname="{name}" file="{name}"/>\n']
    head = f'  <testsuite name="{name}" tests="{len(cases)}" failures="{len(diagnostics)}" errors="0" skipped="0">\n'
    return head + "".join(cases) + "  </testsuite>\n"


def _case(d: Diagnostic) -> str:
    name = _escape(relative(d.filename))
    return (
        f'    <testcase name="{d.code} {d.name}" classname="{name}" file="{name}" line="{d.row}">\n'
        f'      <failure message="{_escape(d.message)}" type="{d.severity}">{_escape(one_diagnostic(d))}</failure>\n'
        "    </testcase>\n"
    )


def _escape(text: str) -> str:
    return text.translate(ESCAPED)
