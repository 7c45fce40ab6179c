"""The pages of numbers: charts with their tables, in the reader's language."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import msgspec
from babel.dates import format_date
from babel.numbers import format_decimal

from belowline.domain.marking import _
from belowline.domain.numbers import Bin, Day, Numbers, Tally, Wait
from belowline.domain.sites import Publication
from belowline.render.charts import HEIGHT, WIDTH, Chart, chart, lying, spans
from belowline.render.environment import render
from belowline.render.language import locale, translations
from belowline.render.pages import PageContext
from belowline.render.words import language_name, reason_name


class NumbersView(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of the last ``days`` days; ``choices`` are other lengths. They are those of the
    site of the key ``site``, of ``sites``; "" for all of these.
    """

    numbers: Numbers
    days: int
    choices: tuple[int, ...]
    sites: Sequence[Publication] = ()
    site: str = ""


def render_numbers(view: NumbersView, page: PageContext) -> str:
    """``GET /desk/numbers``."""
    return _render("desk/numbers.html", view, page)


def render_public_numbers(view: NumbersView, page: PageContext) -> str:
    """``GET /numbers``, where the publisher has switched it on."""
    return _render("numbers.html", view, page, *_OF_STAFF)


def as_csv(view: NumbersView, name: str, language: str, *, public: bool = False) -> str | None:
    """One chart's table as CSV with plain numbers; None for no chart, or for none of the public."""
    made = {one.name: one for one in charts(view.numbers, language, plain=True)}
    found = made.get(name)
    if found is None or (public and name in _OF_STAFF):
        return None
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(found.head)
    writer.writerows(found.rows)
    return lines.getvalue()


def charts(numbers: Numbers, language: str, *, plain: bool = False) -> list[Chart]:
    """Every chart. With ``plain``, tables hold numbers and dates as programs read them."""
    said = translations(language).ugettext

    def n(value: float) -> str:
        return f"{value:.12g}" if plain else str(format_decimal(value, locale=locale(language)))

    def d(day: Day) -> str:
        if plain:
            return day.day.isoformat()
        return str(format_date(day.day, "d MMM", locale=locale(language)))

    def waits(name: str, title: str, first: str, found: list[Wait], labels: list[str]) -> Chart:
        head = (
            first,
            said(_("Comments")),
            said(_("Median minutes")),
            said(_("Nine of ten within")),
            said(_("Approved")),
        )
        stacks = [[round(one.median, 1)] for one in found]
        made = chart(
            name,
            title,
            labels=labels,
            keys=[said(_("Median minutes"))],
            stacks=stacks,
            head=head,
            rows=[
                (
                    label,
                    n(one.comments),
                    n(round(one.median, 1)),
                    n(round(one.most, 1)),
                    n(one.approved),
                )
                for label, one in zip(labels, found, strict=True)
            ],
        )
        return lying(made, stacks, labels) if name == "languages" else made

    def spoken(found: Sequence[Tally | Wait]) -> list[str]:
        return [one.label if plain else language_name(one.label, language) for one in found]

    days = [d(day) for day in numbers.days]
    reasons = [reason_name(code, language) for code, _ in numbers.reasons]
    return [
        *_activity(numbers, days, spoken, said, n),
        waits(
            "hours",
            said(_("How long held comments waited, by the hour in which they were written")),
            said(_("Hour")),
            numbers.hours,
            [one.label for one in numbers.hours],
        ),
        waits(
            "languages",
            said(_("How long held comments waited, by language")),
            said(_("Language")),
            numbers.languages,
            spoken(numbers.languages),
        ),
        _why_rejected(numbers, reasons, said, n, plain=plain),
        *_fairness(numbers, days, said, n),
        _reliability(numbers.reliability, said, n, plain=plain),
    ]


def _activity(
    numbers: Numbers,
    days: list[str],
    spoken: Callable[[Sequence[Tally | Wait]], list[str]],
    said: Callable[[str], str],
    n: Callable[[float], str],
) -> list[Chart]:
    """What came, was held and was decided: by the day, by the hour of the day, by language."""
    clock = [one.label for one in numbers.by_hour]
    written = [one for one in numbers.by_language if one.arrived]
    decided = [one for one in numbers.by_language if one.decided]
    decided.sort(key=lambda one: -one.decided)
    day, hour, tongue = said(_("Day")), said(_("Hour")), said(_("Language"))

    def came(name: str, title: str, first: str, labels: list[str], found: Sequence[Tally]) -> Chart:
        stacks = [[one.arrived - one.held, one.held] for one in found]
        made = chart(
            name,
            title,
            labels=labels,
            keys=[said(_("Published at once")), said(_("Held"))],
            stacks=stacks,
            head=[first, said(_("Comments")), said(_("Held"))],
            rows=[
                (label, n(one.arrived), n(one.held))
                for label, one in zip(labels, found, strict=True)
            ],
        )
        return lying(made, stacks, labels) if first == tongue else made

    def settled(
        name: str, title: str, first: str, labels: list[str], found: Sequence[Tally]
    ) -> Chart:
        stacks = [[one.approved, one.rejected] for one in found]
        made = chart(
            name,
            title,
            labels=labels,
            keys=[said(_("Approved")), said(_("Rejected"))],
            stacks=stacks,
            head=[first, said(_("Approved")), said(_("Rejected")), said(_("Taken back"))],
            rows=[
                (label, n(one.approved), n(one.rejected), n(one.undone))
                for label, one in zip(labels, found, strict=True)
            ],
        )
        return lying(made, stacks, labels) if first == tongue else made

    all_came = said(_("What came, and what of it was held"))
    came_at = said(_("What came and was held, by the hour of the day"))
    came_in = said(_("What came and was held, by language"))
    all_done = said(_("What people decided"))
    done_at = said(_("What people decided, by the hour of the day"))
    done_in = said(_("What people decided, by language"))
    return [
        came("arrivals", all_came, day, days, numbers.days),
        came("arrivals-by-hour", came_at, hour, clock, numbers.by_hour),
        settled("decisions", all_done, day, days, numbers.days),
        settled("decisions-by-hour", done_at, hour, clock, numbers.by_hour),
        came("arrivals-by-language", came_in, tongue, spoken(written), written),
        settled("decisions-by-language", done_in, tongue, spoken(decided), decided),
    ]


_OF_STAFF = ("looks", "reliability")  # charts that are not public
_FEW = 10  # comments of which a share says little


def _why_rejected(
    numbers: Numbers,
    reasons: list[str],
    said: Callable[[str], str],
    n: Callable[[float], str],
    *,
    plain: bool,
) -> Chart:
    stacks = [[count] for _, count in numbers.reasons]
    made = chart(
        "reasons",
        said(_("Why comments were rejected")),
        labels=reasons,
        keys=[said(_("Rejected"))],
        stacks=stacks,
        head=[said(_("Reason")), said(_("Comments"))],
        rows=[
            (code if plain else words, n(count))
            for (code, count), words in zip(numbers.reasons, reasons, strict=True)
        ],
    )
    return lying(made, stacks, reasons)


def _reliability(
    bins: list[Bin], said: Callable[[str], str], n: Callable[[float], str], *, plain: bool
) -> Chart:
    """Of comments with a score, how many were rejected, in percent."""
    bins = bins if any(one.comments for one in bins) else []
    tenths = [one for one in bins if one.low is not None and one.high is not None]
    lowest = "" if plain else said(_("too low to be kept"))
    to = "-" if plain else "\u2013"
    labels = {id(one): f"{n(one.low or 0.0)}{to}{n(one.high or 0.0)}" for one in tenths}
    percent = [100 * one.share for one in tenths]
    made = chart(
        "reliability",
        said(_("What risk scores meant: how many of the comments were rejected")),
        labels=list(labels.values()),
        keys=[
            said(_("Rejected, in percent")),
            said(_("the same, of fewer than ten comments")),
        ],
        stacks=[
            [round(share, 1), 0] if one.comments >= _FEW else [0, round(share, 1)]
            for one, share in zip(tenths, percent, strict=True)
        ],
        head=[
            said(_("Risk score")),
            said(_("Comments")),
            said(_("Rejected")),
            said(_("Rejected, in percent")),
            said(_("At least")),
            said(_("At most")),
        ],
        rows=[
            (
                labels.get(id(one), lowest),
                n(one.comments),
                n(one.rejected),
                n(round(100 * one.share, 1)) if one.comments else "",
                n(round(100 * one.least, 1)) if one.comments else "",
                n(round(100 * one.most, 1)) if one.comments else "",
            )
            for one in bins
        ],
        highest=100,
    )
    if not any(one.comments for one in tenths):
        return made
    lines = spans(
        [(100 * one.least, 100 * one.most) if one.comments else None for one in tenths],
        [100 * ((one.low or 0.0) + (one.high or 0.0)) / 2 for one in tenths],
        100,
    )
    note = said(
        _(
            "Comments that a person decided, by the score that they had when they came. The dashed "
            "line is what the score promises; the upright line is where the true share lies in "
            "nineteen of twenty cases."
        )
    )
    return msgspec.structs.replace(made, lines=lines, note=note)


def _fairness(
    numbers: Numbers, days: list[str], said: Callable[[str], str], n: Callable[[float], str]
) -> list[Chart]:
    """Appeals with what became of them, and second looks with how many agreed."""
    appealed = any(day.appeals for day in numbers.days)
    looked = any(day.looks for day in numbers.days)
    return [
        chart(
            "appeals",
            said(_("Appeals by the day on which they came, and what became of them")),
            labels=days if appealed else [],
            keys=[said(_("Taken back")), said(_("Left as it was"))],
            stacks=[[day.upheld, day.dismissed] for day in numbers.days] if appealed else [],
            head=[
                said(_("Day")),
                said(_("Appeals")),
                said(_("Taken back")),
                said(_("Left as it was")),
                said(_("Still open")),
            ],
            rows=[
                (
                    label,
                    n(day.appeals),
                    n(day.upheld),
                    n(day.dismissed),
                    n(day.appeals - day.upheld - day.dismissed),
                )
                for label, day in zip(days, numbers.days, strict=True)
                if appealed
            ],
        ),
        chart(
            "looks",
            said(_("Second looks, and how many of them agreed")),
            labels=days if looked else [],
            keys=[said(_("Agreed")), said(_("Decided otherwise"))],
            stacks=[[day.agreed, day.looks - day.agreed] for day in numbers.days] if looked else [],
            head=[
                said(_("Day")),
                said(_("Second looks")),
                said(_("Agreed")),
                said(_("Decided otherwise")),
            ],
            rows=[
                (label, n(day.looks), n(day.agreed), n(day.looks - day.agreed))
                for label, day in zip(days, numbers.days, strict=True)
                if looked
            ],
        ),
    ]


def _render(template: str, view: NumbersView, page: PageContext, *without: str) -> str:
    return render(
        template,
        page,
        view=view,
        charts=[one for one in charts(view.numbers, page.language) if one.name not in without],
        width=WIDTH,
        height=HEIGHT,
    )
