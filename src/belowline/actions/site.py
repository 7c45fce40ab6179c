"""What every action works with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from belowline.actions.standing import Standing
from belowline.checks import Check
from belowline.domain.comments import Comment
from belowline.domain.policy import Policy
from belowline.domain.rules import Rules
from belowline.risk.judge import Judge
from belowline.storage.engine import Storage


def utc_now() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


def _learns_nothing(comment: Comment, verdict: str) -> None:
    """Nothing learns from appeals yet."""


def _no_readers(story: int) -> int:
    return 0


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A publication: where it stores, what the publisher has set, what time it is.

    ``judge`` knows the risk of a comment here; `belowline.actions.learning` teaches it.
    ``learned`` is called with a comment and "publish" or "reject" once an appeal about it has been
    decided: that verdict is worth more than the first one.
    ``readers`` answers how many have a story (by its id) open at the moment.
    """

    storage: Storage
    rules: Rules
    checks: tuple[Check, ...]
    judge: Judge = msgspec.field(default_factory=Judge)
    readers: Callable[[int], int] = _no_readers
    now: Callable[[], datetime] = utc_now
    standing: Standing = msgspec.field(default_factory=Standing)
    learned: Callable[[Comment, str], None] = _learns_nothing

    @property
    def policy(self) -> Policy:
        """The policy as this process last read it: for what may be a moment old."""
        return self.standing.last(self.rules).policy
