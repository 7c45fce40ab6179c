"""What a check may know of a comment."""

from __future__ import annotations

import msgspec

from belowline.campaigns.arriving import Arrival


class CheckContext(msgspec.Struct, frozen=True, kw_only=True):
    """One new or edited comment. Of its author there are their record and their number.

    ``text`` is normalised; ``recent_texts`` are those of the author's latest twenty comments;
    ``published`` and ``rejected`` count among these, or further back where none is published;
    ``arrival`` is the text beside what is remembered, None where nothing is; ``mode`` and
    ``language`` are the story's ("" when unknown); the rest is what the publisher has set.
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
    author: int = 0
    arrival: Arrival | None = None
    campaign_copies: int = 3
