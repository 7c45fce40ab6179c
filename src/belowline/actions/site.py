"""What every action works with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from belowline.checks import Check
from belowline.domain.rules import Rules
from belowline.storage.engine import Storage


def utc_now() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


def _nobody(story: int) -> int:
    return 0


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A publication: where it stores, what the publisher has set, what time it is.

    ``readers`` answers how many have a story (by its id) open at the moment.
    """

    storage: Storage
    rules: Rules
    checks: tuple[Check, ...]
    readers: Callable[[int], int] = _nobody
    now: Callable[[], datetime] = utc_now
