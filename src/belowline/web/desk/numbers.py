"""The pages of numbers: at the desk, as CSV, and in public where the publisher wishes."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from belowline.actions import numbers as counted
from belowline.actions import sites
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
_SHORTLY = "public, max-age=300"
_FRESH = 300  # seconds for which the public page is made once


@get(_PATH)
async def numbers(
    asking: Asks, days: FromQuery[int] = 30, site: FromQuery[str] = ""
) -> Response[Any]:
    """What happened, as charts and tables."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    page = render_numbers(await _view(asking, user, days, site), surroundings(asking, _PATH))
    return private(asking, page)


@get("/desk/numbers/{name:str}")
async def table(
    asking: Asks, name: FromPath[str], days: FromQuery[int] = 30, site: FromQuery[str] = ""
) -> Response[Any]:
    """One chart's table as CSV."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    around = surroundings(asking, _PATH)
    text = as_csv(await _view(asking, user, days, site), name.removesuffix(".csv"), around.language)
    if text is None or not name.endswith(".csv"):
        raise Refused("not_found")
    return private(asking, text, media_type="text/csv")


@get("/numbers")
async def public(asking: Asks) -> Response[Any]:
    """The public page of numbers."""
    services = asking.services
    if not services.settings.public_numbers:
        raise Refused("not_found")
    around = surroundings(asking, "/numbers")

    async def build() -> Answer:
        found = await counted.of_everybody(services.site, _PUBLIC_DAYS, services.settings.zone)
        view = NumbersView(numbers=found, days=_PUBLIC_DAYS, choices=())
        return Answer(render_public_numbers(view, around).encode(), HTML)

    if asking.user is not None:
        return private(asking, (await build()).body)
    moment = int(services.now().timestamp()) // _FRESH
    about = ("numbers", moment, around.language, around.explicit_language, asking.base_url)
    answer = await services.cache.get(about, build)
    return send(asking.request, answer, cache=_SHORTLY)


HANDLERS = [numbers, table, public]


async def _view(asking: Asking, user: User, days: int, of: str) -> NumbersView:
    services = asking.services
    wanted = days if days in counted.DAYS else 30
    found = await counted.of_staff(services.site, user, wanted, services.settings.zone, of)
    return NumbersView(
        numbers=found,
        days=wanted,
        choices=counted.DAYS,
        sites=await sites.of_staff(services.site, user),
        site=of,
    )
