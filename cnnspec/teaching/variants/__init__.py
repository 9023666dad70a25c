"""Variants of an exercise: numbers drawn for each student."""
