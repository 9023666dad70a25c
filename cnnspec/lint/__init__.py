"""The linter: networks that work and are probably not what their author meant."""

from __future__ import annotations

from cnnspec.lint.engine import Linter, lint

__all__ = ["Linter", "lint"]
