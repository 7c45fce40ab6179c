"""Modes and pace: the staff's bar on a story's page, and the desk's list of discussions."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from belowline.actions import stories as about_stories
from belowline.domain.errors import Refused
from belowline.render import link, present, story_path
from belowline.render.policy import DiscussionsView, render_discussions
from belowline.web.answers import private, see_other
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
from belowline.web.parse import key_of, whole

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
        for name in ("mode", "slow", "close_days", "tightens")
        if (value := data.get(name, "")) and value != data.get(f"was_{name}", "")
    }
    try:
        await about_stories.put(
            asking.services.site,
            user,
            key,
            mode=changed.get("mode"),
            slow=_number(changed, "slow"),
            close_days=_number(changed, "close_days"),
            tightens=changed["tightens"] == "yes" if "tightens" in changed else None,
        )
    except Refused as refused:
        if not at_desk or refused.code == "not_allowed":
            raise
        return await _discussions(asking, "", refused=refused)
    if at_desk:
        return back(asking, "/desk/settings", paced=key)
    return see_other(asking, link(story_path(key), surroundings(asking), paced="1") + "#staff")


HANDLERS = [discussions, pace]


async def _discussions(
    asking: Asking, cursor: str, *, paced: str = "", refused: Refused | None = None
) -> Response[Any]:
    user = admitted(asking, "change_story")
    if user is None:
        return door(asking)
    site = asking.services.site
    found, end = await about_stories.some(site, cursor, _PER_PAGE, within=user.sites)
    around = surroundings(asking, "/desk/settings")
    view = DiscussionsView(
        stories=tuple(present.pace(one, saved=one.key == paced) for one in found),
        next=end or "",
        problem=problem_of(refused, around),
    )
    return private(asking, render_discussions(view, around), status=status_of(refused))


def _number(changed: dict[str, str], name: str) -> int | None:
    """None for what was not changed; -1, which is refused, for what is no number."""
    return whole(changed[name]) if name in changed else None
