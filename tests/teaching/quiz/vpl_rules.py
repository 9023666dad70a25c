"""How VPL reads the output of an evaluation, ported from its `vpl_submission.class.php`, new and old."""

from __future__ import annotations

import re


def grade(text: str) -> str:
    """The last grade mark wins; `^` and `$` of PCRE stand at line feeds."""
    found = re.findall(r"(?m)^Grade :=>>(.*)$", text)
    return found[-1].strip() if found else ""


def old_grade(text: str) -> str:
    """Older versions split at the newline that they detect first."""
    newline = "\r\n" if "\r\n" in text else "\n" if "\n" in text else "\r"
    found = [line for line in text.split(newline) if line.startswith("Grade :=>>")]
    return found[-1][len("Grade :=>>") :].strip() if found else ""


def comments(text: str) -> str:
    """The lines between `<|--` and `--|>`, and those after `Comment :=>>`."""
    found, offset = "", 0
    while match := re.compile(r"(?m)^(Comment :=>>(.*)|<\|--)$").search(text, offset):
        if match[1] != "<|--":
            found, offset = found + match[2] + "\n", match.end()
            continue
        end = re.compile(r"(?m)^--\|>$").search(text, match.end() + 1)
        if end is None:
            return found + text[match.end() + 1 :]
        found, offset = found + text[match.end() + 1 : end.start()], end.end()
    return found


def titles(text: str) -> list[str]:
    return [line[1:] for line in comments(text).split("\n") if line.startswith("-")]


def calculated(text: str, grademax: float) -> float:
    """The button `Calculate`: the largest grade, less what stands at the end of titles."""
    costs = (re.match(r"-.+\(([0-9.\-]+)\) *$", line) for line in comments(text).split("\n"))
    return grademax + sum(float(cost[1]) for cost in costs if cost)
