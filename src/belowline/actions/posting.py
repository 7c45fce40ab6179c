"""Writing, editing and deleting one's own comments."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from belowline.actions import copies, judging, storing, voice
from belowline.actions.site import Site
from belowline.actions.statements import linked
from belowline.campaigns.arriving import Arrival
from belowline.domain import language as languages
from belowline.domain import text as texts
from belowline.domain.bans import Ban
from belowline.domain.comments import Comment, Draft
from belowline.domain.decisions import Finding, decided
from belowline.domain.errors import Refused
from belowline.domain.policy import Outcome
from belowline.domain.senders import of_codes
from belowline.domain.stories import Story
from belowline.domain.users import Thing, User, demand
from belowline.metrics import counts
from belowline.storage import comments, decisions
from belowline.storage.engine import Connection

_KEY = re.compile(r"[!-~]{1,200}")


async def post(
    site: Site,
    author: User,
    draft: Draft,
    page: judging.EmbeddingPage | None = None,
    *,
    per_minute: int = 0,
) -> storing.Posted:
    """Stores a comment and says what became of it. On disk when this returns.

    ``page`` lets the first comment on an embedded discussion bring its story along. ``per_minute``
    is how many an author may store, by whatever process of the site; 0 for no limit. Raises
    Refused: text_empty, text_too_long, text_characters, text_refused, story_unknown, closed,
    too_fast, too_soon, proof_wanted, parent_unknown, key_bad, key_reused, unavailable,
    and for the desk not_allowed, desk_nameless.
    """
    _check_key(draft.key)
    voice.demand_voice(site, author, draft)
    text = texts.normalise(draft.text, site.rules.max_characters)
    arrival = copies.arrival(author, text, site.rules)
    wanted = judging.Wanted(site, author, draft, arrival, page.url if page else "")
    around = await site.storage.read_together(judging.look_around, wanted)
    author = await _told(site, author, around.ban)
    try:
        new = judging.accept(site, author, draft, page, text, around)
        if site.outside is not None and not author.is_staff:
            new = await judging.ask_others(site.outside, new, around)
    except Refused as refused:
        before = await site.storage.read(
            lambda connection: comments.by_key(connection, voice.bearer(author, draft), draft.key)
        )
        if before is None:
            if refused.code == "text_refused":
                counts.posted("refused")
            raise
        posted = storing.Posted(storing.same(before, text, draft), created=False)
    else:
        posted = await storing.store(msgspec.structs.replace(new, per_minute=per_minute))
    status = posted.comment.status
    # What was decided for copies that come counts as held: it was, for that moment.
    became = "held" if status == "rejected" else status
    counts.posted(became if posted.created else "repeated")
    return posted


async def edit(site: Site, author: User, comment: int, text: str, revision: int | None) -> Comment:
    """Gives a comment a new text, which is checked as a new comment's would be.

    ``revision`` is the one that the author saw, None when it is not known. Raises Refused as
    `post` does and comment_unknown, not_allowed, edit_window, withdrawn, outdated.
    """
    text = texts.normalise(text, site.rules.max_characters)
    now = site.now()
    before, story, around = await site.storage.read(
        lambda connection: judging.look_at(connection, site, author, comment, text)
    )
    author = await _told(site, author, around.ban)
    window = site.rules.edit_window
    mode = story.mode_at(now)
    demand(author, "edit", Thing(comment=before, mode=mode, edit_window=window, now=now))
    if revision is not None and revision != before.revision:
        raise Refused("outdated")
    if text == before.text:
        return before
    is_reply = before.parent is not None
    sender = of_codes(one.code for one in around.sent)
    findings = judging.look(site, author, story, text, around, sender=sender, is_edit=True)
    findings += [one for one in around.sent if one.code == "sender_unproved"]
    outcome = judging.decide(
        site, author, story, text, findings, around, is_reply=is_reply, is_edit=True
    )
    if site.outside is not None and not author.is_staff:
        key = f"{comment:x}-{before.revision + 1}"
        draft = Draft(story=story.key, text=text, key=key, parent=before.parent)
        new = judging.Accepted(site, author, story, draft, text, findings, outcome)
        new = await judging.ask_others(site.outside, new, around, is_edit=True)
        findings, outcome = new.findings, new.outcome
    return await site.storage.write(
        lambda connection: _revise(
            connection, site, story, before, text, findings, outcome, around.arrival, now
        )
    )


async def withdraw(site: Site, author: User, comment: int) -> Comment:
    """Deletes one's own comment, at any time. A second time changes nothing.

    Raises Refused: comment_unknown, not_allowed.
    """
    return await site.storage.write(
        lambda connection: _withdraw(connection, author, comment, site.now())
    )


async def _told(site: Site, author: User, ban: Ban | None) -> User:
    """``author`` with what stops them, if anything does."""
    if ban is None:
        return author
    found = await site.storage.read(lambda connection: linked(connection, site, ban))
    return msgspec.structs.replace(author, ban=found)


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise Refused("key_bad", field="Idempotency-Key")


def _revise(
    connection: Connection,
    site: Site,
    story: Story,
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
    tongue = languages.of_comment(text, story.language)
    comments.revise(connection, current, text, tongue, now)
    comments.add_findings(connection, [(current.id, current.revision + 1, findings)])
    change = comments.set_status(connection, current, outcome.status)
    comments.rank(connection, [current.id])
    after = comments.get(connection, current.id)
    if after is None:
        raise Refused("comment_unknown")
    decisions.add(connection, storing.policy_line(after, "edit", current.status, outcome, now))
    if arrival is not None:
        copies.move(connection, after, arrival, site, now)
    kind = "edited" if not change.delta else "comment" if change.delta > 0 else "removed"
    storing.tell(connection, [(after, kind, change)], now)
    return after


def _withdraw(connection: Connection, author: User, comment: int, now: datetime) -> Comment:
    found = comments.get(connection, comment)
    if found is None:
        raise Refused("comment_unknown")
    if found.is_by(author.id) and found.status == "withdrawn":
        return found
    demand(author, "withdraw", Thing(comment=found))
    change = comments.set_status(connection, found, "withdrawn")
    line = decided(found, "withdraw", before=found.status, after="withdrawn", by=author, now=now)
    decisions.add(connection, line)
    storing.tell(connection, [(found, "removed", change)], now)
    return msgspec.structs.replace(found, status="withdrawn")
