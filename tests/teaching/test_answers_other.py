"""Answers as tables, CSV, JSON, notebooks and pages."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnspec
from cnnspec.report import summary
from cnnspec.source import Source
from cnnspec.teaching.answers import read_answer, seed_of
from cnnspec.teaching.answers.collecting import parts_of
from cnnspec.teaching.answers.pages import plain
from cnnspec.teaching.exercise import make_exercise
from cnnspec.teaching.model import Submission
from tests.teaching.test_answers_cnn import FILLED, LECTURES, RIGHT, RIGHT_VALUES, hand_signs, read, values

KERAS_3 = """\
Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ conv2d (Conv2D)                 │ (None, 62, 62, 32)     │           896 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ conv2d_1_with_a_very_long_name_ │ (None, 60, 60, 32)     │         9,248 │
│ (Conv2D)                        │                        │               │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ max_pooling2d (MaxPooling2D)    │ (None, 30, 30, 32)     │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dropout (Dropout)               │ (None, 30, 30, 32)     │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ flatten (Flatten)               │ (None, 28800)          │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense (Dense)                   │ (None, 6)              │       172,806 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 182,950 (714.65 KB)
 Trainable params: 182,950 (714.65 KB)
 Non-trainable params: 0 (0.00 B)
"""
KERAS_2 = """\
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 conv2d (Conv2D)             (None, 62, 62, 32)        896

 conv2d_1 (Conv2D)           (None, 60, 60, 32)        9248

 max_pooling2d (MaxPooling2D  (None, 30, 30, 32)       0
 )

 flatten (Flatten)           (None, 28800)             0

 dense (Dense)               (None, 6)                 172806

=================================================================
Total params: 182,950
Trainable params: 182,950
Non-trainable params: 0
_________________________________________________________________
"""
ASCII = """\
+-------------------+---------------+---------+
| Layer (type)      | Output Shape  | Param # |
+-------------------+---------------+---------+
| input (Input)     | (64, 64, 3)   | 0       |
| Conv2D            | (62, 62, 32)  | 896     |
| ReLU              | (62, 62, 32)  | 0       |
| Conv2D            | (60, 60, 32)  | 9 248   |
| ReLU              | (60, 60, 32)  | 0       |
| MaxPooling2D      | (30, 30, 32)  | 0       |
| Flatten           | (28800,)      | 0       |
| Dense             | (6,)          | 172 806 |
| Softmax           | (6,)          | 0       |
+-------------------+---------------+---------+
Total params: 182 950
"""
FRENCH = """\
| Couche | Forme de sortie | Calcul |
|---|---|---|
| CONV1 | 62×62×32 | (3*3*3+1)*32 = 896 |
| CONV2 | 60×60×32 | (3*3*32+1)*32 = 9 248 |
| POOL | 30×30×32 | aucun |
| Aplatissement | 28 800 | - |
| FC | 6 | 172 806 |

Total : 182 950
"""
SINGLE = """\
conv2d (Conv2D) (None, 62, 62, 32) 896
conv2d_1 (Conv2D) (None, 60, 60, 32) 9,248
max_pooling2d (MaxPooling2D) (None, 30, 30, 32) 0
flatten (Flatten) (None, 28800) 0
dense (Dense) (None, 6) 172,806
Total params: 182,950
"""


def ours(form: str) -> str:
    network = cnnspec.load(LECTURES / "hand_signs.cnn")
    return "\n".join(summary.text(network) if form == "text" else summary.markdown(network))


@pytest.mark.parametrize("text", [KERAS_3, KERAS_2, ASCII, FRENCH, SINGLE])
@pytest.mark.parametrize("name", ["answer.txt", "answer.md", "answer.cnn", ""])
def test_tables_of_layers(text: str, name: str) -> None:
    answer = read(text, name=name)
    assert values(answer) == RIGHT_VALUES
    assert answer.notices == ()


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_our_own_summary(form: str) -> None:
    assert values(read(ours(form), name="summary.txt")) == RIGHT_VALUES


def test_a_table_with_blanks_left_open() -> None:
    answer = read(KERAS_3.replace("9,248", "    ?").replace("(None, 28800)", "?            "))
    assert answer.given.keys() == RIGHT.keys() - {"conv2.params", "flatten1.size"}


def test_a_row_that_is_missing_is_told() -> None:
    lines = [line for line in KERAS_2.split("\n") if "flatten" not in line]
    answer = read("\n".join(lines))
    assert answer.given.keys() == RIGHT.keys() - {"flatten1.size", "flatten1.params"}
    assert answer.notices == ("the table has no row for `flatten`",)


def test_the_counts_of_a_statement_are_those_of_all_its_rows() -> None:
    exercise = make_exercise(Source("input 28x28x1\nconv 6, f=5 | batchnorm | relu | maxpool 2 -> ?x?x?, ? params"))
    table = """\
conv2d (Conv2D)               (None, 24, 24, 6)  156
bn (BatchNormalization)       (None, 24, 24, 6)  24
max_pooling2d (MaxPooling2D)  (None, 12, 12, 6)  0
"""
    given = read(table, exercise).given
    assert list(given.values()) == ["12", "12", "6", "156 + 24"]


# --- CSV -------------------------------------------------------------------------------------------------------------


def sheet(sign: str, head: tuple[str, str] | None, *, by_number: bool = False, quoted: bool = True) -> str:
    stream = io.StringIO()
    writer = csv.writer(
        stream, delimiter=sign, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE, escapechar="\\"
    )
    if head:
        writer.writerow(head)
    for number, (key, text) in enumerate(RIGHT.items(), 1):
        writer.writerow((number if by_number else key, text))
    return stream.getvalue()


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("head", [None, ("blank", "answer"), ("Case", "Réponse"), ("N°", "Valeur")])
@pytest.mark.parametrize("by_number", [False, True])
def test_sheets_by_key_or_number(sign: str, head: tuple[str, str] | None, by_number: bool) -> None:
    for name in ("answer.csv", "answer.txt"):
        assert read(sheet(sign, head, by_number=by_number), name=name).given == RIGHT


def test_a_sheet_with_the_keys_above() -> None:
    assert read(";".join(RIGHT) + "\n" + ";".join(RIGHT.values()), name="a.csv").given == RIGHT


def test_further_columns_of_a_sheet_are_passed_over() -> None:
    rows = [f"{key},what,{text},1" for key, text in RIGHT.items()]
    assert read("\n".join(["blank,label,answer,points", *rows]), name="a.csv").given == RIGHT


def test_thousands_without_quotes_are_put_together() -> None:
    given = read("conv2.params,9,248\nparams,182,950\n", name="a.csv").given
    assert given == {"conv2.params": "9,248", "params": "182,950"}


def test_french_parts_of_keys_and_whole_sizes() -> None:
    given = read(
        "Conv1 / hauteur;62\nconv1.largeur;62\nconv1.canaux;32\nconv2.forme;60x60x32\nconv2.paramètres;9248\n"
    ).given
    assert given == {key: text for key, text in RIGHT.items() if key.startswith("conv") and key != "conv1.params"}


def test_unknown_keys_are_told() -> None:
    answer = read("conv1.hieght,62\nconv1.width,62\nquatsch,1\nconv1.params,896\n", name="a.csv")
    assert answer.given == {"conv1.width": "62", "conv1.params": "896"}
    assert answer.notices == (
        "there is no blank `conv1.hieght`: did you mean `conv1.height`?",
        "there is no blank `quatsch`",
    )


def test_many_notices_end() -> None:
    rows = ["conv1.width,62", "conv1.height,62"] * 100 + [f"conv{i}.nothing,1" for i in range(3, 99)]
    notices = read("\n".join(rows), name="a.csv").notices
    assert len(notices) == 21
    assert notices[-1] == "and 76 more"


# --- JSON ------------------------------------------------------------------------------------------------------------


def nested() -> dict[str, object]:
    found: dict[str, object] = {}
    for key, text in RIGHT.items():
        owner, _, part = key.rpartition(".")
        inner = found.setdefault(owner, {}) if owner else found
        assert isinstance(inner, dict)
        inner[part] = [int(one) for one in text.split("x")] if "x" in text else int(text)
    return found


@pytest.mark.parametrize(
    "document",
    [
        RIGHT,
        {key: int(text) if text.isdigit() else text for key, text in RIGHT.items()},
        nested(),
        {"answers": RIGHT, "variant": "4711"},
        list(RIGHT.values()),
        [{"blank": key, "answer": text} for key, text in RIGHT.items()],
        [{"case": number, "réponse": text} for number, text in enumerate(RIGHT.values(), 1)],
        {
            "conv1": [62, 62, 32],
            "conv1.params": 896,
            **{key: text for key, text in RIGHT.items() if "conv1" not in key},
        },
    ],
)
def test_documents(document) -> None:
    for name in ("answer.json", "answer.txt"):
        answer = read(json.dumps(document), name=name)
        assert values(answer) == RIGHT_VALUES
        assert answer.notices == ()


def test_what_is_null_is_open_and_numbers_stay_as_they_are_written() -> None:
    given = read(
        '{"conv1.height": null, "conv1.width": 62.0, "params": 1.8295e5, "conv1.params": ' + "9" * 5000 + "}"
    ).given
    assert given["conv1.width"] == "62.0"
    assert given["params"] == "1.8295e5"
    assert len(given["conv1.params"]) == 1000
    assert "conv1.height" not in given


def test_too_many_answers_are_told() -> None:
    assert read(json.dumps([*RIGHT.values(), 7])).notices == ("there are 16 answers for 15 blanks",)


def test_a_document_is_not_walked_without_end() -> None:
    answer = read(json.dumps({"conv1.height": 62, "a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}}))
    assert answer.given == {"conv1.height": "62"}
    assert len(answer.notices) == 1


@pytest.mark.parametrize(
    "text", ['{"variant": "4711", "answers": {}}', "variante;4711\nconv1.width;62", '{"seed": 4711}']
)
def test_the_variant_of_a_sheet(text: str) -> None:
    assert seed_of(Submission("", "a", text.encode())) == "4711"


# --- notebooks and pages ---------------------------------------------------------------------------------------------


def book(*cells: str) -> str:
    return json.dumps(
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": one.splitlines(keepends=True)} for one in cells]}
    )


@pytest.mark.parametrize(
    "cells",
    [
        ("import cnnspec\n%load_ext cnnspec", f"%%exercise hand_signs.cnn\n{FILLED}", "print(1)"),
        ("# TP 3", FILLED),
        ("# TP 3", FRENCH),
        (f"%%cnnspec\n{FILLED.replace('62x62x32', '?')}", "%%time", f"%%exercise x.cnn --name a\n{FILLED}"),
        (json.dumps(RIGHT),),
    ],
)
def test_notebooks(cells: tuple[str, ...]) -> None:
    assert values(read(book(*cells), name="tp.ipynb")) == RIGHT_VALUES


@pytest.mark.parametrize(
    "document", ['{"cells": 3}', '{"cells": []}', '{"cells": [1, {"source": 7}, {"source": [7]}]}']
)
def test_notebooks_without_an_answer(document: str) -> None:
    assert read(document, name="tp.ipynb").given == {}


def test_the_text_of_a_page() -> None:
    assert plain("<p>a&nbsp;&lt; b</p><script>x<y</script><p>c<!-- d --></p>") == "a\u00a0< b\nc"
    assert plain("<table><tr><td>conv</td><td>62</td></tr></table>") == " | conv | 62"


@given(st.text("<>!-/ apbrscipt\"'&;=", max_size=300))
def test_any_page_is_read(page: str) -> None:
    plain("<p>" + page)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from(list(RIGHT)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from([*RIGHT, "conv1", "cells", "1"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_document_is_read(document) -> None:
    answer = read(json.dumps(document), name="a.json")
    assert set(answer.given) <= {blank.key for blank in hand_signs().blanks}


@given(
    st.lists(
        st.lists(
            st.sampled_from([*RIGHT, *RIGHT.values(), "blank", "case", "", "?", '"', "(None, 3)", "Dense"]), max_size=5
        ),
        max_size=20,
    ),
    st.sampled_from([",", ";", "|", "  ", "\t", "│"]),
)
def test_any_sheet_or_table_is_read(rows: list[list[str]], sign: str) -> None:
    answer = read("\n".join(sign.join(row) for row in rows), name="a.csv")
    assert set(answer.given) <= {blank.key for blank in hand_signs().blanks}


def test_the_x_of_a_word_is_no_sign_of_a_size() -> None:
    assert parts_of("24x24xsix", 3) == ["24", "24", "six"]
    assert parts_of("24 x 24 x dix", 3) == ["24", "24", "dix"]
    assert parts_of("?xx32", 3) == ["?", "", "32"]


# --- keys that are written more than once ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{"conv1.params": 896, "conv1.params": 864}',
        '{"conv1": {"params": 896, "params": 864}}',
        '{"conv1": {"params": 896}, "conv1": {"params": 864}}',
        '{"answers": {"conv1.params": 896}, "answers": {"conv1.params": 864}}',
        '[{"blank": "conv1.params", "answer": 896, "answer": 864}]',
        "conv1.params,896\nconv1.params,864\n",
    ],
)
def test_of_an_answer_that_is_written_twice_the_first_counts(text: str) -> None:
    answer = read(text, name="a.csv" if text.startswith("conv") else "a.json")
    assert answer.given == {"conv1.params": "896"}
    assert [notice for notice in answer.notices if "the first counts" in notice]


def test_a_key_that_says_the_same_twice_is_no_matter() -> None:
    answer = read('{"conv1.params": 896, "conv1.params": 896}', name="a.json")
    assert (answer.given, answer.notices) == ({"conv1.params": "896"}, ())


@pytest.mark.parametrize("key", ["dense1.params", "flatten1.size", "softmax1.size"])
def test_a_line_of_several_layers_by_the_names_of_its_layers(key: str) -> None:
    exercise = make_exercise(
        Source("input 8x8x3\nconv 2, f=3 | relu -> ?, ? params\nflatten | dense 9 | softmax -> ?, ? params")
    )
    answer = read_answer(exercise, Submission("a", "a.csv", f"blank,answer\n{key},7\n".encode()))
    assert (list(answer.given.values()), answer.notices) == (["7"], ())
