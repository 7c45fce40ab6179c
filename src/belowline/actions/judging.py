"""Whether a text may stand: what surrounds it, what the checks find, what the policy makes of it.

Nothing here writes. `belowline.actions.storing` stores what was accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from belowline import checks
from belowline.actions import copies
from belowline.actions.in_force import PolicyInForce
from belowline.actions.outside import Outside, Question, codes
from belowline.actions.plain import plain
from belowline.actions.site import Site
from belowline.campaigns.arriving import Arrival
from belowline.checks import sender as sender_check
from belowline.checks.context import CheckContext, lists_of
from belowline.domain import language as languages
from belowline.domain.bans import Ban
from belowline.domain.comments import Comment, Draft
from belowline.domain.decisions import Finding
from belowline.domain.errors import Refused
from belowline.domain.ids import moment
from belowline.domain.policy import Outcome, Policy, facts_of, judge
from belowline.domain.senders import NOBODY, Sender, is_suspicious
from belowline.domain.stories import (
    Story,
    seconds_to_wait,
    story_id,
    story_key,
    web_address,
)
from belowline.domain.users import Thing, User, demand
from belowline.storage import bans, comments, stories, users
from belowline.storage.comments import Latest
from belowline.storage.engine import Connection

LATEST = 20
"""How many of an author's comments the checks and the policy look at."""


class EmbeddingPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page of another site that a discussion stands on: its address and its title."""

    url: str
    title: str = ""


class Surroundings(msgspec.Struct, frozen=True):
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


class Wanted(msgspec.Struct, frozen=True):
    """What somebody is about to post: who, what, and its text ready to be looked up."""

    site: Site
    author: User
    draft: Draft
    arrival: Arrival | None
    url: str = ""  # of the page that it is embedded in


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


def look_around(connection: Connection, wanted: list[Wanted]) -> list[Surroundings]:
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
    for one in wanted:
        _place(site, one.arrival, one.draft.story, parents.get(one.draft.parent or 0))
    copies.look_up(connection, arrivals, site, site.now())
    met = bans.standing(connection, readers, site.now())
    in_force = site.in_force.now(connection, site.rules)
    places = [_site(connection, one, about.get(one.draft.story)) for one in wanted]
    return [
        Surroundings(
            about.get(one.draft.story),
            parents.get(one.draft.parent or 0),
            latest[one.author.id],
            _record(connection, one.author.id, latest[one.author.id]),
            in_force.at(place),
            _last_here(
                connection, one.author.id, about.get(one.draft.story), latest[one.author.id]
            ),
            met.at(one.author.id, place),
            one.arrival,
        )
        for one, place in zip(wanted, places, strict=True)
    ]


def _site(connection: Connection, wanted: Wanted, story: Story | None) -> int:
    """The site that the draft is for, also where nobody has written under its story yet."""
    return story.site if story else stories.site_for(connection, wanted.draft.story, wanted.url)


def _meet_parents(
    connection: Connection, wanted: Sequence[Wanted], parents: Mapping[int, Comment]
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


def _place(site: Site, arrival: Arrival | None, story: str, parent: Comment | None) -> None:
    """Shows it the story and what it replies to, which people repeat without marks too."""
    if arrival is not None:
        above = parent.text if parent is not None and parent.shown else ""
        arrival.stands_under(site.story_text(story), above)


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


def look_at(
    connection: Connection, site: Site, author: User, comment: int, text: str
) -> tuple[Comment, Story, Surroundings]:
    """A comment that its author gives another text, its story, and what surrounds that text.

    Raises Refused("comment_unknown").
    """
    found = comments.get(connection, comment)
    if found is None:
        raise Refused("comment_unknown")
    story = stories.get(connection, found.story)
    if story is None:
        raise Refused("comment_unknown")
    latest = comments.latest(connection, {author.id}, LATEST)
    others = [one for one in latest[author.id] if one.id != comment]
    record = _record(connection, author.id, latest[author.id])
    in_force = site.in_force.now(connection, site.rules).at(story.site)
    readers = {} if author.is_staff else {author.id: author.address}
    ban = bans.standing(connection, readers, site.now()).at(author.id, story.site)
    arrival = copies.arrival(author, text, site.rules)
    if arrival is not None:
        if arrival.quotes and found.parent is not None:
            there = comments.many(connection, {found.parent, found.root})
            arrival.answers([one.text for one in there.values() if one.shown])
        parent = comments.get(connection, found.parent) if found.parent is not None else None
        _place(site, arrival, story.key, parent)
        copies.look_up(connection, [arrival], site, site.now(), apart_from=comment)
    sent = _sent(connection, found) if found.status == "held" else []
    around = Surroundings(
        story, None, others, record, in_force, ban=ban, arrival=arrival, sent=sent
    )
    return found, story, around


def _sent(connection: Connection, comment: Comment) -> list[Finding]:
    """What was found in how it was sent, which no edit makes good."""
    kept = comments.findings_of(connection, {comment.id}).get(comment.id, [])
    return [one for one in kept if one.check == "sender"]


def accept(
    site: Site,
    author: User,
    draft: Draft,
    page: EmbeddingPage | None,
    text: str,
    around: Surroundings,
) -> Accepted:
    """``text``, if the author may post it here, with what is found in it and what follows.

    Raises Refused: story_unknown, closed, too_soon, parent_unknown, text_refused, proof_wanted and
    what `demand` does.
    """
    story = around.story or _story_of(site, draft.story, page, around.in_force.policy)
    demand(author, "post", Thing(mode=story.mode_at(site.now()), site=story.site))
    _keep_pace(author, story, around.last_here, site.now())
    if draft.parent is not None and not fits(around.parent, story.id):
        raise Refused("parent_unknown", field="parent")
    is_reply = draft.parent is not None
    findings = look(site, author, story, text, around, sender=draft.sender)
    outcome = decide(site, author, story, text, findings, around, is_reply=is_reply)
    unproved = _demand_proof(site, author, story, draft.sender, findings, around)
    if unproved:
        findings += unproved
        outcome = decide(site, author, story, text, findings, around, is_reply=is_reply)
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


def look(
    site: Site,
    author: User,
    story: Story,
    text: str,
    around: Surroundings,
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
    around: Surroundings,
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


def decide(
    site: Site,
    author: User,
    story: Story,
    text: str,
    findings: list[Finding],
    around: Surroundings,
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


async def ask_others(
    outside: Outside, new: Accepted, around: Surroundings, *, is_edit: bool = False
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
    outcome = decide(
        *(new.site, new.author, new.story, new.text, findings, around),
        is_reply=is_reply,
        is_edit=is_edit,
    )
    return msgspec.structs.replace(new, findings=findings, outcome=outcome)


def _keep_pace(author: User, story: Story, last: datetime | None, now: datetime) -> None:
    seconds = 0 if author.is_staff else seconds_to_wait(story.slow, last, now)
    if seconds:
        raise Refused("too_soon", wait=timedelta(seconds=seconds))


def _story_of(site: Site, key: str, page: EmbeddingPage | None, policy: Policy) -> Story:
    if page is None:
        raise Refused("story_unknown", field="story")
    return Story(
        id=story_id(story_key(key)),
        key=key,
        title=plain(page.title).strip()[:300],
        url=web_address(page.url),
        mode=policy.mode,
        language="",
        count=0,
        version=0,
        created_at=site.now(),
        slow=policy.slow_seconds,
        close_days=policy.close_days,
    )


def fits(parent: Comment | None, story: int) -> bool:
    """Whether ``parent`` may be answered, under ``story``."""
    return parent is not None and parent.story == story and parent.shown


def _context(
    site: Site,
    author: User,
    story: Story,
    text: str,
    around: Surroundings,
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
