"""The pages of numbers: charts with their tables, in the reader's language."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import msgspec
from babel.dates import format_date
from babel.numbers import format_decimal

from belowline.domain.marking import _
from belowline.domain.numbers import Day, Numbers, Wait
from belowline.render.charts import HEIGHT, WIDTH, Chart, chart
from belowline.render.environment import render
from belowline.render.language import locale, translations
from belowline.render.pages import PageContext
from belowline.render.words import language_name, reason_name


class NumbersView(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of the last ``days`` days; ``choices`` are other lengths."""

    numbers: Numbers
    days: int
    choices: tuple[int, ...]


def render_numbers(view: NumbersView, page: PageContext) -> str:
    """``GET /desk/numbers``."""
    return _render("desk/numbers.html", view, page)


def render_public_numbers(view: NumbersView, page: PageContext) -> str:
    """``GET /numbers``, where the publisher has switched it on."""
    return _render("numbers.html", view, page, _OF_STAFF)


def as_csv(view: NumbersView, name: str, language: str) -> str | None:
    """One chart's table as CSV with plain numbers; None for what is no chart."""
    found = next(
        (one for one in charts(view.numbers, language, plain=True) if one.name == name), None
    )
    if found is None:
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
        return f"{value:g}" if plain else str(format_decimal(value, locale=locale(language)))

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
        return chart(
            name,
            title,
            labels=labels,
            keys=[said(_("Median minutes"))],
            stacks=[[round(one.median, 1)] for one in found],
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

    days = [d(day) for day in numbers.days]
    languages = [language_name(one.label, language) for one in numbers.languages]
    reasons = [reason_name(code, language) for code, _ in numbers.reasons]
    return [
        chart(
            "arrivals",
            said(_("What came, and what of it was held")),
            labels=days,
            keys=[said(_("Published at once")), said(_("Held"))],
            stacks=[[day.arrived - day.held, day.held] for day in numbers.days],
            head=[said(_("Day")), said(_("Comments")), said(_("Held"))],
            rows=[
                (label, n(day.arrived), n(day.held))
                for label, day in zip(days, numbers.days, strict=True)
            ],
        ),
        chart(
            "decisions",
            said(_("What people decided")),
            labels=days,
            keys=[said(_("Approved")), said(_("Rejected"))],
            stacks=[[day.approved, day.rejected] for day in numbers.days],
            head=[said(_("Day")), said(_("Approved")), said(_("Rejected")), said(_("Taken back"))],
            rows=[
                (label, n(day.approved), n(day.rejected), n(day.undone))
                for label, day in zip(days, numbers.days, strict=True)
            ],
        ),
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
            [one.label for one in numbers.languages] if plain else languages,
        ),
        chart(
            "reasons",
            said(_("Why comments were rejected")),
            labels=reasons,
            keys=[said(_("Rejected"))],
            stacks=[[count] for _, count in numbers.reasons],
            head=[said(_("Reason")), said(_("Comments"))],
            rows=[
                (code if plain else words, n(count))
                for (code, count), words in zip(numbers.reasons, reasons, strict=True)
            ],
        ),
        *_fairness(numbers, days, said, n),
    ]


_OF_STAFF = "looks"  # charts that are not public


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
            _OF_STAFF,
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
