"""Answers by key or number: CSV in French or English, and JSON."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from cnnspec.language import say
from cnnspec.teaching.answers.collecting import Collected, normal, shortened
from cnnspec.teaching.model import Blank

MOST_ROWS = 2_000
DEEPEST = 8

_KEY_WORDS = frozenset(
    {
        "blank",
        "case",
        "key",
        "cle",
        "question",
        "number",
        "numero",
        "n",
        "no",
        "champ",
        "field",
        "name",
        "nom",
        "trou",
        "id",
    }
)
_ANSWER_WORDS = frozenset(
    {"answer", "reponse", "value", "valeur", "given", "solution", "votre.reponse", "your.answer", "resultat"}
)


# --- CSV -------------------------------------------------------------------------------------------------------------


def collect_csv(found: Collected, text: str) -> bool:
    """Takes what a table of blanks and answers says; whether the text is one."""
    rows = _rows(text)
    if not rows:
        return False
    wide = _is_wide(found, rows)
    pairs = list(zip(rows[0], rows[1], strict=False)) if wide else list(_pairs(rows))
    known = [found.find(key) is not None for key, _ in pairs]
    if not any(known) or (not wide and 2 * sum(known) < len(known)):
        return False
    found.unknown(key for key, answer in pairs if key and not found.put_by_key(key, answer))
    return True


def _rows(text: str) -> list[list[str]]:
    """The rows with anything in them, parted by the sign that most lines have."""
    lines = [line for line in text.split("\n") if line.strip()][:MOST_ROWS]
    if lines and (sep := re.fullmatch(r"sep=(.)", lines[0].strip())):
        return _parsed(lines[1:], sep[1])
    sign = max(";\t,", key=lambda sign: sum(sign in line for line in lines))
    return _parsed(lines, sign)


def _parsed(lines: Sequence[str], sign: str) -> list[list[str]]:
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader((f"{line}\n" for line in lines), delimiter=sign)]
    except csv.Error:
        return []
    return [row for row in rows if len(row) > 1 and not any("->" in cell for cell in row)]  # no lines of the language


def _is_wide(found: Collected, rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row has the keys, the second the answers."""
    if len(rows) < 2:
        return False
    keys = sum(isinstance(found.find(key), Blank) and not key.isdigit() for key in rows[0])
    return keys > 1 or (keys == 1 and normal(rows[0][0]) not in _KEY_WORDS and found.find(rows[1][0]) is None)


def _pairs(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Key and answer of each row; `2,416` without quotes was taken apart and is put together."""
    heads = [normal(cell) for cell in rows[0]]
    keys = [i for i, head in enumerate(heads) if head in _KEY_WORDS]
    answers = [i for i, head in enumerate(heads) if head in _ANSWER_WORDS]
    headed = bool(keys or answers)
    key = keys[0] if keys else 0
    answer = answers[0] if answers else key + 1
    last = answer == len(heads) - 1 if headed else True
    for row in rows[1:] if headed else rows:
        if len(row) > max(key, answer):
            yield row[key], ",".join(row[answer:]) if last else row[answer]


# --- JSON ------------------------------------------------------------------------------------------------------------


def parsed(text: str) -> Any:
    """The document, its numbers as they are written. Raises ValueError where it is none, or too deep."""
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_first_of_each)
    except RecursionError:
        raise ValueError("nested too deep") from None


class _Repeating(dict[str, Any]):
    """An object with keys that are written more than once: the first counts, as in a table."""

    again: tuple[tuple[str, Any], ...] = ()


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(reversed(pairs))
    if len(whole) == len(pairs):
        return dict(pairs)
    found, seen = _Repeating(), []
    for key, value in pairs:
        if key in found:
            seen.append((key, value))
        else:
            found[key] = value
    found.again = tuple(seen)
    return found


def _entries(node: dict[str, Any]) -> list[tuple[str, Any]]:
    """The keys of an object with their values; what is written again comes last, and is told where it differs."""
    return [*node.items(), *(node.again if isinstance(node, _Repeating) else ())]


def _tell_repeated(found: Collected, node: dict[str, Any]) -> None:
    for key, value in node.again if isinstance(node, _Repeating) else ():
        if value != node[key]:
            found.notice(say("`{key}` is written twice: the first counts", key=shortened(key)))


def collect_json(found: Collected, document: Any) -> bool:
    """Takes what a document says; whether anything in it speaks of a blank."""
    before = len(found.given)
    for name in ("answers", "answer", "reponses", "r\u00e9ponses", "blanks"):
        if isinstance(document, dict) and isinstance(document.get(name), (dict, list)):
            found.seed = str(document.get("variant") or document.get("seed") or "")[:100]
            _tell_repeated(found, document)
            document = document[name]
    unknown: list[str] = []
    if isinstance(document, list) and not any(isinstance(one, dict) for one in document):
        _in_order(found, document)
    else:
        _take(found, document, "", unknown, DEEPEST)
    if len(found.given) == before and len(unknown) > len(found.exercise.blanks):
        return False
    found.unknown(unknown)
    return True


def _in_order(found: Collected, answers: Sequence[Any]) -> None:
    for blank, answer in zip(found.exercise.blanks, answers, strict=False):
        found.put(blank, _text(answer))
    if len(answers) > len(found.exercise.blanks):
        found.notice(
            say("there are {n} answers for {blanks} blanks", n=len(answers), blanks=len(found.exercise.blanks))
        )


def _take(found: Collected, node: Any, path: str, unknown: list[str], depth: int) -> None:
    """Walks the document: keys of nested objects are joined with points."""
    if depth == 0:
        unknown.append(path)
    elif isinstance(node, dict) and (pair := _pair(node)):
        _tell_repeated(found, node)
        _take(found, pair[1], pair[0], unknown, depth - 1)
    elif isinstance(node, dict):
        for key, value in _entries(node)[:MOST_ROWS]:
            _take(found, value, f"{path}.{key}" if path else str(key), unknown, depth - 1)
    elif isinstance(node, list) and any(isinstance(one, dict) for one in node):
        for one in node[:MOST_ROWS]:
            _take(found, one, path, unknown, depth - 1)
    elif path and not found.put_by_key(path, _text(node)):
        unknown.append(path)


def _pair(node: dict[str, Any]) -> tuple[str, Any] | None:
    """The key and the answer of `{"blank": "conv1.height", "answer": 62}`."""
    words = {normal(str(key)): key for key in list(node)[:10]}
    keys = [words[word] for word in words if word in _KEY_WORDS]
    answers = [words[word] for word in words if word in _ANSWER_WORDS]
    return (str(node[keys[0]]), node[answers[0]]) if keys and answers else None


def _text(value: Any) -> str:
    """An answer as one writes it: a list is a size, or values in brackets."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        flat = all(not isinstance(one, (list, dict)) for one in value)
        return "x".join(map(str, value)) if flat else json.dumps(value)[:1000].replace('"', "")
    return str(value)
