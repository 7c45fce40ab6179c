"""Marking sentences for translation."""

from __future__ import annotations


def _(sentence: str) -> str:
    """Marks a sentence for translation; it is kept in English and translated where it is shown."""
    return sentence
