"""What every action works with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from belowline.actions.in_force import InForce
from belowline.actions.outside import Outside
from belowline.campaigns.arriving import Common
from belowline.checks import Check
from belowline.domain.policy import Policy
from belowline.domain.rules import Rules
from belowline.risk.judge import Judge
from belowline.storage.engine import Storage


def utc_now() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


def _no_readers(story: int) -> int:
    return 0


def _no_text(key: str) -> str:
    return ""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A publication: where it stores, what the publisher has set, what time it is.

    ``judge`` knows the risk of a comment here; `belowline.actions.learning` teaches it.
    ``outside`` asks others, None where nobody is to be asked. ``readers`` answers how many have a
    story (by its id) open at the moment, ``story_text`` what a story (by its key) says, "" where
    only its publisher knows. ``common`` are the prints that copies are not found by.
    """

    storage: Storage
    rules: Rules
    checks: tuple[Check, ...]
    judge: Judge = msgspec.field(default_factory=Judge)
    readers: Callable[[int], int] = _no_readers
    story_text: Callable[[str], str] = _no_text
    now: Callable[[], datetime] = utc_now
    outside: Outside | None = None
    in_force: InForce = msgspec.field(default_factory=InForce)
    common: Common = msgspec.field(default_factory=Common)

    @property
    def policy(self) -> Policy:
        """The policy as this process last read it: for what may be a moment old."""
        return self.in_force.last(self.rules).policy
