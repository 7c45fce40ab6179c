"""Campaigns at the desk: their list, one of them, and deciding it with a form."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from belowline.actions import campaigns
from belowline.domain import ids
from belowline.domain.errors import Refused
from belowline.render import link
from belowline.render.campaigns import (
    CampaignsView,
    CampaignView,
    render_campaign,
    render_campaigns,
)
from belowline.web.answers import private, see_other
from belowline.web.asking import Asking, Asks
from belowline.web.desk.frame import Form, admitted, back, door, problem_of, status_of, surroundings
from belowline.web.parse import campaign_number, comment_number

_PATH = "/desk/campaigns"
_EXCEPT = "except-"


@get("/desk/campaigns")
async def listed(asking: Asks) -> Response[Any]:
    """The campaigns that wait, and those for whose coming copies a decision stands."""
    if admitted(asking) is None:
        return door(asking)
    site, user = asking.services.site, asking.must()
    view = CampaignsView(
        cards=await campaigns.waiting(site, user),
        standing=await campaigns.standing(site, user),
    )
    return private(asking, render_campaigns(view, surroundings(asking, _PATH)))


@get("/desk/campaigns/{campaign:str}")
async def shown(
    asking: Asks,
    campaign: FromPath[str],
    done: FromQuery[str] = "",
    ended: FromQuery[str] = "",
) -> Response[Any]:
    """One campaign."""
    if admitted(asking) is None:
        return door(asking)
    return await _shown(asking, campaign, done=_count(done), ended=_count(ended))


@post("/desk/campaigns/{campaign:str}/decide", status_code=303)
async def decided(asking: Asks, campaign: FromPath[str], data: Form) -> Response[Any]:
    """A decision about all its comments but those that are ticked as exceptions: the button of a
    reason rejects them.
    """
    asking.keeps(data)
    asking.must()
    user = await asking.acting()
    hours = data.get("hours", "")
    decision = data.get("decision") or ("reject" if "reason" in data else "")
    try:
        done = await campaigns.decide(
            asking.services.site,
            user,
            campaign_number(campaign),
            decision,
            reason=data.get("reason", ""),
            note=data.get("note", ""),
            apart_from=[
                comment_number(name.removeprefix(_EXCEPT))
                for name in data
                if name.startswith(_EXCEPT)
            ],
            hours=int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 6 else 0,
        )
    except Refused as refused:
        if refused.code in ("not_allowed", "campaign_unknown"):
            raise
        return await _shown(asking, campaign, refused=refused, kept=data)
    number = ids.encode(done.campaign.id)
    address = link(f"/desk/campaigns/{number}", surroundings(asking, _PATH), done=len(done.lines))
    return see_other(asking, address)


@post("/desk/campaigns/{campaign:str}/end", status_code=303)
async def ended(asking: Asks, campaign: FromPath[str], data: Form) -> Response[Any]:
    """Ends what stands for copies that come and, if that was asked for, takes back what it did."""
    asking.must()
    user = await asking.acting()
    take_back = data.get("do", "") == "undo"
    done = await campaigns.end(
        asking.services.site, user, campaign_number(campaign), take_back=take_back
    )
    number = ids.encode(done.campaign.id)
    return back(asking, f"/desk/campaigns/{number}", ended=str(len(done.lines)))


HANDLERS = [listed, shown, decided, ended]


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1


async def _shown(
    asking: Asking,
    campaign: str,
    *,
    done: int = -1,
    ended: int = -1,
    refused: Refused | None = None,
    kept: dict[str, str] | None = None,
) -> Response[Any]:
    around = surroundings(asking, _PATH)
    card = await campaigns.show(asking.services.site, asking.must(), campaign_number(campaign))
    view = CampaignView(
        card=card,
        done=done,
        ended=ended,
        problem=problem_of(refused, around),
        kept=kept or {},
    )
    return private(asking, render_campaign(view, around), status=status_of(refused))
