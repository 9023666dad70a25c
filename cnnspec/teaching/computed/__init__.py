"""Sizes, counts and figures: judged against the truth, against what follows, against known mistakes."""
