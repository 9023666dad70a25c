"""W107: a comment that allows findings where there are none."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cnnspec.codes import CODES
from cnnspec.diagnostics import Diagnostic, Edit, Fix
from cnnspec.language import say
from cnnspec.lint._noqa import UNUSED, Allowance, Suppressions
from cnnspec.source import Source, Span

CODE = "W107"
DEFAULT = True
ON_GRAPHS = False


def check_suppressions(
    source: Source, suppressions: Suppressions, judged: Collection[str] | None, unreached: Collection[int]
) -> Iterator[Diagnostic]:
    """Comments with a code that met no finding. `judged` are the codes that were looked for, None where not all is
    known: then only codes that do not exist count.

    The lines `unreached` hold layers that no network has, so that nothing is known of them.
    """
    for one, met in suppressions.met.items():
        if one.codes is None:
            if judged is not None and not met and not _unknown_yet(one, "", unreached):
                yield _finding(source, one, say("this comment allows nothing"), say("there is no finding"), ())
            continue
        idle = [code for code in one.codes if _is_idle(code, met, judged) and not _unknown_yet(one, code, unreached)]
        if idle or not (one.codes or judged is None):
            yield _some(source, one, idle)


def _is_idle(code: str, met: Collection[str], judged: Collection[str] | None) -> bool:
    if judged is None:
        return code not in CODES
    looked_for = code in judged or code not in CODES or code.startswith("E")
    return looked_for and code not in met and code != UNUSED


def _unknown_yet(one: Allowance, code: str, unreached: Collection[int]) -> bool:
    """Whether a layer may be there that has the finding in some other use of the file."""
    if code and code not in CODES:
        return False
    return not code.startswith(("W1", "E")) and bool(unreached if one.whole_file else one.row in unreached)


def _some(source: Source, one: Allowance, idle: list[str]) -> Diagnostic:
    if not one.codes:
        return _finding(source, one, say("this comment names no code, so that it allows nothing"), "", ())
    listed = _listed(one, idle)
    kept = tuple(code for code in one.codes if code not in idle)
    unknown = [code for code in idle if code not in CODES]
    if unknown:
        return _finding(source, one, _no_code(one, _listed(one, unknown), others=len(unknown) < len(idle)), "", kept)
    if len(idle) == 1 and idle[0].startswith("E"):
        return _finding(source, one, say("{listed} is an error, which no comment allows", listed=listed), "", kept)
    if one.whole_file:
        return _finding(source, one, say("the file has no finding {listed} to allow", listed=listed), "", kept)
    return _finding(source, one, say("this line has no finding {listed} to allow", listed=listed), "", kept)


def _no_code(one: Allowance, listed: str, *, others: bool) -> str:
    if not others:
        return say("there is no code {listed}", listed=listed)
    if one.whole_file:
        return say("there is no code {listed}, and the file has nothing else to allow", listed=listed)
    return say("there is no code {listed}, and this line has nothing else to allow", listed=listed)


def _finding(source: Source, one: Allowance, message: str, label: str, kept: tuple[str, ...]) -> Diagnostic:
    edit = _without(source.text, one) if not kept else _keeping(one, kept)
    what = say("keep `{comment}`", comment="noqa: " + _words(one, kept)) if kept else say("remove the comment")
    return Diagnostic(CODE, message, source, one.words, label=label, help=what, fix=Fix("safe", what, (edit,)))


def _keeping(one: Allowance, kept: tuple[str, ...]) -> Edit:
    return Edit(one.words, "noqa: " + _words(one, kept))


def _words(one: Allowance, codes: Collection[str]) -> str:
    """The codes as the comment names them."""
    return ", ".join(one.names[code] for code in codes)


def _listed(one: Allowance, codes: Collection[str]) -> str:
    return ", ".join(f"`{one.names[code]}`" for code in codes)


def _without(text: str, one: Allowance) -> Edit:
    """Takes the words out; the comment goes with them where it says nothing else, and the line where that is all."""
    head = "" if one.whole_file else text[one.comment.start : one.words.start].strip(" \t#:,;")
    tail = text[one.words.end : one.comment.end].strip(" \t#:,;")
    if head or tail:
        return Edit(one.comment, f"# {head} {tail}" if head and tail else f"# {head or tail}")
    start, end = one.comment
    while start and text[start - 1] in " \t":
        start -= 1
    if start == 0 or text[start - 1] in "\n\r":
        end += 2 if text.startswith("\r\n", end) else len(text[end : end + 1])
    return Edit(Span(start, end), "")
