"""Storing what was accepted: one transaction for all who post at once, and what it tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from belowline.actions import copies, voice
from belowline.actions.judging import Accepted, fits
from belowline.actions.site import Site
from belowline.domain import language as languages
from belowline.domain import pace, urgency
from belowline.domain.comments import Comment, Draft
from belowline.domain.decisions import Decision, decided
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.ids import new_id
from belowline.domain.policy import Outcome
from belowline.domain.stories import Story
from belowline.domain.users import User
from belowline.storage import bans, comments, decisions, stories, streams, users
from belowline.storage.engine import Connection
from belowline.storage.streams import NewEvent

_DEEPEST = 100
_COUNTED = timedelta(minutes=2)


class Posted(msgspec.Struct, frozen=True):
    """What became of a draft. ``created`` is False when it had been sent before."""

    comment: Comment
    created: bool


async def store(new: Accepted) -> Posted:
    """Stores a comment that the policy has let through; `post` without what comes before.

    Raises Refused: parent_unknown, key_reused, too_fast, unavailable.
    """
    return await new.site.storage.write_together(_store_all, new)


def _store_all(connection: Connection, new: list[Accepted]) -> list[Posted | Refused]:
    """Stores what many have sent: everything for all of them in one statement for each table."""
    now = new[0].site.now()
    too_fast = _too_fast(connection, new, now)
    authors = {one.author.id: one.author for one in new}
    users.ensure(connection, *authors.values())
    if any(one.draft.for_desk for one in new):
        voice.ensure_desk(connection, new[0].site, now)
    readers = {one.id: one.address for one in authors.values() if not one.is_staff}
    bans.remember_addresses(connection, readers, now)
    for story in {one.story.id: one.story for one in new if one.brings_story}.values():
        _ensure_story(connection, story)
    wanted = {one.draft.parent for one in new if one.draft.parent is not None}
    parents = comments.many(connection, wanted)
    first = comments.next_ids(connection, new_id(now))
    placed: dict[int, Accepted] = {}
    written: dict[int, Comment] = {}
    for number, one in enumerate(new, first):
        parent = parents.get(one.draft.parent or 0)
        if number - first in too_fast:
            continue
        if one.draft.parent is None or fits(parent, one.story.id):
            placed[number] = one
            new_one = place(
                number, one.author, one.story.id, parent, one.text, one.outcome.status, now
            )
            new_one = in_tongue(new_one, one.story.language)
            if one.draft.for_desk:
                new_one = voice.spoken(one.site, new_one)
            written[number] = _queued(new_one, one)
    changes = comments.add_all(
        connection, [(comment, placed[comment.id].draft.key) for comment in written.values()]
    )
    added = [written[number] for number in changes]
    comments.add_findings(connection, [(one.id, 1, placed[one.id].findings) for one in added])
    decisions.add_all(
        connection, [policy_line(one, "post", "", placed[one.id].outcome, now) for one in added]
    )
    by_desk = [(one, placed[one.id].author) for one in added if one.written_by is not None]
    voice.write_down(connection, by_desk, now)
    for comment, change in _belongs(connection, new[0].site, added, placed, now):
        written[comment.id], changes[comment.id] = comment, change
    tell(connection, [(written[one.id], "comment", changes[one.id]) for one in added], now)
    return [
        Posted(written[number], created=True)
        if number in changes
        else too_fast.get(number - first) or _sent_before(connection, one)
        for number, one in enumerate(new, first)
    ]


def _belongs(
    connection: Connection,
    site: Site,
    added: Sequence[Comment],
    placed: Mapping[int, Accepted],
    now: datetime,
) -> list[tuple[Comment, comments.Change]]:
    """Keeps what each is a copy of; what was decided for coming copies changes some of them."""
    stored = [(one, arrival) for one in added if (arrival := placed[one.id].arrival) is not None]
    if not stored:
        return []
    publishable = {one.id for one in added if placed[one.id].outcome.reason.startswith("mode_")}
    return copies.keep(connection, stored, publishable, site, now)


def _too_fast(connection: Connection, new: list[Accepted], now: datetime) -> dict[int, Refused]:
    """Place in ``new`` -> the refusal, for those whose authors write too fast.

    Who sends to many processes at once is counted here and nowhere else: the writers of a
    PostgreSQL database take turns, so that all that was stored before is seen. A SQLite file has
    one process, which counts for itself.
    """
    limited = {one.author.id for one in new if one.per_minute > 0}
    if new[0].site.storage.is_sqlite or not limited:
        return {}
    refused = {}
    times = comments.times(connection, limited, now - _COUNTED)
    for place, one in enumerate(new):
        if one.author.id not in limited:
            continue
        seconds = pace.wait(times[one.author.id], one.per_minute, now)
        if not seconds:
            times[one.author.id].append(now)
        elif comments.by_key(connection, _bearer(one), one.draft.key) is None:
            refused[place] = Refused("too_fast", wait=timedelta(seconds=seconds))
    return refused


def _bearer(new: Accepted) -> int:
    return voice.bearer(new.author, new.draft)


def _queued(comment: Comment, new: Accepted) -> Comment:
    """A held comment with its place in the queue."""
    if comment.status != "held":
        return comment
    readers = new.site.readers(comment.story)
    since = urgency.place(comment, new.findings, 0, readers)
    return msgspec.structs.replace(comment, waits_since=since, readers=readers)


def _ensure_story(connection: Connection, story: Story) -> None:
    if stories.get(connection, story.id) is None:
        stories.add(
            connection,
            story=story.id,
            key=story.key,
            title=story.title,
            url=story.url,
            mode=story.mode,
            language=story.language,
            created_at=story.created_at,
            slow=story.slow,
            close_days=story.close_days,
        )


def _sent_before(connection: Connection, new: Accepted) -> Posted | Refused:
    """The answer to what was not stored: what came first with the same key, or the refusal."""
    found = comments.by_key(connection, _bearer(new), new.draft.key)
    if found is None:
        return Refused("parent_unknown", field="parent")
    try:
        return Posted(same(found, new.text, new.draft), created=False)
    except Refused as refused:
        return refused


def same(comment: Comment, text: str, draft: Draft) -> Comment:
    """``comment``, if it says what ``draft`` with the same key wants to say now.

    Raises Refused("key_reused").
    """
    if comment.revision == 1 and (comment.text != text or comment.parent != draft.parent):
        raise Refused("key_reused", field="Idempotency-Key")
    return comment


def place(
    number: int,
    author: User,
    story: int,
    parent: Comment | None,
    text: str,
    status: str,
    now: datetime,
) -> Comment:
    """A new comment at its place in the tree.

    Below `_DEEPEST` levels a reply stands beside its parent instead of under it, so that the
    walk up to the thread's first comment, which every change of a count makes, stays short.
    """
    if parent is not None and parent.depth >= _DEEPEST:
        under, depth = parent.parent, parent.depth
    else:
        under, depth = (parent.id, parent.depth + 1) if parent else (None, 0)
    return Comment(
        id=number,
        story=story,
        parent=under,
        root=parent.root if parent else number,
        depth=depth,
        author=author.id,
        author_name=author.name,
        author_role=author.role,
        text=text,
        status=status,
        reason="",
        revision=1,
        created_at=now,
        edited_at=None,
        recommendations=0,
        below=0,
    )


def in_tongue(comment: Comment, story: str) -> Comment:
    """The comment with its language and script, under a story in the language ``story``."""
    tongue = languages.of_comment(comment.text, story)
    return msgspec.structs.replace(comment, language=tongue.language, script=tongue.script)


def policy_line(
    comment: Comment, action: str, before: str, outcome: Outcome, now: datetime
) -> Decision:
    """What the policy decided, for the record."""
    return decided(
        comment,
        action,
        before=before,
        after=outcome.status,
        reason=outcome.reason,
        policy=outcome.policy,
        now=now,
    )


Happened = tuple[Comment, str, comments.Change]
"""A comment, the kind of event, and what it did to the numbers."""


def tell(connection: Connection, happened: Sequence[Happened], now: datetime) -> None:
    """Adds the events that open pages and desks must hear of, last in the transaction.

    Readers' streams say nothing of a comment that they never saw.
    """
    if happened:
        news = [event for one in happened for event in _events(*one)]
        streams.append_all(connection, news, now)


def _events(comment: Comment, kind: str, change: comments.Change) -> list[NewEvent]:
    stream = story_stream(comment.story)
    above = [
        NewEvent(stream=stream, kind="removed", subject=number, root=comment.root)
        for number in change.flipped
    ]
    itself = []
    if change.delta or comment.shown:
        itself.append(
            NewEvent(
                stream=stream,
                kind=kind,
                subject=comment.id,
                root=comment.root,
                delta=change.delta,
            )
        )
    card = NewEvent(stream=DESK_STREAM, kind="card", subject=comment.id)
    return [*above, *itself, card] if change.delta > 0 else [*itself, *above[::-1], card]
