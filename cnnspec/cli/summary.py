"""`cnnspec summary`: the table of the layers."""

from __future__ import annotations

import argparse
import sys

from cnnspec.cli._common import UsageError, add_spec, print_diagnostics, try_network, whole
from cnnspec.diagnostics import CnnSpecError
from cnnspec.language import say

HELP = "Shows each layer with its output size, parameters and MACs, then the totals."
EPILOG = """\
examples:
  cnnspec summary lenet5.cnn
  cnnspec summary resnet50.cnn --depth 1          one row for each block called at top level
  cnnspec summary resnet50.cnn --set classes=10 --format markdown
  cnnspec summary resnet50.cnn --receptive-field  how many pixels each value sees, and from where on
  cnnspec summary resnet50.cnn --batch 32         the memory that 32 images need at one time
  cnnspec summary inception_v3.cnn --smallest-input   75x75x3: less, and a window would not fit
  cnnspec summary resnet50.cnn --format json

MACs: a multiply and an add together are one; biases and element-wise layers are not counted; FLOPs = 2 * MACs.
"""
FORMATS = ("text", "markdown", "csv", "json")


def configure(parser: argparse.ArgumentParser) -> None:
    add_spec(parser)
    parser.add_argument("--format", choices=FORMATS, default="text", help="form of the table (default: text)")
    parser.add_argument(
        "--depth", type=whole, metavar="N", help="one row for each block instance nested N deep (not for json)"
    )
    parser.add_argument(
        "--receptive-field", action="store_true", help="columns for size, stride and offset of the receptive fields"
    )
    parser.add_argument(
        "--smallest-input", action="store_true", help="the smallest input that every layer accepts; always with letters"
    )
    parser.add_argument("--batch", type=whole, default=1, metavar="N", help="images at one time, for the memory (1)")


def run(args: argparse.Namespace) -> int:
    from cnnspec.report import summary

    if args.depth is not None and args.depth < 1:
        raise UsageError(say("--depth is 1 or more"))
    if args.batch < 1:
        raise UsageError(say("--batch is 1 or more"))
    net, diagnostics = try_network(args)
    if diagnostics and args.format != "text":  # nothing may stand among the data
        raise CnnSpecError(diagnostics)
    if args.format == "json":
        lines = summary.json(net, args.batch, smallest=args.smallest_input)
    else:
        table = {"text": summary.text, "markdown": summary.markdown, "csv": summary.csv}[args.format]
        lines = table(net, args.depth, batch=args.batch, fields=args.receptive_field, smallest=args.smallest_input)
    for line in lines:
        sys.stdout.write(f"{line}\n")
    if diagnostics:
        sys.stdout.write("\n")
        print_diagnostics(diagnostics)
    return 1 if diagnostics else 0
