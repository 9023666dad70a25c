"""What people and programs get to see: diagnostics in seven forms, the summary, the explanation, the reference."""

from __future__ import annotations
