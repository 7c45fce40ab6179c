"""The desk's lists: what waits, in the order of one index, and whatever a filter asks for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, tzinfo
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from belowline.domain import names
from belowline.domain import queue as asked
from belowline.domain.comments import Comment
from belowline.domain.decisions import Decision
from belowline.domain.looks import RANDOM
from belowline.domain.queue import Filter, Place
from belowline.storage import search, sites
from belowline.storage.comments import from_row, written
from belowline.storage.schema import (
    Moment,
    comments,
    decisions,
    desk_assignments,
    findings,
    milliseconds,
    moment,
    reports,
    revisions,
    second_looks,
    stories,
    users,
)
from belowline.storage.sites import Sites
from belowline.storage.upsert import insert as upsert

_NAMESAKES = 500
MOST = 10_000
"""What is not the whole queue is counted so far and no further: `MOST` then means "or more"."""


def page(
    connection: Connection,
    wanted: Filter,
    *,
    user: int,
    zone: tzinfo,
    after: Place | None,
    limit: int,
    within: Sites = None,
) -> tuple[list[Comment], Place | None]:
    """``limit`` comments after ``after``, and where the next page goes on: None at the end.

    Each of several sites is read in the order of its index, and what was found put in order.
    """
    found = [
        one
        for some in _one_by_one(within)
        for one in _first(connection, wanted, user, zone, after, limit + 1, some)
    ]
    if within is not None and len(within) > 1:
        found.sort(key=lambda one: _order(wanted, one))
    more = found[limit - 1] if len(found) > limit else None
    return found[:limit], None if more is None else place_of(more)


def _one_by_one(within: Sites) -> list[Sites]:
    return [None] if within is None else [[one] for one in sorted(within)]


def _order(wanted: Filter, one: Comment) -> tuple[int, int]:
    return ((milliseconds(one.waits_since) or 0), one.id) if wanted.by_urgency else (0, -one.id)


def _first(
    connection: Connection,
    wanted: Filter,
    user: int,
    zone: tzinfo,
    after: Place | None,
    limit: int,
    within: Sites,
) -> list[Comment]:
    query = _chosen(connection, written, wanted, user, zone, within)
    if wanted.by_urgency:
        place = tuple_(comments.c.waits_since, comments.c.id)
        if after is not None:
            query = query.where(
                place > tuple_(literal(moment(after.since), Moment), literal(after.id, BigInteger))
            )
        query = query.order_by(comments.c.waits_since, comments.c.id)
    else:
        if after is not None:
            query = query.where(comments.c.id < after.id)
        query = query.order_by(comments.c.id.desc())
    return [from_row(row) for row in connection.execute(query.limit(limit))]


def place_of(comment: Comment) -> Place:
    """Where a comment stands in the list that it is in."""
    return Place(milliseconds(comment.waits_since) or 0, comment.id)


def count(
    connection: Connection, wanted: Filter, *, user: int, zone: tzinfo, within: Sites = None
) -> int:
    """How many the filter finds, up to `MOST`."""
    ids = select(comments.c.id)
    some = _chosen(connection, ids, wanted, user, zone, within).limit(MOST).subquery()
    found: int = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return found


def ids_of(
    connection: Connection,
    wanted: Filter,
    *,
    user: int,
    zone: tzinfo,
    after: int,
    before: int,
    limit: int,
    within: Sites = None,
) -> list[tuple[int, int, str]]:
    """(comment, revision, status) of what the filter finds between two ids, the first by age."""
    query: Select[Any] = select(comments.c.id, comments.c.revision, comments.c.status).where(
        comments.c.id > after, comments.c.id < before
    )
    query = _chosen(connection, query, wanted, user, zone, within)
    query = query.order_by(comments.c.id).limit(limit)
    return [(row.id, row.revision, row.status) for row in connection.execute(query)]


def _chosen(
    connection: Connection,
    query: Select[Any],
    wanted: Filter,
    user: int,
    zone: tzinfo,
    within: Sites,
) -> Select[Any]:
    conditions = [_by_status(wanted.status), *sites.within(within), *_by_words(connection, wanted)]
    first, last = asked.span(wanted, zone)
    if wanted.story:
        story = select(stories.c.id).where(stories.c.key == wanted.story).scalar_subquery()
        conditions.append(comments.c.story_id == story)
    if wanted.language:
        conditions.append(comments.c.language == asked.spoken(wanted))
    if wanted.assigned:
        own = select(desk_assignments.c.story_id).where(desk_assignments.c.user_id == user)
        conditions.append(comments.c.story_id.in_(own))
    if wanted.author:
        conditions.append(comments.c.author_id == wanted.author)
    if wanted.name:
        conditions.append(comments.c.author_id.in_(_named(connection, wanted.name)))
    if wanted.staff:
        conditions.append(_decided(decisions.c.actor_id == wanted.staff))
    if wanted.reason:
        conditions.append(_decided(decisions.c.reason == wanted.reason))
    if wanted.report:
        conditions.append(_reported(wanted.report, settled=not wanted.by_urgency))
    if wanted.check:
        conditions.append(_found(wanted.check))
    # What waits is read in its own order, not by its days and then sorted.
    number = comments.c.id + 0 if wanted.by_urgency else comments.c.id
    if first:
        conditions.append(number >= first)
    if last:
        conditions.append(number < last)
    return query.where(*conditions)


def _named(connection: Connection, name: str) -> list[int]:
    """Who is called so, up to `_NAMESAKES`: looked up beforehand, so that nothing is joined."""
    query = select(users.c.id).where(users.c.name_look == names.look(name)).limit(_NAMESAKES)
    return list(connection.execute(query).scalars())


def languages(connection: Connection) -> list[str]:
    """The languages that comments are written in here, "" among them where some are not known.

    One step through the index for each of them, however many comments there are.
    """
    first = select(func.min(comments.c.language).label("language")).cte("found", recursive=True)
    following = select(func.min(comments.c.language)).where(comments.c.language > first.c.language)
    found = first.union_all(
        select(following.scalar_subquery()).where(first.c.language.is_not(None))
    )
    query = select(found.c.language).where(found.c.language.is_not(None))
    return list(connection.execute(query).scalars())


def _by_status(status: str) -> Any:
    waits = comments.c.waits_since.is_not(None)
    if status == "waiting":
        return waits
    if status in ("held", "reported"):
        real = "held" if status == "held" else "published"
        return and_(waits, comments.c.status == real)
    if status == "escalated":
        return and_(waits, comments.c.id.in_(_asked_for()))
    if status == "all":
        return comments.c.id > 0
    return comments.c.status == status


def _asked_for() -> Any:
    """The comments that an editor is asked to decide, as `domain.decisions.asks_editor` has it."""
    request, later = decisions.alias(), decisions.alias()
    decided = select(later.c.id).where(
        later.c.comment_id == request.c.comment_id,
        later.c.id > request.c.id,
        later.c.action.in_(("publish", "reject")),
        ~_taken_back(later),
    )
    return select(request.c.comment_id).where(
        request.c.action == "escalate", ~_taken_back(request), ~decided.exists()
    )


def _taken_back(line: Any) -> Any:
    undo = decisions.alias()
    query = select(undo.c.id).where(
        undo.c.comment_id == line.c.comment_id, undo.c.undoes == line.c.id
    )
    return query.exists()


def _by_words(connection: Connection, wanted: Filter) -> list[Any]:
    if not wanted.words:
        return []
    condition = search.matches(connection, wanted.words)
    return [comments.c.id < 0 if condition is None else condition]


def _decided(condition: Any) -> Any:
    """Whether the record has such a line, looked up for each comment.

    A subquery for a value instead of EXISTS: that could be turned into a join with all lines.
    """
    line = select(decisions.c.id).where(decisions.c.comment_id == comments.c.id, condition)
    return line.limit(1).scalar_subquery().is_not(None)


def _reported(reason: str, *, settled: bool) -> Any:
    """Whether readers gave this reason for reporting: of what waits in reports that nobody has
    settled, which are looked up for each comment; elsewhere the few reports are read first.
    """
    if settled:
        return comments.c.id.in_(select(reports.c.comment_id).where(reports.c.reason == reason))
    report = select(reports.c.reporter_id).where(
        reports.c.comment_id == comments.c.id, reports.c.reason == reason, ~reports.c.settled
    )
    return report.limit(1).scalar_subquery().is_not(None)


def _found(check: str) -> Any:
    finding = select(findings.c.number).where(
        findings.c.comment_id == comments.c.id,
        findings.c.revision == comments.c.revision,
        findings.c.check == check,
    )
    return finding.limit(1).scalar_subquery().is_not(None)


def oldest(connection: Connection, within: Sites = None) -> Comment | None:
    """What has waited longest, of the thousand most urgent of each site."""
    found = [one for some in _one_by_one(within) if (one := _oldest(connection, some))]
    return min(found, key=lambda one: one.id, default=None)


def _oldest(connection: Connection, within: Sites) -> Comment | None:
    urgent = (
        select(comments.c.id)
        .where(comments.c.waits_since.is_not(None), *sites.within(within))
        .order_by(comments.c.waits_since, comments.c.id)
        .limit(1_000)
        .subquery()
    )
    first = select(func.min(urgent.c.id)).scalar_subquery()
    row = connection.execute(written.where(comments.c.id == first)).one_or_none()
    return None if row is None else from_row(row)


# -- revisions -----------------------------------------------------------------------------


class Revision(msgspec.Struct, frozen=True):
    """One version of a comment's text."""

    number: int
    text: str
    created_at: datetime


def revisions_of(connection: Connection, ids: Collection[int]) -> dict[int, list[Revision]]:
    """Comment -> its revisions, the first one first."""
    if not ids:
        return {}
    rows = connection.execute(
        select(revisions)
        .where(revisions.c.comment_id.in_(ids))
        .order_by(revisions.c.comment_id, revisions.c.number)
    )
    found: dict[int, list[Revision]] = {}
    for row in rows:
        found.setdefault(row.comment_id, []).append(Revision(row.number, row.text, row.created_at))
    return found


# -- second looks --------------------------------------------------------------------------


class SecondLook(msgspec.Struct, frozen=True):
    """A decided comment that somebody looks at once more, without knowing the decision."""

    decision: int
    comment: int
    outcome: str
    why: str


def ask_again(
    connection: Connection, line: Decision, due: datetime, *, first: int, why: str
) -> None:
    """Has somebody look at a decision once more, not before ``due``, unless that is so already.

    ``first`` is who has to wait for a day: whoever decided, or the author where the policy did.
    """
    connection.execute(
        upsert(connection, second_looks)
        .values(
            decision_id=line.id,
            comment_id=line.comment,
            first_id=first,
            outcome=line.after,
            due_at=due,
            why=why,
        )
        .on_conflict_do_nothing()
    )


def due_looks(
    connection: Connection,
    user: int,
    now: datetime,
    own_before: datetime,
    limit: int,
    within: Sites = None,
) -> list[SecondLook]:
    """What ``user`` may look at: others' decisions, and own ones that were due ``own_before``.

    Only comments that still are as they were decided.
    """
    rows = connection.execute(
        select(
            second_looks.c.decision_id,
            second_looks.c.comment_id,
            second_looks.c.outcome,
            second_looks.c.why,
        )
        .join(comments, comments.c.id == second_looks.c.comment_id)
        .join(decisions, decisions.c.id == second_looks.c.decision_id)
        .where(
            second_looks.c.decided_at.is_(None),
            second_looks.c.due_at <= now,
            or_(second_looks.c.first_id != user, second_looks.c.due_at <= own_before),
            comments.c.status == second_looks.c.outcome,
            comments.c.revision == decisions.c.revision,
            *sites.among(within),
        )
        .order_by(second_looks.c.due_at)
        .limit(limit)
    )
    return [SecondLook(row.decision_id, row.comment_id, row.outcome, row.why) for row in rows]


def look(connection: Connection, decision: int) -> SecondLook | None:
    """The second look at a decision, if nobody has taken it yet."""
    row = connection.execute(
        select(second_looks).where(
            second_looks.c.decision_id == decision, second_looks.c.decided_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        return None
    return SecondLook(row.decision_id, row.comment_id, row.outcome, row.why)


def looked(
    connection: Connection, decision: int, user: int, outcome: str, *, agreed: bool, now: datetime
) -> None:
    """Keeps what the second one would have decided."""
    connection.execute(
        update(second_looks)
        .where(second_looks.c.decision_id == decision)
        .values(second_id=user, second_outcome=outcome, agreed=agreed, decided_at=now)
    )


def agreement(connection: Connection) -> tuple[int, int]:
    """How many second looks were taken that were drawn at random, and how many of them agreed."""
    row = connection.execute(
        select(func.count(), func.count().filter(second_looks.c.agreed.is_(True))).where(
            second_looks.c.decided_at.is_not(None), second_looks.c.why == RANDOM
        )
    ).one()
    return row[0], row[1]


def chosen_since(connection: Connection, since: datetime, now: datetime) -> tuple[int, int]:
    """How many wait that were chosen since ``since``, and how many were taken since then.

    What was chosen before may have changed and be nobody's to look at any more.
    """
    chosen = second_looks.c.why != RANDOM
    waiting = and_(second_looks.c.decided_at.is_(None), second_looks.c.due_at.between(since, now))
    taken = second_looks.c.decided_at >= since
    return (
        connection.execute(select(func.count()).where(waiting, chosen)).scalar_one(),
        connection.execute(select(func.count()).where(taken, chosen)).scalar_one(),
    )


def unlooked(connection: Connection, since: int, before: int, limit: int) -> list[Comment]:
    """Readers' published comments between two ids of which nobody was asked for a second look, of
    the latest ``limit``, the newest first.
    """
    query = written.where(
        comments.c.status == "published", comments.c.id >= since, comments.c.id < before
    )
    rows = connection.execute(query.order_by(comments.c.id.desc()).limit(limit))
    found = [from_row(row) for row in rows]
    asked_for = select(second_looks.c.comment_id).where(
        second_looks.c.comment_id.in_([one.id for one in found])
    )
    known = set(connection.execute(asked_for).scalars())
    return [one for one in found if one.id not in known and one.author_role == "reader"]
