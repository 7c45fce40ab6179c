"""Writing, editing and deleting one's own comments."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from belowline import checks
from belowline.actions.plain import plain
from belowline.actions.site import Site
from belowline.checks.context import CheckContext
from belowline.domain import text as texts
from belowline.domain.comments import Comment, Draft
from belowline.domain.decisions import Finding, decided
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.ids import new_id
from belowline.domain.policy import Outcome, decide
from belowline.domain.stories import Story, story_id, story_key, web_address
from belowline.domain.users import Thing, User, demand
from belowline.metrics import counts
from belowline.storage import comments, decisions, stories, streams, users
from belowline.storage.engine import Connection

_DEEPEST = 100
_RECENT_TEXTS = 20
_KEY = re.compile(r"[!-~]{1,200}")


class Posted(msgspec.Struct, frozen=True):
    """What became of a draft. ``created`` is False when it had been sent before."""

    comment: Comment
    created: bool


class EmbeddingPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page of another site that a discussion stands on: its address and its title."""

    url: str
    title: str = ""


class _Surroundings(msgspec.Struct, frozen=True):
    """What the checks and the policy need to know besides the text."""

    story: Story | None
    sent_before: Comment | None
    parent: Comment | None
    record: dict[str, int]
    recent: list[str]


async def post(site: Site, author: User, draft: Draft, page: EmbeddingPage | None = None) -> Posted:
    """Stores a comment and says what became of it. On disk when this returns.

    ``page`` lets the first comment on an embedded discussion bring its story along. Raises
    Refused: text_empty, text_too_long, text_characters, text_refused, story_unknown, closed,
    parent_unknown, key_bad, key_reused, unavailable.
    """
    _check_key(draft.key)
    text = clean(draft.text, site.rules.max_characters)
    around = await site.storage.read(lambda connection: _look_around(connection, author, draft))
    if around.sent_before is not None:
        counts.posted("repeated")
        return Posted(_same(around.sent_before, text, draft), created=False)
    story = around.story or _story_of(site, draft.story, page)
    demand(author, "post", Thing(mode=story.mode))
    if draft.parent is not None:
        _demand_parent(around.parent, story.id)
    findings = checks.run(site.checks, _context(site, author, story, text, around))
    outcome = decide(findings, mode=story.mode, staff=author.is_staff)
    if outcome.status == "refused":
        counts.posted("refused")
        raise Refused("text_refused", field="text", why=outcome.sentence)
    posted = await site.storage.write(
        lambda connection: _store(connection, site, author, story, draft, text, findings, outcome)
    )
    counts.posted(posted.comment.status if posted.created else "repeated")
    return posted


async def edit(site: Site, author: User, comment: int, text: str, revision: int | None) -> Comment:
    """Gives a comment a new text, which is checked as a new comment's would be.

    ``revision`` is the one that the author saw, None when it is not known. Raises Refused as
    `post` does and comment_unknown, not_allowed, edit_window, withdrawn, outdated.
    """
    text = clean(text, site.rules.max_characters)
    before, story, around = await site.storage.read(
        lambda connection: _look_at(connection, author, comment)
    )
    now = site.now()
    window = site.rules.edit_window
    demand(author, "edit", Thing(comment=before, mode=story.mode, edit_window=window, now=now))
    if revision is not None and revision != before.revision:
        raise Refused("outdated")
    if text == before.text:
        return before
    context = _context(site, author, story, text, around, is_edit=True)
    findings = checks.run(site.checks, context)
    outcome = decide(findings, mode=story.mode, staff=author.is_staff)
    if outcome.status == "refused":
        raise Refused("text_refused", field="text", why=outcome.sentence)
    return await site.storage.write(
        lambda connection: _revise(connection, before, text, findings, outcome, now)
    )


async def withdraw(site: Site, author: User, comment: int) -> Comment:
    """Deletes one's own comment, at any time. A second time changes nothing.

    Raises Refused: comment_unknown, not_allowed.
    """
    return await site.storage.write(
        lambda connection: _withdraw(connection, author, comment, site.now())
    )


def clean(text: str, limit: int) -> str:
    """The text as it is stored; raises Refused: text_empty, text_too_long, text_characters."""
    return texts.normalise(text, limit)


# -- before the transaction ----------------------------------------------------------------


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise Refused("key_bad", field="Idempotency-Key")


def _look_around(connection: Connection, author: User, draft: Draft) -> _Surroundings:
    return _Surroundings(
        story=stories.by_key(connection, draft.story),
        sent_before=comments.by_key(connection, author.id, draft.key),
        parent=None if draft.parent is None else comments.get(connection, draft.parent),
        record=users.record(connection, author.id),
        recent=comments.recent_texts(connection, author.id, _RECENT_TEXTS),
    )


def _look_at(
    connection: Connection, author: User, comment: int
) -> tuple[Comment, Story, _Surroundings]:
    found = comments.get(connection, comment)
    if found is None:
        raise Refused("comment_unknown")
    story = stories.get(connection, found.story)
    if story is None:
        raise Refused("comment_unknown")
    around = _Surroundings(
        story=story,
        sent_before=None,
        parent=None,
        record=users.record(connection, author.id),
        recent=comments.recent_texts(connection, author.id, _RECENT_TEXTS, but=comment),
    )
    return found, story, around


def _story_of(site: Site, key: str, page: EmbeddingPage | None) -> Story:
    if page is None:
        raise Refused("story_unknown", field="story")
    return Story(
        id=story_id(story_key(key)),
        key=key,
        title=plain(page.title).strip()[:300],
        url=web_address(page.url),
        mode=site.rules.default_mode,
        language="",
        count=0,
        version=0,
        created_at=site.now(),
    )


def _demand_parent(parent: Comment | None, story: int) -> None:
    if parent is None or parent.story != story or not parent.shown:
        raise Refused("parent_unknown", field="parent")


def _same(comment: Comment, text: str, draft: Draft) -> Comment:
    if comment.revision == 1 and (comment.text != text or comment.parent != draft.parent):
        raise Refused("key_reused", field="Idempotency-Key")
    return comment


def _context(
    site: Site,
    author: User,
    story: Story,
    text: str,
    around: _Surroundings,
    *,
    is_edit: bool = False,
) -> CheckContext:
    return CheckContext(
        text=text,
        published=around.record.get("published", 0),
        rejected=around.record.get("rejected", 0),
        recent_texts=tuple(around.recent),
        mode=story.mode,
        language=story.language,
        is_staff=author.is_staff,
        is_edit=is_edit,
        banned_words=site.rules.banned_words,
        suspect_words=site.rules.suspect_words,
        max_links=site.rules.max_links,
    )


# -- the transaction -----------------------------------------------------------------------


def _store(
    connection: Connection,
    site: Site,
    author: User,
    story: Story,
    draft: Draft,
    text: str,
    findings: list[Finding],
    outcome: Outcome,
) -> Posted:
    sent_before = comments.by_key(connection, author.id, draft.key)
    if sent_before is not None:
        return Posted(_same(sent_before, text, draft), created=False)
    now = site.now()
    users.ensure(connection, author)
    _ensure_story(connection, story)
    parent = None
    if draft.parent is not None:
        parent = comments.get(connection, draft.parent)
        _demand_parent(parent, story.id)
    number = comments.free_id(connection, new_id(now))
    comment = place(number, author, story.id, parent, text, outcome.status, now)
    change = comments.add(connection, comment, idempotency_key=draft.key)
    comments.add_findings(connection, comment.id, 1, findings)
    _note(connection, comment, "post", "", outcome, now)
    tell(connection, comment, "comment", change, now)
    return Posted(comment, created=True)


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
        )


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


def _revise(
    connection: Connection,
    before: Comment,
    text: str,
    findings: list[Finding],
    outcome: Outcome,
    now: datetime,
) -> Comment:
    current = comments.get(connection, before.id)
    if current is None or current.revision != before.revision or current.status != before.status:
        raise Refused("outdated")
    comments.revise(connection, current, text, now)
    comments.add_findings(connection, current.id, current.revision + 1, findings)
    change = comments.set_status(connection, current, outcome.status)
    after = comments.get(connection, current.id)
    if after is None:
        raise Refused("comment_unknown")
    _note(connection, after, "edit", current.status, outcome, now)
    kind = "edited" if not change.delta else "comment" if change.delta > 0 else "removed"
    tell(connection, after, kind, change, now)
    return after


def _withdraw(connection: Connection, author: User, comment: int, now: datetime) -> Comment:
    found = comments.get(connection, comment)
    if found is None:
        raise Refused("comment_unknown")
    if found.author == author.id and found.status == "withdrawn":
        return found
    demand(author, "withdraw", Thing(comment=found))
    change = comments.set_status(connection, found, "withdrawn")
    line = decided(found, "withdraw", before=found.status, after="withdrawn", by=author, now=now)
    decisions.add(connection, line)
    tell(connection, found, "removed", change, now)
    return msgspec.structs.replace(found, status="withdrawn")


def _note(
    connection: Connection,
    comment: Comment,
    action: str,
    before: str,
    outcome: Outcome,
    now: datetime,
) -> None:
    line = decided(
        comment, action, before=before, after=outcome.status, reason=outcome.reason, now=now
    )
    decisions.add(connection, line)


def tell(
    connection: Connection, comment: Comment, kind: str, change: comments.Change, now: datetime
) -> None:
    """Adds the events that open pages and desks must hear of, last in the transaction.

    Readers' streams say nothing of a comment that they never saw.
    """
    stream = story_stream(comment.story)
    appeared = change.delta > 0
    above = [("removed", number, 0) for number in change.flipped]
    itself = [(kind, comment.id, change.delta)] if change.delta or comment.shown else []
    for what, subject, delta in above + itself if appeared else itself + above[::-1]:
        streams.append(
            connection, stream, what, subject=subject, root=comment.root, delta=delta, now=now
        )
    streams.append(connection, DESK_STREAM, "card", subject=comment.id, now=now)
