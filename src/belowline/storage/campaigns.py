"""Campaigns, their comments, and the prints by which a new comment finds earlier ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, func, or_, select, update

from belowline.domain.campaigns import Campaign
from belowline.domain.comments import Comment
from belowline.domain.users import STAFF
from belowline.storage import raw
from belowline.storage.comments import from_row, written
from belowline.storage.schema import campaign_members as members
from belowline.storage.schema import campaigns, comments, fingerprints, users
from belowline.storage.upsert import insert as upsert

SLOTS = 24
"""More than `campaigns.matching.COMMON`, since two subjects may want the same one."""

_AT_ONCE = 500
_PRINTS = 1 << 33
_MOST_AUTHORS = 64
_numbers = msgspec.json.Decoder(list[int])


class Single(NamedTuple):
    """A comment that is in no campaign."""

    id: int
    author: int
    text: str


# -- prints --------------------------------------------------------------------------------


def subjects(connection: Connection, prints: Collection[int], since: int) -> dict[int, list[int]]:
    """Print -> those with ids from ``since`` on that have it, of those of ``prints`` known."""
    found: dict[int, list[int]] = {}
    for places, part in _parts(prints):
        joined = raw.joined(connection, "print || ',' || subject")
        statement = f"SELECT {joined} FROM fingerprints WHERE print IN {places} AND subject >= ?"
        [(all_,)] = raw.run(connection, statement, [*part, since])
        numbers = iter(_numbers.decode(f"[{all_ or ''}]"))
        for one, subject in zip(numbers, numbers, strict=True):
            if one in found:
                found[one].append(subject)
            else:
                found[one] = [subject]
    return found


def newer(connection: Connection, prints: Collection[int], newest: int) -> set[int]:
    """Those of ``prints`` that something has whose id is above ``newest``."""
    found: set[int] = set()
    for places, part in _parts(prints):
        statement = (
            f"SELECT DISTINCT print FROM fingerprints WHERE print IN {places} AND subject > ?"
        )
        found.update(one for (one,) in raw.run(connection, statement, [*part, newest]))
    return found


def _parts(values: Collection[int]) -> Iterator[tuple[str, list[int]]]:
    """``values`` in parts, with places for them: few different statements, each prepared once."""
    wanted = list(values)
    for first in range(0, len(wanted), _AT_ONCE):
        part = wanted[first : first + _AT_ONCE]
        part += part[:1] * (-len(part) % 64)
        yield raw.places(len(part)), part


def remember(connection: Connection, kept: Collection[tuple[int, int]]) -> None:
    """Keeps (print, subject)s; each takes a slot, from what was there before if need be."""
    rows = {(one, _slot(subject)): subject for one, subject in sorted(kept)}
    raw.insert(
        connection,
        fingerprints,
        ("print", "slot", "subject"),
        [(*place, subject) for place, subject in rows.items()],
        ending="ON CONFLICT (print, slot) DO UPDATE SET subject = excluded.subject",
    )


def _slot(subject: int) -> int:
    return (subject * 0x9E3779B97F4A7C15 >> 40) % SLOTS


def forget(connection: Connection, part: int, parts: int, before: int) -> int:
    """Forgets what ids below ``before`` left in one of ``parts`` equal parts of all prints."""
    first, last = (_PRINTS * number // parts for number in (part, part + 1))
    done = connection.execute(
        delete(fingerprints).where(
            fingerprints.c.print >= first,
            fingerprints.c.print < last,
            fingerprints.c.subject < before,
        )
    )
    return done.rowcount


# -- reading -------------------------------------------------------------------------------


def many(connection: Connection, ids: Collection[int]) -> dict[int, tuple[Campaign, str]]:
    """Id -> (campaign, its core as stored) of those of ``ids`` that are campaigns."""
    if not ids:
        return {}
    rows = connection.execute(_campaigns.where(campaigns.c.id.in_(ids)))
    return {row.id: (_campaign(row), row.core) for row in rows}


def get(connection: Connection, campaign: int) -> Campaign | None:
    """One campaign."""
    found = many(connection, [campaign]).get(campaign)
    return found[0] if found else None


def among(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of ``ids`` that are campaigns."""
    return {
        campaign
        for places, part in _parts(ids)
        for (campaign,) in raw.run(
            connection, f"SELECT id FROM campaigns WHERE id IN {places}", part
        )
    }


def singles(connection: Connection, ids: Collection[int]) -> dict[int, Single]:
    """Id -> comment of those of ``ids`` that are comments, not withdrawn, and in no campaign."""
    return {
        comment: Single(comment, author, text)
        for places, part in _parts(ids)
        for comment, author, text in raw.run(
            connection,
            "SELECT id, comments.author_id, text FROM comments"
            " LEFT JOIN campaign_members ON comment_id = id"
            f" WHERE id IN {places} AND status <> 'withdrawn' AND comment_id IS NULL",
            part,
        )
    }


def authors(connection: Connection, ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Campaign -> some of its authors: all of them while they are few."""
    found: dict[int, frozenset[int]] = {}
    for campaign in ids:
        rows = connection.execute(
            select(members.c.author_id)
            .where(members.c.campaign_id == campaign)
            .distinct()
            .limit(_MOST_AUTHORS)
        )
        found[campaign] = frozenset(rows.scalars())
    return found


def waiting(connection: Connection, limit: int) -> list[Campaign]:
    """Campaigns that staff have not decided, the latest first."""
    rows = connection.execute(
        _campaigns.where(campaigns.c.waits.is_(True))
        .order_by(campaigns.c.last_at.desc())
        .limit(limit)
    )
    return [_campaign(row) for row in rows]


def standing(connection: Connection, now: datetime, limit: int) -> list[Campaign]:
    """Campaigns for whose coming copies a decision stands, the next that ends first."""
    rows = connection.execute(
        _campaigns.where(campaigns.c.standing_until > now)
        .order_by(campaigns.c.standing_until)
        .limit(limit)
    )
    return [_campaign(row) for row in rows]


def comments_of(
    connection: Connection, campaign: int, *, after: int = 0, limit: int
) -> list[Comment]:
    """The campaign's comments with larger ids than ``after``, in order of their ids."""
    rows = connection.execute(
        written.join(members, members.c.comment_id == comments.c.id)
        .where(members.c.campaign_id == campaign, members.c.comment_id > after)
        .order_by(members.c.comment_id)
        .limit(limit)
    )
    return [from_row(row) for row in rows]


def of_comments(connection: Connection, ids: Collection[int]) -> dict[int, Campaign]:
    """Comment -> the campaign that it is in."""
    query = select(members.c.comment_id, members.c.campaign_id).where(members.c.comment_id.in_(ids))
    rows = connection.execute(query).all()
    found = many(connection, {row.campaign_id for row in rows})
    return {row.comment_id: found[row.campaign_id][0] for row in rows}


def of_comment(connection: Connection, comment: int) -> int | None:
    """The campaign that a comment is in."""
    query = select(members.c.campaign_id).where(members.c.comment_id == comment)
    return connection.execute(query).scalar_one_or_none()


# -- writing -------------------------------------------------------------------------------


def begin(connection: Connection, campaign: int, core: str, now: datetime) -> None:
    """A campaign of nobody yet, unless there is one with that id."""
    connection.execute(
        upsert(connection, campaigns)
        .values(
            id=campaign,
            core=core,
            copies=0,
            accounts=0,
            waits=False,
            first_at=now,
            last_at=now,
        )
        .on_conflict_do_nothing()
    )


def join(
    connection: Connection, campaign: int, joining: Mapping[int, tuple[int, datetime]]
) -> None:
    """Puts comments (id -> author, when) into a campaign, those that are in none."""
    rows = [(comment, campaign, author) for comment, (author, _) in joining.items()]
    before = set(
        connection.execute(
            select(members.c.author_id).where(
                members.c.campaign_id == campaign,
                members.c.author_id.in_({author for author, _ in joining.values()}),
            )
        ).scalars()
    )
    added = raw.insert(
        connection,
        members,
        ("comment_id", "campaign_id", "author_id"),
        rows,
        ending="ON CONFLICT (comment_id) DO NOTHING RETURNING comment_id, author_id",
    )
    if not added:
        return
    times = [joining[comment][1] for comment, _ in added]
    connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign)
        .values(
            copies=campaigns.c.copies + len(added),
            accounts=campaigns.c.accounts + len({author for _, author in added} - before),
        )
    )
    for time, column, beyond in (
        (min(times), campaigns.c.first_at, campaigns.c.first_at > min(times)),
        (max(times), campaigns.c.last_at, campaigns.c.last_at < max(times)),
    ):
        connection.execute(
            update(campaigns)
            .where(and_(campaigns.c.id == campaign, beyond))
            .values({column.name: time})
        )


def merge(connection: Connection, campaign: int, other: int) -> None:
    """Makes ``other`` a part of ``campaign``: its comments belong there, and it is no more."""
    connection.execute(
        update(members).where(members.c.campaign_id == other).values(campaign_id=campaign)
    )
    counted = connection.execute(
        select(func.count(), func.count(members.c.author_id.distinct())).where(
            members.c.campaign_id == campaign
        )
    ).one()
    spans = connection.execute(
        select(
            func.min(campaigns.c.first_at), func.max(campaigns.c.last_at), func.max(_waits)
        ).where(campaigns.c.id.in_((campaign, other)))
    ).one()
    connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign)
        .values(
            copies=counted[0],
            accounts=counted[1],
            first_at=spans[0],
            last_at=spans[1],
            waits=bool(spans[2]),
        )
    )
    connection.execute(delete(campaigns).where(campaigns.c.id == other))


def now(connection: Connection, campaign: int) -> int:
    """The campaign that ``campaign`` has become part of, itself when of none."""
    still = select(campaigns.c.id).where(campaigns.c.id == campaign)
    if connection.execute(still).first() is not None:
        return campaign
    return of_comment(connection, campaign) or campaign


def leave(connection: Connection, comment: int) -> None:
    """Takes a comment out of its campaign, if it is in one."""
    left = connection.execute(
        delete(members)
        .where(members.c.comment_id == comment)
        .returning(members.c.campaign_id, members.c.author_id)
    ).first()
    if left is None:
        return
    still = connection.execute(
        select(members.c.comment_id)
        .where(members.c.campaign_id == left.campaign_id, members.c.author_id == left.author_id)
        .limit(1)
    ).first()
    connection.execute(
        update(campaigns)
        .where(campaigns.c.id == left.campaign_id)
        .values(copies=campaigns.c.copies - 1, accounts=campaigns.c.accounts - (0 if still else 1))
    )


def keep_core(connection: Connection, campaign: int, core: str) -> None:
    """What the campaign's texts share by now."""
    connection.execute(update(campaigns).where(campaigns.c.id == campaign).values(core=core))


def call(connection: Connection, ids: Collection[int], copies: int, now: datetime) -> None:
    """Has staff look at those of ``ids`` that are large enough and not decided for now."""
    connection.execute(
        update(campaigns)
        .where(
            campaigns.c.id.in_(ids),
            campaigns.c.copies >= copies,
            campaigns.c.accounts >= 2,
            or_(
                campaigns.c.standing_until.is_(None),
                campaigns.c.standing_until <= now,
                campaigns.c.standing_by.not_in(select(users.c.id).where(users.c.role.in_(STAFF))),
            ),
        )
        .values(waits=True)
    )


def suspend(connection: Connection, member: int, now: datetime) -> None:
    """Has staff look at campaigns for which something still stands that ``member`` decided."""
    connection.execute(update(campaigns).where(_standing_of(member, now)).values(waits=True))


def end_all(connection: Connection, member: int, now: datetime) -> None:
    """Ends what ``member`` decided for coming copies, and has staff look at those campaigns."""
    connection.execute(
        update(campaigns)
        .where(_standing_of(member, now))
        .values(standing="", standing_until=None, standing_act=None, waits=True)
    )


def _standing_of(member: int, now: datetime) -> ColumnElement[bool]:
    return and_(
        campaigns.c.standing_by == member,
        campaigns.c.standing != "",
        campaigns.c.standing_until > now,
    )


def settle(
    connection: Connection,
    campaign: int,
    *,
    standing: str,
    until: datetime | None,
    by: int,
    act: int,
    reason: str,
    note: str,
) -> None:
    """Keeps what staff decided, and for coming copies until when, as ``act`` in the record says."""
    connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign)
        .values(
            waits=False,
            standing=standing,
            standing_until=until,
            standing_by=by,
            standing_act=act,
            reason=reason,
            note=note,
        )
    )


def end(connection: Connection, campaign: int) -> None:
    """Ends what staff decided for coming copies."""
    ended = {"standing": "", "standing_until": None, "standing_act": None}
    connection.execute(update(campaigns).where(campaigns.c.id == campaign).values(ended))


def applied(connection: Connection, comment: int, decision: int) -> None:
    """Keeps that a standing decision made ``decision`` about a comment."""
    connection.execute(
        update(members).where(members.c.comment_id == comment).values(applied=decision)
    )


def made_by_standing(
    connection: Connection, campaign: int, *, after: int = 0, limit: int
) -> dict[int, int]:
    """Comment -> the decision that the campaign's standing decision made, in order of comments."""
    rows = connection.execute(
        select(members.c.comment_id, members.c.applied)
        .where(
            members.c.campaign_id == campaign,
            members.c.comment_id > after,
            members.c.applied.is_not(None),
        )
        .order_by(members.c.comment_id)
        .limit(limit)
    )
    return {row.comment_id: row.applied for row in rows}


_waits = case((campaigns.c.waits, 1), else_=0)
_campaigns = select(
    campaigns, users.c.name.label("by_name"), users.c.role.label("by_role")
).select_from(campaigns.outerjoin(users, users.c.id == campaigns.c.standing_by))


def _campaign(row: Row[Any]) -> Campaign:
    return Campaign(
        id=row.id,
        copies=row.copies,
        accounts=row.accounts,
        waits=row.waits,
        first_at=row.first_at,
        last_at=row.last_at,
        standing=row.standing,
        standing_until=row.standing_until,
        standing_by=row.standing_by,
        standing_by_name=row.by_name or "",
        standing_act=row.standing_act,
        suspended=bool(row.standing) and row.by_role not in STAFF,
        reason=row.reason,
        note=row.note,
    )
