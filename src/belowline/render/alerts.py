"""What staff are told when the queue needs somebody, and the pages about it."""

from __future__ import annotations

import msgspec

from belowline.domain.alerts import Alert
from belowline.render.environment import render
from belowline.render.language import direction, translations
from belowline.render.office import render_office
from belowline.render.pages import PageContext

_LONGEST = 300  # characters that a note shows; a push service takes some four thousand bytes


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What staff are told: how many wait, for how many minutes the oldest has, and the titles of
    stories that look like under attack. Never a word of a comment: mail is read on the way.
    """

    waiting: int
    minutes: int
    tightened: tuple[str, ...]


class AlertsView(msgspec.Struct, frozen=True, kw_only=True):
    """A user's alerts and the form for another one; ``sent`` is what was just refused.

    ``push_key`` is what browsers are told of the site's key for web push, ``session`` that of the
    browser that asks.
    """

    alerts: tuple[tuple[str, Alert], ...]  # (id, alert)
    with_web: bool
    with_mail: bool
    push_key: str
    session: str
    told: str = ""
    problem: str = ""
    sent: dict[str, str] = {}


def render_alerts(view: AlertsView, page: PageContext) -> str:
    """``GET /desk/alerts``."""
    return render_office(
        "alerts", page, problem=view.problem, told=view.told, view=view, clock=clock
    )


def render_stopped(*, done: bool, token: str, page: PageContext) -> str:
    """``GET /alerts/{token}/stop``, and what follows."""
    return render("alert_stop.html", page, done=done, token=token)


def clock(minute: int) -> str:
    """A minute of the day as ``07:30``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def told(site_name: str, needs: Needs, *, desk: str, stop: str, language: str) -> tuple[str, str]:
    """The subject and the text of what is told by mail and the like."""
    count, oldest, broke = _sentences(needs, language)
    ending = translations(language).ugettext("No more of these:")
    subject = f"{site_name}: {broke or count}"
    attacked = f"{broke}: {'; '.join(needs.tightened)}.\n\n" if broke else ""
    return subject, f"{attacked}{_waits(count, oldest)}\n\n{desk}\n\n{ending} {stop}\n"


def noted(site_name: str, needs: Needs, *, to: str, language: str) -> dict[str, str]:
    """The same in few words, for a browser's note: a click on it leads ``to`` this address."""
    count, oldest, broke = _sentences(needs, language)
    waits = _waits(count, oldest)
    return _note(
        title=f"{site_name}: {broke or count}",
        body="\n".join(["; ".join(needs.tightened), waits]) if broke else oldest,
        tag="queue",
        to=to,
        language=language,
    )


def tested(site_name: str, *, to: str, language: str) -> dict[str, str]:
    """The note that says that notes arrive."""
    words = translations(language)
    return _note(
        title=f"{site_name}: {words.ugettext('A test')}",
        body=words.ugettext("This is how you are told that the queue needs somebody."),
        tag="test",
        to=to,
        language=language,
    )


def _note(*, title: str, body: str, tag: str, to: str, language: str) -> dict[str, str]:
    return {
        "title": _cut(title),
        "body": _cut(body),
        "tag": tag,
        "to": to,
        "lang": language,
        "dir": direction(language),
    }


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _sentences(needs: Needs, language: str) -> tuple[str, str, str]:
    """How many wait, for how long ("" when none does), and what was tightened ("" for nothing)."""
    words = translations(language)
    count = words.ungettext(
        "%(num)s comment waits for a moderator",
        "%(num)s comments wait for a moderator",
        needs.waiting,
    ) % {"num": needs.waiting}
    oldest = words.ungettext(
        "The oldest has been waiting for %(num)s minute.",
        "The oldest has been waiting for %(num)s minutes.",
        needs.minutes,
    ) % {"num": needs.minutes}
    broke = words.ungettext(
        "%(num)s discussion was tightened by itself",
        "%(num)s discussions were tightened by themselves",
        len(needs.tightened),
    ) % {"num": len(needs.tightened)}
    return count, oldest if needs.waiting else "", broke if needs.tightened else ""


def _waits(count: str, oldest: str) -> str:
    return f"{count}. {oldest}" if oldest else f"{count}."
