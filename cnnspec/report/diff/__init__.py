"""What changed between two networks: matched layers, their differences, and how they are shown."""

from cnnspec.report.diff.differences import Difference, Differences, differences

__all__ = ["Difference", "Differences", "differences"]
