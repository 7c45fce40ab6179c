"""The desk's pages, its fragments, and the forms that work without JavaScript."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from belowline.actions import bans, deciding
from belowline.actions import desk as together
from belowline.domain import ids
from belowline.domain.errors import Refused
from belowline.domain.queue import decode_place, read_filter
from belowline.domain.users import Thing, may
from belowline.render.desk import (
    DeskCardsView,
    DeskView,
    render_desk,
    render_desk_card,
    render_desk_cards,
    render_desk_thread,
)
from belowline.web.answers import private
from belowline.web.asking import Asking, Asks
from belowline.web.desk.frame import (
    Form,
    admitted,
    back,
    door,
    problem_of,
    status_of,
    surroundings,
)
from belowline.web.parse import comment_number, decision_number, whole

_LONGEST_SITTING = 240  # minutes


@get("/desk")
async def desk(
    asking: Asks,
    comment: FromQuery[str] = "",
    done: FromQuery[str] = "",
    after: FromQuery[str] = "",
    minutes: FromQuery[str] = "",
) -> Response[Any]:
    """The desk for staff, its door for everybody else."""
    return await show(asking, comment=comment, done=done, after=after, minutes=minutes)


@get("/fragments/desk/cards/{comment:str}")
async def card(asking: Asks, comment: FromPath[str]) -> Response[Any]:
    """One card."""
    site = asking.services.site
    found = await deciding.card(site, asking.must(), comment_number(comment))
    return private(asking, render_desk_card(found, surroundings(asking)))


@get("/fragments/desk/queue")
async def queue(asking: Asks, after: FromQuery[str] = "") -> Response[Any]:
    """A further page of the list."""
    wanted = read_filter(asking.request.query_params)
    found = await deciding.queue(
        asking.services.site, asking.must(), wanted, after=decode_place(after)
    )
    view = DeskCardsView(cards=found.cards, next=found.next, wanted=wanted)
    return private(asking, render_desk_cards(view, surroundings(asking)))


@get("/fragments/desk/thread/{comment:str}")
async def thread(asking: Asks, comment: FromPath[str]) -> Response[Any]:
    """What stands around a comment."""
    number = comment_number(comment)
    found = await deciding.thread(asking.services.site, asking.must(), number)
    return private(asking, render_desk_thread(found, number, surroundings(asking)))


@post("/desk/decide", status_code=303)
async def decide(asking: Asks, data: Form) -> Response[Any]:
    """A decision from a form."""
    number = data.get("comment", "")
    asking.keeps(data)
    try:
        asking.must()
        user = await asking.acting()
        judged = deciding.Judged(
            comment=comment_number(number), revision=whole(data.get("revision", ""))
        )
        done = await deciding.decide(
            asking.services.site,
            user,
            [judged],
            data.get("decision", ""),
            reason=data.get("reason", ""),
            note=data.get("note", ""),
        )
    except Refused as refused:
        return await show(asking, comment=number, refused=refused)
    return back(asking, done=ids.encode(done[0].id))


@post("/desk/undo", status_code=303)
async def undo(asking: Asks, data: Form) -> Response[Any]:
    """A decision taken back from a form."""
    try:
        asking.must()
        user = await asking.acting()
        number = decision_number(data.get("decision", ""))
        undone = await deciding.undo(asking.services.site, user, number)
    except Refused as refused:
        return await show(asking, refused=refused)
    return back(asking, comment=ids.encode(undone.comment))


HANDLERS = [desk, card, queue, thread, decide, undo]


async def show(
    asking: Asking,
    *,
    comment: str = "",
    done: str = "",
    after: str = "",
    minutes: str = "",
    refused: Refused | None = None,
) -> Response[Any]:
    """The desk's page, with what was refused if anything was."""
    page = surroundings(asking)
    problem = problem_of(refused, page)
    user = admitted(asking)
    if user is None:
        return door(asking)
    site = asking.services.site
    wanted = read_filter({} if refused else asking.request.query_params)
    found = await deciding.queue(site, user, wanted, after=decode_place(after))
    beside = await together.around(site, user, wanted.site)
    selected = None
    if comment and (refused is None or refused.code != "comment_unknown"):
        selected = await deciding.card(site, user, comment_number(comment))
    undoable = await deciding.undoable(site, user)
    last = await deciding.decision(site, user, decision_number(done)) if done else None
    view = DeskView(
        count=found.count,
        found=found.found,
        version=found.version,
        cards=found.cards,
        looks=found.looks,
        next=found.next,
        selected=selected,
        done=last or (undoable[0] if undoable else None),
        problem=problem,
        wanted=wanted,
        counts=beside.counts,
        stories=beside.stories,
        staff=beside.staff,
        views=beside.views,
        replies=beside.replies,
        tightened=beside.tightened,
        sites=beside.sites,
        languages=beside.languages,
        checks=[check.name for check in site.checks],
        earlier=undoable[1:] if undoable and last in (None, undoable[0]) else [],
        measures=await bans.undoable(site, user),
        long_bans=may(user, "ban", Thing(length=None)),
        minutes=min(whole(minutes, 0), _LONGEST_SITTING),
        me=user.id,
    )
    return private(asking, render_desk(view, page), status=status_of(refused))
