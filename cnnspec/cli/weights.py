"""`cnnspec weights`: writes the weights as safetensors or npz."""

from __future__ import annotations

import argparse
import sys

from cnnspec.cli._common import add_spec, load_network
from cnnspec.cli._weights import add_weights, progress, source_of
from cnnspec.language import say

HELP = "Writes the weights, seeded or from a file, under the names that the network uses."
EPILOG = """\
examples:
  cnnspec weights lenet5.cnn -o lenet5.safetensors                       random weights, always the same ones
  cnnspec weights lenet5.cnn -o lenet5.npz --weights lenet5.safetensors  from one format to the other

Layouts are PyTorch's: conv (filters, channels/groups, rows, columns), dense (units, inputs).
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_spec(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="file to write, .safetensors or .npz")
    add_weights(parser)


def run(args: argparse.Namespace) -> int:
    net = load_network(args)
    from cnnspec.values import show_count
    from cnnspec.weights.writing import byte_count, write_weights

    source = source_of(net, args)
    with progress(sum(map(byte_count, net.parameters)), say("writing")) as done:
        write_weights(net, args.output, source, done)
    counted = say("{tensors} tensors, {params} parameters", tensors=len(net.parameters), params=show_count(net.params))
    sys.stdout.write(say("{name}: {text}", name=args.output, text=counted) + "\n")
    return 0
