"""Moodle's own rules of import, ported from its sources, as far as the exports need them.

Cloze: question/type/multianswer/questiontype.php (the regular expressions, the extraction, the validation). XML:
question/format/xml/format.php. Fractions: question/engine/bank.php. GIFT: question/format/gift/format.php.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

FRACTIONS = (
    1.0, 0.9, 0.8333333, 0.8, 0.75, 0.7, 0.6666667, 0.6, 0.5, 0.4, 0.3333333, 0.3, 0.25, 0.2, 0.1666667, 0.1428571,
    0.125, 0.1111111, 0.1, 0.05, 0.0,
)  # fmt: skip

FRACTION = r"=|%(-?[0-9]+(?:[.,][0-9]*)?)%"
ANSWER = r".+?(?<!\\|&)(?<!&amp;)(?=[~#}]|$)"
FEEDBACK = r".*?(?<!\\)(?=[~}]|$)"
ALTERNATIVE = rf"({FRACTION})?({ANSWER})(#({FEEDBACK}))?"
NUMBER = r"-?(([0-9]+[.,]?[0-9]*|[.,][0-9]+)([eE][-+]?[0-9]+)?)"
NUMERICAL = rf"^({NUMBER})(:{NUMBER})?$"
TYPES = (
    "(NUMERICAL|NM)|(MULTICHOICE|MC)|(MULTICHOICE_V|MCV)|(MULTICHOICE_H|MCH)|(SHORTANSWER|SA|MW)|(SHORTANSWER_C|SAC|MWC)|"
    "(MULTICHOICE_S|MCS)|(MULTICHOICE_VS|MCVS)|(MULTICHOICE_HS|MCHS)|(MULTIRESPONSE|MR)|(MULTIRESPONSE_H|MRH)|"
    "(MULTIRESPONSE_S|MRS)|(MULTIRESPONSE_HS|MRHS)"
)
START = rf"\{{([0-9]*):({TYPES}):"
FIELD = re.compile(rf"{START}({ALTERNATIVE}(~{ALTERNATIVE})*)\}}", re.DOTALL)
ALTERNATIVES = 16
KINDS = {3: "numerical", 4: "multichoice", 7: "shortanswer"}


def is_allowed(fraction: float) -> bool:
    return any(abs(fraction - known) < 0.00001 for known in FRACTIONS)


# --- Cloze -----------------------------------------------------------------------------------------------------------


def cloze(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The text with `{#1}` in the place of each field, and the fields as Moodle saves them."""
    fields: list[dict[str, Any]] = []
    while match := FIELD.search(text):
        kind = next(name for group, name in KINDS.items() if match[group])
        field: dict[str, Any] = {"mark": match[1] or "1", "kind": kind, "answers": []}
        rest = match[ALTERNATIVES]
        while rest and (found := re.search(f"~?{ALTERNATIVE}", rest, re.DOTALL)):
            field["answers"].append(_alternative(found, kind))
            rest = rest.replace(found[0], "\0", 1).partition("\0")[2]
        fields.append(field)
        text = text.replace(match[0], f"{{#{len(fields)}}}", 1)
    return text, fields


def _alternative(found: re.Match[str], kind: str) -> dict[str, Any]:
    fraction = 1.0 if found[1] == "=" else float(found[2].replace(",", ".")) / 100 if found[2] else 0.0
    answer: dict[str, Any] = {"fraction": fraction, "feedback": _decoded(found[5] or ""), "answer": None}
    number = re.match(NUMERICAL, found[3], re.DOTALL) if kind == "numerical" else None
    if number:
        answer |= {"answer": number[1], "tolerance": (number[5] or ":0")[1:]}
    else:
        answer["answer"] = _decoded(found[3])
    return answer


def _decoded(text: str) -> str:
    """`html_entity_decode`, then the two escapes that Moodle undoes."""
    return unescape(text).replace("\\}", "}").replace("\\#", "#")


def problems_of_cloze(fields: list[dict[str, Any]]) -> list[str]:
    """What `qtype_multianswer_validate_question` would say."""
    found = [] if fields else ["no questions"]
    for i, field in enumerate(fields, 1):
        answers = [one for one in field["answers"] if one["answer"].strip()]
        if len(answers) < (2 if field["kind"] == "multichoice" else 1):
            found.append(f"{i}: not enough answers")
        if not any(one["fraction"] == 1 for one in answers):
            found.append(f"{i}: no answer is worth the whole")
        if field["kind"] == "numerical":
            found += [f"{i}: {one['answer']} is no number" for one in answers if not is_number(one["answer"])]
    return found


def is_number(text: str) -> bool:
    return re.fullmatch(NUMBER, text.strip()) is not None


# --- XML -------------------------------------------------------------------------------------------------------------


def questions(document: str) -> list[ET.Element]:
    """The questions of a file that Moodle's import accepts; fails on the first that it would refuse."""
    root = ET.fromstring(document)
    assert root.tag == "quiz"
    found = list(root)
    for question in found:
        assert question.tag == "question"
        if question.get("type") != "category":
            assert text_of(question, "name"), "a question needs a name"
            assert len(text_of(question, "name")) <= 255
            assert len(question.findtext("idnumber") or "") <= 100
            float(question.findtext("penalty") or "")
        for answer in question.findall("answer"):
            assert is_allowed(float(answer.get("fraction") or "") / 100), answer.get("fraction")
    return found


def identifier(question: ET.Element) -> str:
    return question.findtext("idnumber") or ""


def text_of(question: ET.Element, name: str) -> str:
    return (question.findtext(f"{name}/text") or "").strip()


# --- GIFT ------------------------------------------------------------------------------------------------------------

_PLACES = {":": "&&058;", "#": "&&035;", "=": "&&061;", "{": "&&123;", "}": "&&125;", "~": "&&126;", "n": "&&010"}
WEIGHT = re.compile(r"^%\-*([0-9]{1,2})\.?([0-9]*)%")


def gift(document: str) -> list[dict[str, Any]]:
    """The questions of a GIFT file: blocks between empty lines, read in the order of `readquestion`."""
    blocks = [block for block in re.split(r"\n[ \t]*\n", document.strip()) if block.strip()]
    return [_gift_question(block) for block in blocks]


def _gift_question(block: str) -> dict[str, Any]:
    lines = [" " if line.strip().startswith("//") else line for line in block.split("\n")]
    text = _placed("\n".join(lines).strip())
    if text.startswith("$CATEGORY:"):
        return {"kind": "category", "name": text[10:].strip()}
    name = ""
    if text.startswith("::"):
        name, _, text = text[2:].partition("::")
        text = text.strip()
    start, end = text.index("{"), text.index("}")
    inside, statement = text[start + 1 : end].strip(), text[:start] + text[end + 1 :]
    general = ""
    if "####" in inside:
        inside, _, general = inside.rpartition("####")
        inside = inside.strip()
    question: dict[str, Any] = {"name": _back(name), "text": _back(statement), "general": _back(general)}
    return question | _gift_answers(inside)


def _gift_answers(inside: str) -> dict[str, Any]:
    if inside == "":
        return {"kind": "essay", "answers": []}
    if inside[0] == "#":
        return {"kind": "numerical", "answers": [_numerical(one) for one in _cut(inside[1:], "=")]}
    if "~" in inside:
        return {"kind": "multichoice", "answers": [_choice(one) for one in _cut(inside.replace("=", "~="), "~")]}
    assert not ("=" in inside and "->" in inside), "Moodle would read a matching question"
    return {"kind": "shortanswer", "answers": [_weighted(one, 1.0) for one in _cut(inside, "=")]}


def _cut(text: str, mark: str) -> list[str]:
    parts = text.split(mark)
    return [part.strip() for part in (parts if parts[0].strip() else parts[1:])]


def _numerical(text: str) -> dict[str, Any]:
    answer = _weighted(text, 1.0)
    value, _, tolerance = answer["answer"].partition(":")
    return answer | {"answer": value, "tolerance": float(tolerance or 0), "number": float(value)}


def _choice(text: str) -> dict[str, Any]:
    return _weighted(text[1:], 1.0) if text.startswith("=") else _weighted(text, 0.0)


def _weighted(text: str, default: float) -> dict[str, Any]:
    weight = default
    if WEIGHT.match(text):
        percent, _, text = text[1:].partition("%")
        weight = float(percent) / 100
    answer, _, feedback = text.partition("#")
    return {"fraction": weight, "answer": _back(answer.strip()), "feedback": _back(feedback.strip())}


def _placed(text: str) -> str:
    text = text.replace("\\\\", "&&092;")
    for sign, place in _PLACES.items():
        text = text.replace(f"\\{sign}", place)
    return text.replace("&&092;", "\\")


def _back(text: str) -> str:
    for sign, place in _PLACES.items():
        text = text.replace(place, "\n" if sign == "n" else sign)
    return text.strip()
