"""Campaigns at the desk: what waits, one of them, and deciding it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

import msgspec

from belowline.actions import learning, record
from belowline.actions.deciding import LONGEST_NOTE, Judged, decide_one, undo_one
from belowline.actions.plain import plain
from belowline.actions.site import Site
from belowline.campaigns.arriving import plainest
from belowline.domain.campaigns import Campaign
from belowline.domain.comments import Comment
from belowline.domain.decisions import REASONS, Decision
from belowline.domain.errors import Refused
from belowline.domain.stories import Story
from belowline.domain.users import Thing, User, demand
from belowline.storage import campaigns, stories
from belowline.storage.engine import Connection

MOST_SHOWN = 500
"""Copies that one look at a campaign shows, the first of them."""

LONGEST = 24 * 30
"""Hours for which a decision can stand for coming copies."""

_MOST_WAITING = 50
_LOOKED_AT = 12
_AT_ONCE = 100
_OPEN = {"publish": ("held",), "reject": ("held", "published")}


class CampaignCard(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign with its first comments, `MOST_SHOWN` of them, and their stories.

    ``statuses`` counts them by status; ``example`` is the plainest text of the first few.
    """

    campaign: Campaign
    comments: list[Comment]
    stories: dict[int, Story]
    statuses: dict[str, int]
    example: str


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What one decision about a campaign did: a line of the record for each comment."""

    campaign: Campaign
    lines: list[Decision]


async def waiting(site: Site, user: User) -> list[CampaignCard]:
    """Campaigns that nobody has decided yet, the latest first. Raises Refused("not_allowed")."""
    demand(user, "moderate", Thing())

    def read(connection: Connection) -> list[CampaignCard]:
        return [_card(connection, one) for one in campaigns.waiting(connection, _MOST_WAITING)]

    return await site.storage.read(read)


async def standing(site: Site, user: User) -> list[CampaignCard]:
    """Campaigns that do not wait, for whose coming copies a decision stands, the next that ends
    first. Raises Refused("not_allowed").
    """
    demand(user, "moderate", Thing())

    def read(connection: Connection) -> list[CampaignCard]:
        found = campaigns.standing(connection, site.now(), _MOST_WAITING)
        return [_card(connection, one) for one in found if not one.waits]

    return await site.storage.read(read)


async def show(site: Site, user: User, campaign: int) -> CampaignCard:
    """One campaign. Raises Refused: not_allowed, campaign_unknown."""
    demand(user, "moderate", Thing())
    return await site.storage.read(
        lambda connection: _card(connection, _found(connection, campaign))
    )


async def decide(
    site: Site,
    user: User,
    campaign: int,
    decision: str,
    *,
    reason: str = "",
    note: str = "",
    apart_from: Collection[int] = (),
    hours: int = 0,
) -> Settled:
    """Publishes or rejects a campaign's comments but those ``apart_from``, and for ``hours`` (0
    for none) those that come.

    Publishing is about what waits, rejecting about what is published too; what was rejected or
    withdrawn before stays so, and what a colleague is deciding at this moment is left to them.
    Each comment gets its own line in the record, and its readers hear of each. Raises Refused:
    not_allowed, campaign_unknown, decision_unknown, reason_unknown, note_too_long, body_bad.
    """
    demand(user, "moderate", Thing())
    reason, note = _checked(decision, reason, note, hours)
    until = site.now() + timedelta(hours=hours) if hours else None

    def settle(connection: Connection) -> Campaign:
        number = _found(connection, campaign).id
        said = [decision, reason, until.isoformat(timespec="seconds") if until else ""]
        detail = " ".join(part for part in said if part)
        act = record.note(
            connection, user, "campaign_decided", site.now(), subject=number, detail=detail
        )
        campaigns.settle(
            connection,
            number,
            standing=decision if hours else "",
            until=until,
            by=user.id,
            act=act,
            reason=reason,
            note=note,
        )
        return _found(connection, number)

    settled = await site.storage.write(settle)
    lines: list[Decision] = []
    after = 0
    while True:  # some at a time, so that readers' own comments are stored in between
        decide_some = partial(
            _decide_some,
            site=site,
            user=user,
            campaign=settled.id,
            after=after,
            decision=decision,
            reason=reason,
            note=note,
            apart_from=set(apart_from),
            now=site.now(),
        )
        some = await site.storage.write(decide_some)
        lines += some.lines
        after = some.last
        if not after:
            await learning.catch_up(site)
            return Settled(campaign=settled, lines=lines)


async def end(site: Site, user: User, campaign: int, *, take_back: bool = False) -> Settled:
    """Ends what stands for copies that come; with ``take_back`` what it did to those that came is
    undone, each with a line of its own, where nothing has been decided since.

    Raises Refused: not_allowed, campaign_unknown.
    """
    demand(user, "moderate", Thing())

    def stop(connection: Connection) -> Campaign:
        found = _found(connection, campaign)
        if found.standing:
            record.note(connection, user, "campaign_ended", site.now(), subject=found.id)
            campaigns.end(connection, found.id)
        return _found(connection, found.id)

    ended = await site.storage.write(stop)
    lines: list[Decision] = []
    after = 0
    while take_back:
        some = await site.storage.write(
            partial(
                _undo_some, site=site, user=user, campaign=ended.id, after=after, now=site.now()
            )
        )
        lines += some.lines
        after = some.last
        take_back = bool(after)
    await learning.catch_up(site)
    return Settled(campaign=ended, lines=lines)


def _undo_some(
    connection: Connection, *, site: Site, user: User, campaign: int, after: int, now: datetime
) -> _Some:
    made = campaigns.made_by_standing(connection, campaign, after=after, limit=_AT_ONCE)
    lines = []
    for decision in made.values():
        try:
            lines.append(undo_one(connection, site, user, decision, now))
        except Refused as refused:
            if refused.code not in ("already_decided", "withdrawn"):
                raise
    return _Some(lines, max(made) if len(made) == _AT_ONCE else 0)


def _checked(decision: str, reason: str, note: str, hours: int) -> tuple[str, str]:
    if decision not in _OPEN:
        raise Refused("decision_unknown", field="decision")
    if decision == "reject" and reason not in REASONS:
        raise Refused("reason_unknown", field="reason")
    if len(note) > LONGEST_NOTE:
        raise Refused("note_too_long", field="note", limit=LONGEST_NOTE)
    if not 0 <= hours <= LONGEST:
        raise Refused("body_bad", field="hours", why=f"hours is 0 to {LONGEST}")
    return reason if decision == "reject" else "", plain(note)


class _Some(msgspec.Struct, frozen=True):
    """``last`` is the id to go on after, 0 at the end."""

    lines: list[Decision]
    last: int


def _decide_some(
    connection: Connection,
    *,
    site: Site,
    user: User,
    campaign: int,
    after: int,
    decision: str,
    reason: str,
    note: str,
    apart_from: Collection[int],
    now: datetime,
) -> _Some:
    found = campaigns.comments_of(connection, campaign, after=after, limit=_AT_ONCE)
    lines = []
    for one in found:
        if one.id not in apart_from and one.status in _OPEN[decision]:
            judged = Judged(comment=one.id, revision=one.revision)
            try:
                line = decide_one(connection, site, user, judged, decision, reason, note, now)
            except Refused as refused:
                if refused.code != "locked":
                    raise
            else:
                lines.append(line)
    return _Some(lines, found[-1].id if len(found) == _AT_ONCE else 0)


def _found(connection: Connection, campaign: int) -> Campaign:
    """The campaign, or what it has become part of."""
    found = campaigns.get(connection, campaigns.now(connection, campaign))
    if found is None:
        raise Refused("campaign_unknown")
    return found


def _card(connection: Connection, campaign: Campaign) -> CampaignCard:
    found = campaigns.comments_of(connection, campaign.id, limit=MOST_SHOWN)
    return CampaignCard(
        campaign=campaign,
        comments=found,
        stories=stories.many(connection, {one.story for one in found}),
        statuses=dict(Counter(one.status for one in found)),
        example=plainest([one.text for one in found[:_LOOKED_AT]]),
    )
