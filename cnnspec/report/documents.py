"""The JSON documents that other programs read, as pydantic models: their JSON Schemas are published in the docs.

Summary.model_validate_json(text)       # of `cnnspec summary --format json`
Diagnostics.model_validate_json(text)   # of `cnnspec check --format json`
Diff.model_validate_json(text)          # of `cnnspec diff --format json`
VariantList.model_validate_json(text)   # of `cnnspec variants --format json`
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

Dim = int | str
"""A number, or text where it is open: "?"."""
Size = list[Dim] | str
"""Height, width, channels, without the batch; "?" where not even the number of axes is known."""


class Document(BaseModel):
    """A part of a document: fields keep their meaning, others may join them."""

    model_config = ConfigDict(extra="allow", strict=True)


class Port(Document):
    """An input or output of the network."""

    name: str
    size: Size


class Memory(Document):
    """Bytes: of the weights, and of the largest live set of activations, which is reached at that layer."""

    weights: Dim
    activations: Dim
    peak_layer: str | None
    batch: int = Field(ge=1)


class LayerRow(Document):
    """One layer of a summary; size, stride and offset of its receptive field along each axis, null for a vector.

    A stride that is no whole number is text: "1/2".
    """

    name: str
    kind: str
    inputs: list[str]
    output_size: Size
    params: Dim
    trainable: Dim
    macs: Dim
    line: int = Field(ge=1)
    receptive_field: list[Dim] | None
    stride: list[Dim] | None
    offset: list[Dim] | None


class Figures(Document):
    """Sizes and counts of a network."""

    model: str
    inputs: list[Port]
    outputs: list[Port]
    params: Dim
    trainable: Dim
    non_trainable: Dim
    macs: Dim
    smallest_inputs: list[Port] | None = Field(
        description="the smallest inputs that are accepted: with `--smallest-input`, or with letters in the sizes"
    )


class Summary(Figures):
    """`cnnspec summary --format json`."""

    memory: Memory
    layers: list[LayerRow]


class VariantRow(Figures):
    """One variant of a file; `variant` is null for a file without variants."""

    file: str
    variant: str | None


class VariantList(RootModel[list[VariantRow]]):
    """`cnnspec variants --format json`."""


class Counts(Document):
    """The counts of a network, or the differences of two."""

    layers: int
    params: Dim
    trainable: Dim
    non_trainable: Dim
    macs: Dim


class Compared(Counts):
    """One of the two networks that are compared."""

    filename: str
    model: str
    inputs: list[Port]
    outputs: list[Port]


class Change(Document):
    """What is different about a layer itself: an argument as it is written, "kind", "inputs", "weights" or "frozen".

    Of an input "size", "integer" or "position", of an output "inputs" or "position": its place among those of both.
    """

    what: str
    before: str
    after: str


class Side(Document):
    """A layer before or after; `written` is how one would write it: "conv 6, f=5"."""

    name: str
    kind: str
    written: str
    inputs: list[str]
    output_size: Size
    params: Dim
    trainable: Dim
    macs: Dim
    line: int = Field(ge=1)


class LayerDelta(Document):
    """How many more parameters and multiply-and-adds a layer has."""

    params: Dim
    trainable: Dim
    macs: Dim


Status = Literal["added", "removed", "changed", "renamed", "follows"]
"""A layer that "follows" differs in its size or counts only."""


class LayerDifference(Document):
    """A layer that differs; what is missing before was added, what is missing after was removed."""

    status: Status
    before: Side | None
    after: Side | None
    changes: list[Change]
    delta: LayerDelta


class PortDifference(Document):
    """An input or output that differs."""

    status: Status
    before: Port | None
    after: Port | None
    changes: list[Change]


class Diff(Document):
    """`cnnspec diff --format json`."""

    changed: bool
    before: Compared
    after: Compared
    delta: Counts
    inputs: list[PortDifference]
    outputs: list[PortDifference]
    layers: list[LayerDifference]


class Location(Document):
    """Row and column, both from 1."""

    row: int = Field(ge=1)
    column: int = Field(ge=1)


class Edit(Document):
    """A piece of the text and what takes its place."""

    content: str
    location: Location
    end_location: Location


class Fix(Document):
    """A change that removes the diagnostic; a safe one keeps the meaning."""

    applicability: Literal["safe", "unsafe"]
    message: str
    edits: list[Edit]


class Diagnostic(Document):
    """One error or finding."""

    code: str = Field(pattern=r"^[EW]\d{3}$")
    name: str
    severity: Literal["error", "warning"]
    message: str
    filename: str
    location: Location
    end_location: Location
    help: str
    fix: Fix | None
    noqa_row: int | None
    url: str | None


class Diagnostics(RootModel[list[Diagnostic]]):
    """`cnnspec check --format json`."""
