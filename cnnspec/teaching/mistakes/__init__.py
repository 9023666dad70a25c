"""Wrong answers that are known by name."""

from __future__ import annotations

NAMES: tuple[str, ...] = ()
