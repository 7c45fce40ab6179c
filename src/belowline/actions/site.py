"""What every action works with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from belowline.checks import Check
from belowline.domain.rules import Rules
from belowline.risk.judge import Judge
from belowline.storage.engine import Storage


def utc_now() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A publication: where it stores, what the publisher has set, what time it is.

    ``judge`` knows the risk of a comment here; `belowline.actions.learning` teaches it.
    """

    storage: Storage
    rules: Rules
    checks: tuple[Check, ...]
    judge: Judge = msgspec.field(default_factory=Judge)
    now: Callable[[], datetime] = utc_now
