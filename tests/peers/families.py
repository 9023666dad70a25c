"""The families of examples/architectures, and their variants."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cnnspec

ARCHITECTURES = Path(__file__).parents[2] / "examples" / "architectures"


def variants(family: str) -> list[str]:
    """The names that the file of the family gives to its variants."""
    text = (ARCHITECTURES / f"{family}.cnn").read_text(encoding="utf-8")
    return re.findall(r"^variant (\w+)", text, re.MULTILINE)


def load(family: str, variant: str = "", **settings: Any) -> cnnspec.Network:
    return cnnspec.load(f"{ARCHITECTURES / family}.cnn" + (f":{variant}" if variant else ""), **settings)
