"""Modes and pace: the staff's bar on a story's page, and the desk's list of discussions."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from belowline.actions import stories as about_stories
from belowline.domain.errors import Refused
from belowline.render import link, present, story_path
from belowline.render.office import DiscussionsView, render_discussions
from belowline.web.answers import private, see_other
from belowline.web.asking import Asking, Asks
from belowline.web.desk.office import admitted, surroundings
from belowline.web.desk.pages import Form, door
from belowline.web.parse import key_of
from belowline.web.problems import STATUS, sentence

_PER_PAGE = 30


@get("/desk/settings")
async def discussions(
    asking: Asks, cursor: FromQuery[str] = "", paced: FromQuery[str] = ""
) -> Response[Any]:
    """Every discussion with its mode and pace."""
    return await _discussions(asking, cursor, paced=paced)


@post("/stories/{story:str}/pace", status_code=303)
async def pace(asking: Asks, story: FromPath[str], data: Form) -> Response[Any]:
    """A story's mode and pace from a form; sets what has been changed in it."""
    key = key_of(story)
    at_desk = data.get("where") == "desk"
    asking.must()
    user = await asking.acting()
    changed = {
        name: value
        for name in ("mode", "slow", "close_days")
        if (value := data.get(name, "")) and value != data.get(f"was_{name}", "")
    }
    try:
        await about_stories.put(
            asking.services.site,
            user,
            key,
            mode=changed.get("mode"),
            slow=_number(changed.get("slow")),
            close_days=_number(changed.get("close_days")),
        )
    except Refused as refused:
        if not at_desk or refused.code in ("unavailable", "not_allowed"):
            raise
        return await _discussions(asking, "", refused=refused)
    around = surroundings(asking, "/desk/settings")
    if at_desk:
        return see_other(asking, link("/desk/settings", around, paced=key))
    return see_other(asking, link(story_path(key), around, paced="1") + "#staff")


HANDLERS = [discussions, pace]


async def _discussions(
    asking: Asking, cursor: str, *, paced: str = "", refused: Refused | None = None
) -> Response[Any]:
    if admitted(asking, "change_story") is None:
        return door(asking)
    found, end = await about_stories.some(asking.services.site, cursor, _PER_PAGE)
    around = surroundings(asking, "/desk/settings")
    view = DiscussionsView(
        stories=tuple(present.pace(one, saved=one.key == paced) for one in found),
        next=end or "",
        problem=sentence(refused, around.language) if refused else "",
    )
    status = STATUS[refused.code] if refused else 200
    return private(asking, render_discussions(view, around), status=status)


def _number(text: str | None) -> int | None:
    """-1, which is refused, for what is no number."""
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
