"""A network in onnxruntime. The only module that imports `onnxruntime`."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from cnnspec.language import say

if TYPE_CHECKING:
    from cnnspec.runtime.letters import Letters

Array: TypeAlias = npt.NDArray[Any]

PROVIDERS = ("auto", "cpu", "cuda")
CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
CUDA_OPTIONS = {"cudnn_conv_algo_search": "HEURISTIC"}
ELEMENTS = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(uint8)": "uint8",
}
MOST_CHARACTERS = 600  # of a message of onnxruntime
Axis: TypeAlias = int | str | None


class RunProblem(ValueError):  # noqa: N818  (the problem is what was given)
    """The model cannot be run, or not on what was given. `help` is the remedy where there is one."""

    def __init__(self, message: str, help: str = "") -> None:
        self.message = message
        self.help = help
        super().__init__(say("{name}: {text}", name=message, text=help) if help else message)


class ProviderProblem(RunProblem):
    """The provider that was asked for does not work on this machine."""


class Port(NamedTuple):
    """An input or output of a model: a shape such as ("N", 1, 28, 28), in which what is not a number is open."""

    name: str
    shape: tuple[Axis, ...]
    dtype: str

    def show(self) -> str:
        return " x ".join("N" if i == 0 and not isinstance(n, int) else str(n or "?") for i, n in enumerate(self.shape))


class Session:
    """A model ready to run. `provider` is "auto" (CUDA where it works, else the CPU), "cpu" or "cuda".

    "cuda" never falls back: RunProblem says why it does not work.

    Example:
        >>> session = net.session()                                 # doctest: +SKIP
        >>> session.run(np.zeros((1, 1, 28, 28), np.float32))       # doctest: +SKIP
        {"output": array([[0.1, ...]], dtype=float32)}
    """

    def __init__(
        self, model: bytes | str | os.PathLike[str], provider: str = "auto", letters: Letters | None = None
    ) -> None:
        if provider not in PROVIDERS:
            raise RunProblem(
                say(
                    "the provider is one of {providers}, not {provider}",
                    providers=", ".join(PROVIDERS),
                    provider=f"{provider!r}",
                )
            )
        self._session = _open(model if isinstance(model, bytes) else os.fspath(model), provider)
        self.inputs = tuple(map(_port, self._session.get_inputs()))
        self.outputs = tuple(map(_port, self._session.get_outputs()))
        self._ours = self._session.get_modelmeta().producer_name == "cnnspec"
        self._letters = letters
        if letters is None and any(isinstance(n, str) for port in self.inputs for n in port.shape[1:]):
            from cnnspec.runtime.letters import letters_of_ports

            self._letters = letters_of_ports(self.inputs)

    @property
    def provider(self) -> str:
        """Where the model runs: "cpu" or "cuda"."""
        return "cuda" if self._session.get_providers()[0] == CUDA else "cpu"

    def run(self, x: Any) -> dict[str, Array]:
        """The outputs by name for `x`: an array (N, channels, height, width), or one for each input, by name.

        64-bit floats and whole numbers become 32-bit floats. Raises RunProblem where the shape does not fit.
        """
        feeds = x if isinstance(x, Mapping) else self._only_input(x)
        self._check_names(feeds)
        arrays = {port.name: fitting(port, feeds[port.name]) for port in self.inputs}
        if self._ours:
            check_words(arrays)
        batches = {array.shape[0] for array in arrays.values() if array.ndim}
        if len(batches) > 1:
            counts = ", ".join(f"`{name}` {array.shape[0]}" for name, array in arrays.items())
            raise RunProblem(say("the inputs have different numbers of items: {counts}", counts=counts))
        if self._letters is not None:
            self._letters.check({name: array.shape for name, array in arrays.items()})
        names = [port.name for port in self.outputs]
        try:
            values: Sequence[Array] = self._session.run(names, arrays)
        except Exception as error:
            raise RunProblem(
                say("onnxruntime stopped: {reason}", reason=_reason(error)), self._remedy(error)
            ) from error
        return dict(zip(names, values, strict=True))

    def _remedy(self, error: Exception) -> str:
        if "out of data bounds" in str(error):
            return say("a number of the input is not below the vocabulary of `embedding`")
        return say("the input may be too small for this network") if self._letters is not None else ""

    def _only_input(self, x: Any) -> dict[str, Any]:
        if len(self.inputs) != 1:
            names = ", ".join(f"`{port.name}`" for port in self.inputs)
            raise RunProblem(
                say("the network has {inputs} inputs: {names}", inputs=len(self.inputs), names=names),
                say("give one array for each, by name"),
            )
        return {self.inputs[0].name: x}

    def _check_names(self, feeds: Mapping[str, Any]) -> None:
        wanted = [port.name for port in self.inputs]
        for name in feeds:
            if name not in wanted:
                raise RunProblem(
                    say("the network has no input `{name}`", name=name),
                    say("its inputs are {wanted}", wanted=", ".join(wanted)),
                )
        for name in wanted:
            if name not in feeds:
                raise RunProblem(say("the input `{name}` is missing", name=name))


def fitting(port: Port, value: Any) -> Array:
    """The array as the input wants it. Raises RunProblem where type or shape do not fit."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise RunProblem(say("`{name}` takes numbers, not {dtype}", name=port.name, dtype=array.dtype))
    wanted = np.dtype(port.dtype)
    if wanted.kind in "iu" and array.dtype.kind == "f" and not np.array_equal(array, np.trunc(array)):
        raise RunProblem(
            say("`{name}` takes whole numbers, not fractions", name=port.name), say("give the numbers of the words")
        )
    _check_shape(port, array.shape)
    return np.ascontiguousarray(array, wanted)


def check_words(arrays: Mapping[str, Array]) -> None:
    """Integers are numbers of words, from 0 on; onnxruntime would count negative ones from the end."""
    for name, array in arrays.items():
        if array.dtype.kind in "iu" and array.size and array.min() < 0:
            raise RunProblem(
                say("`{name}`: the numbers of words begin at 0, here is {lowest}", name=name, lowest=array.min())
            )


def _check_shape(port: Port, shape: tuple[int, ...]) -> None:
    if shape_fits(port.shape, shape):
        return
    given = " x ".join(map(str, shape)) or say("a single number")
    hint = ""
    if shape_fits(port.shape[1:], shape):
        hint = say("add the batch axis: `x[None]`")
    elif len(shape) == len(port.shape) and shape_fits(port.shape, (shape[0], shape[-1], *shape[1:-1])):
        axes = (0, len(shape) - 1, *range(1, len(shape) - 1))
        hint = say("channels come first: `x.transpose{axes}`", axes=axes)
    elif len(port.shape) == 4 and port.shape[1] == 1 and len(shape) == 3 and shape_fits(port.shape[2:], shape[1:]):
        hint = say("add the axis of the channel: `x[:, None]`")
    raise RunProblem(
        say("`{name}`: expected {shape}, got {given}", name=port.name, shape=port.show(), given=given), hint
    )


def shape_fits(wanted: Sequence[Axis], shape: Sequence[int]) -> bool:
    """Whether the shape is the wanted one, in which what is not a number is open."""
    return len(wanted) == len(shape) and all(
        not isinstance(w, int) or w == n for w, n in zip(wanted, shape, strict=True)
    )


def _open(model: bytes | str, provider: str) -> Any:
    import onnxruntime

    available = CUDA in onnxruntime.get_available_providers()
    if provider == "cuda" and not available:
        remedy = say("install `onnxruntime-gpu` in its place, or use `--provider cpu`")
        raise ProviderProblem(say("this onnxruntime has no CUDA provider"), remedy)
    if provider == "cpu" or not available:
        return _create(model, [CPU])
    with contextlib.redirect_stdout(io.StringIO()) as said:
        if hasattr(onnxruntime, "preload_dlls"):
            onnxruntime.preload_dlls()
        try:
            session = _create(model, [(CUDA, CUDA_OPTIONS), CPU])
        except RunProblem:
            if provider == "cuda":
                raise
            return _create(model, [CPU])
    if provider == "cuda" and session.get_providers()[0] != CUDA:
        why = (said.getvalue().splitlines() or [say("the libraries of CUDA and cuDNN, or the GPU, were not found")])[0]
        remedy = say("check `nvidia-smi` and the CUDA libraries, or use `--provider cpu`")
        raise ProviderProblem(say("CUDA does not start here: {why}", why=why), remedy)
    return session


def _create(model: bytes | str, providers: list[Any]) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what is fatal: errors come as exceptions anyway
    try:
        return onnxruntime.InferenceSession(model, options, providers=providers, enable_fallback=0)
    except Exception as error:
        raise RunProblem(say("onnxruntime does not take the model: {reason}", reason=_reason(error))) from error


def _port(argument: Any) -> Port:
    return Port(argument.name, tuple(argument.shape), ELEMENTS.get(argument.type, "float32"))


def _reason(error: Exception) -> str:
    """What onnxruntime says, without its own source files, functions and codes."""
    text = (str(error).splitlines() or [type(error).__name__])[0]
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", text)
    text = re.sub(r"/\S+:\d+ [^()]*\([^()]*\)(?: const)?(?: \[with [^\]]*\])? ", "", text)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS].rpartition(' ')[0]} …"
