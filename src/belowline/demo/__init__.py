"""What the demonstration shows: invented stories of an invented valley, and what readers say.

The stories are Markdown files like any publisher's, except that their dates are relative ("3 hours
ago"), so that the demonstration is always today's paper. ``discussions/<story>.json`` holds one
list of `DemoComment`, ``waiting.json`` what the desk has to decide (a list of `Waiting`), and
``chatter.json`` a list of `Chatter`.
"""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

SITE_NAME = "The Vell Valley Courier"
"""What the demonstration's newspaper is called."""

_HERE = Path(__file__).parent
_RELATIVE_DATE = re.compile(
    r"^(?P<name>date|updated): (?P<number>\d+) (?P<unit>minutes|hours|days) ago$", re.MULTILINE
)


class DemoReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a guest, a new one each time, says against a published comment."""

    reason: str
    note: str = ""


class DemoComment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One comment of a discussion.

    ``id`` and ``parent`` are local to the story; a comment comes after the one it answers.
    ``author`` None is a guest without a name, a new one each time; the same name is the same
    person in all stories. ``age`` is in minutes before the demonstration starts. ``reason`` is
    the code of a rejection, "" otherwise. ``edited`` says that the author changed the text;
    ``edited_from`` is what it was when it was published, before an edit had it held. ``formerly``
    are names that the author had before, the latest first.
    """

    id: str
    parent: str | None = None
    author: str | None = None
    role: str = "reader"
    text: str
    age: float
    status: str = "published"
    reason: str = ""
    edited: bool = False
    edited_from: str = ""
    recommendations: int = 0
    language: str = "en"
    reports: tuple[DemoReport, ...] = ()
    formerly: tuple[str, ...] = ()


class Waiting(DemoComment, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comment that is held or was reported, in ``story``.

    ``verdict`` is what a careful moderator makes of it, for whoever learns the desk with it or
    measures somebody with a stopwatch: ``publish`` or the code of a rejection's reason.
    """

    story: str
    verdict: str


class Chatter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comment that somebody writes while the demonstration runs.

    ``parent`` is the local id of a comment of the same story's discussion, or None.
    """

    story: str
    parent: str | None = None
    author: str | None = None
    text: str
    language: str = "en"


def stories_folder() -> Path:
    """The stories as they lie in the package, with relative dates; see `write_stories`."""
    return _HERE / "stories"


def write_stories(folder: Path, now: datetime) -> None:
    """Copies the stories and pictures into ``folder``, with dates relative to ``now`` (aware).

    The folder is made when it is not there. Raises OSError.
    """
    shutil.copytree(stories_folder() / "images", folder / "images", dirs_exist_ok=True)
    for path in sorted(stories_folder().glob("*.md")):
        source = path.read_text(encoding="utf-8")
        dated = _RELATIVE_DATE.sub(lambda found: _dated(found, now), source)
        (folder / path.name).write_text(dated, encoding="utf-8")


def _dated(found: re.Match[str], now: datetime) -> str:
    age = timedelta(**{found["unit"]: int(found["number"])})
    moment = (now - age).astimezone(UTC).replace(second=0, microsecond=0)
    return f"{found['name']}: {moment.isoformat()}"


def load_discussions() -> dict[str, tuple[DemoComment, ...]]:
    """Story key -> its comments, each after the one it answers."""
    waiting = load_waiting()
    return {
        path.stem: (
            *msgspec.json.decode(path.read_bytes(), type=tuple[DemoComment, ...]),
            *(one for one in waiting if one.story == path.stem),
        )
        for path in sorted((_HERE / "discussions").glob("*.json"))
    }


def load_waiting() -> tuple[Waiting, ...]:
    """What the desk has to decide; `load_discussions` has it too."""
    return msgspec.json.decode((_HERE / "waiting.json").read_bytes(), type=tuple[Waiting, ...])


def load_chatter() -> tuple[Chatter, ...]:
    """What is written while the demonstration runs, in this order, one every half minute or so."""
    return msgspec.json.decode((_HERE / "chatter.json").read_bytes(), type=tuple[Chatter, ...])
