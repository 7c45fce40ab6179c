"""What all pages of the desk have in common: who may come in, what surrounds them, the way back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from litestar import Response
from litestar.enums import RequestEncodingType
from litestar.params import Body

from belowline.domain.errors import Refused
from belowline.domain.users import CONFINED, Thing, User, demand, may
from belowline.render import PageContext, link
from belowline.render.desk import DeskDoorView, render_desk_door
from belowline.render.office import render_office
from belowline.web.answers import private, see_other
from belowline.web.asking import Asking
from belowline.web.problems import STATUS, sentence

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
NOTHING: Mapping[str, str] = MappingProxyType({})
"""What was typed where nothing was."""


def surroundings(asking: Asking, path: str = "/desk") -> PageContext:
    """What surrounds the desk's page at ``path``."""
    services = asking.services
    return services.page(
        services.language(asking.language),
        path=path,
        base_url=asking.base_url,
        explicit=bool(asking.language),
        viewer=services.viewer(asking.user),
    )


def admitted(asking: Asking, action: str = "moderate") -> User | None:
    """Who asks, if they may do ``action`` somewhere; None for those who belong before the door.

    What a page shows is for the action behind it to refuse, which knows whose site it is. Raises
    Refused("unavailable").
    """
    if asking.outage is not None:
        raise asking.outage
    user = asking.user
    return user if user is not None and may(user, action, CONFINED) else None


def demand_all_sites(user: User) -> None:
    """For what concerns every site. Raises Refused("not_allowed") to whoever works for some."""
    demand(user, "oversee", Thing())


def door(asking: Asking, refused: Refused | None = None) -> Response[Any]:
    """What stands before the desk for those who are not staff."""
    around = surroundings(asking)
    view = DeskDoorView(problem=problem_of(refused, around))
    page = render_desk_door(view, around)
    return private(asking, page, status=STATUS[refused.code] if refused else 401)


def shown(
    asking: Asking, name: str, path: str, refused: Refused | None = None, **values: Any
) -> Response[Any]:
    """The desk's page at ``path``; ``refused`` is why what was asked last is not done."""
    page = surroundings(asking, path)
    body = render_office(name, page, problem=problem_of(refused, page), **values)
    return private(asking, body, status=status_of(refused))


def problem_of(refused: Refused | None, page: PageContext) -> str:
    """The refusal's sentence, "" without one.

    An outage is raised instead: its own page keeps what was written and offers to send it again.
    """
    if refused is None:
        return ""
    if refused.code == "unavailable":
        raise refused
    return sentence(refused, page.language)


def status_of(refused: Refused | None) -> int:
    """The status of a page that says why something was refused, or that nothing was."""
    return STATUS[refused.code] if refused else 200


def back(asking: Asking, to: str = "/desk", **shown: str) -> Response[Any]:
    """To a page of the desk, in the language that was chosen."""
    return see_other(asking, link(to, surroundings(asking), **shown))
