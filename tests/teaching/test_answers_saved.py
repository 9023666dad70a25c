"""Tables saved by a spreadsheet, answers that stop half-way, and words among numbers."""

from __future__ import annotations

import pytest

from cnnspec.teaching.answers.annotations import count_in, split
from cnnspec.teaching.answers.saved import cells_of
from tests.teaching.test_answers_layout import RIGHT, is_whole, marks

NORMED = """\
input 32x32x3
conv 16, f=3, p=1 -> ?x?x?, ? params
batchnorm | relu  -> ?, ? params
flatten           -> ?
expect params == ?
expect trainable == ?
"""
TABLE = (
    ("Couche", "Forme", "Calcul"),
    ("conv 16, f=3, p=1", "(None, 32, 32, 16)", "448"),
    ("batchnorm | relu", "(None, 32, 32, 16)", "64"),
    ("flatten", "(None, 16384)", "0"),
    ("Total", "", "512"),
    ("Entra\u00eenables", "", "480"),
)


def saved(table: tuple[tuple[str, ...], ...], sign: str, *, quoted: bool) -> str:
    return "".join(sign.join(f'"{cell}"' if quoted or sign in cell else cell for cell in row) + "\r\n" for row in table)


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("name", ["table.csv", "table.txt", "table.cnn"])
@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_tables_that_a_spreadsheet_saved(sign: str, name: str, quoted: bool) -> None:
    assert is_whole(saved(TABLE, sign, quoted=quoted), NORMED, name)


def test_tables_with_sizes_of_the_language_in_the_order_of_the_words_of_the_exercise() -> None:
    text = "Couche;Forme ?;Calcul ?\nconv 16, f=3, p=1;32x32x16;448\nbatchnorm | relu;32*32*16;64\nflatten;16 384;0\n"
    found = marks(text, NORMED, "table.csv")
    assert [verdict.status for verdict in found.verdicts].count("right") == 7
    assert found.notices == ()


@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_tables_with_a_column_for_each_axis(sign: str) -> None:
    table = (
        ("Couche", "Hauteur", "Largeur", "Canaux", "Param\u00e8tres"),
        ("conv", "32", "32", "16", "448"),
        ("batchnorm", "32", "32", "16", "64"),
        ("flatten", "", "", "16384", "0"),
        ("Total", "", "", "", "512"),
        ("Param\u00e8tres entra\u00eenables", "", "", "", "480"),
    )
    assert is_whole(saved(table, sign, quoted=False), NORMED, "table.csv")


def test_commas_that_no_quotes_protect() -> None:
    text = "Layer,Output shape,Params\nconv 16, f=3, p=1,(32, 32, 16),448\nflatten,16384,1,024\n"
    assert cells_of(text.split("\n"))[1:] == [
        ["conv 16, f=3, p=1", "(32, 32, 16)", "448"],
        ["flatten", "16384", "1,024"],
    ]


def test_sheets_of_blanks_are_no_tables_of_layers() -> None:
    assert marks("nom;nombre\nconv1.height;24\nconv1.width;24\n", name="sheet.csv").points == 2
    assert cells_of(["case;r\u00e9ponse", "conv1.height;24"]) == []


def test_answers_that_stop_half_way_get_their_points() -> None:
    lines = RIGHT.splitlines(keepends=True)
    points = [marks("".join(lines[:count]), name="answer.cnn").points for count in range(2, len(lines) + 1)]
    assert points == [4, 8, 9, 11, 12]
    assert marks("conv 8, f=5 -> 24x24x8\n").points == 3
    assert marks("Bonjour,\nvoici 208\nconvaincu -> 24\n").problem


def test_a_list_among_prose_is_read_by_the_keys_of_blanks() -> None:
    prose = "Bonjour,\nvoici ma copie.\n3) 8\nconv1.height = 24\nLa suite me manque.\nBonne soir\u00e9e\nAli\n"
    assert marks(prose).points == 1
    assert marks(prose.replace("conv1.height = 24\n", "")).problem


@pytest.mark.parametrize(
    ("text", "size", "count"),
    [
        ("?x?x32, je ne sais pas params", "?x?x32", "je ne sais pas"),
        ("...x...x32, je ne sais pas params", "...x...x32", "je ne sais pas"),
        ("32x32x16 avec 448 param\u00e8tres", "32x32x16", "448"),
        ("28800 with 448 parameters", "28800", "448"),
        ("32x32x16 sans param\u00e8tre", "32x32x16", "0"),
        ("32x32x16, pas de param\u00e8tres", "32x32x16", "0"),
        ("896 et 897 params", "896", "et 897"),
    ],
)
def test_words_beside_numbers(text: str, size: str, count: str) -> None:
    parts = split(text, 3, counted=True)
    assert (parts.size, parts.params) == (size, count)


def test_words_of_a_count_alone() -> None:
    assert count_in("sans param\u00e8tre") == "0"


def test_who_does_not_know_has_not_answered() -> None:
    unsure = RIGHT.replace("24x24x8, 208", "...x...x8, je ne sais pas")
    verdicts = {verdict.blank: verdict for verdict in marks(unsure, name="answer.cnn").verdicts}
    assert verdicts["conv1.channels"].status == "right"
    assert {verdicts[key].status for key in ("conv1.height", "conv1.width", "conv1.params")} == {"empty"}
    assert is_whole(RIGHT.replace("12x12x8, 0 params", "12x12x8 sans param\u00e8tre"), name="answer.cnn")
