"""Ten thousand comments against as many as wanted: what a site's size costs its readers and staff.

Two seeded sites are served in turn and asked the same: the first page of discussions that nobody
has asked for since the start, a new comment by people who write as often as people do, the desk's
queue. What counts is the time that 99 of 100 answers stay within, one request at a time.

``BENCH_SCALE_COMMENTS`` says how many the large site has (a million when it is not set),
``BENCH_SCALE_FOLDER`` where both are kept for the next run: ten million take about 13 GB.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from belowline import settings as settings_module
from belowline.actions import people
from belowline.app import open_site
from belowline.demo.crowd import Shape, topics
from belowline.domain.stories import story_id
from belowline.signin import guests
from bench.driver import request
from bench.support import Job, Load, Result, Served, Session, drive, serve_belowline

_SMALL = 10_000
_LARGE = int(os.environ.get("BENCH_SCALE_COMMENTS", "1000000"))
_REQUESTS = 400
_WHAT = ("first page", "posting", "desk's queue")
_PATIENCE = 120.0


class Site(msgspec.Struct, frozen=True):
    """A seeded site, and who may ask what there."""

    folder: Path
    shape: Shape
    signing_key: str
    staff: str


def run(session: Session) -> Result:
    """p99 of each kind of request on both sites, and their ratio."""
    kept = os.environ.get("BENCH_SCALE_FOLDER")
    root = Path(kept) if kept else session.folder
    sites = {size: _site(session, root / f"site-{size}", size) for size in (_SMALL, _LARGE)}
    table: list[dict[str, object]] = []
    for what in _WHAT:
        sides = {f"{size:,}": _side(what, site, session) for size, site in sites.items()}
        measured = session.alternate(sides)
        small, large = measured[f"{_SMALL:,}"], measured[f"{_LARGE:,}"]
        table.append(
            {
                "request": what,
                f"p99 at {_SMALL:,} (ms)": round(small.median * 1000, 2),
                f"p99 at {_LARGE:,} (ms)": round(large.median * 1000, 2),
                "ratio": round(large.over(small), 2),
            }
        )
    held = f"{_LARGE // 100:,} comments wait at the large site's desk."
    return Result("scale", table, [f"{_REQUESTS} requests a round, one at a time.", held])


def _site(session: Session, folder: Path, comments: int) -> Site:
    folder.mkdir(parents=True, exist_ok=True)
    session.log(f"  {comments:,} comments in {folder}")
    command = ["seed", str(folder), "--comments", str(comments)]
    subprocess.run([sys.executable, "-m", "belowline", *command], check=True, capture_output=True)
    opened = open_site(settings_module.load(folder), folder)
    try:
        token = asyncio.run(people.add_staff(opened, "Benchmark Editor", "editor"))
        staff = asyncio.run(people.enter(opened, token))
        key = opened.storage.write_now(people.signing_key)
    finally:
        opened.storage.close()
    shape = Shape(seed=1, comments=comments, stories=comments // 100, held=0.01, until=0)
    return Site(folder, shape, key, staff)


def _side(what: str, site: Site, session: Session) -> Callable[[], float]:
    ask = {"first page": _pages, "posting": _posts, "desk's queue": _queues}[what]
    turn = iter(range(1_000_000))

    def measure() -> float:
        chance = random.Random(f"{what} {next(turn)}")
        with serve_belowline(site.folder, posts_per_minute="0") as served:
            _driven(served, [_queue(site)] * 5)
            load = _driven(served, ask(site, chance))
        return load.quantile(0.99)

    return measure


def _driven(served: Served, requests: list[bytes]) -> Load:
    load = drive(Job(port=served.port, requests=requests, connections=1, seconds=_PATIENCE))
    refused = {status: many for status, many in load.statuses.items() if status >= 300}
    if refused or load.done < len(requests):
        raise RuntimeError(f"{load.done} of {len(requests)} answers, of them {refused}")
    return load


def _pages(site: Site, chance: random.Random) -> list[bytes]:
    """First pages, each of another story and order where there are enough: nothing is cached."""
    found = topics(site.shape)
    many = chance.choices(found, [topic.size for topic in found], k=10 * _REQUESTS)
    wanted = {(topic.number, chance.choice(("newest", "oldest", "discussed"))) for topic in many}
    return [
        request("GET", f"/api/v1/stories/seeded-1-{number}/comments?order={order}")
        for number, order in sorted(wanted, key=lambda _: chance.random())[:_REQUESTS]
    ]


def _posts(site: Site, chance: random.Random) -> list[bytes]:
    """Comments by people and under stories that are drawn as the seeded ones were."""
    found = [topic for topic in topics(site.shape) if topic.mode == "open"]
    many = chance.choices(found, [topic.size for topic in found], k=_REQUESTS)
    return [_post(site, topic.number, chance) for topic in many]


def _post(site: Site, story: int, chance: random.Random) -> bytes:
    reader = story_id(f"seeded reader 1 {int(site.shape.readers * chance.random() ** 2)}")
    said = chance.getrandbits(62)
    headers = {
        "Authorization": f"Bearer {guests.issue(site.signing_key, reader)}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"scale-{said}",
    }
    body = msgspec.json.encode({"text": f"Has anybody counted to {said} since yesterday?"})
    return request("POST", f"/api/v1/stories/seeded-1-{story}/comments", headers, body)


def _queue(site: Site) -> bytes:
    return request("GET", "/api/v1/desk/queue", {"Authorization": f"Bearer {site.staff}"})


def _queues(site: Site, chance: random.Random) -> list[bytes]:
    """The first page of what waits, again and again."""
    return [_queue(site)] * (_REQUESTS // 2)
