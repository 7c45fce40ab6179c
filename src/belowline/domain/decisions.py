"""What checks say of a comment and what was decided about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from belowline.domain.comments import Comment
from belowline.domain.users import User

REASONS: dict[str, str] = {
    "personal_attack": "personal attack",
    "hate": "hate against a group",
    "threat": "threat",
    "harassment": "harassment",
    "off_topic": "off topic",
    "spam": "spam or advertising",
    "misinformation": "misleading claim",
    "personal_data": "someone's personal data",
    "illegal": "illegal content",
    "copyright": "copied text",
    "other": "against our rules",
}
"""Why a comment may be rejected: code -> English words, which the interface translates."""

REPORT_REASONS: dict[str, str] = {
    "abuse": "It attacks someone",
    "spam": "It is spam or advertising",
    "off_topic": "It is off topic",
    "personal_data": "It shows personal data",
    "illegal": "I think it is illegal",
    "other": "Something else",
}
"""Why a reader may report a comment: code -> English words, which the interface translates."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one check says about one revision of a comment.

    ``weight`` is ``refuse`` (the author must change the text), ``hold`` (a person must look) or
    ``note`` (nothing follows, but staff see it). ``start`` and ``end`` are the place in the text
    in code points, -1 when the finding has no place. ``score`` is a probability, where the check
    works with one; ``cost`` is how long the check took for all its findings, in microseconds.
    """

    check: str
    version: str
    code: str
    weight: str
    sentence: str
    start: int = -1
    end: int = -1
    evidence: str = ""
    score: float | None = None
    cost: int = 0


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Who or what changed a comment's status, when and why. Written once, never edited.

    ``actor`` is a user's id or None when the policy decided. ``undoes`` names the decision that
    this one takes back. ``policy`` is the number of the policy that was in force, None where that
    is not known. ``id`` is 0 until the record has given it its number.
    """

    comment: int
    revision: int
    action: str
    before: str
    after: str
    actor: int | None
    actor_name: str
    reason: str
    note: str
    undoes: int | None
    created_at: datetime
    id: int = 0
    policy: int | None = None


def decided(
    comment: Comment,
    action: str,
    *,
    before: str,
    after: str,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    note: str = "",
    undoes: int | None = None,
    policy: int | None = None,
) -> Decision:
    """The line of the record for what ``by`` (None: the policy) did to ``comment`` as it stands."""
    return Decision(
        comment=comment.id,
        revision=comment.revision,
        action=action,
        before=before,
        after=after,
        actor=by.id if by else None,
        actor_name=by.name if by else "",
        reason=reason,
        note=note,
        undoes=undoes,
        created_at=now,
        policy=policy,
    )


def asks_editor(history: Sequence[Decision]) -> Decision | None:
    """The request that an editor decide which stands: not taken back, and nobody decided since."""
    undone = {line.undoes for line in history}
    standing = (
        line
        for line in reversed(history)
        if line.id not in undone and line.action in ("publish", "reject", "escalate")
    )
    last = next(standing, None)
    return last if last is not None and last.action == "escalate" else None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader says against a comment."""

    comment: int
    reporter: int
    reason: str
    note: str
    created_at: datetime
