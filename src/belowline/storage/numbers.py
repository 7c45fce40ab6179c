"""What happened in the last days, counted from the record of decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    ScalarSelect,
    Table,
    and_,
    func,
    select,
    type_coerce,
)

from belowline.domain.ids import moment as written_at
from belowline.domain.looks import RANDOM
from belowline.domain.numbers import Appealed, Hourly, LookedAgain, Scored, Waited
from belowline.storage import sites
from belowline.storage.schema import (
    appeals,
    comments,
    decisions,
    findings,
    milliseconds,
    moment,
    second_looks,
    statements,
)
from belowline.storage.sites import Sites

_HOUR = 3_600_000  # milliseconds


def hourly(connection: Connection, since: datetime, within: Sites = None) -> list[Hourly]:
    """How often what was decided, by the hour after ``since``, on these sites.

    Hours are counted from ``since``, so that those of a zone half an hour beside are whole ones.
    """
    start = milliseconds(since)
    hour = ((type_coerce(decisions.c.created_at, BigInteger) - start) // _HOUR).label("hour")
    by_people = decisions.c.actor_id.is_not(None).label("by_people")
    language = _of_its_comment(decisions, comments.c.language).label("language")
    what = (hour, decisions.c.action, decisions.c.after, by_people, decisions.c.reason, language)
    rows = connection.execute(
        select(*what, func.count().label("count"))
        .where(decisions.c.created_at >= since, *_there(decisions, within))
        .group_by(*what)
    )
    return [
        Hourly(moment(start + row[0] * _HOUR), row[1], row[2], bool(row[3]), row[4], row[5], row[6])
        for row in rows
    ]


def waited(
    connection: Connection, since: datetime, limit: int, within: Sites = None
) -> list[Waited]:
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
            *sites.among(within),
        )
        .order_by(decisions.c.created_at.desc())
        .limit(limit)
    )
    return [Waited(written_at(row[0]), row[1], row[3], row[2] == "published") for row in rows]


def appealed(
    connection: Connection, since: datetime, limit: int, within: Sites = None
) -> list[Appealed]:
    """The latest appeals and what became of them, ``limit`` at most; of some sites those that are
    about a comment there.
    """
    found = select(appeals.c.created_at, appeals.c.upheld)
    if within is not None:
        found = (
            found.join(statements, statements.c.id == appeals.c.statement_id)
            .join(comments, comments.c.id == statements.c.comment_id)
            .where(*sites.among(within))
        )
    rows = connection.execute(
        found.where(appeals.c.created_at >= since)
        .order_by(appeals.c.created_at.desc())
        .limit(limit)
    )
    return [Appealed(row[0], row[1]) for row in rows]


def looked_again(
    connection: Connection, since: datetime, limit: int, within: Sites = None
) -> list[LookedAgain]:
    """The latest second looks that were taken of those drawn at random, ``limit`` at most."""
    rows = connection.execute(
        select(second_looks.c.decided_at, second_looks.c.agreed)
        .where(
            second_looks.c.decided_at >= since,
            second_looks.c.why == RANDOM,
            *_there(second_looks, within),
        )
        .order_by(second_looks.c.decided_at.desc())
        .limit(limit)
    )
    return [LookedAgain(row[0], bool(row[1])) for row in rows]


def scored(
    connection: Connection, since: datetime, limit: int, within: Sites = None
) -> list[Scored]:
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
            *_there(decisions, within),
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


def _there(lines: Table, within: Sites) -> list[ColumnElement[bool]]:
    """The condition that what ``lines`` are about is of these sites."""
    if within is None:
        return []
    return [_of_its_comment(lines, comments.c.site_id).in_(sorted(within))]


def _of_its_comment(lines: Table, column: Column[Any]) -> ScalarSelect[Any]:
    """A column of what each line is about, looked up for each: a join could be made with all
    comments.
    """
    return select(column).where(comments.c.id == lines.c.comment_id).scalar_subquery()


_NOT_JUDGED = ("risk_unsure", "check_failed", "check_slow")
