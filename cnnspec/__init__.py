"""cnnspec: a small language for convolutional networks.

    import cnnspec

    net = cnnspec.loads("input 28x28x1\\nconv 6, f=5 | relu")
    net.params, net.outputs

Importing it is as light as `cnnspec check`: numpy, onnx and onnxruntime are imported by the calls that need them.
"""

from typing import Any

from cnnspec.api import Network, check, grade, load, loads
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
    "grade",
    "load",
    "loads",
    "speak",
    "speaking",
]


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext cnnspec` calls in a notebook."""
    import importlib

    importlib.import_module("cnnspec.notebook").load_ipython_extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext cnnspec` calls."""
    import importlib

    importlib.import_module("cnnspec.notebook").unload_ipython_extension(shell)
