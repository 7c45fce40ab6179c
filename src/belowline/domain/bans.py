"""Measures against an author: a warning, a mute, a ban; and what each stops."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

import msgspec

MEASURES: dict[str, str] = {
    "warning": "Warning",
    "mute": "Mute",
    "ban": "Ban",
}
"""Kind of a measure -> English word. A warning stops nothing, a mute stops writing and editing,
a ban stops recommending, reporting and naming too. Deleting one's own is always possible."""

LONGEST_MUTE = timedelta(days=7)
LONGEST_BY_MODERATORS = timedelta(days=30)
ADDRESS_PERIOD = timedelta(days=7)
"""For so long an address's key is used; it is kept for one more period and then thrown away."""


class Ban(msgspec.Struct, frozen=True, kw_only=True):
    """A measure. ``until`` is None for one without an end; ``lifted_at`` ends it before.

    ``link`` is the address of its statement of reasons, as far as that was looked up.
    ``by_address`` says that it also meets others who write from where the author wrote lately.
    ``site`` is where it holds, 0 for all of several sites; ``key`` and ``where`` are that site's
    key and name, as far as they were looked up.
    """

    user: int
    kind: str
    reason: str
    note: str
    until: datetime | None
    by_address: bool
    actor: int | None
    actor_name: str
    created_at: datetime
    lifted_at: datetime | None = None
    id: int = 0
    link: str = ""
    site: int = 0
    key: str = ""
    where: str = ""

    def stands(self, now: datetime) -> bool:
        """Whether it is in force at ``now``."""
        return self.lifted_at is None and (self.until is None or self.until > now)


def period(now: datetime) -> int:
    """The number of the period of an address key."""
    return int(now.timestamp() // ADDRESS_PERIOD.total_seconds())


def address_key(secret: str, address: str) -> str:
    """What is kept of a network address: a keyed hash. IPv6 counts by its /64, one household."""
    if ":" in address:
        address = ":".join(_whole(address)[:4])
    return hmac.new(secret.encode(), address.encode(), hashlib.sha256).hexdigest()[:32]


def _whole(address: str) -> list[str]:
    """An IPv6 address as eight groups."""
    before, double, after = address.partition("::")
    first = [part for part in before.split(":") if part]
    last = [part for part in after.split(":") if part]
    missing = ["0"] * (8 - len(first) - len(last)) if double else []
    return [part.lower().lstrip("0") or "0" for part in [*first, *missing, *last]]
