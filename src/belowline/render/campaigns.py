"""Campaigns at the desk: what their two pages are given, and the picture of one over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

import msgspec
from babel.dates import format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal

from belowline.domain import ids
from belowline.domain.campaigns import Campaign
from belowline.domain.comments import Comment
from belowline.domain.decisions import REASONS
from belowline.domain.stories import Story
from belowline.render.charts import HEIGHT, WIDTH, Chart, chart
from belowline.render.desk import REASON_KEYS
from belowline.render.environment import render
from belowline.render.language import locale, translations
from belowline.render.pages import PageContext
from belowline.render.words import reason_name

_BARS = 24
_STEPS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 720, 1_440, 10_080, 43_200)
)
_HOURS = (1, 24, 168, 720)
_EXCERPT = 200
_MOST_NAMED = 12


class CampaignCard(Protocol):
    """A campaign with its comments."""

    @property
    def campaign(self) -> Campaign:
        """How many there are, since when, and what was decided."""

    @property
    def comments(self) -> Sequence[Comment]:
        """The first of them."""

    @property
    def stories(self) -> Mapping[int, Story]:
        """What they are about."""

    @property
    def statuses(self) -> Mapping[str, int]:
        """Status -> number of `comments`."""

    @property
    def example(self) -> str:
        """The first one's text."""


class CampaignsView(msgspec.Struct, frozen=True, kw_only=True):
    """The list: what waits, and what a decision stands for (``standing``)."""

    cards: Sequence[CampaignCard]
    standing: Sequence[CampaignCard] = ()


class CampaignView(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign. ``done`` is how many comments the last decision was about, -1 without one;
    ``ended`` how many were taken back when the standing decision ended, -1 when it did not;
    ``problem`` says why it was refused, ``kept`` is what the form held then."""

    card: CampaignCard
    done: int = -1
    ended: int = -1
    problem: str = ""
    kept: Mapping[str, str] = {}


class Step(msgspec.Struct, frozen=True):
    """The copies that came in one step of time, from ``since`` on, and by how many accounts."""

    since: datetime
    copies: int
    accounts: int


def steps(comments: Sequence[Comment]) -> list[Step]:
    """The arrivals of ``comments`` in at most 24 equal steps of time, empty ones among them."""
    if not comments:
        return []
    times = [one.created_at for one in comments]
    first, last = min(times), max(times)
    step = next((step for step in _STEPS if (last - first) / step < _BARS), _STEPS[-1])
    came: dict[int, list[int]] = {}
    for one in comments:
        came.setdefault((one.created_at - first) // step, []).append(one.author)
    return [
        Step(first + place * step, len(authors := came.get(place, [])), len(set(authors)))
        for place in range(min(max(came) + 1, _BARS))
    ]


def _over_time(comments: Sequence[Comment], page: PageContext) -> Chart:
    """The arrivals as a chart: of each step the accounts, and their further copies on top."""
    words = translations(page.language)
    found = steps(comments)
    clocks = [_clock(one.since, page.now, page.language, page.zone) for one in found]
    accounts, copies = words.ugettext("Accounts"), words.ugettext("Copies")
    return chart(
        "over-time",
        words.ugettext("Over time"),
        labels=clocks,
        keys=(accounts, words.ugettext("Further copies by the same accounts")),
        stacks=[(one.accounts, one.copies - one.accounts) for one in found],
        head=(words.ugettext("From"), copies, accounts),
        rows=[
            (clock, _number(one.copies, page), _number(one.accounts, page))
            for clock, one in zip(clocks, found, strict=True)
            if one.copies
        ],
    )


def _number(count: int, page: PageContext) -> str:
    return format_decimal(count, locale=locale(page.language))


def render_campaigns(view: CampaignsView, page: PageContext) -> str:
    """``GET /desk/campaigns``."""
    return render("desk/campaigns.html", page, view=view, **_helpers(page))


def render_campaign(view: CampaignView, page: PageContext) -> str:
    """``GET /desk/campaigns/{id}``."""
    card = view.card
    names = Counter((one.author, one.author_name) for one in card.comments)
    under = Counter(one.story for one in card.comments)
    return render(
        "desk/campaign.html",
        page,
        view=view,
        problem=view.problem,
        card=card,
        chart=_over_time(card.comments, page),
        width=WIDTH,
        height=HEIGHT,
        accounts=[
            (author, name, count) for (author, name), count in names.most_common(_MOST_NAMED)
        ],
        stories=[(card.stories[story], count) for story, count in under.most_common(_MOST_NAMED)],
        more_accounts=max(0, len(names) - _MOST_NAMED),
        more_stories=max(0, len(under) - _MOST_NAMED),
        stands=card.campaign.stands(page.now),
        suspended=card.campaign.is_suspended(page.now),
        reasons=[(code, reason_name(code, page.language), REASON_KEYS[code]) for code in REASONS],
        spans=[
            (
                hours,
                format_timedelta(timedelta(hours=hours), threshold=2, locale=locale(page.language)),
            )
            for hours in _HOURS
        ],
        **_helpers(page),
    )


def _helpers(page: PageContext) -> dict[str, object]:
    language, zone = page.language, page.zone
    return {
        "encode": ids.encode,
        "excerpt": lambda text: _excerpt(text),
        "clock": lambda moment: _clock(moment, page.now, language, zone),
    }


def _clock(moment: datetime, now: datetime, language: str, zone: tzinfo) -> str:
    """``02:14`` for today, with the day before that."""
    if moment.astimezone(zone).date() == now.astimezone(zone).date():
        return format_time(moment, "short", tzinfo=zone, locale=locale(language))
    return format_datetime(moment, "short", tzinfo=zone, locale=locale(language))


def _excerpt(text: str) -> str:
    line = " ".join(text[: 4 * _EXCERPT].split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT].rstrip() + "…"
