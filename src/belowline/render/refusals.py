"""Refusals as pages show them."""

from __future__ import annotations

from datetime import timedelta

from markupsafe import Markup

from belowline.render.environment import link
from belowline.render.language import translations
from belowline.render.pages import PageContext
from belowline.render.words import refusal


def refusal_shown(code: str, page: PageContext, **values: str | int | timedelta) -> str:
    """The sentence of a refusal; that of a ban leads to why, and how to object."""
    said = refusal(code, page.language, **values)
    statement = str(values.get("link", ""))
    if not statement:
        return said
    leads = translations(page.language).ugettext("Why, and how to object")
    return Markup('{} <a href="{}">{}</a>').format(said, link(statement, page), leads)
