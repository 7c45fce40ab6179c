"""Telling Akismet where it was wrong: spam that it let through, and what it took for spam.

The record of decisions is the outbox: what has been told is remembered as a place in it, so that
nothing is lost by a restart, and an undone decision is never told. One process of a site tells at
a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

import msgspec
import structlog

from belowline.actions.outside import Outside, Question, Told
from belowline.actions.site import Site
from belowline.domain.comments import Comment
from belowline.domain.decisions import Decision
from belowline.domain.users import STAFF, User
from belowline.storage import comments, decisions, meta, stories
from belowline.storage.engine import Connection

SETTLED = timedelta(minutes=15)
"""How long a decision has to stand: the last ones are undone with a key."""

_LIFE = timedelta(days=7)
_LEASE = timedelta(minutes=5)
_AT_ONCE = 20
_ROUNDS = 50
_KEPT = "akismet_feedback"
_MISSED = "submit-spam"
_MISTAKEN = "submit-ham"
_log = structlog.get_logger(__name__)


class _Place(msgspec.Struct):
    """How far the record was told, since when there is anything to tell, and until when the
    process that is telling has it for itself."""

    through: int
    since: datetime
    until: datetime


class _Wrong(msgspec.Struct, frozen=True):
    """That Akismet was wrong about a comment, by a line of the record; ``call`` is "" where the
    line is nothing to tell."""

    line: int
    call: str = ""
    question: Question | None = None


async def deliver(site: Site) -> int:
    """Tells Akismet what has settled since the last time; answers how much. Nothing where it is
    not asked either. When it does not answer, the rest waits for the next time."""
    if site.outside is None or not site.outside.asks_akismet:
        return 0
    told, outside = 0, site.outside
    for _ in range(_ROUNDS):
        if not await site.storage.read(lambda connection: _is_anything(connection, site.now())):
            break
        wrong = await site.storage.write(lambda connection: _claim(connection, site.now()))
        if not wrong:
            break
        through, taken = await asyncio.to_thread(_tell, outside, wrong)
        await site.storage.write(partial(_keep, through=through, now=site.now()))
        told += taken
        if through != wrong[-1].line:
            break
    return told


def _is_anything(connection: Connection, now: datetime) -> bool:
    place = _place(connection)
    return place is None or (place.until <= now and bool(_lines(connection, place, now)))


def _claim(connection: Connection, now: datetime) -> list[_Wrong]:
    """What is to be told next, for this process alone."""
    place = _place(connection)
    if place is None:
        newest = decisions.by_people(connection, after=0, limit=1, newest=True)
        through = newest[0].id if newest else 0
        _write(connection, _Place(through=through, since=now, until=now))
        return []
    if place.until > now:
        return []
    lines = _lines(connection, place, now)
    _write(connection, msgspec.structs.replace(place, until=now + _LEASE))
    return _wrong(connection, lines, place.since, now)


def _lines(connection: Connection, place: _Place, now: datetime) -> list[Decision]:
    """The next lines of the record that have settled."""
    lines = decisions.by_people(connection, after=place.through, limit=_AT_ONCE)
    return [line for line in lines if line.created_at <= now - SETTLED]


def _wrong(
    connection: Connection, lines: Sequence[Decision], since: datetime, now: datetime
) -> list[_Wrong]:
    about = comments.many(connection, {line.comment for line in lines})
    histories = decisions.of_comments(connection, about)
    flagged = {
        number
        for number, findings in comments.findings_of(connection, about).items()
        if any(finding.code == "akismet_spam" for finding in findings)
    }
    found = []
    for line in lines:
        comment = about.get(line.comment)
        asked = comment is not None and comment.created_at >= since
        call = ""
        if comment and asked and comment.author_role not in STAFF and now - line.created_at < _LIFE:
            call = _call(line, comment, histories[line.comment], line.comment in flagged)
        question = _question(connection, comment, line) if comment and call else None
        found.append(_Wrong(line.id, call, question))
    return found


def _call(line: Decision, comment: Comment, history: Sequence[Decision], flagged: bool) -> str:
    """Which way Akismet was wrong, "" where it was right or the line stands no more.

    Whom it was told otherwise before is told again.
    """
    stands = history[-1].id == line.id and comment.revision == line.revision
    if not stands or comment.status != line.after:
        return ""
    earlier = {
        (one.after, one.reason)
        for one, following in pairwise(history)
        if one.actor is not None and following.created_at - one.created_at >= SETTLED
    }
    if line.after == "rejected" and line.reason == "spam":
        was_called_ham = flagged and any(after == "published" for after, _ in earlier)
        return _MISSED if not flagged or was_called_ham else ""
    if line.after == "published":
        return _MISTAKEN if flagged or ("rejected", "spam") in earlier else ""
    return ""


def _question(connection: Connection, comment: Comment, line: Decision) -> Question | None:
    story = stories.get(connection, comment.story)
    if story is None:
        return None
    return Question(
        text=comment.text,
        story=story,
        author=User(
            id=comment.author,
            name=comment.author_name,
            role=comment.author_role,
            created_at=comment.created_at,
        ),
        parent=comment.parent,
        key=str(line.id),
        edit=False,
        codes=(),
        now=comment.edited_at or comment.created_at,
    )


def _tell(outside: Outside, wrong: Sequence[_Wrong]) -> tuple[int, int]:
    """Tells one after the other, until Akismet does not answer; through which line, and how many.
    What it refuses is passed over: it would refuse it again."""
    through = told = 0
    for one in wrong:
        if one.question is not None:
            answered = outside.tell_akismet(one.call, one.question)
            if answered is Told.NOT:
                _log.warning("feedback.not_told", call=one.call)
                break
            if answered is Told.REFUSED:
                _log.warning("feedback.refused", call=one.call)
            told += answered is Told.TAKEN
        through = one.line
    return through, told


def _keep(connection: Connection, *, through: int, now: datetime) -> None:
    place = _place(connection)
    if place is not None:
        place = msgspec.structs.replace(place, through=max(place.through, through), until=now)
        _write(connection, place)


def _place(connection: Connection) -> _Place | None:
    kept = meta.value(connection, _KEPT)
    return None if kept is None else msgspec.json.decode(kept, type=_Place)


def _write(connection: Connection, place: _Place) -> None:
    meta.keep(connection, _KEPT, msgspec.json.encode(place).decode())
