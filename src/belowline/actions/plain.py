"""Short texts that are shown to people and searched by nobody: notes and titles."""

from __future__ import annotations

from unicodedata import category

from belowline.domain.text import REORDERING


def plain(text: str) -> str:
    """``text`` without control characters, which no page shows and PostgreSQL cannot store, and
    without those that show it and what stands beside it in another order."""
    kept = (char for char in text if char in "\n\t" or category(char) != "Cc")
    return REORDERING.sub("", "".join(kept))
