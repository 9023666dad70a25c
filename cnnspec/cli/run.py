"""`cnnspec run`: inference in onnxruntime."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cnnspec.cli._common import UsageError, add_settings, describe_problem, load_network, number, whole
from cnnspec.cli._weights import add_weights, mention_random, source_of
from cnnspec.files import FileProblem
from cnnspec.language import plural, say

if TYPE_CHECKING:
    from cnnspec.runtime.batches import Item
    from cnnspec.runtime.images import Preparation
    from cnnspec.runtime.session import Session

HELP = "Runs a network, or a compiled .onnx model, on images, folders, arrays or vectors."
EPILOG = """\
examples:
  cnnspec run digits.cnn --weights digits.safetensors three.png
  cnnspec run digits.onnx images/ --top 1 --format csv           every image of a folder, in alphabetical order
  cnnspec run resnet50.onnx cat.jpg --labels imagenet.txt --resize crop \\
      --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225
  cnnspec run edges.cnn photo.jpg -o maps/                       a PNG for each feature map
  cnnspec run xor.cnn "0, 1" points.txt                          vectors: one a line
  cnnspec run twins.cnn left=a.png,right=b.png                   several inputs

Images get the input's size and channels, and their values, 0 to 255, are divided by 255. For `input HxWx3` each keeps
its own size, for `input [16 * H, 16 * W, 3]` it gets the nearest that fits. Photographs are turned as their EXIF data
say, transparent parts become white, colour becomes grey by ITU-R 601. Arrays (.npy, .npz) and texts are taken as they
are. Values are shown as the network gives them: write `softmax` in the network to see probabilities.
"""
FORMATS = ("text", "json", "csv")
RESIZES = ("stretch", "crop", "pad", "none")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a .cnn file, a compiled .onnx model, or - for standard input")
    add_settings(parser)
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="image, folder, .npy, .npz, .txt, .csv, numbers, -")
    add_weights(parser)
    group = parser.add_argument_group("images")
    group.add_argument("--resize", choices=RESIZES, default="stretch", help="way to the right size (default: stretch)")
    group.add_argument("--scale", type=number, default=255.0, metavar="X", help="divides the pixels (default: 255)")
    group.add_argument(
        "--mean", type=_numbers, default=(), metavar="M,M", help="then subtracted, one for all or for each channel"
    )
    group.add_argument("--std", type=_numbers, default=(), metavar="S,S", help="then divided by")
    group.add_argument("--invert", action="store_true", help="black on white becomes white on black")
    group = parser.add_argument_group("running")
    group.add_argument("--provider", choices=("auto", "cpu", "cuda"), default="auto", help="where (default: auto)")
    group.add_argument("--batch", type=_positive, default=32, metavar="N", help="items at a time (default: 32)")
    group = parser.add_argument_group("results")
    group.add_argument("--top", type=_positive, default=5, metavar="K", help="highest values shown (default: 5)")
    group.add_argument("--labels", metavar="FILE", help="names of the classes, one a line")
    group.add_argument("--format", choices=FORMATS, default="text", help="form of the output (default: text)")
    group.add_argument("-o", "--output", metavar="OUT", help="outputs as OUT.npz, or feature maps in a folder OUT/")


def run(args: argparse.Namespace) -> int:
    how = _preparation(args)
    collect = _collector(args.output)
    session = _session(args)
    from cnnspec.runtime.batches import expand, run_batches

    paths, problems = expand(args.inputs)
    _mention_images(paths, session, how)
    report = _Report(args, session, collect, len(paths))
    for problem in problems:
        report.failed(problem)
    for result in run_batches(session, _items(paths, session, how, report), args.batch, report.failed):
        report.add(result)
    report.close()
    return 1 if report.failures else 0


def _items(paths: list[str], session: Session, how: Preparation, report: _Report) -> Iterator[Item]:
    from cnnspec.runtime.batches import read_items

    for path in paths:
        try:
            yield from read_items(path, session.inputs, how, sys.stdin)
        except FileProblem as problem:
            report.failed(problem)
        report.done()


class _Report:
    """Writes results as they come, and counts what could not be run."""

    def __init__(self, args: argparse.Namespace, session: Session, collect: Any, files: int) -> None:
        from cnnspec.runtime import results

        labels = results.read_labels(args.labels) if args.labels else ()
        if labels:
            results.check_labels(args.labels, labels, session.outputs)
        self.failures = 0
        self._view = results.View(args.top, labels)
        self._format = args.format
        self._collect, self._output = collect, args.output
        renderers = {"text": results.as_text, "json": results.as_json, "csv": results.as_csv}
        self._render = renderers[args.format]
        self._count = 0
        self._bar: Any = None
        if files > 1 and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=files, unit=f" {say('files')}", leave=False, file=sys.stderr)
        if self._format == "csv":
            self._write(",".join(results.COLUMNS) + "\n")

    def add(self, result: Any) -> None:
        before = {"json": "[\n" if not self._count else ",\n"}.get(self._format, "")
        self._write(before + self._render(result, self._view))
        self._count += 1
        if self._collect is not None:
            self._collect.add(result)

    def failed(self, problem: FileProblem) -> None:
        self.failures += 1
        self._write(describe_problem(problem), sys.stdout if self._format == "text" else sys.stderr)

    def done(self) -> None:
        if self._bar is not None:
            self._bar.update(1)

    def close(self) -> None:
        if self._format == "json":
            self._write("\n]\n" if self._count else "[]\n")
        if self._bar is not None:
            self._bar.close()
        if self._collect is not None and hasattr(self._collect, "write"):
            self._collect.write()
        elif self._collect is not None:
            said = plural(
                "{n} feature map, each scaled from its smallest value to its largest",
                "{n} feature maps, each scaled from its smallest value to its largest",
                self._collect.count,
            )
            sys.stderr.write(say("{name}: {text}", name=self._output, text=said) + "\n")

    def _write(self, text: str, stream: Any = None) -> None:
        stream = stream or sys.stdout
        if self._bar is not None:
            self._bar.write(text, file=stream, end="")
        else:
            stream.write(text)


def _session(args: argparse.Namespace) -> Session:
    from cnnspec.runtime.session import ProviderProblem, RunProblem

    try:
        session = _compiled(args) if args.file.endswith(".onnx") else _built(args)
    except ProviderProblem as problem:
        raise UsageError(str(problem)) from None
    except RunProblem as problem:
        raise FileProblem(args.file, problem.message, help=problem.help) from None
    if session.provider == "cuda":
        sys.stderr.write(say("running on CUDA") + "\n")
    return session


def _built(args: argparse.Namespace) -> Session:
    from cnnspec.runtime import session_from

    net = load_network(args)
    source = source_of(net, args)
    mention_random(net, args)
    return session_from(net, source, args.provider)


def _compiled(args: argparse.Namespace) -> Session:
    from pathlib import Path

    from cnnspec.runtime.session import Session

    if args.weights or args.set or args.seed is not None or args.init or args.zero:
        raise UsageError(say("a compiled model has its weights and parameters already"))
    if not Path(args.file).is_file():
        raise FileProblem(args.file, say("there is no such file"))
    return Session(args.file, args.provider)


def _preparation(args: argparse.Namespace) -> Preparation:
    from cnnspec.runtime.images import Preparation

    if not args.scale or 0 in args.std:
        raise UsageError(say("--scale and --std are divided by: 0 is not possible"))
    return Preparation(args.resize, args.scale, args.mean, args.std, args.invert)


def _collector(output: str | None) -> Any:
    from pathlib import Path

    from cnnspec.runtime.results import ArrayFile, FeatureMaps

    if output is None:
        return None
    if output.endswith(".npz"):
        return ArrayFile(output)
    if Path(output).suffix and not output.endswith("/") and not Path(output).is_dir():
        raise UsageError(say("-o takes an .npz file or a folder, not `{output}`", output=output))
    return FeatureMaps(output)


def _mention_images(paths: list[str], session: Session, how: Preparation) -> None:
    from cnnspec.runtime.images import SUFFIXES, wanted

    shape = session.inputs[0].shape
    if len(shape) == 4 and any(path.lower().endswith(SUFFIXES) for path in paths):
        sys.stderr.write(how.describe(wanted(shape)) + "\n")


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(number(part) for part in text.split(","))


def _positive(text: str) -> int:
    n = whole(text)
    if n < 1:
        raise argparse.ArgumentTypeError(say("{text} is less than 1", text=text))
    return n
