"""Measures against authors, the addresses they wrote from as keyed hashes, names and notes."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, select, update

from belowline.domain.bans import ADDRESS_PERIOD, Ban, address_key, period
from belowline.domain.comments import Comment
from belowline.storage import raw, sites
from belowline.storage.comments import from_row, written
from belowline.storage.schema import (
    addresses,
    author_notes,
    ban_keys,
    bans,
    comments,
    decisions,
    former_names,
    meta,
    milliseconds,
    moment,
    reports,
    users,
)
from belowline.storage.sites import Sites
from belowline.storage.upsert import insert

_PREFIX = "address-key:"
_NAMES = 1_000  # of all authors of a page of cards
_LATEST = 100  # measures among which somebody's own of the last minutes are
_COLUMNS = (
    "b.id, b.user_id, b.kind, b.reason, b.note, b.until, b.by_address, b.actor_id, b.created_at, "
    "b.lifted_at, b.site_id"
)
_SITE = 10  # its place among them


def add(connection: Connection, ban: Ban) -> int:
    """Stores a measure with what else it meets than its author; answers its number."""
    number: int = connection.execute(
        bans.insert()
        .values(
            user_id=ban.user,
            kind=ban.kind,
            reason=ban.reason,
            note=ban.note,
            until=ban.until,
            by_address=ban.by_address,
            actor_id=ban.actor,
            created_at=ban.created_at,
            site_id=ban.site,
        )
        .returning(bans.c.id)
    ).scalar_one()
    if ban.by_address:
        hashes = connection.execute(
            select(addresses.c.hash).where(addresses.c.user_id == ban.user)
        ).scalars()
        for one in sorted(set(hashes)):
            connection.execute(ban_keys.insert().values(ban_id=number, hash=one))
    return number


def get(connection: Connection, ban: int) -> Ban | None:
    """One measure."""
    row = connection.execute(_measures.where(bans.c.id == ban)).one_or_none()
    return None if row is None else _ban(row)


def of_user(connection: Connection, user: int) -> list[Ban]:
    """Everything that was done to somebody, the newest first."""
    rows = connection.execute(_measures.where(bans.c.user_id == user).order_by(bans.c.id.desc()))
    return [_ban(row) for row in rows]


def lately(connection: Connection, actor: int, since: datetime) -> list[tuple[Ban, str]]:
    """Mutes and bans that somebody of the staff has imposed since and that stand, each with the
    name of whom it meets, the newest first.
    """
    latest = select(bans.c.id).order_by(bans.c.id.desc()).limit(_LATEST)
    about = users.alias("about")
    rows = connection.execute(
        select(bans, users.c.name.label("actor_name"), about.c.name.label("about_name"))
        .select_from(
            bans.outerjoin(users, users.c.id == bans.c.actor_id).join(
                about, about.c.id == bans.c.user_id
            )
        )
        .where(
            bans.c.id.in_(latest),
            bans.c.actor_id == actor,
            bans.c.created_at >= since,
            bans.c.lifted_at.is_(None),
            bans.c.kind != "warning",
        )
        .order_by(bans.c.id.desc())
    )
    return [(_ban(row), row.about_name) for row in rows]


def in_force(
    connection: Connection, now: datetime, *, before: int, limit: int, within: Sites = None
) -> list[tuple[Ban, str]]:
    """Mutes and bans that stand, those of all sites and those of the sites ``within``, each with
    the name of whom it meets, the newest first; ``before`` is a number, 0 for all.
    """
    about = users.alias("about")
    query = (
        select(bans, users.c.name.label("actor_name"), about.c.name.label("about_name"))
        .select_from(
            bans.outerjoin(users, users.c.id == bans.c.actor_id).join(
                about, about.c.id == bans.c.user_id
            )
        )
        .where(bans.c.lifted_at.is_(None), bans.c.kind != "warning")
    )
    if within is not None:
        query = query.where(bans.c.site_id.in_((0, *within)))
    if before:
        query = query.where(bans.c.id + 0 < before)
    # What stands is found by its end and then sorted, not looked for among all there ever were.
    query = query.order_by((bans.c.id + 0).desc()).limit(limit)
    rows = [
        row
        for stands in (
            bans.c.until.is_(None),
            bans.c.until > now,
        )  # one walk through the index each
        for row in connection.execute(query.where(stands))
    ]
    rows = sorted(rows, key=lambda row: int(row.id), reverse=True)[:limit]
    found = placed(connection, [_ban(row) for row in rows])
    return [(ban, row.about_name) for ban, row in zip(found, rows, strict=True)]


def placed(connection: Connection, found: Iterable[Ban]) -> list[Ban]:
    """Measures with the key and the name of their site, those that are about one alone."""
    several = list(found)
    if not any(one.site for one in several):
        return several
    there = {one.id: one for one in sites.everyone(connection)}
    return [
        msgspec.structs.replace(one, key=there[one.site].key, where=there[one.site].name)
        if one.site in there
        else one
        for one in several
    ]


def lift(connection: Connection, ban: int, now: datetime) -> bool:
    """Ends a measure before its time; False when it had ended."""
    return (
        connection.execute(
            update(bans)
            .where(bans.c.id == ban, bans.c.lifted_at.is_(None))
            .values(lifted_at=now)
            .returning(bans.c.id)
        ).first()
        is not None
    )


class Standing:
    """What was imposed on some people and has not ended at ``now``."""

    def __init__(self, found: list[tuple[int, tuple[Any, ...]]], now: datetime) -> None:
        self._found, self._now = found, now

    def at(self, user: int, site: int) -> Ban | None:
        """What stops somebody on a site, the hardest if several do; on site 0 what holds on all."""
        return self._hardest(user, [one for one in self._found if one[1][_SITE] in (0, site)])

    def anywhere(self, user: int) -> Ban | None:
        """What stops somebody on some site, the hardest if several do."""
        return self._hardest(user, self._found)

    def _hardest(self, user: int, found: list[tuple[int, tuple[Any, ...]]]) -> Ban | None:
        row = _hardest(found, self._now).get(user) if found else None
        return None if row is None else _from_raw(row)


def standing(connection: Connection, people: Mapping[int, str], now: datetime) -> Standing:
    """What stops these people now.

    ``people`` are users with the address that they act from, "" where it is not known.
    """
    return Standing(_found(connection, people, now) if people else [], now)


def against(
    connection: Connection,
    user: int,
    address: str,
    now: datetime,
    warned_since: datetime,
    site: int | None = None,
) -> list[Ban]:
    """What stops somebody now, and what they were warned of since then, the latest first; on one
    site alone if that is said."""
    found = [
        one
        for one in _found(connection, {user: address}, now)
        if site is None or one[1][_SITE] in (0, site)
    ]
    since = milliseconds(warned_since)
    warned = [row for _, row in found if row[2] == "warning" and row[8] >= since]
    return [
        _from_raw(row) for row in (*_hardest(found, now).values(), *sorted(warned, reverse=True))
    ]


def _found(
    connection: Connection, people: Mapping[int, str], now: datetime
) -> list[tuple[int, tuple[Any, ...]]]:
    """Whom each measure that was not lifted meets, by the account or by the address."""
    ids = sorted(people)
    own = raw.run(
        connection,
        f"SELECT {_COLUMNS} FROM bans b WHERE b.user_id IN {raw.places(len(ids))} "
        "AND b.lifted_at IS NULL",
        ids,
    )
    found = [(row[1], row) for row in own]
    hashed = _hashes(connection, {address for address in people.values() if address}, now)
    keys = sorted({key for many in hashed.values() for key in many})
    if keys:
        near = raw.run(
            connection,
            f"SELECT {_COLUMNS}, k.hash FROM ban_keys k JOIN bans b ON b.id = k.ban_id "
            f"WHERE k.hash IN {raw.places(len(keys))} AND b.lifted_at IS NULL",
            keys,
        )
        found += [
            (user, row[:-1])
            for row in near
            for user, address in people.items()
            if row[-1] in hashed.get(address, ())
        ]
    return found


def _hardest(found: list[tuple[int, tuple[Any, ...]]], now: datetime) -> dict[int, tuple[Any, ...]]:
    at = milliseconds(now)
    met = {}
    for user, row in sorted(found, key=lambda one: _hardness(one[1])):
        if row[2] != "warning" and (row[5] is None or row[5] > at):
            met[user] = row
    return met


def _hardness(row: tuple[Any, ...]) -> tuple[bool, float]:
    return row[2] == "ban", float("inf") if row[5] is None else row[5]


# -- addresses -----------------------------------------------------------------------------


def remember_addresses(connection: Connection, people: Mapping[int, str], now: datetime) -> None:
    """Keeps from where readers have written, as hashes, until the keys are thrown away."""
    known = {user: address for user, address in people.items() if address}
    if not known:
        return
    key = _key(connection, period(now), now)
    rows = [
        (user, address_key(key, address), milliseconds(now))
        for user, address in sorted(known.items())
    ]
    raw.insert(
        connection,
        addresses,
        ("user_id", "hash", "seen_at"),
        rows,
        "ON CONFLICT (user_id, hash) DO NOTHING",
    )


def _hashes(
    connection: Connection, wanted: Collection[str], now: datetime
) -> dict[str, tuple[str, ...]]:
    """Address -> its hashes with the keys that are still there."""
    if not wanted:
        return {}
    names = [f"{_PREFIX}{number}" for number in (period(now), period(now) - 1)]
    keys = raw.run(connection, f"SELECT value FROM meta WHERE key IN {raw.places(2)}", names)
    return {one: tuple(address_key(key[0], one) for key in keys) for one in wanted}


def _key(connection: Connection, number: int, now: datetime) -> str:
    """The key of a period. When a new one is made, those before the last are thrown away."""
    name = f"{_PREFIX}{number}"
    query = "SELECT value FROM meta WHERE key = ?"
    found = raw.run(connection, query, (name,))
    if not found:
        made = insert(connection, meta).values(key=name, value=secrets.token_urlsafe(32))
        connection.execute(made.on_conflict_do_nothing())
        kept = [name, f"{_PREFIX}{number - 1}"]
        connection.execute(
            delete(meta).where(meta.c.key.startswith(_PREFIX), meta.c.key.not_in(kept))
        )
        connection.execute(delete(addresses).where(addresses.c.seen_at < now - 2 * ADDRESS_PERIOD))
        found = raw.run(connection, query, (name,))
    return str(found[0][0])


def neighbours(connection: Connection, user: int, limit: int) -> list[tuple[int, str]]:
    """Others who wrote from the same addresses lately: (id, name)."""
    here = select(addresses.c.hash).where(addresses.c.user_id == user).limit(20)
    rows = connection.execute(
        select(users.c.id, users.c.name)
        .join(addresses, addresses.c.user_id == users.c.id)
        .where(addresses.c.hash.in_(here), users.c.id != user)
        .distinct()
        .limit(limit)
    )
    return [(row.id, row.name) for row in rows]


# -- an author's page ----------------------------------------------------------------------


def add_name(connection: Connection, user: int, name: str, until: datetime) -> None:
    """Keeps the name that somebody has just given up."""
    connection.execute(former_names.insert().values(user_id=user, name=name, until=until))


def former_names_of(connection: Connection, user: int) -> list[tuple[str, datetime]]:
    """The names somebody had before and until when, the latest first."""
    rows = connection.execute(
        select(former_names.c.name, former_names.c.until)
        .where(former_names.c.user_id == user)
        .order_by(former_names.c.until.desc())
        .limit(100)
    )
    return [(row.name, row.until) for row in rows]


def former_names_of_many(
    connection: Connection, people: Collection[int]
) -> dict[int, list[tuple[str, datetime]]]:
    """User -> the names they had before and until when, the latest first."""
    rows = connection.execute(
        select(former_names.c.user_id, former_names.c.name, former_names.c.until)
        .where(former_names.c.user_id.in_(people))
        .order_by(former_names.c.user_id.desc(), former_names.c.until.desc())
        .limit(_NAMES)
    )
    found: dict[int, list[tuple[str, datetime]]] = {user: [] for user in people}
    for row in rows:
        found[row.user_id].append((row.name, row.until))
    return found


def add_note(connection: Connection, user: int, actor: int, text: str, now: datetime) -> None:
    """Keeps what staff note about an author."""
    connection.execute(
        author_notes.insert().values(user_id=user, actor_id=actor, text=text, created_at=now)
    )


def notes_of(connection: Connection, user: int) -> list[tuple[str, str, datetime]]:
    """What staff noted: (text, who, when), the latest first."""
    rows = connection.execute(
        select(author_notes.c.text, users.c.name, author_notes.c.created_at)
        .join(users, users.c.id == author_notes.c.actor_id)
        .where(author_notes.c.user_id == user)
        .order_by(author_notes.c.id.desc())
        .limit(100)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def written_by(
    connection: Connection, user: int, *, before: int, limit: int, within: Sites = None
) -> list[Comment]:
    """An author's comments with smaller ids than ``before`` (0: all), the newest first."""
    query = written.where(comments.c.author_id == user, *sites.among(within))
    if before:
        query = query.where(comments.c.id < before)
    rows = connection.execute(query.order_by(comments.c.id.desc()).limit(limit))
    return [from_row(row) for row in rows]


def removable(
    connection: Connection, user: int, since: datetime, limit: int, within: Sites = None
) -> list[Comment]:
    """What an author has standing or waiting that was written since, the newest first."""
    query = written.where(
        comments.c.author_id == user,
        comments.c.id >= max(0, milliseconds(since) or 0) << 20,
        comments.c.status.in_(("held", "published")),
        *sites.among(within),
    )
    rows = connection.execute(query.order_by(comments.c.id.desc()).limit(limit))
    return [from_row(row) for row in rows]


def removed_at(connection: Connection, user: int, actor: int, at: datetime) -> list[int]:
    """The decisions by which ``actor`` removed an author's comments all at one moment."""
    rows = connection.execute(
        select(decisions.c.id)
        .join(comments, comments.c.id == decisions.c.comment_id)
        .where(
            comments.c.author_id == user,
            decisions.c.actor_id == actor,
            decisions.c.action == "reject",
            decisions.c.created_at == at,
        )
    )
    return sorted(rows.scalars())


def reports_by(connection: Connection, user: int) -> tuple[int, int]:
    """How many reports somebody has made, and how many of those comments were rejected."""
    latest = (
        select(reports.c.comment_id).where(reports.c.reporter_id == user).limit(1_000).subquery()
    )
    made: int = connection.execute(select(func.count()).select_from(latest)).scalar_one()
    upheld: int = connection.execute(
        select(func.count())
        .select_from(latest.join(comments, comments.c.id == latest.c.comment_id))
        .where(comments.c.status == "rejected")
    ).scalar_one()
    return made, upheld


_measures = select(bans, users.c.name.label("actor_name")).select_from(
    bans.outerjoin(users, users.c.id == bans.c.actor_id)
)


def _ban(row: Row[Any]) -> Ban:
    return Ban(
        id=row.id,
        user=row.user_id,
        kind=row.kind,
        reason=row.reason,
        note=row.note,
        until=row.until,
        by_address=row.by_address,
        actor=row.actor_id,
        actor_name=row.actor_name or "",
        created_at=row.created_at,
        lifted_at=row.lifted_at,
        site=row.site_id,
    )


def _from_raw(row: tuple[Any, ...]) -> Ban:
    return Ban(
        id=row[0],
        user=row[1],
        kind=row[2],
        reason=row[3],
        note=row[4],
        until=None if row[5] is None else moment(row[5]),
        by_address=bool(row[6]),
        actor=row[7],
        actor_name="",
        created_at=moment(row[8]),
        lifted_at=None,
        site=row[_SITE],
    )
