"""Short texts that are shown to people and searched by nobody: notes and titles."""

from __future__ import annotations

from unicodedata import category

from belowline.domain.errors import Refused
from belowline.domain.text import REORDERING

_SEEN = ("L", "N", "P", "S")


def plain(text: str) -> str:
    """``text`` without control characters, which no page shows and PostgreSQL cannot store, and
    without those that show it and what stands beside it in another order."""
    kept = (char for char in text if char in "\n\t" or category(char) != "Cc")
    return REORDERING.sub("", "".join(kept))


def spoken(text: str, field: str, limit: int) -> str:
    """What somebody says in a few sentences: an objection, an answer, a rule.

    Raises Refused: text_empty where nothing of it can be seen, text_too_long.
    """
    said = plain(text).strip()
    if not any(category(char).startswith(_SEEN) for char in said):
        raise Refused("text_empty", field=field)
    if len(said) > limit:
        raise Refused("text_too_long", field=field, limit=limit)
    return said
