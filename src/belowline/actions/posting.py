"""Writing, editing and deleting one's own comments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from belowline import checks
from belowline.actions import copies
from belowline.actions.plain import plain
from belowline.actions.site import Site
from belowline.campaigns.arriving import Arrival
from belowline.checks.context import CheckContext
from belowline.domain import text as texts
from belowline.domain.comments import Comment, Draft
from belowline.domain.decisions import Decision, Finding, decided
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.ids import new_id
from belowline.domain.policy import Outcome, decide
from belowline.domain.stories import Story, story_id, story_key, web_address
from belowline.domain.users import Thing, User, demand
from belowline.metrics import counts
from belowline.storage import comments, decisions, stories, streams, users
from belowline.storage.comments import Latest
from belowline.storage.engine import Connection
from belowline.storage.streams import NewEvent

_DEEPEST = 100
_LATEST = 20
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
    """What the checks and the policy need to know besides the text.

    ``latest`` are the author's latest comments, the newest first; ``record`` counts statuses.
    """

    story: Story | None
    parent: Comment | None
    latest: Sequence[Latest]
    record: Mapping[str, int]
    arrival: Arrival | None = None


class _Wanted(msgspec.Struct, frozen=True):
    """What somebody is about to post: who, what, and its text ready to be looked up."""

    site: Site
    author: int
    draft: Draft
    arrival: Arrival | None


class Accepted(msgspec.Struct, frozen=True):
    """A draft that may be stored, with its story where nobody has written under that before."""

    site: Site
    author: User
    story: Story
    draft: Draft
    text: str
    findings: list[Finding]
    outcome: Outcome
    brings_story: bool = False
    arrival: Arrival | None = None


async def post(site: Site, author: User, draft: Draft, page: EmbeddingPage | None = None) -> Posted:
    """Stores a comment and says what became of it. On disk when this returns.

    ``page`` lets the first comment on an embedded discussion bring its story along. Raises
    Refused: text_empty, text_too_long, text_characters, text_refused, story_unknown, closed,
    parent_unknown, key_bad, key_reused, unavailable.
    """
    _check_key(draft.key)
    text = clean(draft.text, site.rules.max_characters)
    arrival = copies.arrival(author, text, site.rules)
    wanted = _Wanted(site, author.id, draft, arrival)
    around = await site.storage.read_together(_look_around, wanted)
    try:
        new = _judge(site, author, draft, page, text, around)
    except Refused as refused:
        before = await site.storage.read(
            lambda connection: comments.by_key(connection, author.id, draft.key)
        )
        if before is None:
            if refused.code == "text_refused":
                counts.posted("refused")
            raise
        posted = Posted(_same(before, text, draft), created=False)
    else:
        posted = await store(new)
    status = posted.comment.status
    # What was decided for copies that come counts as held: it was, for that moment.
    became = "held" if status == "rejected" else status
    counts.posted(became if posted.created else "repeated")
    return posted


async def store(new: Accepted) -> Posted:
    """Stores a comment that the policy has let through; `post` without what comes before.

    Raises Refused: parent_unknown, key_reused, unavailable.
    """
    return await new.site.storage.write_together(_store_all, new)


async def edit(site: Site, author: User, comment: int, text: str, revision: int | None) -> Comment:
    """Gives a comment a new text, which is checked as a new comment's would be.

    ``revision`` is the one that the author saw, None when it is not known. Raises Refused as
    `post` does and comment_unknown, not_allowed, edit_window, withdrawn, outdated.
    """
    text = clean(text, site.rules.max_characters)
    before, story, around = await site.storage.read(
        lambda connection: _look_at(connection, site, author, comment, text)
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
        lambda connection: _revise(
            connection, site, before, text, findings, outcome, around.arrival, now
        )
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


def _look_around(connection: Connection, wanted: list[_Wanted]) -> list[_Surroundings]:
    """What surrounds each draft."""
    site = wanted[0].site
    drafts = [one.draft for one in wanted]
    about = stories.by_keys(connection, {draft.story for draft in drafts})
    parents = comments.many(connection, {draft.parent for draft in drafts if draft.parent})
    latest = comments.latest(connection, {one.author for one in wanted}, _LATEST)
    arrivals = [one.arrival for one in wanted if one.arrival is not None]
    copies.look_up(connection, arrivals, site.rules, site.now())
    return [
        _Surroundings(
            about.get(one.draft.story),
            parents.get(one.draft.parent or 0),
            latest[one.author],
            _record(connection, one.author, latest[one.author]),
            one.arrival,
        )
        for one in wanted
    ]


def _record(connection: Connection, author: int, latest: Sequence[Latest]) -> Mapping[str, int]:
    """Of the latest comments alone, unless that would make a newcomer of somebody who is none."""
    record = Counter(one.status for one in latest)
    if len(latest) < _LATEST or record["published"]:
        return record
    return users.record(connection, author)


def _look_at(
    connection: Connection, site: Site, author: User, comment: int, text: str
) -> tuple[Comment, Story, _Surroundings]:
    found = comments.get(connection, comment)
    if found is None:
        raise Refused("comment_unknown")
    story = stories.get(connection, found.story)
    if story is None:
        raise Refused("comment_unknown")
    latest = comments.latest(connection, {author.id}, _LATEST)
    others = [one for one in latest[author.id] if one.id != comment]
    record = _record(connection, author.id, latest[author.id])
    arrival = copies.arrival(author, text, site.rules)
    if arrival is not None:
        copies.look_up(connection, [arrival], site.rules, site.now(), apart_from=comment)
    return found, story, _Surroundings(story, None, others, record, arrival)


def _judge(
    site: Site,
    author: User,
    draft: Draft,
    page: EmbeddingPage | None,
    text: str,
    around: _Surroundings,
) -> Accepted:
    story = around.story or _story_of(site, draft.story, page)
    demand(author, "post", Thing(mode=story.mode))
    if draft.parent is not None and not _fits(around.parent, story.id):
        raise Refused("parent_unknown", field="parent")
    findings = checks.run(site.checks, _context(site, author, story, text, around))
    outcome = decide(findings, mode=story.mode, staff=author.is_staff)
    if outcome.status == "refused":
        raise Refused("text_refused", field="text", why=outcome.sentence)
    return Accepted(
        site, author, story, draft, text, findings, outcome, around.story is None, around.arrival
    )


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


def _fits(parent: Comment | None, story: int) -> bool:
    return parent is not None and parent.story == story and parent.shown


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
        recent_texts=tuple(one.text for one in around.latest),
        mode=story.mode,
        language=story.language,
        is_staff=author.is_staff,
        is_edit=is_edit,
        banned_words=site.rules.banned_words,
        suspect_words=site.rules.suspect_words,
        max_links=site.rules.max_links,
        author=author.id,
        arrival=around.arrival,
        campaign_copies=site.rules.campaign_copies,
    )


# -- the transaction -----------------------------------------------------------------------


def _store_all(connection: Connection, new: list[Accepted]) -> list[Posted | Refused]:
    """Stores what many have sent: everything for all of them in one statement for each table."""
    now = new[0].site.now()
    users.ensure(connection, *{one.author.id: one.author for one in new}.values())
    for story in {one.story.id: one.story for one in new if one.brings_story}.values():
        _ensure_story(connection, story)
    wanted = {one.draft.parent for one in new if one.draft.parent is not None}
    parents = comments.many(connection, wanted)
    first = comments.next_ids(connection, new_id(now))
    placed: dict[int, Accepted] = {}
    written: dict[int, Comment] = {}
    for number, one in enumerate(new, first):
        parent = parents.get(one.draft.parent or 0)
        if one.draft.parent is None or _fits(parent, one.story.id):
            placed[number] = one
            written[number] = place(
                number, one.author, one.story.id, parent, one.text, one.outcome.status, now
            )
    changes = comments.add_all(
        connection, [(comment, placed[comment.id].draft.key) for comment in written.values()]
    )
    added = [written[number] for number in changes]
    comments.add_findings(connection, [(one.id, 1, placed[one.id].findings) for one in added])
    decisions.add_all(
        connection, [_line(one, "post", "", placed[one.id].outcome, now) for one in added]
    )
    for comment, change in _belongs(connection, new[0].site, added, placed, now):
        written[comment.id], changes[comment.id] = comment, change
    tell(connection, [(written[one.id], "comment", changes[one.id]) for one in added], now)
    return [
        Posted(written[number], created=True)
        if number in changes
        else _sent_before(connection, one)
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
    copies.remember(connection, stored, site.rules, now)
    publishable = {one.id for one in added if placed[one.id].outcome.reason.startswith("mode_")}
    settled = copies.standing(connection, stored, publishable, now)
    decisions.add_all(connection, [line for _, _, line in settled])
    return [(comment, change) for comment, change, _ in settled]


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


def _sent_before(connection: Connection, new: Accepted) -> Posted | Refused:
    """The answer to what was not stored: what came first with the same key, or the refusal."""
    found = comments.by_key(connection, new.author.id, new.draft.key)
    if found is None:
        return Refused("parent_unknown", field="parent")
    try:
        return Posted(_same(found, new.text, new.draft), created=False)
    except Refused as refused:
        return refused


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
    site: Site,
    before: Comment,
    text: str,
    findings: list[Finding],
    outcome: Outcome,
    arrival: Arrival | None,
    now: datetime,
) -> Comment:
    current = comments.get(connection, before.id)
    if current is None or current.revision != before.revision or current.status != before.status:
        raise Refused("outdated")
    comments.revise(connection, current, text, now)
    comments.add_findings(connection, [(current.id, current.revision + 1, findings)])
    change = comments.set_status(connection, current, outcome.status)
    after = comments.get(connection, current.id)
    if after is None:
        raise Refused("comment_unknown")
    decisions.add(connection, _line(after, "edit", current.status, outcome, now))
    if arrival is not None:
        copies.move(connection, after, arrival, site.rules, now)
    kind = "edited" if not change.delta else "comment" if change.delta > 0 else "removed"
    tell(connection, [(after, kind, change)], now)
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
    tell(connection, [(found, "removed", change)], now)
    return msgspec.structs.replace(found, status="withdrawn")


def _line(comment: Comment, action: str, before: str, outcome: Outcome, now: datetime) -> Decision:
    """What the policy decided, for the record."""
    return decided(
        comment, action, before=before, after=outcome.status, reason=outcome.reason, now=now
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
