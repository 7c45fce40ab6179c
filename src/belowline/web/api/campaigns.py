"""Campaigns for programs: what waits, one of them, and deciding it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from belowline.actions import campaigns
from belowline.actions.campaigns import LONGEST, CampaignCard
from belowline.domain import ids
from belowline.web.answers import PRIVATE
from belowline.web.api import shapes
from belowline.web.asking import Asks
from belowline.web.parse import campaign_number, comment_number

_NO_STORE = {"Cache-Control": PRIVATE}


class Standing(msgspec.Struct, kw_only=True):
    """What was decided for a campaign's copies that come."""

    decision: str
    until: datetime
    by: str | None
    reason: str
    suspended: bool


class CampaignShape(msgspec.Struct, kw_only=True):
    """Near-identical comments. ``statuses`` and ``stories`` are about the first 500."""

    id: str
    copies: int
    accounts: int
    stories: int
    first_seen: datetime
    last_seen: datetime
    waits: bool
    example: str
    statuses: dict[str, int]
    standing: Standing | None


class Campaigns(msgspec.Struct, kw_only=True):
    """Campaigns that wait for a decision."""

    campaigns: list[CampaignShape]


class CampaignComment(msgspec.Struct, kw_only=True):
    """One comment of a campaign and the key of its story."""

    comment: shapes.CommentShape
    story: str


class WholeCampaign(CampaignShape, kw_only=True):
    """A campaign with its comments."""

    comments: list[CampaignComment]


class NewCampaignDecision(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A decision about a campaign; ``hours`` is how long it stands for copies that come."""

    decision: Literal["publish", "reject"]
    reason: str = ""
    note: str = ""
    apart_from: Annotated[list[shapes.Id], Meta(max_length=500)] = msgspec.field(
        default_factory=list, name="except"
    )
    hours: Annotated[int, Meta(ge=0, le=LONGEST)] = 0


class CampaignDecided(msgspec.Struct, kw_only=True):
    """What one decision about a campaign did."""

    campaign: CampaignShape
    decisions: list[shapes.DecisionShape]


@get("/desk/campaigns")
async def waiting(asking: Asks) -> Response[Campaigns]:
    """Campaigns that wait for a decision, the latest first: staff."""
    found = await campaigns.waiting(asking.services.site, asking.must())
    return Response(Campaigns(campaigns=[_shape(card) for card in found]), headers=_NO_STORE)


@get("/desk/campaigns/{campaign:str}")
async def show(asking: Asks, campaign: FromPath[str]) -> Response[WholeCampaign]:
    """One campaign with its comments: staff."""
    site = asking.services.site
    card = await campaigns.show(site, asking.must(), campaign_number(campaign))
    return Response(_whole(card), headers=_NO_STORE)


@post("/desk/campaigns/{campaign:str}/decisions", status_code=201)
async def decide_campaign(
    asking: Asks, campaign: FromPath[str], data: JSONBody[NewCampaignDecision]
) -> CampaignDecided:
    """Decides all its comments but the exceptions and, for some hours, those that come."""
    asking.must()
    user = await asking.acting()
    site, number = asking.services.site, campaign_number(campaign)
    done = await campaigns.decide(
        site,
        user,
        number,
        data.decision,
        reason=data.reason,
        note=data.note,
        apart_from=[comment_number(one) for one in data.apart_from],
        hours=data.hours,
    )
    return CampaignDecided(
        campaign=_shape(await campaigns.show(site, user, number)),
        decisions=[shapes.decision_shape(line) for line in done.lines],
    )


@delete("/desk/campaigns/{campaign:str}/standing", status_code=200)
async def end_standing(
    asking: Asks, campaign: FromPath[str], undo: FromQuery[bool] = False
) -> CampaignDecided:
    """Ends what stands for copies that come; with ``undo`` what it did is taken back."""
    asking.must()
    user = await asking.acting()
    site, number = asking.services.site, campaign_number(campaign)
    done = await campaigns.end(site, user, number, take_back=undo)
    return CampaignDecided(
        campaign=_shape(await campaigns.show(site, user, number)),
        decisions=[shapes.decision_shape(line) for line in done.lines],
    )


HANDLERS = [waiting, show, decide_campaign, end_standing]


def _shape(card: CampaignCard) -> CampaignShape:
    """A campaign as staff see it."""
    return CampaignShape(**_campaign(card))


def _whole(card: CampaignCard) -> WholeCampaign:
    """A campaign with its comments."""
    return WholeCampaign(
        **_campaign(card),
        comments=[
            CampaignComment(
                comment=shapes.comment_shape(one, whole=True), story=card.stories[one.story].key
            )
            for one in card.comments
        ],
    )


def _campaign(card: CampaignCard) -> dict[str, Any]:
    campaign = card.campaign
    standing = None
    if campaign.standing and campaign.standing_until:
        standing = Standing(
            decision=campaign.standing,
            until=campaign.standing_until,
            by=ids.encode(campaign.standing_by) if campaign.standing_by else None,
            reason=campaign.reason,
            suspended=campaign.suspended,
        )
    return {
        "id": ids.encode(campaign.id),
        "copies": campaign.copies,
        "accounts": campaign.accounts,
        "stories": len(card.stories),
        "first_seen": campaign.first_at,
        "last_seen": campaign.last_at,
        "waits": campaign.waits,
        "example": card.example,
        "statuses": card.statuses,
        "standing": standing,
    }
