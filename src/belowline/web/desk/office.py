"""What the desk's other pages have in common: who may enter, and what surrounds them."""

from __future__ import annotations

import msgspec

from belowline.domain.users import Thing, User, may
from belowline.render import PageContext
from belowline.web.asking import Asking


def surroundings(asking: Asking, path: str) -> PageContext:
    """The surroundings of the desk's page at ``path``."""
    services = asking.services
    around = services.page(
        services.language(asking.language),
        path=path,
        base_url=asking.base_url,
        explicit=bool(asking.language),
        viewer=services.viewer(asking.user),
    )
    return msgspec.structs.replace(around, path=path)


def admitted(asking: Asking, action: str = "moderate") -> User | None:
    """Whoever asks, if they may do ``action``; raises Refused("unavailable")."""
    if asking.outage is not None:
        raise asking.outage
    user = asking.user
    return user if user is not None and may(user, action, Thing()) else None
