"""Which comment a moderator should see first.

Urgency is expected harm, times the readers who see or wait, times age, where an hour doubles it.
Its logarithm grows by the same amount for everything as time passes, so the order of two comments
never changes while nothing happens to them. It is therefore kept as a moment: the one since which
a harmless comment without readers would have to wait to be as urgent. The earliest comes first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from belowline.domain.comments import Comment
from belowline.domain.decisions import Finding

DOUBLING = timedelta(hours=1)
"""What waits so much longer is twice as urgent."""

_LEAST = 0.05  # of every hundred comments that nothing speaks against, about five are rejected
_MOST = 0.98
_BY_WEIGHT = {"note": 0.1, "hold": 0.35, "refuse": 0.6}
_BY_REPORT = 0.4
_CROWD = 1_000  # more readers than these do not make anything more urgent
_WAITING_SHARE = 4  # one in so many readers of a story waits for what is held


def harm(findings: Iterable[Finding], reports: int) -> float:
    """How likely it is that the comment does harm, 0.05 to 0.98.

    ``reports`` counts the distinct readers who have reported it and were not answered. Findings of
    one check are one sign, the strongest of them, so that ten bad words are not ten signs.
    """
    signs: dict[str, float] = {}
    for finding in findings:
        score: float | None = getattr(finding, "score", None)
        sign = _BY_WEIGHT.get(finding.weight, 0.0) if score is None else score
        signs[finding.check] = max(signs.get(finding.check, 0.0), sign)
    harmless = (1 - _LEAST) * (1 - _BY_REPORT) ** reports
    for sign in signs.values():
        harmless *= 1 - sign
    return min(max(1 - harmless, _LEAST), _MOST)


def affected(status: str, active: int) -> int:
    """How many see a published comment or wait for a held one, of ``active`` on its story."""
    if status == "published":
        return 2 + active
    return 1 + active // _WAITING_SHARE


def waits_since(created: datetime, likely: float, readers: int) -> datetime:
    """The moment that stands for the urgency; at most 15 hours before ``created``."""
    doublings = math.log2(likely / _LEAST) + math.log2(min(max(readers, 1), _CROWD))
    return created - doublings * DOUBLING


def place(
    comment: Comment, findings: Iterable[Finding], reports: int, readers: int | None = None
) -> datetime | None:
    """`waits_since` for a comment as it is, None when nobody has to decide it.

    ``readers`` are active on its story; None takes those who were when it came.
    """
    if not needs_decision(comment.status, reports):
        return None
    active = comment.readers if readers is None else readers
    likely = harm(findings, reports)
    return waits_since(comment.created_at, likely, affected(comment.status, active))


def needs_decision(status: str, reports: int) -> bool:
    """Whether a comment with so many open reports waits for a person."""
    return status == "held" or (status == "published" and reports > 0)


class Standing(msgspec.Struct, frozen=True):
    """Why a card stands where it stands: its likely harm (0 to 1) and the readers it concerns."""

    harm: float
    readers: int


def standing(comment: Comment, findings: Iterable[Finding], reports: int) -> Standing:
    """What `place` made of the comment, for people to read."""
    return Standing(harm(findings, reports), affected(comment.status, comment.readers))
