"""What a moderator asks the queue for, and how a list of it is paged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec

from belowline.domain import ids
from belowline.domain.comments import STATUSES
from belowline.domain.errors import Refused
from belowline.domain.language import UNKNOWN, primary

WAITING = ("waiting", "held", "reported", "escalated")
"""Choices of `Filter.status` that mean what needs a decision, in order of urgency."""

CHOICES = (*WAITING, *STATUSES[1:], "all")
"""Every choice of `Filter.status`; those that are no `WAITING` come the newest first."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted; "" and 0 stand for everything.

    ``story`` is a key, ``reason`` that of a decision, ``report`` one that readers gave,
    ``language`` that of the comments themselves (`language.UNKNOWN` where it could not be told),
    ``author`` and ``staff`` (who decided) are users' ids, ``name`` is what authors are called now,
    however it is written, ``since`` and ``until`` days (2026-05-04, the last one included),
    ``assigned`` asks for the stories that the one who looks has taken. ``words`` all have to occur
    in the text. ``site`` is a site's key.
    """

    status: str = "waiting"
    story: str = ""
    reason: str = ""
    report: str = ""
    check: str = ""
    language: str = ""
    author: int = 0
    name: str = ""
    staff: int = 0
    since: str = ""
    until: str = ""
    words: str = ""
    assigned: bool = False
    site: str = ""

    @property
    def by_urgency(self) -> bool:
        """Whether the list is in order of urgency."""
        return self.status in WAITING


class Place(msgspec.Struct, frozen=True):
    """Where a list went on: its last card's `waits_since` in milliseconds (0 by age), its id."""

    since: int
    id: int


def spoken(wanted: Filter) -> str:
    """The language that the filter asks for, as comments have it: "" for not known."""
    language = primary(wanted.language)
    return "" if language == UNKNOWN else language


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LONGEST = 200


def read_filter(asked: Mapping[str, str]) -> Filter:
    """The filter that an address holds. Raises Refused("filter_bad") with the field."""
    found = Filter(
        status=asked.get("status", "") or "waiting",
        story=asked.get("story", ""),
        reason=asked.get("reason", ""),
        report=asked.get("report", ""),
        check=asked.get("check", ""),
        language=asked.get("language", ""),
        author=_number(asked, "author"),
        name=asked.get("name", "").strip(),
        staff=_number(asked, "staff"),
        since=_day(asked, "since"),
        until=_day(asked, "until"),
        words=asked.get("words", "").strip(),
        assigned=asked.get("assigned", "") == "1",
        site=asked.get("site", ""),
    )
    if found.status not in CHOICES:
        raise Refused("filter_bad", field="status")
    for name in ("story", "name", "reason", "report", "check", "language", "words", "site"):
        value = getattr(found, name)
        if len(value) > (500 if name == "story" else _LONGEST) or "\0" in value:
            raise Refused("filter_bad", field=name)
    return found


def write_filter(wanted: Filter) -> dict[str, str]:
    """The parts of an address for a filter: only what differs from everything that waits."""
    said = {
        "status": "" if wanted.status == "waiting" else wanted.status,
        "story": wanted.story,
        "reason": wanted.reason,
        "report": wanted.report,
        "check": wanted.check,
        "language": wanted.language,
        "author": ids.encode(wanted.author) if wanted.author else "",
        "name": wanted.name,
        "staff": ids.encode(wanted.staff) if wanted.staff else "",
        "since": wanted.since,
        "until": wanted.until,
        "words": wanted.words,
        "assigned": "1" if wanted.assigned else "",
        "site": wanted.site,
    }
    return {name: value for name, value in said.items() if value}


def span(wanted: Filter, zone: tzinfo) -> tuple[int, int]:
    """The first id and the one after the last of the days that are wanted; 0 for no bound."""
    first = _midnight(wanted.since, zone)
    last = _midnight(wanted.until, zone)
    return (
        ids.id_at(first, 0) if first else 0,
        ids.id_at(last + timedelta(days=1), 0) if last else 0,
    )


def encode_place(place: Place | None) -> str:
    """An opaque text for ``place``, "" at the end of a list."""
    return ids.encode(place.since) + ids.encode(place.id) if place else ""


def decode_place(text: str) -> Place | None:
    """The place that `encode_place` wrote. Raises Refused("cursor_bad")."""
    if not text:
        return None
    try:
        return Place(ids.decode(text[:13]), ids.decode(text[13:]))
    except ValueError as error:
        raise Refused("cursor_bad", field="after") from error


def _number(asked: Mapping[str, str], name: str) -> int:
    text = asked.get(name, "")
    try:
        return ids.decode(text) if text else 0
    except ValueError as error:
        raise Refused("filter_bad", field=name) from error


def _day(asked: Mapping[str, str], name: str) -> str:
    text = asked.get(name, "")
    if text and (not _DAY.fullmatch(text) or _midnight(text, UTC) is None):
        raise Refused("filter_bad", field=name)
    return text


def _midnight(day: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.fromisoformat(day).replace(tzinfo=zone) if day else None
    except ValueError:
        return None
