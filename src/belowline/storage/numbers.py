"""What happened in the last days, counted from the record of decisions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Connection, and_, func, select, type_coerce

from belowline.domain.ids import moment as written_at
from belowline.domain.looks import RANDOM
from belowline.domain.numbers import Appealed, Hourly, LookedAgain, Scored, Waited
from belowline.storage.schema import (
    appeals,
    comments,
    decisions,
    findings,
    moment,
    second_looks,
)

_HOUR = 3_600_000  # milliseconds


def hourly(connection: Connection, since: datetime) -> list[Hourly]:
    """How often what was decided, by the hour."""
    hour = (type_coerce(decisions.c.created_at, BigInteger) // _HOUR).label("hour")
    by_people = decisions.c.actor_id.is_not(None).label("by_people")
    what = (hour, decisions.c.action, decisions.c.after, by_people, decisions.c.reason)
    rows = connection.execute(
        select(*what, func.count().label("count"))
        .where(decisions.c.created_at >= since)
        .group_by(*what)
    )
    return [
        Hourly(moment(row[0] * _HOUR), row[1], row[2], bool(row[3]), row[4], row[5]) for row in rows
    ]


def waited(connection: Connection, since: datetime, limit: int) -> list[Waited]:
    """The latest held comments that people decided, ``limit`` at most."""
    rows = connection.execute(
        select(
            decisions.c.comment_id,
            decisions.c.created_at,
            decisions.c.after,
            comments.c.language,
        )
        .select_from(decisions.join(comments, comments.c.id == decisions.c.comment_id))
        .where(
            decisions.c.created_at >= since,
            decisions.c.actor_id.is_not(None),
            decisions.c.before == "held",
            decisions.c.action.in_(("publish", "reject")),
        )
        .order_by(decisions.c.created_at.desc())
        .limit(limit)
    )
    return [Waited(written_at(row[0]), row[1], row[3], row[2] == "published") for row in rows]


def appealed(connection: Connection, since: datetime, limit: int) -> list[Appealed]:
    """The latest appeals and what became of them, ``limit`` at most."""
    rows = connection.execute(
        select(appeals.c.created_at, appeals.c.upheld)
        .where(appeals.c.created_at >= since)
        .order_by(appeals.c.created_at.desc())
        .limit(limit)
    )
    return [Appealed(row[0], row[1]) for row in rows]


def looked_again(connection: Connection, since: datetime, limit: int) -> list[LookedAgain]:
    """The latest second looks that were taken of those drawn at random, ``limit`` at most."""
    rows = connection.execute(
        select(second_looks.c.decided_at, second_looks.c.agreed)
        .where(second_looks.c.decided_at >= since, second_looks.c.why == RANDOM)
        .order_by(second_looks.c.decided_at.desc())
        .limit(limit)
    )
    return [LookedAgain(row[0], bool(row[1])) for row in rows]


def scored(connection: Connection, since: datetime, limit: int) -> list[Scored]:
    """What people decided last about comments, with the risk of the revision that they decided:
    of the latest ``limit`` decisions. What was taken back counts for nothing, and neither does a
    comment that the model could not judge.
    """
    latest = (
        select(decisions.c.id, decisions.c.comment_id, decisions.c.revision, decisions.c.action)
        .where(
            decisions.c.created_at >= since,
            decisions.c.actor_id.is_not(None),
            decisions.c.action.in_(("publish", "reject", "undo")),
        )
        .order_by(decisions.c.created_at.desc())
        .limit(limit)
        .subquery()
    )
    rows = connection.execute(
        select(latest.c.comment_id, latest.c.action, findings.c.code, findings.c.score)
        .select_from(
            latest.outerjoin(
                findings,
                and_(
                    findings.c.comment_id == latest.c.comment_id,
                    findings.c.revision == latest.c.revision,
                    findings.c.check == "risk",
                    findings.c.code != "risk_words",
                ),
            )
        )
        .order_by(latest.c.id)
    )
    found: dict[int, Scored] = {}
    for comment, action, code, score in rows:
        if action == "undo" or code in _NOT_JUDGED:
            found.pop(comment, None)
        else:
            found[comment] = Scored(score, action == "reject")
    return list(found.values())


_NOT_JUDGED = ("risk_unsure", "check_failed", "check_slow")
