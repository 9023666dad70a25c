"""The JSON documents that other programs read, as pydantic models: their JSON Schemas are published in the docs.

Summary.model_validate_json(text)       # of `cnnspec summary --format json`
Diagnostics.model_validate_json(text)   # of `cnnspec check --format json`
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


class LayerRow(Document):
    """One layer of a summary."""

    name: str
    kind: str
    inputs: list[str]
    output_size: Size
    params: Dim
    trainable: Dim
    macs: Dim
    line: int = Field(ge=1)


class Summary(Document):
    """`cnnspec summary --format json`."""

    model: str
    inputs: list[Port]
    outputs: list[Port]
    params: Dim
    trainable: Dim
    non_trainable: Dim
    macs: Dim
    layers: list[LayerRow]


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
    url: str | None


class Diagnostics(RootModel[list[Diagnostic]]):
    """`cnnspec check --format json`."""
