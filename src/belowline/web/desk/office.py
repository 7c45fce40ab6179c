"""The desk's page of the record, and what its other pages have in common."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from litestar import Response, get
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery

from belowline.actions import record
from belowline.domain.errors import Refused
from belowline.domain.users import Thing, User, may
from belowline.render import PageContext
from belowline.render.office import broken_sentence, render_office
from belowline.web.answers import private
from belowline.web.asking import Asking, Asks
from belowline.web.desk.pages import door
from belowline.web.problems import STATUS, sentence

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
_MOST_LINES = 50_000  # that a page verifies: some seconds


def surroundings(asking: Asking, path: str = "/desk") -> PageContext:
    """What a page of the desk is given."""
    services = asking.services
    return services.page(
        services.language(asking.language),
        path=path,
        base_url=asking.base_url,
        explicit=bool(asking.language),
        viewer=services.viewer(asking.user),
    )


def admitted(asking: Asking, action: str = "moderate") -> User | None:
    """Who asks, if they may do ``action``; None for those who belong before the door.

    Raises Refused("unavailable").
    """
    if asking.outage is not None:
        raise asking.outage
    user = asking.user
    return user if user is not None and may(user, action, Thing()) else None


def shown(
    asking: Asking, name: str, path: str, refused: Refused | None = None, **values: Any
) -> Response[Any]:
    """The desk's page at ``path``; ``refused`` is why what was asked last is not done."""
    page = surroundings(asking, path)
    problem = sentence(refused, page.language) if refused else ""
    body = render_office(name, page, problem=problem, **values)
    return private(asking, body, status=STATUS[refused.code] if refused else 200)


@get("/desk/record")
async def the_record(asking: Asks, verify: FromQuery[str] = "") -> Response[Any]:
    """The end of the record, and what verifying it has found."""
    user = admitted(asking)
    if user is None:
        return door(asking)
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
