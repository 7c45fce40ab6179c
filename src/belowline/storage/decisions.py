"""The record of decisions, reports, and the desk's queue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select, update

from belowline.domain.decisions import Decision, Report
from belowline.domain.record import DECISION
from belowline.storage import raw, record, sites
from belowline.storage.schema import comments, decisions, milliseconds, reports, users
from belowline.storage.sites import Sites
from belowline.storage.upsert import insert as upsert

_LOOKED_BACK = 2_000


def add(connection: Connection, decision: Decision) -> Decision:
    """Writes one line of the record and answers it with its number."""
    [(number,)] = raw.insert(connection, decisions, _NEW, [_new_row(decision)], "RETURNING id")
    record.note(connection, DECISION, [number])
    return msgspec.structs.replace(decision, id=number)


def add_all(connection: Connection, made: Sequence[Decision]) -> None:
    """Writes lines of the record."""
    new = [_new_row(decision) for decision in made]
    rows = raw.insert(connection, decisions, _NEW, new, "RETURNING id")
    record.note(connection, DECISION, (row[0] for row in rows))


_NEW = (
    "comment_id",
    "revision",
    "action",
    "before",
    "after",
    "actor_id",
    "reason",
    "note",
    "undoes",
    "created_at",
    "policy",
)


def _new_row(decision: Decision) -> tuple[Any, ...]:
    return (
        decision.comment,
        decision.revision,
        decision.action,
        decision.before,
        decision.after,
        decision.actor,
        decision.reason,
        decision.note,
        decision.undoes,
        milliseconds(decision.created_at),
        decision.policy,
    )


def get(connection: Connection, decision: int) -> Decision | None:
    """One line of the record."""
    row = connection.execute(_lines.where(decisions.c.id == decision)).one_or_none()
    return None if row is None else _decision(row)


def of_comment(connection: Connection, comment: int) -> list[Decision]:
    """Everything that was decided about a comment, the first decision first."""
    return of_comments(connection, [comment]).get(comment, [])


def of_comments(connection: Connection, ids: Collection[int]) -> dict[int, list[Decision]]:
    """Comment -> everything that was decided about it, the first decision first."""
    rows = connection.execute(
        _lines.where(decisions.c.comment_id.in_(ids)).order_by(
            decisions.c.comment_id, decisions.c.id
        )
    )
    found: dict[int, list[Decision]] = {}
    for row in rows:
        found.setdefault(row.comment_id, []).append(_decision(row))
    return found


def latest(connection: Connection, limit: int, within: Sites = None) -> list[Decision]:
    """What people decided last, the newest first; of some sites among the latest 2,000 of all."""
    query = _lines.where(decisions.c.actor_id.is_not(None)).order_by(decisions.c.id.desc())
    if within is not None:
        last = query.with_only_columns(decisions.c.id, decisions.c.comment_id).limit(_LOOKED_BACK)
        some = last.subquery()
        about = some.join(comments, comments.c.id == some.c.comment_id)
        found = select(some.c.id).select_from(about).where(*sites.among(within))
        ids = connection.execute(found.order_by(some.c.id.desc()).limit(limit)).scalars().all()
        query = query.where(decisions.c.id.in_(ids))
    return [_decision(row) for row in connection.execute(query.limit(limit))]


def by_people(
    connection: Connection, *, after: int, limit: int, newest: bool = False
) -> list[Decision]:
    """What people decided after line ``after`` of the record, ``limit`` lines at most, the first
    first; with ``newest`` the last first."""
    order = decisions.c.id.desc() if newest else decisions.c.id
    query = _lines.where(decisions.c.actor_id.is_not(None), decisions.c.id > after)
    return [_decision(row) for row in connection.execute(query.order_by(order).limit(limit))]


def count_by_people(connection: Connection, since: datetime) -> int:
    """How many comments people have published or rejected since ``since``."""
    query = select(func.count()).where(
        decisions.c.created_at >= since,
        decisions.c.actor_id.is_not(None),
        decisions.c.action.in_(("publish", "reject")),
    )
    found: int = connection.execute(query).scalar_one()
    return found


# -- reports -------------------------------------------------------------------------------


def report(connection: Connection, said: Report) -> bool:
    """Keeps a report; False when this reader has reported the comment before."""
    return (
        connection.execute(
            upsert(connection, reports)
            .values(
                comment_id=said.comment,
                reporter_id=said.reporter,
                reason=said.reason,
                note=said.note,
                created_at=said.created_at,
            )
            .on_conflict_do_nothing()
            .returning(reports.c.comment_id)
        ).first()
        is not None
    )


def settle_reports(connection: Connection, comment: int) -> None:
    """Marks a comment's reports as answered by a decision."""
    connection.execute(update(reports).where(reports.c.comment_id == comment).values(settled=True))


def unsettle_reports(connection: Connection, comment: int, since: datetime | None) -> None:
    """Opens a comment's reports again when the decision is undone that settled them: those made
    ``since`` an earlier decision settled what there was, all of them without one."""
    query = update(reports).where(reports.c.comment_id == comment)
    if since is not None:
        query = query.where(reports.c.created_at >= since)
    connection.execute(query.values(settled=False))


def open_reports(connection: Connection, ids: Collection[int]) -> dict[int, list[Report]]:
    """Comment -> reports that wait for a decision."""
    rows = connection.execute(
        select(reports)
        .where(reports.c.comment_id.in_(ids), reports.c.settled.is_(False))
        .order_by(reports.c.created_at)
    )
    found: dict[int, list[Report]] = {}
    for row in rows:
        found.setdefault(row.comment_id, []).append(
            Report(
                comment=row.comment_id,
                reporter=row.reporter_id,
                reason=row.reason,
                note=row.note,
                created_at=row.created_at,
            )
        )
    return found


def count_waiting(connection: Connection, within: Sites = None) -> int:
    """How many comments need a decision."""
    found: int = connection.execute(
        select(func.count())
        .select_from(comments)
        .where(comments.c.waits_since.is_not(None), *sites.within(within))
    ).scalar_one()
    return found


_lines = select(decisions, users.c.name.label("actor_name")).select_from(
    decisions.outerjoin(users, users.c.id == decisions.c.actor_id)
)


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        id=row.id,
        comment=row.comment_id,
        revision=row.revision,
        action=row.action,
        before=row.before,
        after=row.after,
        actor=row.actor_id,
        actor_name=row.actor_name or "",
        reason=row.reason,
        note=row.note,
        undoes=row.undoes,
        created_at=row.created_at,
        policy=row.policy,
    )
