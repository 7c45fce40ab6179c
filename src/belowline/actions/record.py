"""Verifying the record, and writing down what staff do besides deciding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from belowline.actions.site import Site
from belowline.domain.record import BEGINNING, COMMENT, DECISION, Act, Break
from belowline.domain.users import Thing, User, demand
from belowline.storage import decisions, record
from belowline.storage.engine import Connection

_AT_ONCE = 2_000
LATEST = 50


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What verifying has found: how many lines hold, the last one's hash, and what is broken.

    ``comment`` is the comment that the broken line is about, None when it is about none.
    """

    lines: int
    head: str
    broken: Break | None = None
    comment: int | None = None
    complete: bool = True

    @property
    def anchor(self) -> str:
        """What to write down elsewhere: who cuts lines off at the end cannot meet it any more."""
        return f"{self.lines}:{self.head}"


class Recent(msgspec.Struct, frozen=True, kw_only=True):
    """The end of the record: how long it is, its hash, and what staff did last."""

    lines: int
    head: str
    acts: list[Act]


def verify(
    site: Site,
    tell: Callable[[int], None] = lambda lines: None,
    *,
    anchor: str = "",
    most: int | None = None,
) -> Verdict:
    """Looks at every line from the first one on, or at ``most`` of them; ``tell`` hears how many.

    ``anchor`` is what an earlier verdict had. Raises ValueError for one that cannot be read.
    """
    known = _anchor(anchor)
    number, before, broken = 0, BEGINNING, None
    while broken is None and (most is None or number < most):
        step = _AT_ONCE if known is None or number >= known[0] else min(_AT_ONCE, known[0] - number)
        came_from = number
        number, before, broken = _verify_some(site, number, before, step)
        if known is not None and number == known[0] and before.hex() != known[1]:
            broken = Break(number, "changed")
        if number == came_from:
            break
        tell(number)
    complete = most is None or number < most
    if broken is None and complete:
        broken = _at_the_end(site, number, known)
    return Verdict(
        lines=number,
        head=before.hex(),
        broken=broken,
        comment=_comment(site, broken),
        complete=complete,
    )


async def recent(site: Site, user: User) -> Recent:
    """The end of the record. Raises Refused("not_allowed")."""
    demand(user, "read_record", Thing())

    def read(connection: Connection) -> Recent:
        number, head = record.head(connection)
        return Recent(lines=number, head=head.hex(), acts=record.latest_acts(connection, LATEST))

    return await site.storage.read(read)


def note(
    connection: Connection,
    by: User | None,
    action: str,
    now: datetime,
    *,
    subject: int | None = None,
    detail: str = "",
    note: str = "",
) -> int:
    """Writes down in the transaction under way what staff did; answers the line's number."""
    act = Act(
        actor=by.id if by else None,
        actor_name=by.name if by else "",
        action=action,
        subject=subject,
        detail=detail,
        note=note,
        created_at=now,
    )
    return record.add_act(connection, act)


def _anchor(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    number, _, head = text.partition(":")
    if len(bytes.fromhex(head)) != len(BEGINNING):
        raise ValueError("an anchor is a number, a colon and 64 hexadecimal digits")
    return int(number), head.lower()


def _verify_some(
    site: Site, number: int, before: bytes, limit: int
) -> tuple[int, bytes, Break | None]:
    return site.storage.read_now(
        lambda connection: record.verify(connection, number, before, limit)
    )


def _at_the_end(site: Site, number: int, known: tuple[int, str] | None) -> Break | None:
    if known is not None and number < known[0]:
        return Break(number + 1, "missing")
    return site.storage.read_now(record.first_not_sealed)


def _comment(site: Site, broken: Break | None) -> int | None:
    if broken is not None and broken.kind == COMMENT:
        return broken.subject
    if broken is None or broken.kind != DECISION:
        return None
    found = site.storage.read_now(lambda connection: decisions.get(connection, broken.subject))
    return found.comment if found else None
