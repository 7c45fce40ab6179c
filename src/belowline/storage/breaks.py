"""What happens under stories right now, counted for the circuit breaker, and its state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from belowline.domain import breaker, ids
from belowline.domain.breaker import (
    BEFORE,
    GATHERS,
    MINUTE,
    NEWCOMER,
    Minute,
    Shares,
    Sign,
    Tightened,
)
from belowline.domain.comments import STATUSES
from belowline.storage import raw
from belowline.storage.schema import breaks, milliseconds, moment, stories
from belowline.storage.upsert import insert as upsert

_CAMPAIGNS = "campaigns"
_MOST = 5_000  # of a minute; more are no different
_LONG = 1_000  # comments that the site's long-term shares are taken from
_DAY = timedelta(days=1)
# Counted, since PostgreSQL may read all findings of a site for an EXISTS.
_FAULT = (
    '(SELECT count(*) FROM findings f WHERE f.comment_id = c.id AND f."check" <> ? '
    "AND (f.weight IN ('hold', 'refuse') OR f.code = 'risk_raised'))"
)
# Said so that no index of import keys is gone through, in which all others have the same place.
_WRITTEN_HERE = "coalesce(c.import_key, '') = ''"
_COLUMNS = (
    "story_id, step, kind, minute, mode, slow, own_mode, own_pace, since, changed_at, broke_at, "
    "times"
)


class Arrival(NamedTuple):
    """A comment of the last minute.

    ``suspect``: a check would hold it, or its risk is raised. The check of campaigns does not
    count here: what it finds is held already, and may be condolences.
    """

    story: int
    author: int
    text: str
    first_seen: datetime
    suspect: bool
    published: bool


def arrivals(connection: Connection, now: datetime) -> list[Arrival]:
    """The last minute's comments, of all stories, the newest first."""
    rows = raw.run(
        connection,
        f"SELECT c.story_id, c.author_id, c.text, u.created_at, c.status, {_FAULT} "
        "FROM comments c JOIN users u ON u.id = c.author_id "
        f"WHERE c.id >= ? AND {_WRITTEN_HERE} ORDER BY c.id DESC LIMIT ?",
        (_CAMPAIGNS, ids.id_at(now - MINUTE, 0), _MOST),
    )
    return [
        Arrival(story, author, text, moment(seen), bool(bad), status == "published")
        for story, author, text, seen, status, bad in rows
    ]


def reports(
    connection: Connection, now: datetime, newcomer: timedelta
) -> dict[int, tuple[int, int]]:
    """Story -> how many readers have reported something there in the last minute, and how many
    of them are newcomers."""
    rows = raw.run(
        connection,
        "SELECT c.story_id, count(DISTINCT r.reporter_id), "
        "count(DISTINCT CASE WHEN u.created_at >= ? THEN r.reporter_id END) FROM reports r "
        "JOIN comments c ON c.id = r.comment_id JOIN users u ON u.id = r.reporter_id "
        "WHERE r.settled = ? AND r.created_at >= ? GROUP BY c.story_id",
        (milliseconds(now - newcomer), False, milliseconds(now - MINUTE)),
    )
    return {story: (count, new) for story, count, new in rows}


def recommended(
    connection: Connection, now: datetime, newcomer: timedelta
) -> dict[int, tuple[int, int]]:
    """Story -> the last minute's recommendations of the comment that newcomers like most there:
    all, and those by newcomers."""
    rows = raw.run(
        connection,
        "SELECT c.story_id, count(*), "
        "sum(CASE WHEN u.created_at >= ? THEN 1 ELSE 0 END) AS new FROM recommendations r "
        "JOIN comments c ON c.id = r.comment_id JOIN users u ON u.id = r.user_id "
        "WHERE r.created_at >= ? GROUP BY c.story_id, c.id ORDER BY new",
        (milliseconds(now - newcomer), milliseconds(now - MINUTE)),
    )
    return {story: (count, int(new)) for story, count, new in rows}


def signs(connection: Connection, now: datetime) -> dict[int, tuple[float, list[Sign]]]:
    """Story -> comments a minute there lately, and newcomers' signs in their order."""
    since, new = now - GATHERS, milliseconds(now - NEWCOMER)
    wrote = raw.run(
        connection,
        f"SELECT c.story_id, c.id, CASE WHEN u.created_at >= ? THEN {_FAULT} END "
        "FROM comments c JOIN users u ON u.id = c.author_id "
        f"WHERE c.id >= ? AND {_WRITTEN_HERE} ORDER BY c.id DESC LIMIT ?",
        (new, _CAMPAIGNS, ids.id_at(since, 0), _MOST),
    )
    reported = raw.run(
        connection,
        "SELECT c.story_id, r.created_at, c.author_id, r.reporter_id FROM reports r "
        "JOIN comments c ON c.id = r.comment_id JOIN users u ON u.id = r.reporter_id "
        "WHERE r.settled = ? AND r.created_at >= ? AND u.created_at >= ? ORDER BY r.created_at",
        (False, milliseconds(since), new),
    )
    found: dict[int, list[Sign]] = {}
    written: Counter[int] = Counter(row[0] for row in wrote)
    lately: Counter[int] = Counter(row[0] for row in wrote if row[1] >= ids.id_at(now - MINUTE, 0))
    for story, comment, faulty in wrote:
        if faulty is not None:
            kind = "faulty" if faulty else "fine"
            found.setdefault(story, []).append(Sign(ids.moment(comment), kind))
    seen: set[tuple[int, str, int]] = set()
    for story, at, author, reporter in reported:
        if (story, "reporter", reporter) in seen:
            continue
        kind = "again" if (story, "author", author) in seen else "report"
        seen |= {(story, "reporter", reporter), (story, "author", author)}
        found.setdefault(story, []).append(Sign(moment(at), kind))
    return {
        story: (
            max(written[story] * MINUTE / GATHERS, float(lately[story])),
            sorted(some, key=lambda sign: sign.at),
        )
        for story, some in found.items()
    }


def shares(connection: Connection, story: int, now: datetime) -> Shares:
    """What was usual in the day before what is looked at."""
    begin, end = now - GATHERS - _DAY, now - GATHERS
    wrote = raw.run(
        connection,
        f"SELECT CASE WHEN c.created_at - u.created_at < ? THEN {_FAULT} END "
        "FROM comments c JOIN users u ON u.id = c.author_id WHERE c.story_id = ? "
        f"AND c.id >= ? AND c.id < ? AND {_WRITTEN_HERE} "
        f"AND c.status IN {raw.places(len(STATUSES))} ORDER BY c.id DESC LIMIT ?",
        (
            *(_span(NEWCOMER), _CAMPAIGNS, story),
            *(ids.id_at(begin, 0), ids.id_at(end, 0), *STATUSES, _LONG),
        ),
    )
    [(reported,)] = raw.run(
        connection,
        "SELECT count(*) FROM reports r JOIN comments c ON c.id = r.comment_id "
        "JOIN users u ON u.id = r.reporter_id WHERE r.settled IN (?, ?) AND r.created_at >= ? "
        "AND r.created_at < ? AND r.created_at - u.created_at < ? AND c.story_id = ?",
        (
            *(False, True, milliseconds(begin), milliseconds(end)),
            *(_span(NEWCOMER), story),
        ),
    )
    by_newcomers = [row[0] for row in wrote if row[0] is not None]
    return breaker.shares(
        comments=len(wrote),
        reported=reported,
        by_newcomers=len(by_newcomers),
        faulty=sum(map(bool, by_newcomers)),
    )


def usual(connection: Connection, story: int, created_at: datetime, now: datetime) -> float:
    """Comments a minute that are usual for the story of that date (`breaker.usual`)."""
    begin, end = now - MINUTE - BEFORE, now - MINUTE
    span = (ids.id_at(begin, 0), ids.id_at(end, 0))
    [(count, new)] = raw.run(
        connection,
        "SELECT count(*), sum(CASE WHEN u.created_at >= ? THEN 1 ELSE 0 END) "
        "FROM comments c JOIN users u ON u.id = c.author_id "
        "WHERE c.story_id = ? AND c.id >= ? AND c.id < ? "
        f"AND c.status IN {raw.places(len(STATUSES))}",
        (milliseconds(begin - NEWCOMER), story, *span, *STATUSES),
    )
    [(everywhere, stories)] = raw.run(
        connection,
        "SELECT count(*), count(DISTINCT c.story_id) FROM comments c "
        f"WHERE c.id >= ? AND c.id < ? AND {_WRITTEN_HERE}",
        span,
    )
    [(long, long_new)] = raw.run(
        connection,
        "SELECT count(*), sum(CASE WHEN s.written - s.came < ? THEN 1 ELSE 0 END) FROM ("
        "SELECT c.created_at AS written, u.created_at AS came FROM comments c "
        "JOIN users u ON u.id = c.author_id WHERE c.id < ? ORDER BY c.id DESC LIMIT ?) AS s",
        (_span(NEWCOMER), span[0], _LONG),
    )
    newcomers = int(new or 0)
    return breaker.usual(
        known=count - newcomers,
        newcomers=newcomers,
        share=int(long_new or 0) / long if long else 1.0,
        minutes=min(max((end - created_at) / MINUTE, 0.0), BEFORE / MINUTE),
        site=everywhere / stories * (MINUTE / BEFORE) if stories else 0.0,
    )


def _span(time: timedelta) -> int:
    return round(time.total_seconds() * 1000)


# -- its state -----------------------------------------------------------------------------


def tightened(connection: Connection) -> dict[int, Tightened]:
    """Story -> how the breaker has tightened it; a site has few of them."""
    rows = raw.run(connection, f"SELECT {_COLUMNS} FROM breaks WHERE step > 0")
    return {row[0]: _from_row(row) for row in rows}


def left_alone(connection: Connection, stories: Collection[int], now: datetime) -> set[int]:
    """Those of ``stories`` where staff have said that nothing is to be tightened now."""
    if not stories:
        return set()
    wanted = sorted(stories)
    rows = raw.run(
        connection,
        f"SELECT story_id FROM breaks WHERE story_id IN {raw.places(len(wanted))} "
        "AND left_until > ?",
        (*wanted, milliseconds(now)),
    )
    return {row[0] for row in rows}


def keep(connection: Connection, one: Tightened) -> None:
    """Stores how a story is tightened; with step 0 it is no more."""
    values = {
        "step": one.step,
        "kind": one.kind,
        "minute": msgspec.json.encode(one.minute).decode(),
        "mode": one.mode,
        "slow": one.slow,
        "own_mode": one.own_mode,
        "own_pace": one.own_pace,
        "since": one.since,
        "changed_at": one.changed_at,
        "broke_at": one.broke_at,
        "times": one.times,
    }
    connection.execute(
        upsert(connection, breaks)
        .values(story_id=one.story, **values)
        .on_conflict_do_update(index_elements=["story_id"], set_=values)
    )


def times_today(connection: Connection, story: int, now: datetime) -> int:
    """How often the story has broken within a day."""
    rows = raw.run(
        connection,
        "SELECT times FROM breaks WHERE story_id = ? AND broke_at >= ?",
        (story, milliseconds(now - timedelta(days=1))),
    )
    return int(rows[0][0]) if rows else 0


def leave(connection: Connection, story: int, until: datetime) -> None:
    """Has the breaker leave the story alone until then."""
    connection.execute(
        breaks.update().where(breaks.c.story_id == story).values(left_until=until, step=0)
    )


def own_pace(connection: Connection, story: int, slow: int) -> None:
    """Staff have given a tightened story a pause of its own, which it keeps afterwards."""
    connection.execute(
        breaks.update().where(breaks.c.story_id == story).values(slow=slow, own_pace=True)
    )


def follow(connection: Connection, mode: str, slow: int, site: int) -> None:
    """A site has another mode and pause now: so will its stories that had none of their own."""
    here = select(stories.c.site_id).where(stories.c.id == breaks.c.story_id).scalar_subquery()
    for column, value, own in (
        (breaks.c.mode, mode, breaks.c.own_mode),
        (breaks.c.slow, slow, breaks.c.own_pace),
    ):
        connection.execute(
            breaks.update().where(breaks.c.step > 0, ~own, here == site).values({column: value})
        )


def recommendations(
    connection: Connection, story: int, since: datetime, newcomer: timedelta | None = None
) -> list[tuple[int, int]]:
    """(comment, user) of the story's recommendations since then that are in quarantine; with
    ``newcomer`` those by newcomers that are not."""
    who = milliseconds(since - newcomer) if newcomer else 0
    rows = raw.run(
        connection,
        "SELECT r.comment_id, r.user_id FROM recommendations r "
        "JOIN comments c ON c.id = r.comment_id JOIN users u ON u.id = r.user_id "
        "WHERE r.quarantined = ? AND r.created_at >= ? AND c.story_id = ? AND u.created_at >= ?",
        (newcomer is None, milliseconds(since), story, who),
    )
    return [(row[0], row[1]) for row in rows]


def _from_row(row: tuple[Any, ...]) -> Tightened:
    return Tightened(
        story=row[0],
        step=row[1],
        kind=row[2],
        minute=msgspec.json.decode(row[3], type=Minute),
        mode=row[4],
        slow=row[5],
        own_mode=bool(row[6]),
        own_pace=bool(row[7]),
        since=moment(row[8]),
        changed_at=moment(row[9]),
        broke_at=moment(row[10]),
        times=row[11],
    )
