"""Hints about parentheses: layers take none, and sizes and lists are not written in them."""

from __future__ import annotations

from cnnspec.diagnostics import Mistake
from cnnspec.syntax.tokens import Lexeme, lexeme
from cnnspec.syntax.trouble import OPENERS, Hint, Trouble


def call_with_parentheses(trouble: Trouble) -> Hint | None:
    """`conv(6, f=5)`: a layer takes no parentheses."""
    opener = trouble.index
    while opener > 1 and not (trouble.at(opener).type in OPENERS and trouble.starts_step(opener - 1)):
        opener -= 1
    closer = trouble.partner(opener)
    if opener <= 1 or trouble.at(opener).type == "LSQB" or closer == len(trouble.tokens) or _is_tuple(trouble, opener):
        return None
    last = closer - 1 if trouble.at(closer - 1).type == "COMMA" else closer
    kind, begin = trouble.at(opener - 1), opener + 1
    size = _size(trouble, begin)
    if size is not None:  # `maxpool((3, 2))`: only the outer parentheses are too many
        begin = trouble.partner(begin) + 1
    inner = " ".join(filter(None, (size and size.value, trouble.text(begin, last - 1)))).replace(" ,", ",")
    right = f"{kind.value} {inner}".strip()
    mistake = Mistake("E108", "`{kind}` takes no parentheses", help="write `{right}`", kind=kind.value, right=right)
    rest = [*([] if size is None else [size]), *trouble.tokens[begin:last], *trouble.tokens[closer + 1 :]]
    edits = (
        (kind.end_pos, trouble.at(begin - 1).end_pos, f" {size.value}" if size else " " if inner else ""),
        (trouble.at(last).start_pos, trouble.at(closer).end_pos, ""),
    )
    return trouble.hint(mistake, [*trouble.tokens[:opener], *rest], *edits, place=trouble.at(opener))


def _size(trouble: Trouble, opener: int) -> Lexeme | None:
    """`(28, 28, 1)` as a size, where these parentheses hold numbers and nothing else."""
    closer = trouble.partner(opener) if trouble.at(opener).type == "LPAR" else 0
    inner = trouble.tokens[opener + 1 : closer]
    if not any(token.type == "COMMA" for token in inner) or inner[-1].type == "COMMA":
        return None
    if not all(token.type in ("NUMBER", "COMMA", "SYMBOL") for token in inner):
        return None
    right = "x".join(token.value for token in inner if token.type != "COMMA")
    return lexeme("SIZE", right, trouble.at(opener).start_pos, trouble.at(closer).end_pos)


def _is_tuple(trouble: Trouble, opener: int) -> bool:
    """Whether the trouble lies in parentheses inside these, or these are the first argument: `maxpool (3, 2), 2`."""
    inner = next(i for i in range(trouble.index, opener - 1, -1) if i == opener or trouble.at(i).type == "LPAR")
    if inner != opener and trouble.partner(inner) >= trouble.index:
        return True
    after = trouble.partner(opener) + 1
    return trouble.at(opener).type == "LPAR" and after < len(trouble.tokens) and trouble.at(after).type == "COMMA"


def tuple_in_parentheses(trouble: Trouble) -> Hint | None:
    """`(28, 28, 1)` is a size or a list."""
    if trouble.token.type != "COMMA":
        return None
    opener = trouble.index
    while opener > 1 and trouble.at(opener).type != "LPAR":
        opener -= 1
    closer = trouble.partner(opener)
    if opener <= 1 or closer < trouble.index or closer == len(trouble.tokens):
        return None
    inner = trouble.tokens[opener + 1 : closer]
    first, last = trouble.at(opener), trouble.at(closer)
    size = _size(trouble, opener)
    if size is not None:
        right, new = size.value, [size]
    else:
        right = f"[{trouble.text(opener + 1, closer - 1)}]"
        left, close = (
            lexeme(kind, sign, at.start_pos, at.end_pos)
            for kind, sign, at in (("LSQB", "[", first), ("RSQB", "]", last))
        )
        new = [left, *inner, close]
    mistake = Mistake("E104", "a list or a size does not stand in parentheses", help="write `{right}`", right=right)
    tokens = [*trouble.tokens[:opener], *new, *trouble.tokens[closer + 1 :]]
    return trouble.hint(mistake, tokens, (first.start_pos, last.end_pos, right), place=first)
