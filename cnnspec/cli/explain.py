"""`cnnspec explain`: the arithmetic of each size and each count."""

from __future__ import annotations

import argparse
import sys

from cnnspec.cli._common import UsageError, add_spec, nearest, print_diagnostics, try_network
from cnnspec.language import say

HELP = "Explains each size and each count, step by step, in the lecture's notation."
EPILOG = """\
examples:
  cnnspec explain lenet5.cnn
  cnnspec explain lenet5.cnn conv2                one layer
  cnnspec explain lenet5.cnn 6                    the layers of line 6
  cnnspec explain resnet50.cnn stage2.bottleneck1

n: size of the input along an axis, f: window, s: stride, p: padding, d: dilation.
MACs: a multiply and an add together are one; biases and element-wise layers are not counted.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_spec(parser)
    parser.add_argument("layer", nargs="?", metavar="LAYER", help="a layer, block instance or line number; else all")


def run(args: argparse.Namespace) -> int:
    from cnnspec.report.explain import explain, find_layers, names

    net, diagnostics = try_network(args)
    layers = None
    if args.layer is not None:
        layers = find_layers(net, args.layer)
        if not layers:
            raise UsageError(_unknown(args.layer, nearest(args.layer, names(net))))
    for line in explain(net, layers):
        sys.stdout.write(f"{line}\n")
    if diagnostics:
        sys.stdout.write("\n")
        print_diagnostics(diagnostics)
    return 1 if diagnostics else 0


def _unknown(name: str, near: str) -> str:
    if name.isdecimal():
        return say("no layer on line {name}", name=name)
    if near:
        return say("no layer or block instance `{name}`, did you mean `{near}`?", name=name, near=near)
    return say("no layer or block instance `{name}`; `cnnspec summary` lists them", name=name)
