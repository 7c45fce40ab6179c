"""The desk's other pages: what their templates are given, and their HTML."""

from __future__ import annotations

import msgspec

from belowline.render.environment import render
from belowline.render.pages import PageContext
from belowline.render.views import PaceView


class DiscussionsView(msgspec.Struct, frozen=True, kw_only=True):
    """The pace of each discussion, the latest first; ``next`` is the cursor of further ones."""

    stories: tuple[PaceView, ...]
    next: str = ""
    problem: str = ""


def render_discussions(view: DiscussionsView, page: PageContext) -> str:
    """``GET /desk/settings``."""
    return render("desk/settings.html", page, view=view)
