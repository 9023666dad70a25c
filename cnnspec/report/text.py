"""Diagnostics as people read them, and a line that counts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import plural, say
from cnnspec.report.checked import Checked, count_errors, each_once, relative
from cnnspec.values import show_count

RESET, RED, YELLOW, GREEN = "\x1b[0m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;32m"


class Mended(NamedTuple):
    """What fixes have done, and whether unsafe ones count as those that `--fix` makes."""

    fixed: int = 0
    unsafe: bool = False


NOTHING = Mended()


def render(checked: Sequence[Checked], *, color: bool = False, closing: bool = True, mended: Mended = NOTHING) -> str:
    """All diagnostics of these files, then a line that counts them, and what fixes have done or could do."""
    found = [d for _, diagnostics in each_once(checked) for d in diagnostics]
    parts = []
    if found:  # what good files do not need is not imported
        from cnnspec.report.message import one_diagnostic

        parts = [one_diagnostic(d, color=color) for d in found]
    if closing:
        parts.append(_closing(checked, color, mended))
    return "\n".join(parts)


def _closing(checked: Sequence[Checked], color: bool, mended: Mended) -> str:
    def paint(text: str, tone: str) -> str:
        return f"{tone}{text}{RESET}" if color else text

    files = [(one, diagnostics) for one, diagnostics in each_once(checked)]
    found = [d for _, diagnostics in files for d in diagnostics]
    lines = [
        plural("{name}: {n} blank to fill", "{name}: {n} blanks to fill", one.blanks, name=_name(one))
        for one in checked
        if one.blanks
    ]
    if not found:
        said = paint(say("all good"), GREEN)
        if not lines or len(checked) != 1:  # an exercise keeps its answers
            said = say("{name}: {text}", name=said, text=_figures(checked))
        fixed = f" ({plural('{n} fixed', '{n} fixed', mended.fixed)})" if mended.fixed else ""
        lines.append(said + fixed)
        return "\n".join(lines) + "\n"
    errors = count_errors(found)
    counts = [plural("{n} error", "{n} errors", errors)] if errors else []
    if len(found) > errors:
        counts.append(plural("{n} finding", "{n} findings", len(found) - errors))
    said = ", ".join(counts)
    where = len({d.filename for d in found})
    if len(checked) > 1 or where > 1:
        said = plural("{counts} in {n} file", "{counts} in {n} files", where, counts=said)
    fixed = f" ({plural('{n} more fixed', '{n} more fixed', mended.fixed)})" if mended.fixed else ""
    lines.append(paint(said, RED if errors else YELLOW) + fixed)
    lines += _what_fixes_can_do(files, mended)
    return "\n".join(lines) + "\n"


def _what_fixes_can_do(files: Sequence[tuple[Checked, Sequence[Diagnostic]]], mended: Mended) -> list[str]:
    """How many diagnostics could be mended: those of the files themselves, not of the ones that they use."""
    fixes = [d.fix for one, diagnostics in files for d in diagnostics if d.fix and d.filename == one.filename]
    safe = len(fixes) if mended.unsafe else sum(fix.applicability == "safe" for fix in fixes)
    unsafe = len(fixes) - safe
    parts = [plural("{n} can be fixed with `--fix`", "{n} can be fixed with `--fix`", safe)] if safe else []
    if unsafe and safe:
        parts.append(plural("{n} more with `--fix --unsafe-fixes`", "{n} more with `--fix --unsafe-fixes`", unsafe))
    elif unsafe:
        one, many = "{n} can be fixed with `--fix --unsafe-fixes`", "{n} can be fixed with `--fix --unsafe-fixes`"
        parts.append(plural(one, many, unsafe))
    return [", ".join(parts)] if parts else []


def _figures(checked: Sequence[Checked]) -> str:
    """What a clean run says of its files: the figures of a single network, else how many there were."""
    several = sum(one.variants for one in checked)
    variants = f", {plural('{n} variant', '{n} variants', several)}" if several else ""
    if len(checked) != 1:
        return plural("{n} file", "{n} files", len(checked)) + variants
    net = checked[0].network
    if net is None or not net.layers:
        return say("{name} has no layers", name=_name(checked[0]))
    figures = say("{params} parameters, {macs} MACs", params=show_count(net.params), macs=show_count(net.macs))
    return f"{plural('{n} layer', '{n} layers', len(net.layers))}, {figures}{variants}"


def _name(one: Checked) -> str:
    name = relative(one.filename)
    if name.isprintable():
        return name
    from cnnspec.report.excerpt import visible

    return visible(name)
