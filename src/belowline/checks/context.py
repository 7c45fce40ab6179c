"""What a check may know of a comment."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from belowline.risk.judge import Judge


class CheckContext(msgspec.Struct, frozen=True, kw_only=True):
    """One new or edited comment. Nothing here says who its author is, only their record.

    ``text`` is normalised; ``recent_texts`` are those of the author's latest twenty comments;
    ``published`` and ``rejected`` count among these, or further back where none is published;
    ``mode`` and ``language`` are the story's ("" when unknown); ``judge`` knows the risk of a text
    here; the rest is what the publisher has set.
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
    judge: Judge = msgspec.field(default_factory=Judge)
    risk_note: float = 0.3
    risk_hold: float = 0.6
    risk_hold_in: Mapping[str, float] = msgspec.field(default_factory=dict)
