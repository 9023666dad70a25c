"""cnnspec: a small language for convolutional networks.

    import cnnspec

    net = cnnspec.loads("input 28x28x1\\nconv 6, f=5 | relu")
    net.params, net.outputs

Importing it is as light as `cnnspec check`: numpy, onnx and onnxruntime are imported by the calls that need them.
"""

from cnnspec.api import Network, check, load, loads
from cnnspec.diagnostics import CnnSpecError, Diagnostic
from cnnspec.language import speak, speaking
from cnnspec.network import Layer, Parameter
from cnnspec.version import __version__

__all__ = [
    "CnnSpecError",
    "Diagnostic",
    "Layer",
    "Network",
    "Parameter",
    "__version__",
    "check",
    "load",
    "loads",
    "speak",
    "speaking",
]
