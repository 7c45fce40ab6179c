"""What new comments are copies of: looked up before they are judged, kept when they are stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import structlog

from belowline.actions.site import Site
from belowline.actions.statements import explain_decision
from belowline.campaigns.arriving import Arrival, Known, core_of, pack, unpack
from belowline.campaigns.matching import MANY, MOST_EXAMPLES, Core, merged
from belowline.checks.campaigns import not_remembered
from belowline.domain.campaigns import Campaign
from belowline.domain.comments import Comment
from belowline.domain.decisions import Decision
from belowline.domain.ids import encode, id_at
from belowline.domain.rules import Rules
from belowline.domain.users import User
from belowline.storage import campaigns, comments, decisions
from belowline.storage.aside import aside, may_go_on
from belowline.storage.engine import Connection

_FEWEST_WORDS = 4
_FEW = 8
_OUTCOMES = {"publish": "published", "reject": "rejected"}
_log = structlog.get_logger(__name__)


def arrival(author: User, text: str, rules: Rules) -> Arrival | None:
    """``text`` ready to be looked up; None for staff and where campaigns are not looked for."""
    return Arrival(text) if rules.campaign_memory and not author.is_staff else None


def look_up(
    connection: Connection,
    arrivals: Sequence[Arrival],
    site: Site,
    now: datetime,
    *,
    apart_from: int = 0,
) -> None:
    """Shows all ``arrivals`` what is remembered, in a few reads for all of them.

    ``apart_from`` is the comment that is being edited.
    """
    newest = comments.newest(connection)
    subjects = _subjects(connection, arrivals, site, now)
    likely = [arriving.meet(subjects) for arriving in arrivals]
    known = _known(connection, {subject for some in likely for subject in some}, now)
    if apart_from in known:
        itself = known[apart_from]
        if isinstance(itself, Exception) or not itself.is_campaign:
            del known[apart_from]
    for arriving, some in zip(arrivals, likely, strict=True):
        sound = {}
        for subject in some:
            found = known.get(subject)
            if isinstance(found, Exception):
                arriving.failure = found
            elif found is not None:
                sound[subject] = found
        arriving.compare(sound, newest)


def _subjects(
    connection: Connection, arrivals: Sequence[Arrival], site: Site, now: datetime
) -> Mapping[int, Sequence[int]]:
    """Print -> what has it, or what stands for that where it is known to be common."""
    since = id_at(now - site.rules.campaign_memory, 0)
    prints = {one for arriving in arrivals for one in arriving.prints}
    unknown = site.common.unknown(prints, since)
    found = campaigns.subjects(connection, unknown, since)
    site.common.learn(found)
    return {**dict.fromkeys(prints.difference(unknown), MANY), **found}


def _known(
    connection: Connection, ids: Collection[int], now: datetime
) -> dict[int, Known | Exception]:
    """Subject -> what is remembered of it, or why that cannot be read."""
    stored = campaigns.many(connection, campaigns.among(connection, ids))
    authors = campaigns.authors(connection, stored)
    known: dict[int, Known | Exception] = {}
    for number, (campaign, core) in stored.items():
        try:
            known[number] = Known(
                core=unpack(core),
                copies=campaign.copies,
                accounts=campaign.accounts,
                is_campaign=True,
                authors=authors[number],
                standing=campaign.stands(now),
            )
        except Exception as error:
            known[number] = error
    for number, single in campaigns.singles(connection, set(ids) - stored.keys()).items():
        try:
            known[number] = Known(
                core=core_of(single.text),
                copies=1,
                accounts=1,
                authors=frozenset({single.author}),
            )
        except Exception as error:
            known[number] = error
    return known


def keep(
    connection: Connection,
    stored: Sequence[tuple[Comment, Arrival]],
    publishable: Collection[int],
    site: Site,
    now: datetime,
) -> list[tuple[Comment, comments.Change]]:
    """`remember` and `follow`; what was changed.

    What fails for one comment is undone for that one, stays on its card as a note, and loses
    neither the comment nor what came with it.
    """
    try:
        with aside(connection):
            remember(connection, stored, site, now)
            return follow(connection, stored, publishable, now)
    except Exception as error:
        if not may_go_on(error):
            raise
        if len(stored) == 1:
            _not_kept(connection, stored[0][0], error)
            return []
    return [
        changed for one in stored for changed in keep(connection, [one], publishable, site, now)
    ]


def _not_kept(connection: Connection, comment: Comment, error: Exception) -> None:
    _log.error("campaigns.not_remembered", comment=encode(comment.id), exc_info=error)
    said = [not_remembered(type(error).__name__)]
    before = len(comments.findings_of(connection, [comment.id]).get(comment.id, []))
    comments.add_findings(connection, [(comment.id, comment.revision, said)], first=before)


def remember(
    connection: Connection,
    stored: Sequence[tuple[Comment, Arrival]],
    site: Site,
    now: datetime,
) -> None:
    """Puts what was just stored where it belongs, so that later copies find it."""
    _look_again(connection, [arriving for _, arriving in stored], site, now)
    _keep(connection, stored, site, now)


def _keep(
    connection: Connection,
    stored: Sequence[tuple[Comment, Arrival]],
    site: Site,
    now: datetime,
) -> None:
    prints: set[tuple[int, int]] = set()
    joined = set()
    for campaign, joining in sorted(_together(stored).items()):
        size = 0
        if len(joining) > 1 or _closest(joining[0][1]) is not None:
            size = _join(connection, campaign, joining, now)
            joined.add(campaign)
        for _, arriving in joining[: MOST_EXAMPLES - size]:
            prints |= {(one, campaign) for one in arriving.kept}
    campaigns.remember(connection, prints)
    if joined:
        campaigns.call(connection, joined, site.rules.campaign_copies, now)


def _look_again(
    connection: Connection, arrivals: Sequence[Arrival], site: Site, now: datetime
) -> None:
    """Looks up once more what is like nothing, where something like it came in between.

    Writers take turns, so that of a flood that arrives all at once each sees those before it.
    """
    fresh = [arriving for arriving in arrivals if _closest(arriving) is None]
    if not fresh:
        return
    few = {one for arriving in fresh for one in arriving.kept[:_FEW]}
    recent = campaigns.newer(connection, few, min(arriving.newest for arriving in fresh))
    again = [arriving for arriving in fresh if not recent.isdisjoint(arriving.kept[:_FEW])]
    if again:
        look_up(connection, again, site, now)


def move(
    connection: Connection, comment: Comment, arriving: Arrival, site: Site, now: datetime
) -> None:
    """Puts a comment with a new text where that belongs, and out of where the old one did.

    What fails is treated as in `keep`.
    """
    try:
        with aside(connection):
            campaigns.leave(connection, comment.id)
            _keep(connection, [(comment, arriving)], site, now)
    except Exception as error:
        if not may_go_on(error):
            raise
        _not_kept(connection, comment, error)


def _together(
    stored: Sequence[tuple[Comment, Arrival]],
) -> dict[int, list[tuple[Comment, Arrival]]]:
    """Subject -> what belongs to it: a comment that is like no other is its own.

    Those that were stored at the same moment have not seen each other, so that the ones that
    read the same are put together here.
    """
    together: dict[int, list[tuple[Comment, Arrival]]] = {}
    first: dict[tuple[int, ...], int] = {}
    for comment, arriving in stored:
        closest = _closest(arriving)
        if closest is not None:
            subject = closest
        elif len(arriving.essence) >= _FEWEST_WORDS:
            subject = first.setdefault(arriving.essence, comment.id)
        else:
            subject = comment.id
        together.setdefault(subject, []).append((comment, arriving))
    return together


def _closest(arriving: Arrival) -> int | None:
    """What it is a copy of. Where comparing breaks, the check has held the comment for it."""
    try:
        return arriving.closest.subject if arriving.closest else None
    except Exception as error:
        _log.error("campaigns.failed", exc_info=error)
        return None


def _join(
    connection: Connection,
    campaign: int,
    joining: Sequence[tuple[Comment, Arrival]],
    now: datetime,
) -> int:
    """Puts comments into a campaign, which may begin with them; answers its size before."""
    campaign = campaigns.now(connection, campaign)
    before = campaigns.many(connection, [campaign]).get(campaign)
    first = comments.get(connection, campaign)
    if before is not None:
        core = unpack(before[1])
    elif first is not None:
        core = core_of(first.text)
    else:  # gone since it was read
        return MOST_EXAMPLES
    size = (
        min(len(core.examples), MOST_EXAMPLES)
        if before or campaign not in {comment.id for comment, _ in joining}
        else 0
    )
    others = {number for _, arriving in joining for number in arriving.others}
    new = {comment.id: (comment.author, comment.created_at) for comment, _ in joining}
    earlier = comments.many(connection, {*others, campaign} if before is None else others)
    new |= {one.id: (one.author, one.created_at) for one in earlier.values()}
    for comment, arriving in joining:
        if comment.id != campaign:
            core = arriving.joined(core)
    if before is None:
        campaigns.begin(connection, campaign, pack(core), now)
    campaigns.join(connection, campaign, new)
    if before is not None and not before[0].standing:
        bridged = {number for _, arriving in joining for number in arriving.bridged}
        core = _merge(connection, campaign, core, bridged - {campaign})
    campaigns.keep_core(connection, campaign, pack(core))
    return size


def _merge(connection: Connection, campaign: int, core: Core, others: Collection[int]) -> Core:
    """Makes ``others`` part of a campaign, those for which staff have decided nothing; what all
    share then.
    """
    for number, (other, stored) in sorted(campaigns.many(connection, others).items()):
        if not other.standing:
            first = campaigns.comments_of(connection, number, limit=MOST_EXAMPLES)
            found = {(one, campaign) for comment in first for one in Arrival(comment.text).kept}
            campaigns.merge(connection, campaign, number)
            campaigns.remember(connection, found)
            core = merged(core, unpack(stored))
    return core


def follow(
    connection: Connection,
    stored: Sequence[tuple[Comment, Arrival]],
    publishable: Collection[int],
    now: datetime,
) -> list[tuple[Comment, comments.Change]]:
    """Does to copies what staff decided for those that come; what was changed.

    Only what waits is touched, and nothing that says something of its own or quotes; published is
    only what waits for nothing else (``publishable``). The line bears the name of who decided and,
    in its note, the number of that decision in the record.
    """
    wanted = {
        comment.id: number
        for comment, arriving in stored
        if comment.status == "held"
        and (number := _closest(arriving)) is not None
        and arriving.group is not None
        and arriving.group.standing
        and not arriving.adds
    }
    found = campaigns.many(connection, set(wanted.values())) if wanted else {}
    done = []
    for comment, _ in stored:
        campaign = found.get(wanted.get(comment.id, 0), (None, ""))[0]
        stands = campaign.stands(now) if campaign is not None else ""
        if campaign is not None and (
            stands == "reject" or (stands == "publish" and comment.id in publishable)
        ):
            done.append(_apply(connection, comment, campaign, now))
    return done


def _apply(
    connection: Connection, comment: Comment, campaign: Campaign, now: datetime
) -> tuple[Comment, comments.Change]:
    after = _OUTCOMES[campaign.standing]
    line = Decision(
        comment=comment.id,
        revision=comment.revision,
        action=campaign.standing,
        before=comment.status,
        after=after,
        actor=campaign.standing_by,
        actor_name=campaign.standing_by_name,
        reason=campaign.reason,
        note=f"[{campaign.standing_act}] {campaign.note}".rstrip(),
        undoes=None,
        created_at=now,
    )
    change = comments.set_status(connection, comment, after, campaign.reason)
    line = decisions.add(connection, line)
    campaigns.applied(connection, comment.id, line.id)
    if after == "rejected":
        explain_decision(connection, line, comment, now)
    return comments.many(connection, [comment.id])[comment.id], change
