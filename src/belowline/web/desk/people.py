"""An author's page at the desk, and its forms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from belowline.actions import bans
from belowline.domain import ids
from belowline.domain.errors import Refused
from belowline.web.asking import Asking, Asks
from belowline.web.desk.frame import Form, admitted, back, door, shown
from belowline.web.parse import act_number, cursor_number, measure_number, user_number, whole

HOURS = (1, 24, 72, 168, 720, 8_760)
"""How long a measure may last, as the form offers it."""
SINCE = (1, 24, 168, 720, 876_000)
"""Of how many hours everything can be removed at once; the last stands for all."""


@get("/desk/authors/{user:str}")
async def author(
    asking: Asks,
    user: FromPath[str],
    before: FromQuery[str] = "",
    since: FromQuery[str] = "",
    said: FromQuery[str] = "",
) -> Response[Any]:
    """An author's page; ``since`` asks how much a removal would take."""
    return await _author(asking, user, before=before, since=since, said=said)


@post("/desk/authors/{user:str}/measures", status_code=303)
async def impose(asking: Asks, user: FromPath[str], data: Form) -> Response[Any]:
    """A warning, mute or ban from a form."""
    asking.keeps(data)
    try:
        asking.must()
        by = await asking.acting()
        await bans.impose(
            asking.services.site,
            by,
            user_number(user),
            data.get("kind", ""),
            reason=data.get("reason", ""),
            hours=whole(data.get("hours", ""), 0) or None,
            note_=data.get("note", ""),
            by_address=data.get("by_address") == "1",
            of=data.get("of", ""),
        )
    except Refused as refused:
        return await _author(asking, user, refused=refused)
    return back(asking, f"/desk/authors/{user}", said="imposed")


@post("/desk/authors/{user:str}/lift", status_code=303)
async def lift(asking: Asks, user: FromPath[str], data: Form) -> Response[Any]:
    """A measure ended from a form."""
    try:
        asking.must()
        by = await asking.acting()
        await bans.lift(asking.services.site, by, measure_number(data.get("measure", "")))
    except Refused as refused:
        return await _author(asking, user, refused=refused)
    return back(asking, f"/desk/authors/{user}", said="lifted")


@post("/desk/authors/{user:str}/notes", status_code=303)
async def add_note(asking: Asks, user: FromPath[str], data: Form) -> Response[Any]:
    """A note from a form."""
    asking.keeps(data)
    try:
        asking.must()
        by = await asking.acting()
        await bans.add_note(asking.services.site, by, user_number(user), data.get("note", ""))
    except Refused as refused:
        return await _author(asking, user, refused=refused)
    return back(asking, f"/desk/authors/{user}", said="noted")


@post("/desk/authors/{user:str}/remove", status_code=303)
async def remove(asking: Asks, user: FromPath[str], data: Form) -> Response[Any]:
    """Everything since, removed from a form that said how much it is."""
    since = data.get("since", "")
    try:
        asking.must()
        by = await asking.acting()
        await bans.remove_all(
            asking.services.site,
            by,
            user_number(user),
            asking.services.now() - timedelta(hours=_hours(since)),
            expected=whole(data.get("expected", "")),
            reason=data.get("reason", ""),
        )
    except Refused as refused:
        return await _author(asking, user, since=since, refused=refused)
    return back(asking, f"/desk/authors/{user}", said="removed")


@post("/desk/authors/{user:str}/restore", status_code=303)
async def restore(asking: Asks, user: FromPath[str], data: Form) -> Response[Any]:
    """A removal taken back from a form."""
    try:
        asking.must()
        by = await asking.acting()
        await bans.restore_all(asking.services.site, by, act_number(data.get("act", "")))
    except Refused as refused:
        return await _author(asking, user, refused=refused)
    return back(asking, f"/desk/authors/{user}", said="restored")


@get("/desk/bans")
async def in_force(
    asking: Asks, site: FromQuery[str] = "", before: FromQuery[str] = ""
) -> Response[Any]:
    """Every mute and ban that stands, and where it holds."""
    by = admitted(asking)
    if by is None:
        return door(asking)
    first = measure_number(before) if before else 0
    view = await bans.in_force(asking.services.site, by, site, first)
    return shown(asking, "bans", "/desk/bans", view=view)


HANDLERS = [in_force, author, impose, lift, add_note, remove, restore]


async def _author(
    asking: Asking,
    user: str,
    *,
    before: str = "",
    since: str = "",
    said: str = "",
    refused: Refused | None = None,
) -> Response[Any]:
    by = admitted(asking)
    if by is None:
        return door(asking)
    site = asking.services.site
    number = user_number(user)
    page = await bans.author(site, by, number, cursor_number(before) if before else 0)
    hours = _hours(since)
    count = None
    if hours:
        began = asking.services.now() - timedelta(hours=hours)
        count = await bans.count_removable(site, by, number, began)
    return shown(
        asking,
        "author",
        f"/desk/authors/{ids.encode(number)}",
        refused,
        view=page,
        hours=HOURS,
        spans=SINCE,
        since=hours,
        veiled=asking.request.query_params.get("words") != "1",
        count=count,
        told=said,
        now=asking.services.now(),
    )


def _hours(text: str) -> int:
    """Of how many hours; 0 for what is no number or reaches back beyond all calendars."""
    number = whole(text, 0)
    return number if number <= SINCE[-1] else 0
