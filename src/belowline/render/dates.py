"""Dates, ages and exact times as people write them, in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

from babel.dates import format_datetime, format_skeleton, format_timedelta

from belowline.render.language import locale, translations

JUST_NOW = timedelta(seconds=45)

# The lengths are Babel's own, so that what is cut to one of them comes out in that unit.
# The widget has the same table (widget/src/ages.ts): an age must not change when it takes over.
UNITS = (
    timedelta(days=365),
    timedelta(days=30),
    timedelta(days=7),
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(minutes=1),
)


def date(moment: datetime, language: str, zone: tzinfo = UTC) -> str:
    """``Jan 8, 2026``, ``8. Jan. 2026``."""
    return format_skeleton("yMMMd", moment, tzinfo=zone, locale=locale(language))


def exact(moment: datetime, language: str, zone: tzinfo = UTC) -> str:
    """``Jan 8, 2026, 4:05:09 PM UTC``: what the age shows when it is asked."""
    day_and_time = format_datetime(moment, "medium", tzinfo=zone, locale=locale(language))
    return f"{day_and_time} {moment.astimezone(zone).tzname()}"


def duration(length: timedelta, language: str) -> str:
    """``30 seconds``, ``2 hours``, ``30 days``: in the unit that fits, days at most."""
    if length < timedelta(days=1):
        return format_timedelta(length, threshold=1, locale=locale(language))
    unit: Literal["day", "hour"] = "hour" if length.seconds else "day"
    return format_timedelta(length, granularity=unit, threshold=10_000, locale=locale(language))


def machine(moment: datetime) -> str:
    """RFC 3339 in UTC, for the attribute ``datetime``."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def age(moment: datetime, now: datetime, language: str) -> str:
    """``2 years ago``; ``just now`` for what is younger than 45 seconds or in the future."""
    passed = now - moment
    if passed < JUST_NOW:
        return translations(language).ugettext("just now")
    unit = next((unit for unit in UNITS if passed >= unit), UNITS[-1])
    return _ago(max(1, passed // unit) * unit, language)


@lru_cache(maxsize=2_000)
def _ago(length: timedelta, language: str) -> str:
    return format_timedelta(-length, threshold=1, add_direction=True, locale=locale(language))
