"""The administrators' page of sites, and of who of the staff works for which."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from belowline.actions import sites
from belowline.domain.errors import Refused
from belowline.web.asking import Asking, Asks
from belowline.web.desk.frame import Form, admitted, back, door, shown
from belowline.web.parse import user_number

_PATH = "/desk/sites"


@get(_PATH)
async def the_sites(asking: Asks, said: FromQuery[str] = "") -> Response[Any]:
    """Every site and who works for it: administrators."""
    return await _sites(asking, said=said)


@post(_PATH, status_code=303)
async def add(asking: Asks, data: Form) -> Response[Any]:
    """A new site."""
    asking.keeps(data)
    try:
        asking.must()
        by = await asking.acting()
        site = asking.services.site
        await sites.add(site, by, data.get("key", "").strip(), data.get("name", ""), _lines(data))
    except Refused as refused:
        return await _sites(asking, refused=refused, typed=data)
    return back(asking, _PATH, said="site_added")


@post("/desk/sites/{site:str}", status_code=303)
async def change(asking: Asks, site: FromPath[str], data: Form) -> Response[Any]:
    """Another name, other addresses."""
    asking.keeps(data)
    try:
        asking.must()
        by = await asking.acting()
        await sites.change(asking.services.site, by, site, data.get("name", ""), _lines(data))
    except Refused as refused:
        return await _sites(asking, refused=refused)
    return back(asking, _PATH, said="site_changed")


@post("/desk/staff/{user:str}/sites", status_code=303)
async def give(asking: Asks, user: FromPath[str], data: Form) -> Response[Any]:
    """Whom which sites are shown: the boxes that are ticked, all sites without one."""
    try:
        asking.must()
        by = await asking.acting()
        keys = [name.removeprefix("site-") for name in data if name.startswith("site-")]
        await sites.limit(asking.services.site, by, user_number(user), keys)
    except Refused as refused:
        return await _sites(asking, refused=refused)
    return back(asking, _PATH, said="sites_given")


HANDLERS = [the_sites, add, change, give]


async def _sites(
    asking: Asking,
    *,
    said: str = "",
    refused: Refused | None = None,
    typed: dict[str, str] | None = None,
) -> Response[Any]:
    user = admitted(asking)
    if user is None:
        return door(asking)
    view = await sites.overview(asking.services.site, user)
    values = {"view": view, "me": user.id, "told": said, "typed": typed or {}}
    return shown(asking, "sites", _PATH, refused, **values)


def _lines(data: dict[str, str]) -> list[str]:
    return data.get("addresses", "").splitlines()
