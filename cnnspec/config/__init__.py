"""Configuration: `[tool.cnnspec]` of pyproject.toml, or cnnspec.toml; which findings are looked for, which files read.

What checks a file without configuration imports little: TOML and pydantic come in where there is a table to read.
"""

from __future__ import annotations

from cnnspec.config.reading import Config, ConfigProblem, Configs
from cnnspec.config.selection import Selection, UnknownCode, chosen

__all__ = ["Config", "ConfigProblem", "Configs", "Selection", "UnknownCode", "chosen"]
