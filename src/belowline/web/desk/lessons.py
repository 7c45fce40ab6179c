"""Who taught the risk model, and taking somebody's lessons back: the desk's page of it."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from belowline.actions import learning
from belowline.domain.users import Thing, may
from belowline.web.asking import Asks
from belowline.web.desk.frame import admitted, back, door, shown
from belowline.web.parse import user_number

_PATH = "/desk/policy/lessons"


@get(_PATH)
async def lessons(asking: Asks) -> Response[Any]:
    """Who has taught the model what it knows, and whose lessons were taken back."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    site = asking.services.site
    return shown(
        asking,
        "lessons",
        _PATH,
        teachers=await learning.teachers(site, user),
        doubted=await learning.doubted(site, user),
        may_change=may(user, "change_policy", Thing()),
    )


@post(_PATH + "/{user:str}/take", status_code=303)
async def take(asking: Asks, user: FromPath[str]) -> Response[Any]:
    """Takes everything back that somebody has taught so far."""
    asking.must()
    by = await asking.acting()
    await learning.take_back(asking.services.site, by, user_number(user))
    return back(asking, _PATH)


@post(_PATH + "/{user:str}/give", status_code=303)
async def give(asking: Asks, user: FromPath[str]) -> Response[Any]:
    """Gives it back."""
    asking.must()
    by = await asking.acting()
    await learning.give_back(asking.services.site, by, user_number(user))
    return back(asking, _PATH)


HANDLERS = [lessons, take, give]
