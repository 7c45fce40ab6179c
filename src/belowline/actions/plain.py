"""Short texts that are shown to people and searched by nobody: notes and titles."""

from __future__ import annotations

from unicodedata import category


def plain(text: str) -> str:
    """``text`` without control characters, which no page shows and PostgreSQL cannot store."""
    return "".join(char for char in text if char in "\n\t" or category(char) != "Cc")
