"""One diagnostic as people read it: header, place, excerpt, arithmetic, remedy."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.diagnostics import ERROR, Diagnostic
from cnnspec.language import say
from cnnspec.report.checked import relative
from cnnspec.report.excerpt import PRIMARY, SECONDARY, Line, Mark, excerpt, visible, widest
from cnnspec.source import Source

RESET, BOLD, RED, YELLOW, BLUE = "\x1b[0m", "\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m"


def one_diagnostic(d: Diagnostic, *, color: bool = False) -> str:
    """One diagnostic, as several lines that end with a newline."""
    paint = _paint if color else _plain
    tone = RED if d.severity == ERROR else YELLOW
    groups = _groups(d)
    pad = " " * (widest(line.number for _, lines in groups for line in lines) + 1)
    severity = say("error") if d.severity == ERROR else say("finding")
    out = [
        paint(f"{severity}[{d.code}]", tone)
        + paint(" " + say("{name}: {text}", name=d.name, text=visible(d.message)), BOLD)
    ]
    for i, (source, lines) in enumerate(groups):
        arrow = "-->" if i == 0 else ":::"
        place = f":{d.row}:{d.column}" if i == 0 else ""
        out.append(f"{pad}{paint(arrow, BLUE)} {visible(relative(source.filename))}{place if source.text else ''}")
        out += _excerpt(lines, pad, tone, color=color)
    remarks = [*map(visible, (*d.trace, *d.notes))]
    remedy = d.help or (d.fix.message if d.fix else "")
    if remedy:
        remarks.append(f"{paint(say('help:'), BOLD)} {visible(remedy)}")
    if remarks and groups[0][1]:
        out.append(f"{pad} {paint('|', BLUE)}")
    out += [f"{pad} {paint('=', BLUE)} {remark}" for remark in remarks]
    return "\n".join(out) + "\n"


def _groups(d: Diagnostic) -> list[tuple[Source, list[Line]]]:
    """The excerpt of the diagnostic's own file, then those of other files that it speaks of."""
    marks: dict[int, tuple[Source, list[Mark]]] = {id(d.source): (d.source, [Mark(d.span, d.label, True)])}
    for label in d.labels:
        marks.setdefault(id(label.source), (label.source, []))[1].append(Mark(label.span, label.text, False))
    return [(source, excerpt(source, found) if source.text else []) for source, found in marks.values()]


def _excerpt(lines: Sequence[Line], pad: str, tone: str, *, color: bool) -> list[str]:
    if not lines:
        return []
    paint = _paint if color else _plain
    bar = paint("|", BLUE)
    out = [f"{pad} {bar}"]
    for line in lines:
        if line.number < 0:
            out.append(f"{' ' * (len(pad) - 1)}{paint('...', BLUE)}")
        elif line.number:
            out.append(f"{paint(str(line.number).rjust(len(pad)), BLUE)} {bar} {line.text}".rstrip())
        else:
            out.append(f"{pad} {bar} {_colored(line, tone) if color else line.text}".rstrip())
    return out


def _colored(line: Line, tone: str) -> str:
    """The marks in the colours of their kinds."""
    out, state = [], " "
    for char, kind in zip(line.text, line.marks.ljust(len(line.text)), strict=False):
        if kind not in (state, " "):
            out.append({PRIMARY: tone, SECONDARY: BLUE}[kind])
            state = kind
        out.append(char)
    return "".join(out) + RESET


def _paint(text: str, tone: str) -> str:
    return f"{tone}{text}{RESET}"


def _plain(text: str, tone: str) -> str:  # noqa: ARG001
    return text
