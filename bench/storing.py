"""One measurement of the storage layer, or of the disk alone, in a process of its own.

``python -m bench.storing FOLDER WRITERS SECONDS`` prints a `Stored` as JSON. With 0 writers it is
the floor: append a comment's bytes to a file, fdatasync, and again.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import uvloop

from belowline import logs
from belowline.actions import stories, storing
from belowline.actions.judging import Accepted
from belowline.actions.site import Site
from belowline.app import open_site
from belowline.domain.comments import Draft
from belowline.domain.decisions import Finding
from belowline.domain.policy import Outcome
from belowline.domain.stories import Story
from belowline.domain.users import User
from belowline.metrics import counts
from belowline.settings import Settings

_KEY = "write"
_TEXT = "What somebody thinks of the ferry, the fare and the timetable. " * 4
_NOTED = [
    Finding(check="flood", version="1", code="shouting", weight="note", sentence="In capitals.")
]
_PUBLISHED = Outcome(status="published", reason="mode_open")
_WARM_UP = 0.5


class Stored(msgspec.Struct, frozen=True):
    """Writes a second, writes in a group, and the mean of a commit in seconds."""

    rate: float
    group: float = 1.0
    commit: float = 0.0


def floor(folder: Path, seconds: float) -> Stored:
    """The disk alone, with as many bytes as a comment's text."""
    data = _TEXT.encode()
    file = os.open(folder / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    done = 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        os.write(file, data)
        os.fdatasync(file)
        done += 1
    took = time.perf_counter() - began
    os.close(file)
    return Stored(done / took)


async def storage(folder: Path, writers: int, seconds: float) -> Stored:
    """``writers`` who store a comment after the other, each waiting for the last one's commit."""
    site = open_site(Settings(), folder)
    wanted = stories.Wanted(
        key=_KEY, title="", url="", mode="open", language="en", created_at=datetime.now(UTC)
    )
    await stories.publish(site, [wanted])
    story = await stories.get(site, _KEY)
    people = [_somebody() for _ in range(writers)]

    async def together(seconds: float) -> int:
        end = time.perf_counter() + seconds
        return sum(await asyncio.gather(*(_write(site, one, story, end) for one in people)))

    await together(_WARM_UP)
    before = (counts.group_size.number, counts.group_size.total, counts.commit_time.total)
    began = time.perf_counter()
    done = await together(seconds)
    took = time.perf_counter() - began
    groups = counts.group_size.number - before[0]
    site.storage.close()
    return Stored(
        done / took,
        (counts.group_size.total - before[1]) / groups,
        (counts.commit_time.total - before[2]) / groups,
    )


async def _write(site: Site, author: User, story: Story, end: float) -> int:
    done = 0
    while time.perf_counter() < end:
        draft = Draft(story=_KEY, text=_TEXT, key=f"{random.getrandbits(64):x}")
        await storing.store(Accepted(site, author, story, draft, _TEXT, _NOTED, _PUBLISHED))
        done += 1
    return done


def _somebody() -> User:
    return User(id=random.getrandbits(62), name="", role="reader", created_at=datetime.now(UTC))


if __name__ == "__main__":
    logs.configure("warning")
    place, writers, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    place.mkdir(parents=True, exist_ok=True)
    measured = uvloop.run(storage(place, writers, seconds)) if writers else floor(place, seconds)
    print(msgspec.json.encode(measured).decode())
