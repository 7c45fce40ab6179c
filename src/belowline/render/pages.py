"""What every page is given beside its view: the site it belongs to and the moment it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo

import msgspec

from belowline.render.views import ViewerView


class PageContext(msgspec.Struct, frozen=True, kw_only=True):
    """The surroundings of a page.

    ``base_url`` is absolute and has no slash at its end; ``path`` is the path and query that were
    asked for. ``asset`` turns the name of a file under ``static/`` into its address.
    ``explicit_language`` says that ``?lang=`` chose the language, so that links carry it on.
    ``sections`` are the (name, address) pairs of the site's navigation, ``stylesheets`` the
    addresses of the publisher's own. ``stamp`` says, signed, when it was made. ``unkind`` tells
    where words of a text stand that are seldom kind, in code points.
    """

    language: str
    site_name: str
    base_url: str
    path: str
    now: datetime
    asset: Callable[[str], str]
    explicit_language: bool = False
    viewer: ViewerView = ViewerView()
    zone: tzinfo = UTC
    tagline: str = ""
    sections: tuple[tuple[str, str], ...] = ()
    stylesheets: tuple[str, ...] = ()
    stamp: str = ""
    unkind: Callable[[str], Sequence[tuple[int, int]]] = lambda text: [(0, len(text))]
