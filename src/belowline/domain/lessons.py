"""What a decision teaches the risk model."""

from __future__ import annotations

from datetime import datetime

import msgspec

MEMORY = 2_000
"""Lessons that count: the latest ones. So a site's habits may change."""


Doubt = tuple[int, datetime]
"""Whose lessons were taken back: through which decision, and when that was done."""


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of a person about a comment: ``rejected`` or not, by ``teacher``.

    ``number`` is the decision's; it counts ``weight`` times. A comment teaches one lesson.
    """

    comment: int
    number: int
    text: str
    rejected: bool
    teacher: int = 0
    weight: float = 1.0
