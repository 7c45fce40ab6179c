"""The desk: what waits, deciding it, and taking a decision back."""

from __future__ import annotations

from datetime import datetime

import msgspec

from belowline.actions.plain import plain
from belowline.actions.posting import tell
from belowline.actions.site import Site
from belowline.domain.comments import Comment
from belowline.domain.decisions import REASONS, Decision, Finding, Report, decided
from belowline.domain.errors import Refused
from belowline.domain.stories import Story
from belowline.domain.users import Thing, User, demand
from belowline.storage import comments, decisions, stories, streams, users
from belowline.storage.engine import Connection

_BEFORE_ALL = 1  # the cursor to the first held comment, where reported ones filled a page
_LONGEST_NOTE = 2_000
_OUTCOMES = {"publish": "published", "reject": "rejected"}


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A comment with everything that is needed to decide it."""

    comment: Comment
    story: Story
    parent: Comment | None
    findings: list[Finding]
    reports: list[Report]
    record: dict[str, int]
    why: str  # the code of the outcome or finding that brought it here, "reported" for reports
    why_sentence: str
    history: list[Decision]


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A page of cards, most urgent first. ``next`` goes on from its last card, 0 at the end."""

    count: int
    version: int
    cards: list[Card]
    next: int


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A comment and the revision of it that the moderator has read."""

    comment: int
    revision: int


async def queue(site: Site, user: User, *, after: int = 0, limit: int = 50) -> Queue:
    """What waits for a decision. Raises Refused("not_allowed") to readers."""
    demand(user, "moderate", Thing())
    return await site.storage.read(lambda connection: _queue(connection, after, limit))


async def card(site: Site, user: User, comment: int) -> Card:
    """One comment as the desk shows it. Raises Refused: not_allowed, comment_unknown."""
    demand(user, "moderate", Thing())

    def read(connection: Connection) -> Card:
        found = comments.get(connection, comment)
        if found is None:
            raise Refused("comment_unknown")
        return _cards(connection, [found])[0]

    return await site.storage.read(read)


async def latest(site: Site, user: User, limit: int = 30) -> list[Decision]:
    """What people decided last, the newest first. Raises Refused("not_allowed")."""
    demand(user, "moderate", Thing())
    return await site.storage.read(lambda connection: decisions.latest(connection, limit))


async def decision(site: Site, user: User, number: int) -> Decision:
    """One line of the record. Raises Refused: not_allowed, decision_unknown."""
    demand(user, "moderate", Thing())
    found = await site.storage.read(lambda connection: decisions.get(connection, number))
    if found is None:
        raise Refused("decision_unknown")
    return found


async def decide(
    site: Site,
    user: User,
    judged: list[Judged],
    decision: str,
    *,
    reason: str = "",
    note: str = "",
) -> list[Decision]:
    """Publishes or rejects comments: all of them, or none when one has changed since it was read.

    Each gets its own line in the record. Raises Refused: not_allowed, reason_unknown,
    note_too_long, comment_unknown, withdrawn, outdated.
    """
    demand(user, "moderate", Thing())
    if decision not in _OUTCOMES:
        raise Refused("decision_unknown", field="decision")
    if decision == "reject" and reason not in REASONS:
        raise Refused("reason_unknown", field="reason")
    if len(note) > _LONGEST_NOTE:
        raise Refused("note_too_long", field="note", limit=_LONGEST_NOTE)
    reason = reason if decision == "reject" else ""

    def write(connection: Connection) -> list[Decision]:
        now = site.now()
        return [
            decide_one(connection, user, one, decision, reason, plain(note), now)
            for one in sorted(judged, key=lambda one: one.comment)
        ]

    return await site.storage.write(write)


async def undo(site: Site, user: User, decision: int) -> Decision:
    """Takes a person's decision back, if nothing has happened to the comment since.

    Raises Refused: not_allowed, decision_unknown, already_decided, withdrawn.
    """
    demand(user, "moderate", Thing())
    return await site.storage.write(
        lambda connection: _undo(connection, user, decision, site.now())
    )


# -- reading -------------------------------------------------------------------------------


def _queue(connection: Connection, after: int, limit: int) -> Queue:
    reported = [] if after else decisions.reported(connection, limit)
    room = limit - len(reported)
    held = decisions.held(connection, after=after, limit=room + 1)
    last = held[room - 1].id if 0 < room < len(held) else _BEFORE_ALL
    return Queue(
        count=decisions.count_waiting(connection),
        version=streams.number(connection, "desk"),
        cards=_cards(connection, reported + held[:room]),
        next=last if len(held) > room else 0,
    )


def _cards(connection: Connection, found: list[Comment]) -> list[Card]:
    ids = [comment.id for comment in found]
    parents = comments.many(connection, {comment.parent for comment in found if comment.parent})
    about = stories.many(connection, {comment.story for comment in found})
    findings = comments.findings_of(connection, ids)
    reports = decisions.open_reports(connection, ids)
    histories = decisions.of_comments(connection, ids)
    records = {
        author: users.record(connection, author) for author in {comment.author for comment in found}
    }
    cards = []
    for comment in found:
        history = histories.get(comment.id, [])
        said = findings.get(comment.id, [])
        why, sentence = _why(comment, history, said, reports.get(comment.id, []))
        cards.append(
            Card(
                comment=comment,
                story=about[comment.story],
                parent=parents.get(comment.parent) if comment.parent else None,
                findings=said,
                reports=reports.get(comment.id, []),
                record=records[comment.author],
                why=why,
                why_sentence=sentence,
                history=history,
            )
        )
    return cards


def _why(
    comment: Comment, history: list[Decision], findings: list[Finding], reports: list[Report]
) -> tuple[str, str]:
    if reports and comment.status == "published":
        return "reported", ""
    last = history[-1] if history else None
    code = last.reason or last.action if last else comment.status
    found = next((finding for finding in findings if finding.code == code), None)
    return code, found.sentence if found else ""


# -- deciding ------------------------------------------------------------------------------


def decide_one(
    connection: Connection,
    user: User,
    judged: Judged,
    decision: str,
    reason: str,
    note: str,
    now: datetime,
) -> Decision:
    """Publishes or rejects one comment inside a transaction; the line of the record.

    Raises Refused: comment_unknown, withdrawn, outdated.
    """
    comment = comments.get(connection, judged.comment)
    if comment is None:
        raise Refused("comment_unknown")
    if comment.status == "withdrawn":
        raise Refused("withdrawn")
    if comment.revision != judged.revision:
        raise Refused("outdated")
    line = decided(
        comment,
        decision,
        before=comment.status,
        after=_OUTCOMES[decision],
        by=user,
        reason=reason,
        note=note,
        now=now,
    )
    change = comments.set_status(connection, comment, line.after, reason)
    line = decisions.add(connection, line)
    decisions.settle_reports(connection, comment.id)
    _tell_readers(connection, comment, line.after, change, now)
    return line


def _undo(connection: Connection, user: User, number: int, now: datetime) -> Decision:
    done = decisions.get(connection, number)
    if done is None or done.action not in _OUTCOMES:
        raise Refused("decision_unknown")
    comment = comments.get(connection, done.comment)
    if comment is None:
        raise Refused("comment_unknown")
    if comment.status == "withdrawn":
        raise Refused("withdrawn")
    history = decisions.of_comment(connection, comment.id)
    if history[-1].id != done.id:
        raise Refused("already_decided")
    reason = _reason_before(history)
    line = decided(
        comment,
        "undo",
        before=comment.status,
        after=done.before,
        by=user,
        reason=reason,
        undoes=done.id,
        now=now,
    )
    change = comments.set_status(connection, comment, line.after, reason)
    line = decisions.add(connection, line)
    decisions.unsettle_reports(connection, comment.id)
    _tell_readers(connection, comment, line.after, change, now)
    return line


def _reason_before(history: list[Decision]) -> str:
    """The rejection's reason that stood before the last decision."""
    standing = next((line for line in reversed(history[:-1]) if line.after == "rejected"), None)
    return standing.reason if standing and history[-1].before == "rejected" else ""


def _tell_readers(
    connection: Connection, comment: Comment, after: str, change: comments.Change, now: datetime
) -> None:
    kind = "comment" if after == "published" else "removed"
    tell(connection, [(comment, kind, change)], now)
