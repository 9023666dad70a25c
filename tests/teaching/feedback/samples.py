"""Marks made by hand: what pages, tables and sheets are tested on."""

from __future__ import annotations

from typing import Any

from cnnspec.teaching.model import Marks, Verdict

HOSTILE = (
    "<script>alert(1)</script> `code` | cell [a](http://b) ![i](x) **b** $x$ &amp; \x1b[31m\u202eevil\r\n# h"
    ' "q" \\" \\|'
)


def verdict(number: int, status: Any = "right", given: str = "62", **fields: Any) -> Verdict:
    values: dict[str, Any] = {
        "blank": f"conv{number}.height",
        "number": number,
        "family": "size",
        "label": f"`conv 32, f=3` {number}: height",
        "line": number + 1,
        "given": given,
        "status": status,
        "points": 1 if status == "right" else 0,
        "out_of": 1,
        "right": "",
        "follows": "",
        "mistake": "",
        "message": "",
        "arithmetic": (),
    }
    return Verdict(**(values | fields))


VERDICTS = (
    verdict(1),
    verdict(
        2,
        "mistake",
        "864",
        blank="conv1.params",
        family="params",
        label="`conv 32, f=3`: parameters",
        right="896",
        mistake="forgot-bias",
        message="the bias of each of the 32 filters is missing",
        arithmetic=("(3*3*3 + 1)*32 = 896",),
    ),
    verdict(3, "follow-through", "59", points=0.75, right="60", follows="59", message="right for your 61"),
    verdict(4, "unreadable", "sixty", message="`sixty` is no number", right="30"),
    verdict(5, "empty", "", right="28800"),
)


def marks(name: str = "Marie Curie", identifier: str = "123456", **fields: Any) -> Marks:
    verdicts = fields.get("verdicts", VERDICTS)
    values: dict[str, Any] = {
        "name": name,
        "identifier": identifier,
        "filename": "answer.cnn",
        "exercise": "Hand signs",
        "language": "en",
        "variant": "",
        "points": sum(one.points for one in verdicts),
        "out_of": 5,
        "problem": "",
        "notices": (),
        "verdicts": verdicts,
    }
    return Marks(**(values | fields))


def hostile(problem: str = "") -> Marks:
    """A student who writes into every field that takes a student's text; with a problem no blank is shown."""
    bad = verdict(1, "unreadable", HOSTILE, message=f"`{HOSTILE}` is no number", blank="conv1.height")
    return marks(
        HOSTILE, HOSTILE, filename=HOSTILE, problem=problem, variant=HOSTILE, notices=(HOSTILE,), verdicts=(bad,)
    )
