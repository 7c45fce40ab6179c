"""What a check may know of a comment."""

from __future__ import annotations

import msgspec


class CheckContext(msgspec.Struct, frozen=True, kw_only=True):
    """One new or edited comment. Nothing here says who its author is, only their record.

    ``text`` is normalised; ``published`` and ``rejected`` count the author's earlier comments;
    ``recent_texts`` are the author's latest; ``mode`` and ``language`` are the story's ("" when
    unknown); the rest is what the publisher has set.
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
