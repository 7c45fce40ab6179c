"""What a check may know of a comment."""

from __future__ import annotations

import msgspec


class CheckContext(msgspec.Struct, frozen=True, kw_only=True):
    """One new or edited comment. Nothing here says who its author is, only their record.

    ``text`` is normalised; ``recent_texts`` are those of the author's latest twenty comments;
    ``published`` and ``rejected`` count among these, or further back where none is published;
    ``mode`` and ``language`` are the story's ("" when unknown); the rest is what the publisher
    has set.
    """

    text: str
    published: int
    rejected: int
    recent_texts: tuple[str, ...]
    mode: str
    language: str
    is_staff: bool
    is_edit: bool
    banned_words: tuple[str, ...]
    suspect_words: tuple[str, ...]
    max_links: int
