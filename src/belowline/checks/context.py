"""What a check may know of a comment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from belowline.campaigns.arriving import Arrival
from belowline.domain.policy import Policy
from belowline.domain.senders import NOBODY, Sender
from belowline.risk.judge import Judge


class CheckContext(msgspec.Struct, frozen=True, kw_only=True):
    """One new or edited comment. Of its author there are their record and their number.

    ``text`` is normalised; ``recent_texts`` are those of the author's latest twenty comments;
    ``published`` and ``rejected`` count among these, or further back where none is published;
    ``mode`` and ``language`` are the story's ("" when unknown); ``judge`` knows the risk of a text
    here; ``sender`` is how it was sent; ``arrival`` is the text beside what is remembered, None
    where nothing is; ``risk_thresholds`` are those of the policy's rules; the rest is what the
    publisher has set.
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
    sender: Sender = NOBODY
    arrival: Arrival | None = None
    campaign_copies: int = 3
    judge: Judge = msgspec.field(default_factory=Judge)
    risk_note: float = 0.3
    risk_hold: float = 0.6
    risk_hold_in: Mapping[str, float] = msgspec.field(default_factory=dict)
    risk_thresholds: Mapping[str, float] = msgspec.field(default_factory=dict)
    allowed_words: tuple[str, ...] = ()
    banned_domains: tuple[str, ...] = ()
    suspect_domains: tuple[str, ...] = ()
    allowed_domains: tuple[str, ...] = ()
    newcomer_until: int = 1
    repeats_allowed: int = 0


def lists_of(policy: Policy) -> dict[str, Any]:
    """What a context has of the publisher's lists and limits."""
    return {name: getattr(policy, name) for name in _OF_THE_POLICY}


_OF_THE_POLICY = tuple(
    name
    for name in CheckContext.__struct_fields__
    if name in Policy.__struct_fields__ and name != "mode"
)
