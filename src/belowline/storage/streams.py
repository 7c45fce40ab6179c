"""Numbered sequences of events. The number is a page's bookmark and the base of its ETag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

import msgspec
from sqlalchemy import Connection, and_, case, delete, func, select

from belowline.domain.events import tally_name
from belowline.storage import raw
from belowline.storage.schema import events, milliseconds, streams

_REMEMBERED = 2_000  # or the next page of a heated discussion would cost more than its first
_LARGEST = (1 << 63) - 1  # what a column holds


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it is kept: ids only. ``delta`` is its change of the published comments."""

    number: int
    kind: str
    subject: int
    root: int
    delta: int


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that has no number yet."""

    stream: str
    kind: str
    subject: int = 0
    root: int = 0
    delta: int = 0


def append(
    connection: Connection,
    stream: str,
    kind: str,
    *,
    subject: int = 0,
    root: int = 0,
    delta: int = 0,
    now: datetime,
) -> int:
    """Adds an event and answers its number. Called last in a transaction, as `append_all`."""
    new = NewEvent(stream=stream, kind=kind, subject=subject, root=root, delta=delta)
    return append_all(connection, [new], now)[stream]


def append_all(connection: Connection, new: Sequence[NewEvent], now: datetime) -> dict[str, int]:
    """Adds events in their order and answers the last number of each stream.

    Called last in a transaction: it locks the streams' rows until the commit, which is what makes
    numbers become visible in their order on PostgreSQL too.
    """
    sizes = Counter(event.stream for event in new)
    last: dict[str, int] = dict(
        raw.insert(
            connection,
            streams,
            ("name", "number"),
            sorted(sizes.items()),
            "ON CONFLICT (name) DO UPDATE SET number = streams.number + excluded.number "
            "RETURNING name, number",
        )
    )
    following = {stream: count(last[stream] - size + 1) for stream, size in sizes.items()}
    moment = milliseconds(now)
    raw.insert(
        connection,
        events,
        ("stream", "number", "kind", "subject", "root_id", "delta", "created_at"),
        [
            (
                one.stream,
                next(following[one.stream]),
                one.kind,
                one.subject,
                one.root,
                one.delta,
                moment,
            )
            for one in new
        ],
    )
    connection.info["streams"].update(sizes)
    return last


def tally(connection: Connection, story: int, comment: int, recommendations: int) -> None:
    """Has every process hear, by the commit, how many recommendations a comment has now."""
    connection.info["streams"].add(tally_name(story, comment, recommendations))


def number(connection: Connection, stream: str) -> int:
    """The number of the last event, 0 before the first."""
    found = connection.execute(select(streams.c.number).where(streams.c.name == stream)).scalar()
    return found or 0


def numbers(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """The numbers of the last events of those of ``names`` that have any."""
    rows = connection.execute(
        select(streams.c.name, streams.c.number).where(streams.c.name.in_(names))
    )
    return {row.name: row.number for row in rows}


def after(connection: Connection, stream: str, number: int, limit: int) -> list[StoredEvent]:
    """The events after ``number``, oldest first, ``limit`` at most."""
    rows = connection.execute(
        select(events)
        .where(events.c.stream == stream, events.c.number > number)
        .order_by(events.c.number)
        .limit(limit)
    )
    return [
        StoredEvent(
            number=row.number,
            kind=row.kind,
            subject=row.subject,
            root=row.root_id,
            delta=row.delta,
        )
        for row in rows
    ]


def changes_since(connection: Connection, stream: str, number: int) -> dict[int, int | None]:
    """Thread -> by how much its published replies changed after ``number``.

    None for a thread that has only appeared since. The first `_REMEMBERED` events count: whoever
    pages on after more than that sees a thread twice or not at all, now and then.
    """
    is_reply = events.c.subject != events.c.root_id
    appeared = and_(events.c.subject == events.c.root_id, events.c.kind == "comment")
    rows = connection.execute(
        select(
            events.c.root_id,
            func.sum(case((is_reply, events.c.delta), else_=0)),
            func.max(case((appeared, 1), else_=0)),
        )
        .where(
            events.c.stream == stream,
            events.c.number > number,
            events.c.number <= min(number + _REMEMBERED, _LARGEST),
            events.c.root_id != 0,
        )
        .group_by(events.c.root_id)
    )
    return {root: None if new else int(change) for root, change, new in rows}


def prune(connection: Connection, now: datetime, keep: timedelta, limit: int) -> int:
    """Forgets events older than ``keep``, the oldest ``limit`` and what is as old as the last.

    Answers how many. Who is that far behind is told to reset.
    """
    oldest = (
        select(events.c.created_at)
        .where(events.c.created_at < now - keep)
        .order_by(events.c.created_at)
        .limit(limit)
        .subquery()
    )
    until = select(func.max(oldest.c.created_at)).scalar_subquery()
    return connection.execute(delete(events).where(events.c.created_at <= until)).rowcount
