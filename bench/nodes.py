"""Reading from one process and from several on the same PostgreSQL server.

Two kinds of request: the story page that is everyone's, answered from ready bytes, and the same
page for somebody who is known, which is made for them each time. The first is cheaper for the
server than for the driver, so what tells there is the server's processor time a request: that it
stays the same means that another core brings as much again. The second is all the server's work,
and its rate grows as far as there are cores beside the driver's and the database's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.driver import Job, request
from bench.support import Figures, Result, Served, Session, drive, serve_belowline
from tests.support.postgres import postgres_server

_STORY = "---\nheadline: The ferry\ndate: 2026-05-01\ndiscussion: open\n---\nIt runs on Sundays.\n"
_COMMENTS = 40
_CONNECTIONS = 32
_PROCESSES = sorted({1, 2, os.cpu_count() or 1})


@dataclass
class _Side:
    """A served site, a reader's requests, and what the measurements have cost."""

    served: Served
    known: bytes
    cost: dict[str, list[float]] = field(default_factory=dict)

    def measure(self, kind: str, session: Session) -> float:
        """Answers a second."""
        page = "/stories/ferry"
        asked = request("GET", page) if kind == "ready" else self.known
        before = self.served.cpu_seconds()
        job = Job(
            port=self.served.port,
            requests=[asked],
            connections=_CONNECTIONS,
            seconds=session.seconds,
        )
        load = drive(job)
        if set(load.statuses) != {200}:
            raise RuntimeError(f"answered with {load.statuses}")
        spent = self.served.cpu_seconds() - before
        self.cost.setdefault(kind, []).append(spent / load.done * 1e6)
        return load.rate


def run(session: Session) -> Result:
    """Answers a second and microseconds of processor time each, by number of processes."""
    with ExitStack() as closing:
        postgres = closing.enter_context(postgres_server())
        sides = {}
        for number in _PROCESSES:
            database = closing.enter_context(postgres.fresh_database())
            folder = _made(session.folder / f"site-{number}")
            served = closing.enter_context(
                serve_belowline(folder, database=database, workers=number, posts_per_minute="0")
            )
            sides[number] = _Side(served, _known(served))
        table = [row for kind in ("ready", "made") for row in _rows(kind, sides, session)]
    notes = [
        f"{_CONNECTIONS} connections, a story with {_COMMENTS} comments, "
        f"{os.cpu_count()} cores for the server, its database and the driver together",
        "ready: the page for everyone. made: the page for somebody known, with their own marks",
        "processor time is that of all worker processes, without the database's",
    ]
    return Result("nodes", table, notes)


def _rows(kind: str, sides: dict[int, _Side], session: Session) -> list[dict[str, object]]:
    def measuring(side: _Side) -> Callable[[], float]:
        return lambda: side.measure(kind, session)

    rates = session.alternate({str(number): measuring(side) for number, side in sides.items()})
    alone = rates["1"]
    return [
        {
            "request": kind,
            "processes": number,
            "a second": round(rates[str(number)].median),
            "over one": round(rates[str(number)].over(alone), 2),
            "µs of processor": round(Figures.of(side.cost[kind]).median),
        }
        for number, side in sides.items()
    ]


def _made(folder: Path) -> Path:
    stories = folder / "stories"
    stories.mkdir(parents=True)
    (stories / "ferry.md").write_text(_STORY, encoding="utf-8")
    return folder


def _known(served: Served) -> bytes:
    """A discussion is written; the request of somebody who took part in it."""
    with httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client:
        token: str = client.post("/api/v1/guests").json()["token"]
        for number in range(_COMMENTS):
            client.post(
                "/api/v1/stories/ferry/comments",
                json={"text": f"The harbour office has said so {number} times, says Ada."},
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": f"key-{number}"},
            ).raise_for_status()
    return request("GET", "/stories/ferry", {"Cookie": f"belowline={token}"})
