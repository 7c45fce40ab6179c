"""Dates and ages as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from belowline.render import dates
from tests.render.samples import NOW


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "Jan 8, 2026"), ("de", "8. Jan. 2026"), ("ar", "8 يناير 2026")],
)
def test_a_date_is_written_as_people_of_the_language_write_it(language: str, written: str) -> None:
    assert dates.date(NOW, language) == written


@pytest.mark.parametrize(
    ("passed", "written"),
    [
        (timedelta(seconds=44), "just now"),
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=50), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=23, minutes=40), "23 hours ago"),
        (timedelta(days=6, hours=20), "6 days ago"),
        (timedelta(days=29), "4 weeks ago"),
        (timedelta(days=59), "1 month ago"),
        (timedelta(days=729), "1 year ago"),
        (timedelta(days=740), "2 years ago"),
    ],
)
def test_an_age_is_cut_never_rounded_up(passed: timedelta, written: str) -> None:
    assert dates.age(NOW - passed, NOW, "en") == written


@pytest.mark.parametrize(
    ("language", "years", "written"),
    [("de", 2, "vor 2 Jahren"), ("ar", 2, "قبل سنتين"), ("ar", 3, "قبل 3 سنوات")],
)
def test_ages_follow_the_plural_forms_of_the_language(
    language: str, years: int, written: str
) -> None:
    assert dates.age(NOW - timedelta(days=366 * years), NOW, language) == written


def test_the_exact_time_names_its_zone() -> None:
    summer = datetime(2026, 7, 1, 12, 0, 5, tzinfo=UTC)
    written = dates.exact(summer, "en", ZoneInfo("Europe/Berlin"))
    assert written.replace("\u202f", " ") == "Jul 1, 2026, 2:00:05 PM CEST"


def test_the_time_for_machines_is_in_utc() -> None:
    assert dates.machine(NOW) == "2026-01-08T12:00:00Z"
