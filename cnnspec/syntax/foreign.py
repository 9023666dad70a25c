"""What is no token of the language: comments, words, numbers and signs from elsewhere, and what becomes of them.

`without_foreign_comments` looks at the whole text beforehand, `mend` at a single odd token. Both note the mistake.
Where its meaning is plain, reading goes on with what was meant, so that one slip makes one error.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from cnnspec.diagnostics import Diagnostic, Edit, Fix, Mistake
from cnnspec.language import say
from cnnspec.source import Source, Span
from cnnspec.syntax.scanner import Scanner
from cnnspec.syntax.tokens import ODD_KINDS, Lexeme, lexeme

_ENOUGH = 100
_SUSPECT = re.compile(r'"[^"\n]*"|#[^\n]*|/\*.*?(?:\*/|\Z)|//|--(?!>)|%', re.DOTALL)
_BEFORE_STEPS = frozenset({"NL", "PIPE"})
_OPERATORS = frozenset({"if", "else", "and", "or", "not", "in", "as", "params", "param"})
_FIGURES = frozenset({"channels", "height", "width", "frames", "length", "features", "params", "trainable", "macs"})

# How other programs spell what has another name here.
_SPELLINGS = {
    "conv": "conv",
    "convolution": "conv",
    "max_pool": "maxpool",
    "max_pooling": "maxpool",
    "avg_pool": "avgpool",
    "average_pool": "avgpool",
    "average_pooling": "avgpool",
    "global_average_pooling": "global_avgpool",
    "global_max_pooling": "global_maxpool",
    "batch_norm": "batchnorm",
    "batch_normalization": "batchnorm",
    "layer_norm": "layernorm",
    "group_norm": "groupnorm",
    "linear": "dense",
}
# Words with accents that are near to a word of the language, once these are left out.
_ACCENTED = {
    "entree": "input",
    "repeter": "repeat",
    "repete": "repeat",
    "reseau": "model",
    "modele": "model",
    "concatener": "concat",
}
_PYTHON = {"True": ("TRUE", "true"), "False": ("FALSE", "false")}
_SIGNS = {
    "&&": ("AND", "and"),
    "||": ("OR", "or"),
    "!": ("NOT", "not "),
    "-->": ("ARROW", "->"),
    "\u21d2": ("ARROW", "->"),
    "\u2212": ("MINUS", "-"),
    "\u2013": ("MINUS", "-"),
    "\u2014": ("MINUS", "-"),
    "\u2264": ("AT_MOST", "<="),
    "\u2265": ("AT_LEAST", ">="),
    "\u2260": ("DIFFERS", "!="),
    "\u00b7": ("STAR", "*"),
    "\u2026": ("UP_TO", ".."),
}


def short(text: str) -> str:
    """The text as it fits into a message."""
    return text if len(text) <= 40 else f"{text[:37]}..."


# --- comments --------------------------------------------------------------------------------------------------------


def without_foreign_comments(source: Source) -> tuple[str, tuple[Diagnostic, ...]]:
    """The text with blanks in the place of comments in the manner of other languages, and an error for each."""
    text = source.text
    pieces: list[str] = []
    diagnostics: list[Diagnostic] = []
    done = 0
    position = 0
    uses = Counter(re.findall(r"\w+", text))
    while len(diagnostics) < _ENOUGH and (match := _SUSPECT.search(text, position)):
        start, position = match.span()
        if match[0][0] in '"#':
            continue
        if match[0].startswith("/*"):
            end = position
        else:
            end = text.find("\n", start) % (len(text) + 1)
            line = text[text.rfind("\n", 0, start) + 1 : start]
            if not _is_comment(line, text[position:end], uses):
                continue
        diagnostics.append(_foreign_comment(source, start, end, match[0][:2]))
        pieces += text[done:start], re.sub(r"[^\n]", " ", text[start:end])
        done = position = end
    return "".join((*pieces, text[done:])), tuple(diagnostics)


def _is_comment(before: str, after: str, uses: Counter[str]) -> bool:
    """Whether an operator with this before and after it in its line is meant to start a comment."""
    match = re.match(r"\s*(\w+(?:\.\d+)?)(?:\s+(\w+)|\s*(['!?:;]|\.(?!\.))|\s*(?:#.*)?$)?", after)
    if not match:
        return not before.strip() or not after.strip()
    word, second, mark = match.groups()
    if second or mark not in (None, ";"):
        return bool(mark) or second not in _OPERATORS
    if not before.strip():
        return not re.search(r"[)\],]\s*(?:#.*)?$", after)
    ends = mark or re.fullmatch(r"\s*\w+\s*(?:#.*)?", after)
    return bool(ends) and not word[0].isdigit() and word not in _FIGURES and uses[word] == 1  # not the name of anything


def _foreign_comment(source: Source, start: int, end: int, marker: str) -> Diagnostic:
    words = source.text[start:end].removeprefix(marker).removesuffix("*/").strip()
    fix = None
    if "\n" not in words and source.text[end : end + 1] in ("\n", ""):
        fix = Fix("safe", say("write the comment with `#`"), (Edit(Span(start, end), f"# {words}".rstrip()),))
    mistake = Mistake("E112", "`{marker}` does not start a comment", help="write `# {words}`", marker=marker)
    mistake.values["words"] = short(words.split("\n")[0]) or "..."
    return mistake.at(source, Span(start, start + len(marker)), fix=fix)


# --- tokens ----------------------------------------------------------------------------------------------------------


def mend(scanner: Scanner, kind: str, value: str, start: int, end: int) -> list[Lexeme]:
    """Notes what is wrong with an odd token; the tokens that were meant, none where the line is spoiled."""
    menders: dict[str, Callable[[Scanner, str, int, int], list[Lexeme]]] = {
        "ODD_WORD": _word,
        "ODD_NUMBER": _number,
        "ODD_SIGN": _sign,
        "QUOTED": _quoted,
        "UNCLOSED": _unclosed,
        "UNKNOWN": _unknown,
    }
    return menders[kind](scanner, value, start, end)


def _instead(scanner: Scanner, mistake: Mistake, token: Lexeme, content: str) -> list[Lexeme]:
    """Notes the mistake, with the fix that writes the content in its place, and goes on with the token."""
    start, end = token.start_pos, token.end_pos
    written = scanner.source.text[start:end]
    message = say("replace `{old}` with `{new}`", old=short(written), new=content.strip())
    scanner.note(mistake, start, end, Fix("safe", message, (Edit(Span(start, end), content),)))
    return [token]


def _word(scanner: Scanner, value: str, start: int, end: int) -> list[Lexeme]:
    if value in _PYTHON:
        kind, right = _PYTHON[value]
        mistake = Mistake("E118", "`{word}` is written `{right}`", help="write `{right}`", word=value, right=right)
        return _instead(scanner, mistake, lexeme(kind, right, start, end), right)
    if value == "None":
        scanner.spoil(Mistake("E118", "there is no `None`", help="leave the argument out"), start, end)
        return []
    name = lower_snake(value)
    accented = not value.isascii() and value.islower()
    mistake = Mistake(
        "E110",
        "names are of the letters a to z, digits and `_`, unlike `{word}`"
        if accented
        else "`{word}` is not in lower_snake letters",
        word=short(value),
    )
    if not value.isascii() and scanner.line and scanner.line[-1].type in _BEFORE_STEPS:
        name = _ACCENTED.get(name, name)
    if not name:
        mistake.help = "use the letters a to z, digits and `_`"
        scanner.spoil(mistake, start, end)
        return []
    elsewhere = _as_elsewhere(scanner, mistake, value, name, start, end)
    if elsewhere is not None:
        return elsewhere
    mistake.help = "write `{name}`"
    mistake.values["name"] = short(name)
    kind = scanner.vocabulary.fixed.get(name, "NAME")
    return _instead(scanner, mistake, lexeme(kind, name, start, end), name)


def _as_elsewhere(
    scanner: Scanner, mistake: Mistake, word: str, name: str, start: int, end: int
) -> list[Lexeme] | None:
    """The tokens of a layer with arguments in PyTorch's order; None where it has none."""
    from cnnspec.syntax.pytorch import call, module_of

    module = module_of(word, name)
    found = call(module, scanner.text, end) if module else None
    if module is None or found is None:
        return None
    pieces = list(scanner.vocabulary.pattern.finditer(found.right))[:-1]
    kinds = [(str(piece.lastgroup), piece[str(piece.lastgroup)]) for piece in pieces]
    if not kinds or any(kind in ODD_KINDS for kind, _ in kinds):
        mistake.help = "{remedy}"
        mistake.values["remedy"] = module.remedy
        scanner.spoil(mistake, start, end)
        return []
    mistake.help = "write `{right}`"
    mistake.values["right"] = found.right
    scanner.resume = found.end
    fixed = scanner.vocabulary.fixed
    tokens = [lexeme(fixed.get(text, kind), text, start, found.end) for kind, text in kinds]
    fix = Fix("safe", say("write `{content}`", content=found.right), (Edit(Span(start, found.end), found.right),))
    scanner.note(mistake, start, end, fix)
    return tokens


def lower_snake(word: str) -> str:
    """The word in lower_snake letters, or the name that it has here.

    >>> lower_snake("myLayer"), lower_snake("LeakyReLU"), lower_snake("Conv2D"), lower_snake("élève")
    ('my_layer', 'leaky_relu', 'conv', 'eleve')
    """
    from unicodedata import combining, normalize

    letters = "".join(one for one in normalize("NFKD", word) if not combining(one))
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", letters).lower()
    name = re.sub(r"[^a-z0-9_]|^[^a-z]+", "", split)
    return _SPELLINGS.get(re.sub(r"_?[123]d$", "", name), name)


def _number(scanner: Scanner, value: str, start: int, end: int) -> list[Lexeme]:
    if re.fullmatch(r"[0-9_]+([xX\u00d7][0-9_]+)+", value):
        right = re.sub("[X\u00d7]", "x", value)
        mistake = Mistake("E109", "a size is written with a small `x`", help="write `{right}`", right=short(right))
        return _instead(scanner, mistake, lexeme("SIZE", right, start, end), right)
    if match := re.fullmatch(r"((?:[0-9_]+x)+)([a-z]\w*)", value):
        return _size_with_name(scanner, [*match[1].split("x")[:-1], match[2]], start, end)
    right = "0" + value if value.startswith(".") else re.sub("_+", "_", value).strip("_")
    if re.fullmatch(r"[0-9]+(_[0-9]+)*(\.[0-9]+)?", right) and len(right) <= 100:
        mistake = Mistake("E104", "`{word}` is not a number", help="write `{right}`", word=value, right=right)
        return _instead(scanner, mistake, lexeme("NUMBER", right, start, end), right)
    mistake = Mistake("E104", "`{word}` is neither a number nor a name", word=short(value))
    following = re.compile(r"[0-9?]+x(?:\s*[0-9?]+(?:\s*x\s*[0-9?]+)*)").match(scanner.text, start)
    if following:
        mistake = Mistake("E109", "a size has no spaces", help="write `{right}`", right=re.sub(r"\s", "", following[0]))
    elif value[0].isdigit() and value.isascii():
        mistake.help = "begin a name with a letter"
    scanner.spoil(mistake, start, end)
    return []


def _size_with_name(scanner: Scanner, parts: list[str], start: int, end: int) -> list[Lexeme]:
    """`28x28xfilters` is meant as `[28, 28, filters]`."""
    right = f"[{', '.join(parts)}]"
    mistake = Mistake("E109", "a size with a name in it is written as a list", help="write `{right}`", right=right)
    tokens = [lexeme("LSQB", "[", start, start)]
    for part in parts:
        kind = "NUMBER" if part[0].isdigit() else scanner.vocabulary.fixed.get(part, "NAME")
        tokens += lexeme(kind, part, start, end), lexeme("COMMA", ",", end, end)
    _instead(scanner, mistake, lexeme("LSQB", "[", start, end), right)
    return [*tokens, lexeme("RSQB", "]", end, end)]


def _sign(scanner: Scanner, value: str, start: int, end: int) -> list[Lexeme]:
    if value == "\u00d7":
        return [lexeme("NAME", "x", start, end)]
    conditional = any(token.type in ("EXPECT", "IF") for token in scanner.line)
    if value == "=>" and conditional:
        kind, right = "AT_LEAST", ">="
    else:
        kind, right = _SIGNS.get(value, ("ARROW", "->"))
    code = "E118" if value.isascii() else "E105"
    mistake = Mistake(code, "`{sign}` is written `{right}`", sign=value, right=right.strip())
    mistake.help = "write `{right}`"
    return _instead(scanner, mistake, lexeme(kind, right.strip(), start, end), right)


def _quoted(scanner: Scanner, value: str, start: int, end: int) -> list[Lexeme]:
    right = f'"{value[1:-1]}"'
    mistake = Mistake("E104", "a string stands in double quotes", help="write `{right}`", right=short(right))
    if '"' in value:
        scanner.spoil(mistake, start, end)
        return []
    return _instead(scanner, mistake, lexeme("STRING", right, start, end), right)


def _unclosed(scanner: Scanner, _: str, start: int, __: int) -> list[Lexeme]:
    mistake = Mistake("E106", "the string is never closed", help="add `{quote}` at its end")
    mistake.values = {"quote": '"'}
    scanner.spoil(mistake, start, start + 1)
    return []


def _unknown(scanner: Scanner, value: str, start: int, end: int) -> list[Lexeme]:
    value = value[0]
    name = f"`{value}`" if value.isprintable() else f"U+{ord(value):04X}"
    mistake = Mistake("E105", "the character {name} has no meaning here", help="{remedy}", name=name)
    mistake.values["remedy"] = _instead_of_sign(value)
    scanner.spoil(mistake, start, end)
    return []


def _instead_of_sign(sign: str) -> str:
    match sign:
        case "\\":
            return say("end the line with `|` or a comma to continue it")
        case "^":
            return say("write `**` for a power")
        case "&":
            return say("write `and`")
    return say("remove it")
