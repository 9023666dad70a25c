"""What to say about a token that does not fit: the remedy, where what was meant is plain.

A hint is a function of a Trouble (a line and the place in it) that answers with a diagnostic and the line as it was
meant, or None where it does not apply. The first that applies is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cnnspec.diagnostics import Mistake
from cnnspec.source import Source
from cnnspec.syntax.forms import FORMS, KEYWORDS, NEEDS, needed
from cnnspec.syntax.headers import missing_parentheses, quoted_name
from cnnspec.syntax.parentheses import call_with_parentheses, tuple_in_parentheses
from cnnspec.syntax.tokens import NEW_STATEMENT, Lexeme, lexeme
from cnnspec.syntax.trouble import CLOSERS, COMPARISONS, OPERANDS, OPERATORS, Hint, Trouble

FUNCTIONS = frozenset(
    {
        *("min", "max", "floor", "ceil", "round", "sqrt", "log", "abs", "len", "round_to"),
        *("count", "params", "trainable", "non_trainable", "macs"),
    }
)
NAMED = frozenset({"AS", "LET", "BLOCK", "MODEL", "VARIANT", "APPLY", "FROM", "FOR"})  # a name comes next
WITHOUT_COMMAS = frozenset({"EXPECT", "LET", "IF", "REPEAT", "USE", "MODEL", "VARIANT", "FROM", "APPLY"})
BODIES = frozenset({"BLOCK", "REPEAT", "FOR", "IF", "BRANCH", "FROZEN", "RESIDUAL", "SHORTCUT", "ELSE"})


def explain(source: Source, tokens: list[Lexeme], index: int, mistake: Mistake | None) -> Hint:
    """The hint for a line that does not parse at the token `index`, or that holds the mistake."""
    trouble = Trouble(source, tokens, index)
    if mistake is not None:
        return trouble.hint(mistake, place=trouble.before)
    return next(hint for ask in HINTS if (hint := ask(trouble)))


# --- numbers ---------------------------------------------------------------------------------------------------------


def size_with_spaces(trouble: Trouble) -> Hint | None:
    """`28 x 28 x 1`, and `28 x28x1`."""
    match = re.match(r"[x\u00d7X](.*)", trouble.token.value)
    if not match or trouble.token.type not in ("NAME", "SYMBOL") or trouble.before.type not in OPERANDS:
        return None
    first = last = trouble.index - 1
    while re.fullmatch(r"[x\u00d7X]|[x\u00d7X][0-9_x\u00d7X]+", trouble.at(last + 1).value):
        joined = len(trouble.at(last + 1)) > 1
        if not joined and trouble.at(last + 2).type not in OPERANDS:
            break
        last += 1 if joined else 2
    if last == first:
        return None
    text = "".join(token.value for token in trouble.tokens[first : last + 1])
    parts = re.split("[x\u00d7X]", text)
    start, end = trouble.at(first).start_pos, trouble.at(last).end_pos
    if all(re.fullmatch(r"[0-9][0-9_]*|\?[0-9]*|[A-Z]", part) for part in parts):
        right = "x".join(parts)
        new = [lexeme("SIZE", right, start, end)]
    else:
        operands = [token for token in trouble.tokens[first : last + 1] if not re.fullmatch("[x\u00d7X]", token.value)]
        right = f"[{', '.join(token.value for token in operands)}]"
        commas = [token for one in operands for token in (lexeme("COMMA", ",", start, end), one)]
        new = [lexeme("LSQB", "[", start, end), *commas[1:], lexeme("RSQB", "]", start, end)]
    tokens = [*trouble.tokens[:first], *new, *trouble.tokens[last + 1 :]]
    mistake = Mistake("E109", "a size has no spaces", help="write `{right}`", right=right)
    return trouble.hint(mistake, tokens, (start, end, right), place=lexeme("SIZE", right, start, end))


def size_with_commas(trouble: Trouble) -> Hint | None:
    """`input 8,8,3`, `-> 30,30,6`."""
    kinds = [token.type for token in trouble.tokens]
    for anchor, kind in enumerate(kinds):
        if kind not in ("INPUT", "ARROW"):
            continue
        last = anchor + 1
        while kinds[last : last + 3] == ["NUMBER", "COMMA", "NUMBER"]:
            last += 2
        if last < anchor + 3 or not anchor < trouble.index <= last:
            continue
        if not all(token.value.replace("_", "").isdigit() for token in trouble.tokens[anchor + 1 : last + 1 : 2]):
            continue  # `-> 0,5.25` is no size
        first = trouble.tokens[anchor + 1]
        right = "x".join(token.value for token in trouble.tokens[anchor + 1 : last + 1 : 2])
        place = (first.start_pos, trouble.tokens[last].end_pos)
        mistake = Mistake("E109", "a size is written with `x`, without commas", help="write `{right}`", right=right)
        size = lexeme("SIZE", right, *place)
        tokens = [*trouble.tokens[: anchor + 1], size, *trouble.tokens[last + 1 :]]
        return trouble.hint(mistake, tokens, (*place, right), place=size)
    return None


ARGUMENTS = frozenset(
    ("f", "kernel", "s", "stride", "p", "pad", "padding", "d", "dilation", "groups", "filters", "units", "bias", "rate")
)


def missing_equals(trouble: Trouble) -> Hint | None:
    """`conv 6, 3x3, stride 2`."""
    name, value = trouble.before, trouble.token
    if trouble.depth or name.value not in ARGUMENTS or trouble.at(trouble.index - 2).type != "COMMA":
        return None
    if trouble.head.type != "NAME" or value.type not in ("NUMBER", "SIZE", "TRUE", "FALSE"):
        return None
    right = f"{name.value}={value.value}"
    mistake = Mistake("E104", "`=` is missing after `{name}`", help="write `{right}`", name=name.value, right=right)
    equal = lexeme("EQUAL", "=", name.end_pos, name.end_pos)
    tokens = [*trouble.tokens[: trouble.index], equal, *trouble.tokens[trouble.index :]]
    return trouble.hint(mistake, tokens, (name.end_pos, value.start_pos, "="))


def number_with_spaces(trouble: Trouble) -> Hint | None:
    """`1 000`, and `38,390` in an `expect`."""
    first = trouble.index - 1
    commas = trouble.token.type == "COMMA" and trouble.head.type == "EXPECT" and not trouble.depth
    step = 2 if commas else 1
    last = first
    while trouble.at(last + step).type == "NUMBER" and re.fullmatch("[0-9]{3}", trouble.at(last + step).value):
        last += step
    if last == first or not re.fullmatch("[0-9]{1,3}", trouble.at(first).value):
        return None
    right = "_".join(token.value for token in trouble.tokens[first : last + 1 : step])
    start, end = trouble.at(first).start_pos, trouble.at(last).end_pos
    number = lexeme("NUMBER", right, start, end)
    mistake = Mistake(
        "E114", "a number has no commas" if commas else "a number has no spaces", help="write `{right}`", right=right
    )
    tokens = [*trouble.tokens[:first], number, *trouble.tokens[last + 1 :]]
    return trouble.hint(mistake, tokens, (start, end, right), place=number)


# --- equals signs, colons, comparisons -------------------------------------------------------------------------------


def _replaced(trouble: Trouble, mistake: Mistake, kind: str, value: str) -> Hint:
    """The hint to write something else in the place of the token."""
    start, end = _ends(trouble.token)
    new = lexeme(kind, value, start, end)
    mistake.values.setdefault("right", value)
    tokens = [*trouble.tokens[: trouble.index], new, *trouble.tokens[trouble.index + 1 :]]
    return trouble.hint(mistake, tokens, (start, end, value))


def single_equals(trouble: Trouble) -> Hint | None:
    """`expect params = 18`."""
    if trouble.token.type != "EQUAL" or not any(
        one.type in ("EXPECT", "IF") for one in trouble.tokens[: trouble.index]
    ):
        return None
    number = re.fullmatch(r"[0-9]{1,3}(?:[ ,][0-9]{3})+", trouble.text(trouble.index + 1, len(trouble.tokens) - 1))
    value = re.sub("[ ,]", "_", number[0]) if number else trouble.at(trouble.index + 1).value
    right = f"{trouble.before.value} == {value}"
    mistake = Mistake("E116", "a comparison is written `==`", help="write `{sides}`", right="==", sides=right)
    if number is None:
        return _replaced(trouble, mistake, "EQUALS", "==")
    start, end = trouble.token.start_pos, trouble.tokens[-1].end_pos
    tokens = [*trouble.tokens[: trouble.index], lexeme("EQUALS", "==", start, start + 1)]
    return trouble.hint(mistake, [*tokens, lexeme("NUMBER", value, start + 1, end)], (start, end, f"== {value}"))


def assignment(trouble: Trouble) -> Hint | None:
    """`s = conv 6, f=5` gives a name to a value of the flow, `k = 32` to a number."""
    if trouble.token.type != "EQUAL" or trouble.index != 2 or not trouble.starts_step(1):
        return None
    name, rest = trouble.head, trouble.tokens[3:]
    if name.value in ARGUMENTS and (semicolon := _semicolon_before(trouble)) is not None:
        mistake = Mistake("E111", "`{name}=` after `;` is no argument of the step before it", name=name.value)
        mistake.help = "write a comma in place of the `;`"
        return trouble.hint(mistake, (), (semicolon, semicolon + 1, ","), place=name)
    if not rest or rest[-1].type == "LBRACE":
        mistake = Mistake(
            "E111",
            "a step gets its name with `as`, not with `=`",
            help="write `as {name}` after the step",
            name=name.value,
        )
        return trouble.hint(mistake)
    if not _is_step(rest):
        right = f"let {trouble.text(1, len(trouble.tokens) - 1)}"
        mistake = Mistake("E111", "`{name} = ...` needs `let`", help="write `{right}`", name=name.value, right=right)
        let = lexeme("LET", "let", name.start_pos, name.start_pos)
        tokens = [trouble.tokens[0], let, *trouble.tokens[1:]]
        return trouble.hint(mistake, tokens, (name.start_pos, name.start_pos, "let "), place=name)
    arrow = next((index for index, token in enumerate(trouble.tokens) if token.type == "ARROW"), len(trouble.tokens))
    last = trouble.at(arrow - 1)
    right = f"{trouble.text(3, arrow - 1)} as {name.value}"
    mistake = Mistake("E111", "a step gets its name with `as`, not with `=`", help="write `{right}`", right=right)
    alias = [lexeme("AS", "as", last.end_pos, last.end_pos), lexeme("NAME", name.value, *_ends(name))]
    tokens = [trouble.tokens[0], *trouble.tokens[3:arrow], *alias, *trouble.tokens[arrow:]]
    edits = (name.start_pos, rest[0].start_pos, ""), (last.end_pos, last.end_pos, f" as {name.value}")
    return trouble.hint(mistake, tokens, *edits)


def _is_step(tokens: list[Lexeme]) -> bool:
    if tokens[0].type != "NAME":
        return tokens[0].type in ("FROM", "APPLY", "RESIDUAL", "BRANCH", "FROZEN", "REPEAT")
    following = tokens[1].type if len(tokens) > 1 else ""
    if following in ("CALL", "LPAR"):
        return tokens[0].value not in FUNCTIONS
    return following not in OPERATORS and following != "LSQB"


def _semicolon_before(trouble: Trouble) -> int | None:
    """Where the `;` stands that ends a layer before this line, in the same line of text."""
    start = trouble.head.start_pos
    before = trouble.source.text[trouble.source.text.rfind("\n", 0, start) + 1 : start].rstrip()
    step = re.fullmatch(r"[^#]*?(\w+)\b[^#|;{}]*;", before)
    return len(trouble.source.text[:start].rstrip()) - 1 if step and step[1] != "let" else None


def colon(trouble: Trouble) -> Hint | None:
    """`repeat 3:` as in Python, `conv filters: 6`, `let k: 3`, `input x = 3x3`."""
    if trouble.token.type == "EQUAL" and trouble.head.type == "INPUT" and trouble.index == 3:
        mistake = Mistake("E104", "a name for an input ends with a colon", help="write `{right}`")
        mistake.values["right"] = f"input {trouble.before.value}: {trouble.text(4, len(trouble.tokens) - 1)}"
        return _replaced(trouble, mistake, "COLON", ":")
    if trouble.token.type != "COLON":
        return None
    if trouble.index == len(trouble.tokens) - 1:
        body = trouble.text(1, trouble.index - 1)
        mistake = Mistake("E104", "a body stands in braces, not after a colon", help="write `{right}`")
        mistake.values["right"] = f"{body} {{ ... }}"
        return trouble.hint(mistake)._replace(needs_body=True)
    if trouble.before.type != "NAME" or trouble.index == 2:
        return None
    mistake = Mistake("E104", "a value is given with `=`", help="write `{right}`")
    mistake.values["right"] = f"{trouble.before.value}={trouble.at(trouble.index + 1).value}"
    return _replaced(trouble, mistake, "EQUAL", "=")


def chained_comparison(trouble: Trouble) -> Hint | None:
    """`1 < n < 5`."""
    if trouble.token.type not in COMPARISONS:
        return None
    first = trouble.index - 1
    while first > 0 and trouble.at(first).type not in COMPARISONS:
        first -= 1
    middle = trouble.tokens[first + 1 : trouble.index]
    if first == 0 or not middle:
        return None
    value = trouble.text(first + 1, trouble.index - 1)
    right = f"{value} {trouble.token.value} {trouble.at(trouble.index + 1).value}"
    mistake = Mistake("E104", "comparisons cannot be chained", help="write `... and {right}`", right=right)
    place = trouble.token.start_pos
    both = lexeme("AND", "and", place, place)
    tokens = [*trouble.tokens[: trouble.index], both, *middle, *trouble.tokens[trouble.index :]]
    return trouble.hint(mistake, tokens, (place, place, f"and {value} "))


# --- words -----------------------------------------------------------------------------------------------------------


def foreign_word(trouble: Trouble) -> Hint | None:
    """`elif`, `def`, `while`, `260 parameters`."""
    if trouble.token.value.startswith("param") and trouble.before.type in OPERANDS | CLOSERS:
        mistake = Mistake("E104", "a count is given in `params`", help="write `{right}`")
        mistake.values["right"] = f"{trouble.before.value} params"
        return _replaced(trouble, mistake, "PARAMS", "params")
    place = trouble.token if trouble.token.value == "elif" else trouble.head
    remedies = {"elif": "else if", "def": "block", "layer": "block", "function": "block", "while": "repeat"}
    remedies |= {"variants": "variant", "variante": "variant"}
    if place.type != "NAME" or place.value not in remedies:
        return None
    right = remedies[place.value]
    mistake = Mistake("E118", "`{word}` is not a word of the language", help="write `{right}`", word=place.value)
    mistake.values["right"] = right
    start, end = _ends(place)
    index = trouble.tokens.index(place)
    if place.value == "while":
        return trouble.hint(mistake, place=place)
    words = [lexeme(word.upper(), word, start, end) for word in right.split()]
    tokens = [*trouble.tokens[:index], *words, *trouble.tokens[index + 1 :]]
    at_home = place.value != "elif" or trouble.tokens[0].type == "RBRACE"
    return trouble.hint(mistake, tokens if at_home else (), (start, end, right), place=place)


def symbol_as_name(trouble: Trouble) -> Hint | None:
    """`K=3`, `relu as K`, `model m(K=3)`: one capital letter is a symbolic size."""
    index = trouble.index - (trouble.token.type == "EQUAL")
    symbol = trouble.at(index)
    setting = trouble.before.type in ("LPAR", "CALL", "COMMA") and trouble.at(trouble.index + 1).type == "EQUAL"
    named = trouble.token.type == "EQUAL" or trouble.before.type in NAMED or setting
    if symbol.type != "SYMBOL" or not named:
        return None
    right = symbol.value.lower()
    mistake = Mistake("E110", "`{word}` is not in lower_snake letters", help="write `{right}`", word=symbol.value)
    mistake.values["right"] = right
    name = lexeme("NAME", right, *_ends(symbol))
    tokens = [*trouble.tokens[:index], name, *trouble.tokens[index + 1 :]]
    return trouble.hint(mistake, tokens, (*_ends(symbol), right), place=symbol)


def reserved_word(trouble: Trouble) -> Hint | None:
    """`conv 3 as in`, `let for = 3`."""
    following = trouble.at(trouble.index + 1).type
    if trouble.token.type not in KEYWORDS:
        return None
    if trouble.before.type not in NAMED and not (following == "EQUAL" and trouble.before.type != "NL"):
        return None
    word = trouble.token.value
    mistake = Mistake(
        "E117", "`{word}` is a word of the language", help="choose another name, such as `my_{word}`", word=word
    )
    return trouble.hint(mistake)


def misplaced_word(trouble: Trouble) -> Hint | None:
    """`else` without `if`, and statements in the middle of a line."""
    kind, word = trouble.token.type, trouble.token.value
    if kind in ("ELSE", "SHORTCUT"):
        owner = "if" if kind == "ELSE" else "residual"
        mistake = Mistake("E104", "`{word}` has no `{owner}` before it", word=word, owner=owner)
        mistake.help = "write it after the `}}` of the `{owner}`"
        return trouble.hint(mistake)
    if kind not in FORMS or trouble.before.type not in OPERANDS | CLOSERS | {"PIPE", "RBRACE"} or kind == "IF":
        return None
    if trouble.before.type == "RBRACE":
        return None
    inside = kind == "EXPECT" and trouble.head.type == "VARIANT"
    mistake = Mistake(
        "E113",
        "`{word}` cannot stand here",
        help="put it in braces: `{{ expect … }}`" if inside else "begin a new line with it",
        word=word,
    )
    return trouble.hint(mistake)


# --- what is missing -------------------------------------------------------------------------------------------------


def missing_line_end(trouble: Trouble) -> Hint | None:
    """`} relu`: a new line, or `|`."""
    if trouble.before.type != "RBRACE" or not (trouble.token.type == "NAME" or trouble.token.type in FORMS):
        return None
    mistake = Mistake("E104", "after `}}` a new line begins", help="write `{word}` on its own line, or `|` before it")
    mistake.values["word"] = trouble.token.value
    tokens = [*trouble.tokens[: trouble.index], NEW_STATEMENT, *trouble.tokens[trouble.index :]]
    return trouble.hint(mistake, tokens)


def missing_comma(trouble: Trouble) -> Hint | None:
    """`conv 6 f=5`."""
    kind = trouble.token.type
    if trouble.before.type not in OPERANDS | CLOSERS or not (kind in OPERANDS or kind in ("LSQB", "LPAR")):
        return None
    if not trouble.depth and trouble.head.type in WITHOUT_COMMAS:
        return None
    two_layers = kind == "NAME" and trouble.at(trouble.index + 1).type not in ("EQUAL", "COMMA")
    if kind == "NUMBER" and trouble.before.type == "NAME" and trouble.starts_step(trouble.index - 2):
        two_layers = True
    if two_layers and not trouble.depth and trouble.head.type == "NAME":
        word = trouble.before if kind == "NUMBER" else trouble.token
        mistake = Mistake("E115", "`|` or a comma is missing before `{word}`", word=word.value)
        mistake.help = "write `| {word}` for the next layer, `, {word}` for an argument"
        return trouble.hint(mistake, place=word)
    place = trouble.before.end_pos
    right = f"{trouble.before.value}, {trouble.token.value}"
    if trouble.at(trouble.index + 1).type == "EQUAL":
        right += f"={trouble.at(trouble.index + 2).value}"
    mistake = Mistake("E115", "a comma is missing before `{word}`", help="write `{right}`", word=trouble.token.value)
    mistake.values["right"] = right
    tokens = [*trouble.tokens[: trouble.index], lexeme("COMMA", ",", place, place), *trouble.tokens[trouble.index :]]
    return trouble.hint(mistake, tokens, (place, place, ","))


def missing_params(trouble: Trouble) -> Hint | None:
    """`-> 12x12x10, 260`."""
    arrow = next((index for index, token in enumerate(trouble.tokens) if token.type == "ARROW"), None)
    at_end = trouble.token.type == "NL" and trouble.before.type in OPERANDS | CLOSERS
    if arrow is None or not at_end or trouble.depth or trouble.head.type == "EXAMPLE":
        return None
    if not any(token.type == "COMMA" for token in trouble.tokens[arrow : trouble.index]):
        return None
    place = trouble.before.end_pos
    right = f"{trouble.before.value} params"
    mistake = Mistake("E104", "the count after the size lacks its unit", help="write `{right}`", right=right)
    tokens = [*trouble.tokens[: trouble.index], lexeme("PARAMS", "params", place, place)]
    return trouble.hint(mistake, tokens, (place, place, " params"), place=trouble.before)


def missing_body(trouble: Trouble) -> Hint | None:
    """`repeat 3` without its brace."""
    owner = next((token for token in reversed(trouble.tokens) if token.type in BODIES), None)
    if trouble.index < len(trouble.tokens) or owner is None or trouble.before.type in NEEDS:
        return None
    if owner.type == "IF" and trouble.head.type not in ("IF", "ELSE", "RESIDUAL"):
        return None
    mistake = Mistake("E104", "`{word}` needs a body in braces", help="write `{right}`", word=owner.value)
    mistake.values["right"] = f"{trouble.text(1, len(trouble.tokens) - 1)} {{ ... }}"
    return trouble.hint(mistake, place=owner)._replace(needs_body=True)


def trailing_comma(trouble: Trouble) -> Hint | None:
    """`conv 6,` at the end."""
    if trouble.before.type != "COMMA" or trouble.token.type not in ("NL", "PIPE", "ARROW", "AS", "LBRACE"):
        return None
    comma = trouble.before
    mistake = Mistake("E104", "nothing follows the comma", help="remove the comma")
    tokens = [*trouble.tokens[: trouble.index - 1], *trouble.tokens[trouble.index :]]
    return trouble.hint(mistake, tokens, (comma.start_pos, comma.end_pos, ""), place=comma)


def anything(trouble: Trouble) -> Hint:
    """What is missing before the token, or that it is one too many."""
    before, token = trouble.before, trouble.token
    form = FORMS.get(trouble.head.type, "")
    if before.type in NEEDS and before is not NEW_STATEMENT:
        mistake = Mistake("E104", "{what} is missing after `{word}`", what=needed(before.type), word=before.value)
        place = lexeme("NL", "", before.end_pos, before.end_pos) if token.type == "NL" else token
    elif token.type == "NL":
        mistake = Mistake("E104", "the line ends too early", label="")
        place = before
    else:
        mistake = Mistake("E104", "`{word}` does not fit here", word=token.value)
        place = token
    if form:
        mistake.help = "write it like `{form}`"
        mistake.values["form"] = form
    elif trouble.index == 1:
        mistake.help = "begin with a layer, or a word such as `input`"
    return trouble.hint(mistake, place=place)._replace(vague=True)


def _ends(token: Lexeme) -> tuple[int, int]:
    return token.start_pos, token.end_pos


HINTS: tuple[Callable[[Trouble], Hint | None], ...] = (
    call_with_parentheses,
    tuple_in_parentheses,
    size_with_spaces,
    size_with_commas,
    quoted_name,
    missing_parentheses,
    missing_equals,
    number_with_spaces,
    single_equals,
    assignment,
    colon,
    chained_comparison,
    foreign_word,
    symbol_as_name,
    reserved_word,
    misplaced_word,
    missing_line_end,
    missing_comma,
    missing_params,
    missing_body,
    trailing_comma,
    anything,
)
