"""The pages of numbers: at the desk, as CSV, and in public where the publisher wishes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from belowline.actions import numbers as counted
from belowline.domain.errors import Refused
from belowline.domain.users import User
from belowline.render.numbers import (
    NumbersView,
    as_csv,
    render_numbers,
    render_public_numbers,
)
from belowline.web.answers import HTML, private, send
from belowline.web.asking import Asking, Asks
from belowline.web.cache import Answer
from belowline.web.desk.frame import admitted, door, surroundings

_PATH = "/desk/numbers"
_PUBLIC_DAYS = 30
_CSV = "text/csv"
_SHORTLY = "public, max-age=300"
_FRESH = 300  # seconds for which the public page is made once


@get(_PATH)
async def numbers(asking: Asks, days: FromQuery[int] = 30) -> Response[Any]:
    """What happened, as charts and tables."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    page = render_numbers(await _view(asking, user, days), surroundings(asking, _PATH))
    return private(asking, page)


@get("/desk/numbers/{name:str}")
async def table(asking: Asks, name: FromPath[str], days: FromQuery[int] = 30) -> Response[Any]:
    """One chart's table as CSV."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    around = surroundings(asking, _PATH)
    text = as_csv(await _view(asking, user, days), name.removesuffix(".csv"), around.language)
    if text is None or not name.endswith(".csv"):
        raise Refused("not_found")
    return private(asking, text, media_type=_CSV)


@get("/numbers")
async def public(asking: Asks) -> Response[Any]:
    """The public page of numbers."""
    around = surroundings(asking, "/numbers")

    async def build() -> Answer:
        view = await _public_view(asking)
        return Answer(render_public_numbers(view, around).encode(), HTML)

    return await _for_a_while(asking, ("numbers", around.explicit_language), build)


@get("/numbers/{name:str}")
async def public_table(asking: Asks, name: FromPath[str]) -> Response[Any]:
    """One chart's table of the public page as CSV."""
    around = surroundings(asking, "/numbers")

    async def build() -> Answer:
        view = await _public_view(asking)
        text = as_csv(view, name.removesuffix(".csv"), around.language, public=True)
        if text is None or not name.endswith(".csv"):
            raise Refused("not_found")
        return Answer(text.encode(), _CSV)

    return await _for_a_while(asking, ("numbers", name), build)


HANDLERS = [numbers, table, public, public_table]


async def _for_a_while(
    asking: Asking, about: tuple[Hashable, ...], build: Callable[[], Awaitable[Answer]]
) -> Response[Any]:
    """What is made once in five minutes, where the publisher wishes it to be public."""
    services = asking.services
    if not services.settings.public_numbers:
        raise Refused("not_found")
    language = services.language(asking.language)
    if asking.user is not None:
        answer = await build()
        return private(asking, answer.body, media_type=answer.media_type)
    moment = int(services.now().timestamp()) // _FRESH
    about = (*about, moment, language, asking.base_url)
    return send(asking.request, await services.cache.get(about, build), cache=_SHORTLY)


async def _public_view(asking: Asking) -> NumbersView:
    services = asking.services
    found = await counted.of_everybody(services.site, _PUBLIC_DAYS, services.settings.zone)
    return NumbersView(numbers=found, days=_PUBLIC_DAYS, choices=())


async def _view(asking: Asking, user: User, days: int) -> NumbersView:
    services = asking.services
    wanted = days if days in counted.DAYS else 30
    found = await counted.of_staff(services.site, user, wanted, services.settings.zone)
    return NumbersView(numbers=found, days=wanted, choices=counted.DAYS)
