"""The desk's page of the record."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get
from litestar.params import FromQuery

from belowline.actions import record
from belowline.render.office import broken_sentence
from belowline.web.asking import Asks
from belowline.web.desk.frame import admitted, demand_all_sites, door, shown, surroundings

_MOST_LINES = 50_000  # that a page verifies: some seconds


@get("/desk/record")
async def the_record(asking: Asks, verify: FromQuery[str] = "") -> Response[Any]:
    """The end of the record, and what verifying it has found."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    demand_all_sites(user)
    site = asking.services.site
    verdict = None
    if verify:
        asking.keep_pace("verify", 6)
        verdict = await asyncio.to_thread(record.verify, site, most=_MOST_LINES)
    broken = broken_sentence(
        verdict.broken if verdict else None, surroundings(asking, "/desk/record").language
    )
    view = await record.recent(site, user)
    return shown(asking, "record", "/desk/record", view=view, verdict=verdict, broken=broken)


HANDLERS = [the_record]
