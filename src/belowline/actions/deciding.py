"""The desk: what waits, deciding it, and taking a decision back."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

import msgspec

from belowline.actions import learning
from belowline.actions.judging import LATEST
from belowline.actions.plain import plain
from belowline.actions.record import note as note_act
from belowline.actions.site import Site
from belowline.actions.statements import explain_decision
from belowline.actions.storing import tell
from belowline.domain import urgency
from belowline.domain.bans import Ban
from belowline.domain.campaigns import Campaign
from belowline.domain.comments import Comment
from belowline.domain.decisions import (
    REASONS,
    Decision,
    Finding,
    Report,
    asks_editor,
    decided,
)
from belowline.domain.desk import Background, Lock, pace
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM
from belowline.domain.ids import moment
from belowline.domain.looks import RANDOM
from belowline.domain.policy import trust_of
from belowline.domain.queue import Filter, Place
from belowline.domain.sites import Publication
from belowline.domain.stories import Story
from belowline.domain.urgency import Standing
from belowline.domain.users import CONFINED, Thing, User, demand
from belowline.risk.model import Unusable
from belowline.storage import (
    bans,
    campaigns,
    comments,
    decisions,
    desk,
    sites,
    stories,
    streams,
    users,
)
from belowline.storage import queue as queues
from belowline.storage.engine import Connection
from belowline.storage.queue import Revision, SecondLook
from belowline.storage.sites import Sites

LONGEST_NOTE = 2_000
_OUTCOMES = {"publish": "published", "reject": "rejected"}
_UNDOABLE = (*_OUTCOMES, "escalate")
_WAITING = Filter()
_SWEEP = 500
_BATCH = 50
_ABOVE, _REPLIES = 20, 20
_QUICK, _QUICK_OF = 12, 60
_SHORT = 600  # characters that are read at a glance
_KNOWN = 2  # published comments after which somebody is known
_LOOKS = 5  # second looks beside a page of cards
_LOOK_AFTER = timedelta(hours=1)
_OWN_LOOK_AFTER = timedelta(days=1)
UNDO_FOR = timedelta(minutes=10)
"""How long the desk offers to take a decision back."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A comment with everything that is needed to decide it.

    ``why`` is the code of the outcome or finding that brought it here, "reported" for reports.
    ``author_since`` is when the author came, ``upheld`` how many of their comments were reported
    and then rejected. ``lock`` says who looks at it, ``assigned`` the id and name of whoever looks
    after its story, ``campaign`` what it is a copy in, if staff would be called for that.
    ``author`` is what is known of the author besides, ``writer`` the name of whoever wrote it in
    the desk's, ``unjudged`` its language where the risk model knows nothing of that. ``second`` is
    the decision that is looked at once more, 0 for none; whoever sees such a card must not see
    what was decided.
    """

    comment: Comment
    story: Story
    parent: Comment | None
    findings: list[Finding]
    reports: list[Report]
    record: dict[str, int]
    why: str
    why_sentence: str
    history: list[Decision]
    standing: Standing
    revisions: list[Revision]
    author_since: datetime | None
    upheld: int
    second: int = 0
    lock: Lock | None = None
    assigned: tuple[int, str] = (0, "")
    author: Background | None = None
    parent_findings: list[Finding] = []
    writer: str = ""
    publication: Publication | None = None
    unjudged: str = ""
    campaign: Campaign | None = None


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A page of cards. ``next`` goes on from its last card, None at the end.

    ``count`` is how many need a decision, ``found`` how many the filter finds (counted up to
    `storage.queue.MOST`). ``looks`` are second looks, to be mixed in.
    """

    count: int
    found: int
    version: int
    cards: list[Card]
    next: Place | None
    looks: list[Card] = []


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A comment, the revision of it that the moderator has read, and its status then, if known."""

    comment: int
    revision: int
    status: str = ""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A second look: what was decided at first, and whether the second one agrees."""

    first: Decision
    agreed: bool


async def queue(
    site: Site,
    user: User,
    wanted: Filter = _WAITING,
    *,
    after: Place | None = None,
    limit: int = 50,
) -> Queue:
    """What waits for a decision, the most urgent first, or whatever else is ``wanted``.

    Raises Refused("not_allowed") to readers.
    """
    demand(user, "moderate", CONFINED)
    return await site.storage.read(
        lambda connection: _queue(connection, site, user, wanted, after, limit)
    )


async def card(site: Site, user: User, comment: int) -> Card:
    """One comment as the desk shows it. Raises Refused: not_allowed, comment_unknown."""
    demand(user, "moderate", CONFINED)

    def read(connection: Connection) -> Card:
        found = comments.get(connection, comment)
        if found is None:
            raise Refused("comment_unknown")
        demand(user, "moderate", Thing(site=found.site))
        return card_of(connection, site, found)

    return await site.storage.read(read)


def card_of(connection: Connection, site: Site, comment: Comment) -> Card:
    """The card of a comment."""
    return _cards(connection, site, [comment])[0]


async def latest(site: Site, user: User, limit: int = 30) -> list[Decision]:
    """What people decided last, the newest first. Raises Refused("not_allowed")."""
    demand(user, "moderate", CONFINED)
    return await site.storage.read(
        lambda connection: decisions.latest(connection, limit, user.sites)
    )


async def undoable(site: Site, user: User) -> list[Decision]:
    """What ``user`` decided in the last ten minutes and can take back, the newest first."""
    demand(user, "moderate", CONFINED)

    def read(connection: Connection) -> list[Decision]:
        since = site.now() - UNDO_FOR
        lines = [
            line
            for line in decisions.latest(connection, 100, user.sites)
            if line.actor == user.id and line.created_at >= since
        ]
        undone = {line.undoes for line in lines}
        return [line for line in lines if line.action in _UNDOABLE and line.id not in undone]

    return await site.storage.read(read)


async def decision(site: Site, user: User, number: int) -> Decision:
    """One line of the record. Raises Refused: not_allowed, decision_unknown."""
    demand(user, "moderate", CONFINED)

    def read(connection: Connection) -> Decision:
        found = decisions.get(connection, number)
        if found is None:
            raise Refused("decision_unknown")
        _demand_about(connection, user, found)
        return found

    return await site.storage.read(read)


def _demand_about(connection: Connection, user: User, line: Decision) -> None:
    """Raises Refused("not_allowed") for a decision about what ``user`` does not look after."""
    about = comments.get(connection, line.comment) if user.sites is not None else None
    if about is not None:
        demand(user, "moderate", Thing(site=about.site))


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
    note_too_long, comment_unknown, withdrawn, outdated, decided_meanwhile, locked.
    """
    demand(user, "moderate", CONFINED)
    if decision not in _OUTCOMES:
        raise Refused("decision_unknown", field="decision")
    if decision == "reject" and reason not in REASONS:
        raise Refused("reason_unknown", field="reason")
    if len(note) > LONGEST_NOTE:
        raise Refused("note_too_long", field="note", limit=LONGEST_NOTE)
    reason = reason if decision == "reject" else ""

    def write(connection: Connection) -> list[Decision]:
        now = site.now()
        return [
            decide_one(connection, site, user, one, decision, reason, plain(note), now)
            for one in sorted(judged, key=lambda one: one.comment)
        ]

    made = await site.storage.write(write)
    await learning.catch_up(site)
    return made


async def undo(site: Site, user: User, decision: int) -> Decision:
    """Takes a person's decision back, if nothing has happened to the comment since, or a request
    that an editor decide, as long as nobody has.

    Raises Refused: not_allowed, decision_unknown, already_decided, withdrawn.
    """
    demand(user, "moderate", CONFINED)
    line = await site.storage.write(
        lambda connection: undo_one(connection, site, user, decision, site.now())
    )
    await learning.catch_up(site)
    return line


async def look_again(site: Site, user: User, decision: int, outcome: str) -> Looked:
    """Keeps what ``user`` would have decided ("publish" or "reject"), and tells what was.

    The comment stays as it is; the answer is a lesson (`storage.lessons.of`). Raises Refused:
    not_allowed, decision_unknown (also when somebody has taken this look).
    """
    demand(user, "moderate", CONFINED)
    if outcome not in _OUTCOMES:
        raise Refused("decision_unknown", field="decision")

    def write(connection: Connection) -> Looked:
        look = queues.look(connection, decision)
        first = decisions.get(connection, decision)
        if look is None or first is None:
            raise Refused("decision_unknown")
        _demand_about(connection, user, first)
        agreed = look.outcome == _OUTCOMES[outcome]
        now = site.now()
        queues.looked(connection, decision, user.id, _OUTCOMES[outcome], agreed=agreed, now=now)
        note_act(connection, user, "looked_again", now, detail=f"{decision} {_OUTCOMES[outcome]}")
        return Looked(first=first, agreed=agreed)

    looked = await site.storage.write(write)
    await learning.catch_up(site)
    return looked


class Quick(msgspec.Struct, frozen=True, kw_only=True):
    """What can be decided quickly, how many wait altogether, and how many seconds a decision of
    the one who asks usually takes.
    """

    cards: list[Card]
    waiting: int
    seconds: float


async def quick(site: Site, user: User) -> Quick:
    """Held comments against which nothing speaks, by people who are published: twelve at most,
    of the most urgent ones. Raises Refused("not_allowed").
    """
    demand(user, "moderate", CONFINED)

    def read(connection: Connection) -> Quick:
        found, _ = queues.page(
            connection,
            Filter(status="held"),
            user=user.id,
            zone=site.rules.zone,
            after=None,
            limit=_QUICK_OF,
            within=user.sites,
        )
        cards = _cards(connection, site, found)
        easy = [card for card in cards if _is_easy(card)]
        last = decisions.latest(connection, 200, user.sites)
        lines = [one for one in last if one.actor == user.id]
        return Quick(
            cards=easy[:_QUICK],
            waiting=decisions.count_waiting(connection, user.sites),
            seconds=pace([one.created_at for one in lines]),
        )

    return await site.storage.read(read)


def _is_easy(card: Card) -> bool:
    return (
        not card.findings
        and not card.reports
        and card.lock is None
        and len(card.comment.text) <= _SHORT
        and card.record.get("published", 0) >= _KNOWN
        and card.record.get("rejected", 0) == 0
    )


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """What a part of a bulk decision did: the lines it wrote, how many it left out, and from
    which comment it goes on (0 when it is done).
    """

    lines: list[int]
    skipped: int
    next: int


async def decide_found(
    site: Site,
    user: User,
    wanted: Filter,
    decision: str,
    *,
    reason: str = "",
    after: int = 0,
    before: int,
) -> Swept:
    """Decides what a filter finds, the oldest first, from ``after`` on and older than ``before``.

    At most 500 in one call, in transactions of 50, so that readers' comments are stored meanwhile.
    What has changed or is being looked at is left out. Raises Refused: not_allowed,
    reason_unknown, decision_unknown.
    """
    demand(user, "moderate", CONFINED)
    if decision not in _OUTCOMES:
        raise Refused("decision_unknown", field="decision")
    if decision == "reject" and reason not in REASONS:
        raise Refused("reason_unknown", field="reason")
    reason = reason if decision == "reject" else ""
    found = await site.storage.read(
        lambda connection: queues.ids_of(
            connection,
            wanted,
            user=user.id,
            zone=site.rules.zone,
            after=after,
            before=before,
            limit=_SWEEP,
            within=sites_wanted(connection, user, wanted),
        )
    )
    lines: list[int] = []
    judged = [Judged(comment=one, revision=read, status=was) for one, read, was in found]
    for first in range(0, len(judged), _BATCH):
        batch = judged[first : first + _BATCH]
        work = partial(_sweep, site=site, user=user, batch=batch, decision=decision, reason=reason)
        lines += await site.storage.write(work)
    following = found[-1][0] if len(found) == _SWEEP else 0
    return Swept(lines=lines, skipped=len(found) - len(lines), next=following)


def _sweep(
    connection: Connection,
    *,
    site: Site,
    user: User,
    batch: list[Judged],
    decision: str,
    reason: str,
) -> list[int]:
    now = site.now()
    lines = []
    for one in batch:
        try:
            done = decide_one(connection, site, user, one, decision, reason, "", now)
        except Refused:
            continue  # it refuses before it writes anything
        lines.append(done.id)
    return lines


async def undo_many(site: Site, user: User, numbers: list[int]) -> int:
    """Takes many decisions back, those that can be; answers how many. Raises Refused:
    not_allowed.
    """
    demand(user, "moderate", CONFINED)

    undone = 0
    for first in range(0, len(numbers), _BATCH):
        part = numbers[first : first + _BATCH]
        undone += await site.storage.write(partial(_undo_some, site=site, user=user, part=part))
    return undone


def _undo_some(connection: Connection, *, site: Site, user: User, part: list[int]) -> int:
    done = 0
    for number in part:
        try:
            undo_one(connection, site, user, number, site.now())
        except Refused:
            continue  # somebody has decided it since
        done += 1
    return done


async def thread(site: Site, user: User, comment: int) -> list[Comment]:
    """What stands above a comment, itself, and some replies. Raises Refused: not_allowed,
    comment_unknown.
    """
    demand(user, "moderate", CONFINED)

    def read(connection: Connection) -> list[Comment]:
        found = comments.get(connection, comment)
        if found is None:
            raise Refused("comment_unknown")
        demand(user, "moderate", Thing(site=found.site))
        above = comments.ancestors(connection, found)
        below = comments.replies(connection, [found.id], limit=_REPLIES).get(found.id, [])
        return [*above[-_ABOVE:], found, *below]

    return await site.storage.read(read)


# -- reading -------------------------------------------------------------------------------


def _queue(
    connection: Connection,
    site: Site,
    user: User,
    wanted: Filter,
    after: Place | None,
    limit: int,
) -> Queue:
    zone = site.rules.zone
    within = sites_wanted(connection, user, wanted)
    found, following = queues.page(
        connection, wanted, user=user.id, zone=zone, after=after, limit=limit, within=within
    )
    waiting = decisions.count_waiting(connection, user.sites)
    plain = wanted == _WAITING
    return Queue(
        count=waiting,
        found=waiting
        if plain
        else queues.count(connection, wanted, user=user.id, zone=zone, within=within),
        version=streams.number(connection, "desk"),
        cards=_cards(connection, site, found),
        next=following,
        looks=_second_looks(connection, site, user) if plain and after is None else [],
    )


def sites_wanted(connection: Connection, user: User, wanted: Filter) -> Sites:
    """The sites in which ``user`` may look for what is ``wanted``, None for all of them."""
    if not wanted.site:
        return user.sites
    found = sites.by_key(connection, wanted.site)
    is_shown = found is not None and (user.sites is None or found.id in user.sites)
    return {found.id} if found is not None and is_shown else set()


def _second_looks(connection: Connection, site: Site, user: User) -> list[Card]:
    now = site.now()
    own_before = now - _OWN_LOOK_AFTER
    due = queues.due_looks(connection, user.id, now, own_before, _LOOKS, user.sites)
    about = comments.many(connection, {look.comment for look in due})
    cards = _cards(connection, site, [about[look.comment] for look in due])
    return [_blind(card, look) for card, look in zip(cards, due, strict=True)]


def _blind(card: Card, look: SecondLook) -> Card:
    """The card without anything that tells what was decided."""
    comment = msgspec.structs.replace(card.comment, status="held", reason="")
    return msgspec.structs.replace(
        card,
        comment=comment,
        second=look.decision,
        history=[],
        why="second_look" if look.why == RANDOM else f"second_look_{look.why}",
        why_sentence="",
    )


def _cards(connection: Connection, site: Site, found: list[Comment]) -> list[Card]:
    if not found:
        return []
    ids = [comment.id for comment in found]
    parents = comments.many(connection, {comment.parent for comment in found if comment.parent})
    about = stories.many(connection, {comment.story for comment in found})
    findings = comments.findings_of(connection, [*ids, *parents])
    reports = decisions.open_reports(connection, ids)
    histories = decisions.of_comments(connection, ids)
    authors = {comment.author for comment in found}
    records = users.records(connection, authors)
    ages = users.since(connection, authors)
    upheld = users.upheld_reports(connection, authors)
    versions = queues.revisions_of(connection, [one.id for one in found if one.revision > 1])
    locks = desk.locks_of(connection, ids, site.now())
    assigned = desk.assigned(connection, about)
    known = backgrounds(connection, site, authors)
    spoke = {one.written_by for one in found if one.written_by is not None}
    writers = users.many(connection, spoke) if spoke else {}
    copied = campaigns.of_comments(connection, ids)
    publications = {one.id: one for one in sites.everyone(connection)}
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
                standing=urgency.standing(comment, said, len(reports.get(comment.id, ()))),
                revisions=versions.get(comment.id, []),
                author_since=ages.get(comment.author),
                upheld=upheld[comment.author],
                lock=locks.get(comment.id),
                assigned=assigned.get(comment.story, (0, "")),
                author=known[comment.author],
                parent_findings=findings.get(comment.parent or 0, []),
                unjudged=_unjudged(site, comment),
                campaign=_campaign(site, copied.get(comment.id)),
                writer=writers[comment.written_by].name if comment.written_by in writers else "",
                publication=publications.get(comment.site) if len(publications) > 1 else None,
            )
        )
    return cards


def _campaign(site: Site, found: Campaign | None) -> Campaign | None:
    """The campaign, if it has the copies and accounts that staff are called for."""
    if found is None or found.copies < site.rules.campaign_copies or found.accounts < 2:
        return None
    return found


def _unjudged(site: Site, comment: Comment) -> str:
    """The comment's language, if the risk model knows nothing of it; a broken model's check says
    so itself.
    """
    try:
        known = not comment.language or site.judge.knows(comment.language)
    except Unusable:
        known = True
    return "" if known else comment.language


def backgrounds(
    connection: Connection, site: Site, authors: Collection[int]
) -> dict[int, Background]:
    """Author -> what is known of them: earlier names, trust as new comments meet it, measures."""
    names = bans.former_names_of_many(connection, authors)
    latest = comments.latest(connection, authors, LATEST)
    now = site.now()
    met = bans.standing(connection, dict.fromkeys(authors, ""), now)
    policy = site.in_force.now(connection, site.rules).policy
    return {
        author: Background(
            names=names[author],
            trust=trust_of(policy, [(one.status, moment(one.id)) for one in latest[author]], now),
            rules=policy.trust_rules(),
            measure=_placed(connection, met.anywhere(author)),
        )
        for author in authors
    }


def _placed(connection: Connection, ban: Ban | None) -> Ban | None:
    return None if ban is None else bans.placed(connection, [ban])[0]


def _why(
    comment: Comment, history: list[Decision], findings: list[Finding], reports: list[Report]
) -> tuple[str, str]:
    if reports and comment.status == "published":
        return "reported", ""
    asked = {line.id for line in history if line.action == "escalate"}
    rest = [line for line in history if line.id not in asked and line.undoes not in asked]
    last = rest[-1] if rest else None
    code = last.reason or last.action if last else comment.status
    found = next((finding for finding in findings if finding.code == code), None)
    return code, found.sentence if found else ""


# -- deciding ------------------------------------------------------------------------------


def decide_one(
    connection: Connection,
    site: Site,
    user: User,
    judged: Judged,
    decision: str,
    reason: str,
    note: str,
    now: datetime,
) -> Decision:
    """One decision in the transaction under way. Raises Refused as `decide` does."""
    comment = comments.get(connection, judged.comment)
    if comment is None:
        raise Refused("comment_unknown")
    demand(user, "moderate", Thing(site=comment.site))
    if comment.status == "withdrawn":
        raise Refused("withdrawn")
    if comment.revision != judged.revision:
        raise Refused("outdated")
    if judged.status and comment.status != judged.status:
        raise Refused("decided_meanwhile")
    lock = desk.locks_of(connection, [comment.id], now).get(comment.id)
    if lock is not None and lock.user != user.id:
        raise Refused("locked", name=lock.name)
    line = decided(
        comment,
        decision,
        before=comment.status,
        after=_OUTCOMES[decision],
        by=user,
        reason=reason,
        note=note,
        policy=site.in_force.now(connection, site.rules).number,
        now=now,
    )
    change = comments.set_status(connection, comment, line.after, reason)
    line = decisions.add(connection, line)
    decisions.settle_reports(connection, comment.id)
    if line.after == "rejected":
        explain_decision(connection, line, comment, now)
    if _is_sampled(line, site.rules.second_looks):
        queues.ask_again(connection, line, now + _LOOK_AFTER, first=user.id, why=RANDOM)
    _tell_readers(connection, comment, line.after, change, now)
    return line


def _is_sampled(line: Decision, percent: int) -> bool:
    """Whether somebody is to look again; which ones cannot be foreseen, and no clock decides it."""
    return zlib.crc32(b"second look %d" % line.id) % 100 < percent


def undo_one(
    connection: Connection, site: Site, user: User, number: int, now: datetime
) -> Decision:
    """One undo in the transaction under way. Raises Refused as `undo` does."""
    done = decisions.get(connection, number)
    if done is None or done.action not in _UNDOABLE:
        raise Refused("decision_unknown")
    comment = comments.get(connection, done.comment)
    if comment is None:
        raise Refused("comment_unknown")
    demand(user, "moderate", Thing(site=comment.site))
    if comment.status == "withdrawn":
        raise Refused("withdrawn")
    history = decisions.of_comment(connection, comment.id)
    if done.action == "escalate":
        return _ask_no_more(connection, site, user, comment, history, done, now)
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
        policy=site.in_force.now(connection, site.rules).number,
        now=now,
    )
    change = comments.set_status(connection, comment, line.after, reason)
    line = decisions.add(connection, line)
    decisions.unsettle_reports(connection, comment.id, _settled_before(history))
    comments.rank(connection, [comment.id])
    _tell_readers(connection, comment, line.after, change, now)
    return line


def _ask_no_more(
    connection: Connection,
    site: Site,
    user: User,
    comment: Comment,
    history: list[Decision],
    request: Decision,
    now: datetime,
) -> Decision:
    standing = asks_editor(history)
    if standing is None or standing.id != request.id:
        raise Refused("already_decided")
    line = decided(
        comment,
        "unescalate",
        before=comment.status,
        after=comment.status,
        by=user,
        undoes=request.id,
        policy=site.in_force.now(connection, site.rules).number,
        now=now,
    )
    line = decisions.add(connection, line)
    streams.append(connection, DESK_STREAM, "card", subject=comment.id, now=now)
    return line


def _reason_before(history: list[Decision]) -> str:
    """The rejection's reason that stood before the last decision."""
    standing = next((line for line in reversed(history[:-1]) if line.after == "rejected"), None)
    return standing.reason if standing and history[-1].before == "rejected" else ""


def _settled_before(history: list[Decision]) -> datetime | None:
    """When reports were settled before the last decision, by one that still stands."""
    undone = {line.undoes for line in history}
    standing = (
        line.created_at
        for line in reversed(history[:-1])
        if line.action in _OUTCOMES and line.id not in undone
    )
    return next(standing, None)


def _tell_readers(
    connection: Connection, comment: Comment, after: str, change: comments.Change, now: datetime
) -> None:
    kind = "comment" if after == "published" else "removed"
    tell(connection, [(comment, kind, change)], now)
