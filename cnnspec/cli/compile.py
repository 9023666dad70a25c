"""`cnnspec compile`: writes an ONNX model."""

from __future__ import annotations

import argparse
import sys

from cnnspec.cli._common import UsageError, add_spec, load_network, refuse_input_as_output, whole
from cnnspec.cli._weights import add_weights, progress, source_of
from cnnspec.language import listing, say

HELP = "Writes an ONNX model: the batch symbolic, every parameter under its own name."
EPILOG = """\
examples:
  cnnspec compile lenet5.cnn -o lenet5.onnx                             random weights, always the same ones
  cnnspec compile lenet5.cnn -o lenet5.onnx --weights lenet5.safetensors
  cnnspec compile resnet50.cnn -o resnet10.onnx --set classes=10 --seed 7
  cnnspec compile unet.cnn -o unet.onnx --zero --opset 21 --ir 10

Weights beyond 2 GB go into MODEL.onnx.data beside the model. The files appear whole or not at all.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_spec(parser)
    parser.add_argument("-o", "--output", required=True, metavar="MODEL.onnx", help="file to write")
    add_weights(parser)
    group = parser.add_argument_group("versions")
    group.add_argument(
        "--opset", type=whole, default=17, metavar="N", help="version of the ONNX operators (default: 17)"
    )
    group.add_argument("--ir", type=whole, default=8, metavar="N", help="version of the ONNX format (default: 8)")


def run(args: argparse.Namespace) -> int:
    refuse_input_as_output(args.output, [args.file])
    net = load_network(args)
    from cnnspec.files import show_bytes
    from cnnspec.onnx.writer import check_versions, weight_bytes, write_model
    from cnnspec.values import show_count

    try:
        check_versions(args.opset, args.ir)
    except ValueError as error:
        raise UsageError(str(error)) from None
    source = source_of(net, args)
    with progress(weight_bytes(net), say("writing")) as done:
        files = write_model(net, args.output, source, opset=args.opset, ir=args.ir, progress=done)
    size = show_bytes(sum(file.stat().st_size for file in files))
    counted = say("{params} parameters, {size}", params=show_count(net.params), size=size)
    sys.stdout.write(say("{name}: {text}", name=listing([str(file) for file in files]), text=counted) + "\n")
    return 0
