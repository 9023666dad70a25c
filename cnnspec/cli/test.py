"""`cnnspec test`: runs the `example` lines and compares."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from cnnspec.cli._common import UsageError, add_spec, describe_problem, load_network, print_diagnostics, spec_paths
from cnnspec.cli._weights import add_weights, mention_random, source_of
from cnnspec.diagnostics import CnnSpecError
from cnnspec.files import FileProblem
from cnnspec.language import digits, language, plural, say

if TYPE_CHECKING:
    from cnnspec.runtime.examples import Result

HELP = "Runs the `example` lines in onnxruntime and compares, to the digits printed."
EPILOG = """\
examples:
  cnnspec test xor.cnn
  cnnspec test examples/lectures/*.cnn
  cnnspec test digits.cnn --weights digits.safetensors
"""
SHOWN = 8  # numbers of a long value
SHORT = 6  # numbers that have room in the line of the example
LONGEST = 90


def configure(parser: argparse.ArgumentParser) -> None:
    add_spec(parser, many=True)
    add_weights(parser, initialiser=False)


def run(args: argparse.Namespace) -> int:
    if args.weights and len(args.files) > 1:
        raise UsageError(say("--weights belongs to one network: give one FILE"))
    broken, counts = False, [0, 0]
    for path in spec_paths(args.files):
        try:
            for result in _results(path, args):
                counts[result.ok] += 1
                sys.stdout.write(_describe(result))
        except CnnSpecError as error:
            print_diagnostics(error.diagnostics)
            broken = True
        except FileProblem as problem:
            sys.stdout.write(describe_problem(problem))
            broken = True
    failed, passed = counts
    if failed or passed:
        total = plural("{n} example", "{n} examples", failed + passed)
        counts_of = [
            plural("{n} ok", "{n} ok", passed),
            *([plural("{n} failed", "{n} failed", failed)] if failed else []),
        ]
        sys.stdout.write(say("{name}: {text}", name=total, text=", ".join(counts_of)) + "\n")
    return 1 if failed or broken else 0


def _results(path: str, args: argparse.Namespace) -> list[Result]:
    net = load_network(args, path)
    if not net.examples:
        sys.stdout.write(say("{filename}: no `example` lines", filename=net.source.filename) + "\n")
        return []
    from cnnspec.runtime import session_from
    from cnnspec.runtime.examples import is_judged, run_examples
    from cnnspec.runtime.session import RunProblem

    for example in net.examples:
        if not is_judged(example):
            row = example.source.row(example.span.start)
            sys.stdout.write(f"{example.source.filename}:{row}: {say('open  a blank is not judged')}\n")
    if not any(map(is_judged, net.examples)):
        return []
    mention_random(net, args)
    try:
        return run_examples(net, session_from(net, source_of(net, args), "cpu"))
    except RunProblem as problem:
        raise FileProblem(net.source.filename, problem.message, help=problem.help) from problem


def _describe(result: Result) -> str:
    """`xor.cnn:5: ok  example [0, 0] -> 0.299   got 0.298993`; what is long or wrong gets lines of its own."""
    text = _cut(_tidy(result.source.text[result.span.start : result.span.end]))
    head = f"{result.source.filename}:{result.row}: {say('ok') if result.ok else say('FAILED')}  {text}"
    shown = [  # a blank keeps its answer
        tuple(None if blank is None else number for blank, number in zip_longest(expected, got, fillvalue=0.0))
        for expected, got in zip(result.expected, result.got, strict=True)
    ]
    if result.ok and sum(map(len, shown)) <= SHORT and len(text) <= LONGEST // 2:
        return f"{head}   {say('got')} {'; '.join(map(_numbers, shown))}\n"
    lines = [head]
    width = max(8, len(say("expected")), len(say("got")))
    for expected, got in zip(result.expected, shown, strict=True):
        if not result.ok:
            lines.append(f"    {say('expected'):<{width}} {_numbers(expected)}")
        lines.append(f"    {say('got'):<{width}} {_numbers(got)}")
    if not result.ok and result.worst:
        lines.append(f"    {say('largest difference {difference}', difference=digits(result.worst))}")
    return "\n".join(lines) + "\n"


def _tidy(text: str) -> str:
    """An example that stands on several lines, on one."""
    line = re.sub(r"#.*", "", text)
    return re.sub(r",?\s+\]", "]", re.sub(r"\[\s+", "[", " ".join(line.split())))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _numbers(values: Sequence[float | None]) -> str:
    between = "; " if language() == "fr" else ", "  # the comma stands in the numbers there
    shown = between.join("?" if value is None else digits(value) for value in values[:SHOWN])
    return say("{shown}, ... ({n} numbers)", shown=shown, n=len(values)) if len(values) > SHOWN else shown
