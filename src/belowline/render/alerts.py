"""What staff are told when the queue needs somebody, and the pages about it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from belowline.domain.alerts import Alert
from belowline.render.environment import render
from belowline.render.language import translations
from belowline.render.office import render_office
from belowline.render.pages import PageContext


class AlertsView(msgspec.Struct, frozen=True, kw_only=True):
    """A user's alerts and the form for another one; ``sent`` is what was just refused."""

    alerts: tuple[tuple[str, Alert], ...]  # (id, alert)
    with_web: bool
    with_mail: bool
    problem: str = ""
    sent: dict[str, str] = {}


def render_alerts(view: AlertsView, page: PageContext) -> str:
    """``GET /desk/alerts``."""
    return render_office("alerts", page, problem=view.problem, view=view, clock=clock)


def render_stopped(*, done: bool, token: str, page: PageContext) -> str:
    """``GET /alerts/{token}/stop``, and what follows."""
    return render("alert_stop.html", page, done=done, token=token)


def clock(minute: int) -> str:
    """A minute of the day as ``07:30``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def told(
    *,
    site_name: str,
    desk: str,
    stop: str,
    waiting: int,
    minutes: int,
    tightened: Sequence[str],
    language: str,
) -> tuple[str, str]:
    """The subject and the text; ``tightened`` are titles of stories that look like under attack.

    Never a word of a comment: mail is read on the way.
    """
    words = translations(language)
    count = words.ungettext(
        "%(num)s comment waits for a moderator", "%(num)s comments wait for a moderator", waiting
    ) % {"num": waiting}
    oldest = words.ungettext(
        "The oldest has been waiting for %(num)s minute.",
        "The oldest has been waiting for %(num)s minutes.",
        minutes,
    ) % {"num": minutes}
    broke = words.ungettext(
        "%(num)s discussion was tightened by itself",
        "%(num)s discussions were tightened by themselves",
        len(tightened),
    ) % {"num": len(tightened)}
    ending = words.ugettext("No more of these:")
    subject = f"{site_name}: {broke if tightened else count}"
    attacked = f"{broke}: {'; '.join(tightened)}.\n\n" if tightened else ""
    waits = f"{count}. {oldest}" if waiting else f"{count}."
    return subject, f"{attacked}{waits}\n\n{desk}\n\n{ending} {stop}\n"
