"""The desk's other pages: the record, people, appeals, rules, one's own account."""

from __future__ import annotations

from typing import Any

import msgspec

from belowline.domain import ids
from belowline.domain.record import Break
from belowline.render.environment import render
from belowline.render.language import translations
from belowline.render.pages import PageContext
from belowline.render.views import PaceView


def _(sentence: str) -> str:
    """Marks a sentence for translation; it is translated where it is shown."""
    return sentence


ACTS = {
    "staff_added": _("Staff member added"),
    "staff_linked": _("Sign-in link made"),
    "signed_in": _("Signed in"),
    "story_changed": _("Story changed"),
}
"""What staff do besides deciding: code -> words."""

ABOUT_PEOPLE = frozenset({"staff_added", "staff_linked", "signed_in"})

_BROKEN = {
    "missing": _("The record does not hold: line %(line)s is missing."),
    "gone": _("The record does not hold: what line %(line)s stands for was deleted."),
    "changed": _("The record does not hold: line %(line)s was changed after it was written."),
    "words_changed": _(
        "The record does not hold: a text, an author or a note of line %(line)s was changed."
    ),
    "not_sealed": _("The record does not hold: a decision was put in past it."),
}


def render_office(name: str, page: PageContext, **values: Any) -> str:
    """A page of the desk beside the queue."""
    words = translations(page.language)
    usual: dict[str, Any] = {"problem": "", "said": ""}
    return render(
        f"desk/{name}.html",
        page,
        encode=ids.encode,
        act_name=lambda code: words.ugettext(ACTS.get(code, str(code))),
        about_people=ABOUT_PEOPLE,
        **(usual | values),
    )


def broken_sentence(broken: Break | None, language: str) -> str:
    """Which line of the record does not hold, and why; "" when all do."""
    if broken is None:
        return ""
    return translations(language).ugettext(_BROKEN[broken.why]) % {"line": broken.number}


class DiscussionsView(msgspec.Struct, frozen=True, kw_only=True):
    """The pace of each discussion, the latest first; ``next`` is the cursor of further ones."""

    stories: tuple[PaceView, ...]
    next: str = ""
    problem: str = ""


def render_discussions(view: DiscussionsView, page: PageContext) -> str:
    """``GET /desk/settings``."""
    return render_office("settings", page, view=view, problem=view.problem)
