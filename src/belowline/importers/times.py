"""When comments were written, also those whose time cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from belowline.importers.records import ImportedStory, Warned
from belowline.importers.values import one_line, parse_time

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Reads the times of comments in the order of the file.

    A comment without a time of its own gets the one of the comment before it in its story, else
    the story's, else the earliest in the file: always the same for the same file, and near the
    truth, as files are written in order of time.
    """

    def __init__(self, stories: Mapping[str, ImportedStory], earliest: datetime | None) -> None:
        self._last = {
            key: story.created_at for key, story in stories.items() if story.created_at is not None
        }
        self._earliest = earliest or _NEVER

    def read(
        self, written: str, story_key: str, key: str, place: str
    ) -> tuple[datetime, Warned | None]:
        """The time that is ``written``, or the likeliest one with a warning."""
        moment = parse_time(written)
        if moment:
            self._last[story_key] = moment
            return moment, None
        moment = self._last.get(story_key, self._earliest)
        what = f"The time {one_line(written, 40)!r} is none" if written else "It has no time"
        sentence = f"{what}; {moment:%Y-%m-%d %H:%M} (UTC) is put in its place."
        return moment, Warned(place=place, code="time_unknown", key=key, sentence=sentence)
