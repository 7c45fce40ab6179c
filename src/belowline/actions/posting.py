"""Writing, editing and deleting one's own comments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from belowline import checks
from belowline.actions import copies, voice
from belowline.actions.in_force import PolicyInForce
from belowline.actions.outside import Outside, Question, codes
from belowline.actions.plain import plain
from belowline.actions.site import Site
from belowline.actions.statements import linked
from belowline.campaigns.arriving import Arrival
from belowline.checks import sender as sender_check
from belowline.checks.context import CheckContext, lists_of
from belowline.domain import language as languages
from belowline.domain import pace, urgency
from belowline.domain import text as texts
from belowline.domain.bans import Ban
from belowline.domain.comments import Comment, Draft
from belowline.domain.decisions import Decision, Finding, decided
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.ids import moment, new_id
from belowline.domain.policy import Outcome, facts_of, judge
from belowline.domain.senders import NOBODY, Sender, is_suspicious, of_codes
from belowline.domain.stories import (
    Story,
    seconds_to_wait,
    story_id,
    story_key,
    web_address,
)
from belowline.domain.users import Thing, User, demand
from belowline.metrics import counts
from belowline.storage import bans, comments, decisions, stories, streams, users
from belowline.storage.comments import Latest
from belowline.storage.engine import Connection
from belowline.storage.streams import NewEvent

_DEEPEST = 100
LATEST = 20
"""How many of an author's comments the checks and the policy look at."""
_COUNTED = timedelta(minutes=2)
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
    in_force: PolicyInForce
    last_here: datetime | None = None  # the author's last comment here, where slow mode asks
    ban: Ban | None = None
    arrival: Arrival | None = None
    sent: Sequence[Finding] = ()  # how a comment came that is held and edited now


class _Wanted(msgspec.Struct, frozen=True):
    """What somebody is about to post: who, what, and its text ready to be looked up."""

    site: Site
    author: User
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
    per_minute: int = 0
    arrival: Arrival | None = None


async def post(
    site: Site,
    author: User,
    draft: Draft,
    page: EmbeddingPage | None = None,
    *,
    per_minute: int = 0,
) -> Posted:
    """Stores a comment and says what became of it. On disk when this returns.

    ``page`` lets the first comment on an embedded discussion bring its story along. ``per_minute``
    is how many an author may store, by whatever process of the site; 0 for no limit. Raises
    Refused: text_empty, text_too_long, text_characters, text_refused, story_unknown, closed,
    too_fast, too_soon, proof_wanted, parent_unknown, key_bad, key_reused, unavailable,
    and for the desk not_allowed, desk_nameless.
    """
    _check_key(draft.key)
    voice.demand_voice(site, author, draft)
    text = clean(draft.text, site.rules.max_characters)
    arrival = copies.arrival(author, text, site.rules)
    wanted = _Wanted(site, author, draft, arrival)
    around = await site.storage.read_together(_look_around, wanted)
    author = await _told(site, author, around.ban)
    try:
        new = _judge(site, author, draft, page, text, around)
        if site.outside is not None and not author.is_staff:
            new = await _asked(site.outside, new, around)
    except Refused as refused:
        before = await site.storage.read(
            lambda connection: comments.by_key(connection, voice.bearer(author, draft), draft.key)
        )
        if before is None:
            if refused.code == "text_refused":
                counts.posted("refused")
            raise
        posted = Posted(_same(before, text, draft), created=False)
    else:
        posted = await store(msgspec.structs.replace(new, per_minute=per_minute))
    status = posted.comment.status
    # What was decided for copies that come counts as held: it was, for that moment.
    became = "held" if status == "rejected" else status
    counts.posted(became if posted.created else "repeated")
    return posted


async def _asked(
    outside: Outside, new: Accepted, around: _Surroundings, *, is_edit: bool = False
) -> Accepted:
    """``new`` with what others find in it, outside the transaction."""
    question = Question(
        text=new.text,
        story=new.story,
        author=new.author,
        parent=new.draft.parent,
        key=new.draft.key,
        edit=is_edit,
        codes=codes(new.findings),
        now=new.site.now(),
    )
    found = await outside.ask(question)
    if not found:
        return new
    findings = [*new.findings, *found]
    is_reply = new.draft.parent is not None
    outcome = _decide(
        *(new.site, new.author, new.story, new.text, findings, around),
        is_reply=is_reply,
        is_edit=is_edit,
    )
    return msgspec.structs.replace(new, findings=findings, outcome=outcome)


async def store(new: Accepted) -> Posted:
    """Stores a comment that the policy has let through; `post` without what comes before.

    Raises Refused: parent_unknown, key_reused, too_fast, unavailable.
    """
    return await new.site.storage.write_together(_store_all, new)


async def edit(site: Site, author: User, comment: int, text: str, revision: int | None) -> Comment:
    """Gives a comment a new text, which is checked as a new comment's would be.

    ``revision`` is the one that the author saw, None when it is not known. Raises Refused as
    `post` does and comment_unknown, not_allowed, edit_window, withdrawn, outdated.
    """
    text = clean(text, site.rules.max_characters)
    now = site.now()
    before, story, around = await site.storage.read(
        lambda connection: _look_at(connection, site, author, comment, text)
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
    findings = _look(site, author, story, text, around, sender=sender, is_edit=True)
    findings += [one for one in around.sent if one.code == "sender_unproved"]
    outcome = _decide(site, author, story, text, findings, around, is_reply=is_reply, is_edit=True)
    if site.outside is not None and not author.is_staff:
        key = f"{comment:x}-{before.revision + 1}"
        draft = Draft(story=story.key, text=text, key=key, parent=before.parent)
        new = Accepted(site, author, story, draft, text, findings, outcome)
        new = await _asked(site.outside, new, around, is_edit=True)
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


def clean(text: str, limit: int) -> str:
    """The text as it is stored; raises Refused: text_empty, text_too_long, text_characters."""
    return texts.normalise(text, limit)


async def _told(site: Site, author: User, ban: Ban | None) -> User:
    """``author`` with what stops them, if anything does."""
    if ban is None:
        return author
    found = await site.storage.read(lambda connection: linked(connection, site, ban))
    return msgspec.structs.replace(author, ban=found)


# -- before the transaction ----------------------------------------------------------------


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise Refused("key_bad", field="Idempotency-Key")


def _look_around(connection: Connection, wanted: list[_Wanted]) -> list[_Surroundings]:
    """What surrounds each draft."""
    site = wanted[0].site
    drafts = [one.draft for one in wanted]
    authors = {one.author.id: one.author for one in wanted}
    about = stories.by_keys(connection, {draft.story for draft in drafts})
    parents = comments.many(connection, {draft.parent for draft in drafts if draft.parent})
    latest = comments.latest(connection, authors.keys(), LATEST)
    readers = {one.id: one.address for one in authors.values() if not one.is_staff}
    arrivals = [one.arrival for one in wanted if one.arrival is not None]
    _meet_parents(connection, wanted, parents)
    copies.look_up(connection, arrivals, site, site.now())
    met = bans.standing(connection, readers, site.now())
    in_force = site.in_force.now(connection, site.rules)
    return [
        _Surroundings(
            about.get(one.draft.story),
            parents.get(one.draft.parent or 0),
            latest[one.author.id],
            _record(connection, one.author.id, latest[one.author.id]),
            in_force,
            _last_here(
                connection, one.author.id, about.get(one.draft.story), latest[one.author.id]
            ),
            met.get(one.author.id),
            one.arrival,
        )
        for one in wanted
    ]


def _meet_parents(
    connection: Connection, wanted: Sequence[_Wanted], parents: Mapping[int, Comment]
) -> None:
    """Shows those that quote what they reply to, and what began the thread."""
    quoting = [
        (one.arrival, parent)
        for one in wanted
        if one.arrival is not None
        and one.arrival.quotes
        and (parent := parents.get(one.draft.parent or 0)) is not None
    ]
    roots = comments.many(connection, {parent.root for _, parent in quoting}) if quoting else {}
    for arrival, parent in quoting:
        above = [parent, roots[parent.root]] if parent.root in roots else [parent]
        arrival.answers([one.text for one in above if one.shown])


def _last_here(
    connection: Connection, author: int, story: Story | None, latest: Sequence[Latest]
) -> datetime | None:
    """When the author last wrote under ``story``, if it is slow."""
    if story is None or not story.slow or not latest:
        return None
    here = next((one.id for one in latest if one.story == story.id), None)
    if here is None and len(latest) == LATEST:
        here = comments.last_in(connection, author, story.id)
    return None if here is None else moment(here)


def _record(connection: Connection, author: int, latest: Sequence[Latest]) -> Mapping[str, int]:
    """Of the latest comments alone, unless that would make a newcomer of somebody who is none."""
    record = Counter(one.status for one in latest)
    if len(latest) < LATEST or record["published"]:
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
    latest = comments.latest(connection, {author.id}, LATEST)
    others = [one for one in latest[author.id] if one.id != comment]
    record = _record(connection, author.id, latest[author.id])
    in_force = site.in_force.now(connection, site.rules)
    readers = {} if author.is_staff else {author.id: author.address}
    ban = bans.standing(connection, readers, site.now()).get(author.id)
    arrival = copies.arrival(author, text, site.rules)
    if arrival is not None:
        if arrival.quotes and found.parent is not None:
            there = comments.many(connection, {found.parent, found.root})
            arrival.answers([one.text for one in there.values() if one.shown])
        copies.look_up(connection, [arrival], site, site.now(), apart_from=comment)
    sent = _sent(connection, found) if found.status == "held" else []
    around = _Surroundings(
        story, None, others, record, in_force, ban=ban, arrival=arrival, sent=sent
    )
    return found, story, around


def _sent(connection: Connection, comment: Comment) -> list[Finding]:
    """What was found in how it was sent, which no edit makes good."""
    kept = comments.findings_of(connection, {comment.id}).get(comment.id, [])
    return [one for one in kept if one.check == "sender"]


def _judge(
    site: Site,
    author: User,
    draft: Draft,
    page: EmbeddingPage | None,
    text: str,
    around: _Surroundings,
) -> Accepted:
    story = around.story or _story_of(site, draft.story, page)
    demand(author, "post", Thing(mode=story.mode_at(site.now()), site=story.site))
    _keep_pace(author, story, around.last_here, site.now())
    if draft.parent is not None and not _fits(around.parent, story.id):
        raise Refused("parent_unknown", field="parent")
    is_reply = draft.parent is not None
    findings = _look(site, author, story, text, around, sender=draft.sender)
    outcome = _decide(site, author, story, text, findings, around, is_reply=is_reply)
    unproved = _demand_proof(site, author, story, draft.sender, findings, around)
    if unproved:
        findings += unproved
        outcome = _decide(site, author, story, text, findings, around, is_reply=is_reply)
    return Accepted(
        site,
        author,
        story,
        draft,
        text,
        findings,
        outcome,
        brings_story=around.story is None,
        arrival=around.arrival,
    )


def _look(
    site: Site,
    author: User,
    story: Story,
    text: str,
    around: _Surroundings,
    *,
    sender: Sender = NOBODY,
    is_edit: bool = False,
) -> list[Finding]:
    """What the checks find in a text."""
    context = _context(site, author, story, text, around, is_edit, sender)
    return checks.run(site.checks, context)


def _demand_proof(
    site: Site,
    author: User,
    story: Story,
    sender: Sender,
    findings: Sequence[Finding],
    around: _Surroundings,
) -> list[Finding]:
    """Has a suspicious sender do some work, or a moderator look where they cannot be asked.

    Raises Refused("proof_wanted").
    """
    if author.is_staff or not site.rules.proof_of_work or sender.proof == "given":
        return []
    suspicious = is_suspicious(
        sender,
        newcomer=around.record.get("published", 0) < around.in_force.policy.newcomer_until,
        spam=any(one.code in ("spam_likely", "spam_maybe") for one in findings),
        tightened=bool(story.tightened),
    )
    if not suspicious:
        return []
    if sender.proof == "able":
        raise Refused("proof_wanted")
    return [sender_check.found("sender_unproved")]


def _decide(
    site: Site,
    author: User,
    story: Story,
    text: str,
    findings: list[Finding],
    around: _Surroundings,
    *,
    is_reply: bool,
    is_edit: bool = False,
) -> Outcome:
    """What the policy makes of the findings. Raises Refused("text_refused")."""
    facts = facts_of(
        around.in_force.policy,
        [(one.status, moment(one.id)) for one in around.latest],
        site.now(),
        mode=story.mode,
        staff=author.is_staff,
        language=languages.of_comment(text, story.language).language,
        story_language=story.language,
        edit=is_edit,
        reply=is_reply,
        published=around.record.get("published", 0),
        rejected=around.record.get("rejected", 0),
    )
    outcome = judge(around.in_force.rules, findings, facts)
    if outcome.status == "refused":
        raise Refused("text_refused", field="text", why=outcome.sentence)
    return msgspec.structs.replace(outcome, policy=around.in_force.number)


def _keep_pace(author: User, story: Story, last: datetime | None, now: datetime) -> None:
    seconds = 0 if author.is_staff else seconds_to_wait(story.slow, last, now)
    if seconds:
        raise Refused("too_soon", wait=timedelta(seconds=seconds))


def _story_of(site: Site, key: str, page: EmbeddingPage | None) -> Story:
    if page is None:
        raise Refused("story_unknown", field="story")
    return Story(
        id=story_id(story_key(key)),
        key=key,
        title=plain(page.title).strip()[:300],
        url=web_address(page.url),
        mode=site.policy.mode,
        language="",
        count=0,
        version=0,
        created_at=site.now(),
        slow=site.policy.slow_seconds,
        close_days=site.policy.close_days,
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
    is_edit: bool,
    sender: Sender,
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
        **lists_of(around.in_force.policy),
        judge=site.judge,
        risk_note=site.rules.risk_note,
        risk_hold=site.rules.risk_hold,
        risk_hold_in=site.rules.risk_hold_in,
        risk_thresholds=around.in_force.thresholds,
        author=author.id,
        sender=sender,
        arrival=around.arrival,
        campaign_copies=site.rules.campaign_copies,
    )


# -- the transaction -----------------------------------------------------------------------


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
        if one.draft.parent is None or _fits(parent, one.story.id):
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
        connection, [_line(one, "post", "", placed[one.id].outcome, now) for one in added]
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


def in_tongue(comment: Comment, story: str) -> Comment:
    """The comment with its language and script, under a story in the language ``story``."""
    tongue = languages.of_comment(comment.text, story)
    return msgspec.structs.replace(comment, language=tongue.language, script=tongue.script)


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
    decisions.add(connection, _line(after, "edit", current.status, outcome, now))
    if arrival is not None:
        copies.move(connection, after, arrival, site, now)
    kind = "edited" if not change.delta else "comment" if change.delta > 0 else "removed"
    tell(connection, [(after, kind, change)], now)
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
    tell(connection, [(found, "removed", change)], now)
    return msgspec.structs.replace(found, status="withdrawn")


def _line(comment: Comment, action: str, before: str, outcome: Outcome, now: datetime) -> Decision:
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
