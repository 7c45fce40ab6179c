"""Filling a site with comments that were written before: the demonstration's and imports'."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from belowline.actions.site import Site
from belowline.actions.storing import in_tongue, place
from belowline.domain import language as languages
from belowline.domain import names
from belowline.domain.comments import Comment
from belowline.domain.decisions import Finding, decided
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.ids import id_at
from belowline.domain.stories import story_id
from belowline.domain.users import User
from belowline.storage import comments, decisions, stories, streams, users
from belowline.storage.engine import Connection


class Seed(msgspec.Struct, frozen=True, kw_only=True):
    """A comment with its whole history. ``parent`` is the id of an earlier seed, None at the top.

    A rejected one was decided by ``moderator`` (a user's id).
    """

    id: int
    story: str
    parent: int | None
    author: User
    text: str
    created_at: datetime
    edited_from: str = ""
    edited_at: datetime | None = None
    status: str = "published"
    reason: str = ""
    recommendations: int = 0
    findings: tuple[Finding, ...] = ()


def seed_id(moment: datetime, key: str) -> int:
    """The id of what was written at ``moment``; the same ``key`` gives the same id."""
    return id_at(moment, story_id(key))


async def plant(site: Site, seeds: Sequence[Seed], moderator: User) -> None:
    """Stores ``seeds`` in one transaction, with the decisions that led to their status."""
    await site.storage.write(lambda connection: _plant(connection, site, seeds, moderator))


def _plant(connection: Connection, site: Site, seeds: Sequence[Seed], moderator: User) -> None:
    touched = set()
    about = stories.by_keys(connection, {one.story for one in seeds})
    for one in seeds:
        _ensure(connection, one.author)
        parent = comments.get(connection, one.parent) if one.parent else None
        story = story_id(one.story)
        text = one.edited_from or one.text
        # A comment with replies was published once; its status comes after them.
        comment = place(one.id, one.author, story, parent, text, "published", one.created_at)
        comment = in_tongue(comment, about[one.story].language)
        comment = msgspec.structs.replace(comment, recommendations=one.recommendations)
        if one.status == "held":
            comment = msgspec.structs.replace(comment, status="held")
        comments.add(connection, comment)
        comments.add_findings(connection, [(one.id, 1, one.findings)])
        if one.status == "held":
            comments.rank(connection, [one.id])
        if one.edited_from:
            tongue = languages.of_comment(one.text, about[one.story].language)
            comments.revise(connection, comment, one.text, tongue, one.edited_at or site.now())
        code = one.findings[0].code if one.findings else "mode_reviewed"
        if one.status != "held":
            code = "mode_open"
        _note(connection, comment, "post", "", comment.status, None, code)
        touched.add((story, one.id))
    for one in seeds:
        if one.status in ("rejected", "withdrawn"):
            _end(connection, one, moderator)
    for story, last in sorted(touched):
        streams.append(connection, story_stream(story), "seeded", subject=last, now=site.now())
    streams.append(connection, DESK_STREAM, "seeded", now=site.now())


def _end(connection: Connection, seed: Seed, moderator: User) -> None:
    comment = comments.get(connection, seed.id)
    if comment is None:
        return
    comments.set_status(connection, comment, seed.status, seed.reason)
    by = moderator if seed.status == "rejected" else seed.author
    action = "reject" if seed.status == "rejected" else "withdraw"
    _note(connection, comment, action, comment.status, seed.status, by, seed.reason)


def _note(
    connection: Connection,
    comment: Comment,
    action: str,
    before: str,
    after: str,
    by: User | None,
    reason: str,
) -> None:
    line = decided(
        comment, action, before=before, after=after, by=by, reason=reason, now=comment.created_at
    )
    decisions.add(connection, line)


def _ensure(connection: Connection, user: User) -> None:
    if users.get(connection, user.id) is None:
        look, honest = (names.look(user.name), names.honest(user.name)) if user.name else ("", "")
        users.add(connection, user, look=look, honest=honest)
