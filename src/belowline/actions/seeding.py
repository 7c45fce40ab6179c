"""Filling a site with comments that were written before: the demonstration's and imports'."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from belowline.actions import copies
from belowline.actions.copies import arrival
from belowline.actions.site import Site
from belowline.actions.storing import in_tongue, place
from belowline.campaigns.arriving import Arrival
from belowline.checks import campaigns
from belowline.checks.context import CheckContext
from belowline.domain import language as languages
from belowline.domain import names
from belowline.domain.comments import Comment
from belowline.domain.decisions import Finding, Report, decided
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.ids import id_at
from belowline.domain.stories import Story, story_id
from belowline.domain.users import User
from belowline.storage import bans, comments, decisions, stories, streams, users
from belowline.storage.engine import Connection


class SeedReport(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said against a comment."""

    by: User
    reason: str
    note: str
    created_at: datetime


class Seed(msgspec.Struct, frozen=True, kw_only=True):
    """A comment with its whole history. ``parent`` is the id of an earlier seed, None at the top.

    A rejected one was decided by the moderator, a held one that was edited had been published
    before. ``findings`` are about its present text; what a held one is a copy of is added to them.
    ``formerly`` are names that the author had before, the latest first.
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
    reports: tuple[SeedReport, ...] = ()
    formerly: tuple[str, ...] = ()


def seed_id(moment: datetime, key: str) -> int:
    """The id of what was written at ``moment``; the same ``key`` gives the same id."""
    return id_at(moment, story_id(key))


async def plant(site: Site, seeds: Sequence[Seed], moderator: User) -> None:
    """Stores ``seeds`` in one transaction, with the decisions that led to their status."""
    await site.storage.write(lambda connection: _plant(connection, site, seeds, moderator))


def _plant(connection: Connection, site: Site, seeds: Sequence[Seed], moderator: User) -> None:
    about = stories.by_keys(connection, {one.story for one in seeds})
    for one in seeds:
        _ensure(connection, one)
        _add(connection, site, one, about[one.story])
    # A comment with replies was published once; its status comes after them.
    for one in seeds:
        if one.status in ("rejected", "withdrawn"):
            _end(connection, one, moderator)
    last = {one.story: one.id for one in seeds}
    for story, number in sorted((story_id(key), number) for key, number in last.items()):
        streams.append(connection, story_stream(story), "seeded", subject=number, now=site.now())
    streams.append(connection, DESK_STREAM, "seeded", now=site.now())


def _add(connection: Connection, site: Site, one: Seed, story: Story) -> None:
    parent = comments.get(connection, one.parent) if one.parent else None
    held = one.status == "held"
    status = "held" if held and not one.edited_from else "published"
    text = one.edited_from or one.text
    comment = place(one.id, one.author, story.id, parent, text, status, one.created_at)
    comment = in_tongue(comment, story.language)
    comment = msgspec.structs.replace(comment, recommendations=one.recommendations)
    arriving = arrival(one.author, one.text, site.rules) if held else None
    findings = [*_copied(connection, site, comment, arriving), *one.findings]
    holding = next((found.code for found in findings if found.weight == "hold"), None)
    code = holding or ("mode_trusting" if story.mode == "trusting" else "mode_reviewed")
    comments.add(connection, comment)
    _note(connection, comment, "post", "", status, None, code if status == "held" else "mode_open")
    if one.edited_from:
        comment = _edit(connection, comment, one, story.language, code)
    comments.add_findings(connection, [(one.id, comment.revision, findings)])
    if arriving is not None:
        copies.keep(connection, [(comment, arriving)], (), site, one.created_at)
    _report(connection, one)
    comments.rank(connection, [one.id])


def _copied(
    connection: Connection, site: Site, comment: Comment, arriving: Arrival | None
) -> list[Finding]:
    """What the check of campaigns says of a comment beside those that were planted before it."""
    if arriving is None:
        return []
    copies.look_up(connection, [arriving], site, comment.created_at)
    return campaigns.look(
        CheckContext(
            text=comment.text,
            published=0,
            rejected=0,
            recent_texts=(),
            mode="",
            language=comment.language,
            is_staff=False,
            is_edit=False,
            banned_words=(),
            suspect_words=(),
            max_links=0,
            author=comment.author,
            arrival=arriving,
            campaign_copies=site.rules.campaign_copies,
        )
    )


def _edit(
    connection: Connection, comment: Comment, seed: Seed, language: str, code: str
) -> Comment:
    """Gives it its present text, and has it held if it is to be."""
    moment = seed.edited_at or seed.created_at
    tongue = languages.of_comment(seed.text, language)
    comments.revise(connection, comment, seed.text, tongue, moment)
    edited = comments.many(connection, [comment.id])[comment.id]
    held = seed.status == "held"
    if held:
        comments.set_status(connection, edited, "held")
    after, why = ("held", code) if held else ("published", "mode_open")
    _note(connection, edited, "edit", "published", after, None, why)
    return comments.many(connection, [comment.id])[comment.id]


def _report(connection: Connection, seed: Seed) -> None:
    users.ensure(connection, *(one.by for one in seed.reports))
    for one in seed.reports:
        decisions.report(
            connection,
            Report(
                comment=seed.id,
                reporter=one.by.id,
                reason=one.reason,
                note=one.note,
                created_at=one.created_at,
            ),
        )


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


def _ensure(connection: Connection, seed: Seed) -> None:
    user = seed.author
    if users.get(connection, user.id) is not None:
        return
    look, honest = (names.look(user.name), names.honest(user.name)) if user.name else ("", "")
    users.add(connection, user, look=look, honest=honest)
    for weeks, name in enumerate(seed.formerly, 1):
        bans.add_name(connection, user.id, name, seed.created_at - timedelta(weeks=weeks))
