"""Layers as PyTorch writes them: arguments in another order, and the size of the input among them.

`Conv2d(3, 8, 3)` would be a valid layer here that means something else, so that it is translated as a whole, or not
at all.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cnnspec.language import say

_ITEM = r"(?:\w+\s*=\s*)?(?:\([^()#=]*\)|\[[^\[\]#=]*\]|'\w*'|\"\w*\"|[\w.*/+-]+)"
_LIST = rf"{_ITEM}(?:\s*,\s*{_ITEM})*"
_END = r"(?=[ \t]*(?:[|#;}\r\n]|->|as\b|\Z))"
_CALL = re.compile(rf"[ \t]*\(\s*(?P<inner>{_LIST})\s*,?\s*\)|[ \t]+(?P<plain>{_LIST}){_END}")
_OPEN = re.compile(r"[ \t]*\(\s*[^)\s]")

_CONV = "in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias"
_TRANSPOSED = "in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation"
_NORM = "num_features, eps, momentum, affine"


class Module(NamedTuple):
    """A layer elsewhere: its kind here with the form of its arguments, those there, and how many are needed there."""

    kind: str
    form: str
    arguments: str
    needed: int

    @property
    def remedy(self) -> str:
        """What to say where the arguments that are written are not clear."""
        names = self.arguments.split(", ")
        theirs = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        return say("give the arguments as in `{form}`: elsewhere they are `{theirs}`", form=self.form, theirs=theirs)


CONV = Module("conv", "conv filters, f=kernel, s=stride, p=padding", _CONV, 3)
TRANSPOSED = Module("conv_transpose", "conv_transpose filters, f=kernel, s=stride, p=padding", _TRANSPOSED, 3)
LINEAR = Module("dense", "dense units", "in_features, out_features, bias", 2)
NORMS = {
    "batchnorm": Module("batchnorm", "batchnorm", _NORM, 1),
    "instancenorm": Module("instancenorm", "instancenorm", _NORM, 1),
    "layernorm": Module("layernorm", "layernorm", "normalized_shape, eps", 1),
    "groupnorm": Module("groupnorm", "groupnorm groups", "num_groups, num_channels, eps, affine", 2),
}
UPSAMPLE = Module("upsample", "upsample factor", "size, scale_factor, mode", 1)
BY_AXIS = "axis, eps"  # Keras's ...Normalization

_LEFT_OUT = frozenset({"in_channels", "in_features", "num_features", "num_channels", "momentum"})
_FIRST = frozenset({"out_channels", "out_features", "num_groups"})
_NAMES = {
    **{name: name for name in ("f", "s", "p", "d", "groups", "bias", "eps")},
    "kernel_size": "f",
    "stride": "s",
    "padding": "p",
    "dilation": "d",
    "output_padding": "output_pad",
}


class Call(NamedTuple):
    """A layer written as elsewhere: what it is here (empty where there is no telling), and where it ends."""

    module: Module
    right: str
    end: int


def module_of(word: str, name: str) -> Module | None:
    """What a word means elsewhere; `name` is what it is called here."""
    if re.fullmatch("Conv[123]d", word):
        return CONV
    if re.fullmatch("ConvTranspose[123]d", word):
        return TRANSPOSED
    if re.fullmatch("(Batch|Layer|Group|Instance)Normali[sz]ation", word):
        return NORMS[f"{re.split('Norm', word)[0].lower()}norm"]._replace(arguments=BY_AXIS, needed=1)
    return {"Linear": LINEAR, "Upsample": UPSAMPLE}.get(word) or NORMS.get(re.sub("_|[123]d$", "", name))


def call(module: Module, text: str, position: int) -> Call | None:
    """What stands behind the word, where it has the arguments that are needed elsewhere; None where it has not."""
    match = _CALL.match(text, position)
    if match is None:
        odd = _OPEN.match(text, position)
        return Call(module, "", odd.end()) if odd else None
    given = _given(module, match["inner"] or match["plain"])
    if given is None:
        return Call(module, "", match.end())
    if not set(module.arguments.split(", ")[: module.needed]) <= given.keys():
        return None
    return Call(module, _translated(module, given), match.end())


def _given(module: Module, text: str) -> dict[str, str] | None:
    """The arguments by their names there; None where there are too many."""
    names = module.arguments.split(", ")
    given: dict[str, str] = {}
    for place, item in enumerate(re.findall(_ITEM, text)):
        name, _, value = item.rpartition("=")
        if not name and place >= len(names):
            return None
        given[name.strip() or names[place]] = value.strip()
    return given


def _translated(module: Module, given: dict[str, str]) -> str:
    first: list[str] = []
    others: list[str] = []
    affine = given.pop("affine", "False" if module.kind == "instancenorm" else "True")
    if affine != "True":
        others += ["weight=false", "bias=false"]
    for name, value in given.items():
        right = _value(name, value)
        if name in _LEFT_OUT:
            continue
        if not right or not (name in _FIRST or name in _NAMES) or affine not in ("True", "False"):
            return ""
        if name in _FIRST:
            first.append(right)
        else:
            others.append(f"{_NAMES[name]}={right}")
    return f"{module.kind} {', '.join((*first, *others))}".strip()


def _value(name: str, text: str) -> str:
    """The value as it is written here; empty where there is no telling."""
    if text in ("True", "False"):
        return text.lower()
    if name == "padding" and text[1:-1] in ("same", "valid"):
        return "same" if text[1:-1] == "same" else "0"
    if sizes := re.fullmatch(r"[(\[]\s*(\d+)\s*((?:,\s*\d+\s*)*),?\s*[)\]]", text):
        return re.sub(r"\s*,\s*", "x", f"{sizes[1]}{sizes[2]}".strip())
    return text if re.fullmatch(r"[a-z]\w*|\d+(?:\.\d+)?|[a-z\d][\w]*(?:\s*[*/+-]+\s*[a-z\d]\w*)+", text) else ""
