"""The pages of the codes: `cnnspec rule E301`."""

from __future__ import annotations

import os

from cnnspec.codes import CODES
from cnnspec.language import flat, say

FOLDER = os.path.join(os.path.dirname(os.path.dirname(__file__)), "pages")


def page(code: str) -> str:
    """The page of a code as Markdown, headed by code and name; "" where there is none."""
    try:
        with open(os.path.join(FOLDER, f"{code}.md"), encoding="utf-8") as file:
            return translated(file.read())
    except FileNotFoundError:
        return ""


def translated(markdown: str) -> str:
    """A page in the language of the reader: its paragraphs from the catalogue, its examples as they are."""
    blocks = [say(block) if is_prose(block) else block for block in paragraphs(markdown)]
    return "\n\n".join(blocks) + "\n"


def paragraphs(markdown: str) -> list[str]:
    """What stands between the blank lines of a page; a block of code is one, with its fences.

    >>> paragraphs("# E301 name\\n\\nA sentence.\\n\\n```cnn\\ninput 4x4x1\\n\\nrelu\\n```\\n")
    ['# E301 name', 'A sentence.', '```cnn\\ninput 4x4x1\\n\\nrelu\\n```']
    """
    blocks: list[str] = []
    for part in markdown.strip("\n").split("\n\n"):
        if blocks and blocks[-1].startswith("```") and not blocks[-1].endswith("\n```"):
            blocks[-1] += f"\n\n{part}"
        else:
            blocks.append(part)
    return blocks


def is_prose(block: str) -> bool:
    """Whether a paragraph of a page is put into other languages: neither code nor the heading `# E301 name`."""
    return not block.startswith(("```", "# "))


def title(code: str) -> str:
    """`E301 window-exceeds-input`."""
    return f"{code} {CODES[code]}"


def find(text: str) -> str | None:
    """The code that someone means by `e301`, `E301` or `window-exceeds-input`."""
    wanted = text.strip()
    if wanted.upper() in CODES:
        return wanted.upper()
    return next((code for code, name in CODES.items() if name == wanted.lower()), None)


GROUPS = {
    "E1": "the file and its syntax",
    "E2": "names, arguments, expressions",
    "E3": "sizes",
    "E4": "the graph, annotations, expectations",
    "E5": "exercises that cannot be graded",
    "W1": "findings: names",
    "W2": "findings: activations",
    "W3": "findings: sizes and windows",
    "W4": "findings: normalisation and dropout",
    "W5": "findings: parameters",
}


def overview() -> str:
    """All codes in their groups, each with the first sentence of its page."""
    lines: list[str] = []
    group = ""
    for code, name in sorted(CODES.items()):
        if code[:2] != group:
            group = code[:2]
            lines += ["", say(GROUPS[group])] if lines else [say(GROUPS[group])]
        lines.append(f"  {code}  {name:<26} {first_sentence(code)}".rstrip())
    return "\n".join(lines) + "\n"


def first_sentence(code: str) -> str:
    """What the code means, in the words with which its page begins."""
    text = page(code).partition("\n")[2].strip().partition("\n\n")[0]
    return flat(text).partition(". ")[0].rstrip(".")
