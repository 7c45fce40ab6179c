"""The desk's pages, its fragments, and the forms that work without JavaScript."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from belowline.actions import deciding
from belowline.actions import desk as together
from belowline.domain import ids
from belowline.domain.errors import Refused
from belowline.domain.queue import decode_place, read_filter
from belowline.domain.users import Thing, may
from belowline.render import PageContext, link
from belowline.render.desk import (
    DeskCardsView,
    DeskDoorView,
    DeskView,
    render_desk,
    render_desk_card,
    render_desk_cards,
    render_desk_door,
    render_desk_thread,
)
from belowline.web.answers import private, see_other
from belowline.web.asking import Asking, Asks
from belowline.web.parse import comment_number, decision_number
from belowline.web.problems import STATUS, sentence

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


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
            comment=comment_number(number), revision=_revision(data.get("revision", ""))
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
        if refused.code == "unavailable":
            raise
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
    if asking.outage is not None:
        raise asking.outage
    page = surroundings(asking)
    user = asking.user
    if user is None or not may(user, "moderate", Thing()):
        return door(asking)
    site = asking.services.site
    wanted = read_filter({} if refused else asking.request.query_params)
    found = await deciding.queue(site, user, wanted, after=decode_place(after))
    beside = await together.around(site, user)
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
        problem=sentence(refused, page.language) if refused else "",
        wanted=wanted,
        counts=beside.counts,
        stories=beside.stories,
        staff=beside.staff,
        views=beside.views,
        replies=beside.replies,
        checks=[check.name for check in site.checks],
        earlier=undoable[1:] if undoable and last in (None, undoable[0]) else [],
        minutes=_minutes(minutes),
        me=user.id,
    )
    status = STATUS[refused.code] if refused else 200
    return private(asking, render_desk(view, page), status=status)


def _minutes(text: str) -> int:
    return min(int(text), 240) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def back(asking: Asking, to: str = "/desk", **shown: str) -> Response[Any]:
    """To a page of the desk, in the language that was chosen."""
    return see_other(asking, link(to, surroundings(asking), **shown))


def door(asking: Asking, refused: Refused | None = None) -> Response[Any]:
    """What stands before the desk for those who are not staff."""
    around = surroundings(asking)
    problem = sentence(refused, around.language) if refused else ""
    page = render_desk_door(DeskDoorView(problem=problem), around)
    return private(asking, page, status=STATUS[refused.code] if refused else 401)


def surroundings(asking: Asking) -> PageContext:
    """What surrounds every page of the desk."""
    services = asking.services
    return services.page(
        services.language(asking.language),
        path="/desk",
        base_url=asking.base_url,
        explicit=bool(asking.language),
        viewer=services.viewer(asking.user),
    )


def _revision(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
