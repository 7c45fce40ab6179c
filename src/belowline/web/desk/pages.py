"""The desk's pages, its fragments, and the forms that work without JavaScript."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from belowline.actions import deciding
from belowline.domain import ids
from belowline.domain.errors import Refused
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
)
from belowline.web.answers import private, see_other
from belowline.web.asking import Asking, Asks
from belowline.web.parse import comment_number, cursor_number, decision_number
from belowline.web.problems import STATUS, sentence

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/desk")
async def desk(
    asking: Asks,
    comment: FromQuery[str] = "",
    done: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """The desk for staff, its door for everybody else."""
    return await _desk(asking, comment=comment, done=done, after=after)


@get("/fragments/desk/cards/{comment:str}")
async def card(asking: Asks, comment: FromPath[str]) -> Response[Any]:
    """One card."""
    site = asking.services.site
    found = await deciding.card(site, asking.must(), comment_number(comment))
    return private(asking, render_desk_card(found, _surroundings(asking)))


@get("/fragments/desk/queue")
async def queue(asking: Asks, after: FromQuery[str] = "") -> Response[Any]:
    """A further page of the list."""
    number = cursor_number(after) if after else 0
    found = await deciding.queue(asking.services.site, asking.must(), after=number)
    view = DeskCardsView(cards=found.cards, next=found.next)
    return private(asking, render_desk_cards(view, _surroundings(asking)))


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
        return await _desk(asking, comment=number, refused=refused)
    return _back(asking, done=ids.encode(done[0].id))


@post("/desk/undo", status_code=303)
async def undo(asking: Asks, data: Form) -> Response[Any]:
    """A decision taken back from a form."""
    try:
        asking.must()
        user = await asking.acting()
        number = decision_number(data.get("decision", ""))
        back = await deciding.undo(asking.services.site, user, number)
    except Refused as refused:
        return await _desk(asking, refused=refused)
    return _back(asking, comment=ids.encode(back.comment))


HANDLERS = [desk, card, queue, decide, undo]


async def _desk(
    asking: Asking,
    *,
    comment: str = "",
    done: str = "",
    after: str = "",
    refused: Refused | None = None,
) -> Response[Any]:
    if asking.outage is not None:
        raise asking.outage
    surroundings = _surroundings(asking)
    user = asking.user
    if user is None or not may(user, "moderate", Thing()):
        return door(asking)
    site = asking.services.site
    found = await deciding.queue(site, user, after=cursor_number(after) if after else 0)
    selected = None
    if comment and (refused is None or refused.code != "comment_unknown"):
        selected = await deciding.card(site, user, comment_number(comment))
    last = await deciding.decision(site, user, decision_number(done)) if done else None
    view = DeskView(
        count=found.count,
        version=found.version,
        cards=found.cards,
        next=found.next,
        selected=selected,
        done=last,
        problem=sentence(refused, surroundings.language) if refused else "",
    )
    status = STATUS[refused.code] if refused else 200
    return private(asking, render_desk(view, surroundings), status=status)


def _back(asking: Asking, **shown: str) -> Response[Any]:
    """To the desk, in the language that was chosen."""
    return see_other(asking, link("/desk", _surroundings(asking), **shown))


def door(asking: Asking, refused: Refused | None = None) -> Response[Any]:
    """What stands before the desk for those who are not staff."""
    surroundings = _surroundings(asking)
    problem = sentence(refused, surroundings.language) if refused else ""
    page = render_desk_door(DeskDoorView(problem=problem), surroundings)
    return private(asking, page, status=STATUS[refused.code] if refused else 401)


def _surroundings(asking: Asking) -> PageContext:
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
