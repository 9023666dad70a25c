"""How pages are worded: spaces that hold together, singular and plural, layers on lines of their own, titles."""

from __future__ import annotations

import pytest

from cnnspec.language import flat, plural, speaking
from cnnspec.source import Source
from cnnspec.teaching import mistakes
from cnnspec.teaching.exercise import make_exercise
from cnnspec.teaching.feedback import html, markdown, text
from cnnspec.teaching.feedback.layout import wrapped
from cnnspec.teaching.feedback.statistics import class_marks
from cnnspec.teaching.feedback.wording import one_line, total
from cnnspec.teaching.mistakes.titles import TITLES, title_of
from cnnspec.teaching.values.judge import NAMES
from tests.teaching.feedback.samples import marks, verdict


def test_no_break_spaces_stay() -> None:
    assert flat("a\u00a0: b\n  c\td ") == "a\u00a0: b c d"
    assert one_line("pas\u00a0: 2") == "pas\u00a0: 2"


def test_no_line_ends_inside_of_a_number() -> None:
    words = "le total est 102 760 448 poids " * 20
    for width in range(30, 60):
        lines = wrapped(words, width)
        assert all(line.count("102") == line.count("448") == line.count("102 760 448") for line in lines)
        assert " ".join(lines) == words.strip()
    with speaking("fr"):
        page = html.marked("le total est 102 760 448 poids")
    assert page == 'le total est <span style="white-space:nowrap">102 760 448</span> poids'


@pytest.mark.parametrize(
    ("points", "english", "french"),
    [
        (1, "1 point", "1 trou"),
        (0.6, "0.6 points", "0,6 trou"),
        (1.5, "1.5 points", "1,5 trou"),
        (2, "2 points", "2 trous"),
    ],
)
def test_points_are_singular_or_plural(points: float, english: str, french: str) -> None:
    one = marks(points=0, out_of=points, verdicts=())
    assert f"of {english} (" in total(one)
    with speaking("fr"):  # French has the singular for all that is less than two
        assert plural("{n} blank", "{n} blanks", points) == french
        assert f"Total : 0 sur {french.split(maxsplit=1)[0]} (" in total(one).replace("\u00a0", " ")
    assert plural("{n} point", "{n} points", points) == english


LAYERS = "conv 8, f=3 | relu\nmaxpool 2\nflatten"
DESIGN = verdict(
    1,
    "wrong",
    "maxpool 2\nconv 16, f=3",
    family="layers",
    label="layers in place of `?`",
    right=LAYERS,
    message="1 of 2 conditions hold",
    arithmetic=("the size 10: held", "`depth > 3`: not held"),
)


def test_layers_keep_their_lines() -> None:
    page = text.page(marks(verdicts=(DESIGN,)))
    assert "you wrote `maxpool 2 | conv 16, f=3`" in page
    assert "  Right answer:\n    conv 8, f=3 | relu\n    maxpool 2\n    flatten\n" in page
    assert "\n    the size 10: held\n    `depth > 3`: not held\n" in page
    assert f"<pre>{LAYERS}</pre>" in html.page(marks(verdicts=(DESIGN,)))
    assert "<li>the size 10: held</li><li><code>depth &gt; 3</code>: not held</li>" in html.page(
        marks(verdicts=(DESIGN,))
    )
    page = markdown.page(marks(verdicts=(DESIGN,)))
    assert "\n- the size 10: held\n- `depth > 3`: not held\n" in page
    assert "\n    conv 8, f=3 | relu\n    maxpool 2\n    flatten\n" in page


def test_statistics_say_mistakes_in_words() -> None:
    made = verdict(1, "mistake", "864", mistake="forgot-bias", message="each filter has one", hint="think twice")
    document = class_marks([marks(verdicts=(made,))], "Hand signs", "en")
    for page in (text.statistics_page(document), markdown.statistics_page(document), html.statistics_page(document)):
        assert page.count("bias forgotten") == 2
        assert "each filter has one" in page
        assert "forgot-bias" not in page
        assert "think twice" not in page
    with speaking("fr"):
        assert text.statistics_page(document).count("biais oublié") == 2
    assert "think twice" in text.page(marks(verdicts=(made,)))


def test_each_known_mistake_has_a_title_in_each_language() -> None:
    assert set(TITLES) == {*mistakes.NAMES, *NAMES}
    english = {name: title_of(name) for name in TITLES}
    with speaking("fr"):
        assert [name for name in TITLES if title_of(name) == english[name]] == []


def test_conditions_of_a_design_are_counted_in_the_sentence() -> None:
    from cnnspec.teaching.designing import judge_layers
    from cnnspec.teaching.model import Answer

    exercise = make_exercise(Source("input 8x8x1\n? -> 10\nexpect params <= 5\n"))
    with speaking("fr"):
        one = judge_layers(exercise, Answer({"layers1": "flatten | dense 10"}))["layers1"]
    assert [line.replace("\u00a0", " ") for line in one.arithmetic] == [
        "la taille 10 : respectée",
        "params : 650 > 5, non respecté",
    ]
    assert one.message.replace("\u00a0", " ") == "conditions respectées : 1 sur 2"
