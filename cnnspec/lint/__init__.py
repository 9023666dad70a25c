"""Findings: networks that work and are probably not what their author meant."""

from cnnspec.lint.engine import lint

__all__ = ["lint"]
