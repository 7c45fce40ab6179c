"""The morning, a sitting of twenty minutes, and something civil in between."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
from litestar import Response, get, post

from belowline.actions import campaigns, deciding
from belowline.actions import desk as together
from belowline.domain import ids
from belowline.domain.errors import Refused
from belowline.domain.users import Thing, may
from belowline.render.desk import (
    DeskMorningView,
    DeskSittingView,
    render_desk_morning,
    render_desk_sitting,
)
from belowline.web.answers import JSON, private
from belowline.web.asking import Asks
from belowline.web.desk.frame import Form, admitted, back, door, surroundings
from belowline.web.parse import comment_number, whole


@get("/desk/morning")
async def morning(asking: Asks) -> Response[Any]:
    """What happened since somebody was here."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    found = await together.morning(asking.services.site, user)
    view = DeskMorningView(
        since=found.since,
        waiting=found.waiting,
        oldest=found.oldest.created_at if found.oldest else None,
        first=found.first,
        reports=found.reports,
        escalated=found.escalated,
        arrived=found.arrived,
        decided=found.decided,
        looks=found.looks,
        notes=found.notes,
        assigned=found.assigned,
        appeals=found.appeals,
        notices=found.notices,
        tightened=found.tightened,
    )
    return private(asking, render_desk_morning(view, surroundings(asking, "/desk/morning")))


@get("/desk/sitting")
async def sitting(asking: Asks) -> Response[Any]:
    """An order of work with an end: what is quick, and then what is most urgent."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    quick = await deciding.quick(asking.services.site, user)
    copies = (
        await campaigns.waiting(asking.services.site, user) if may(user, "oversee", Thing()) else []
    )
    view = DeskSittingView(
        campaigns=len(copies),
        cards=quick.cards,
        waiting=quick.waiting,
        seconds=quick.seconds,
        minutes=20,
    )
    return private(asking, render_desk_sitting(view, surroundings(asking, "/desk/sitting")))


@post("/desk/sitting", status_code=303)
async def approve_quick(asking: Asks, data: Form) -> Response[Any]:
    """Approves the quick ones that stayed ticked."""
    asking.must()
    user = await asking.acting()
    for name, revision in data.items():
        if not name.startswith("c-"):
            continue
        one = deciding.Judged(
            comment=comment_number(name[2:]), revision=whole(revision), status="held"
        )
        try:
            await deciding.decide(asking.services.site, user, [one], "publish")
        except Refused as refused:
            if refused.code == "unavailable":
                raise
    return back(asking, "/desk/sitting")


@get("/fragments/desk/civil")
async def civil(asking: Asks) -> Response[Any]:
    """A comment that readers like."""
    found = await together.civil(asking.services.site, asking.must(), secrets.choice)
    said = {"id": ids.encode(found.id), "name": found.author_name, "text": found.text[:600]}
    return private(asking, msgspec.json.encode(said), media_type=JSON)


HANDLERS = [morning, sitting, approve_quick, civil]
