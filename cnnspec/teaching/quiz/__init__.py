"""Exercises for the platforms that teachers use: a module a platform, found by `registry`."""
