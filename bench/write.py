"""Writing: the storage layer against the disk it stands on, and posting over HTTP.

Every comment is on disk before it is answered. The floor is what one writer reaches who appends
as many bytes to a file and forces them to disk, which is the most that a program without group
commit could do. The slowed disk is the same one with 2 ms added to every flush, under both.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from bench.driver import Job, Load, request
from bench.rivals import Rival, rivals
from bench.storing import Stored
from bench.support import Missing, Result, Row, Served, Session, drive, serve_belowline
from bench.texts import comment

_HERE = Path(__file__).parent
_SLOWER = 2_000  # microseconds
_WRITERS = (1, 32, 256)
_CLIENTS = (1, 32)
_MOST_A_SECOND = 10_000
_STORY = "---\nheadline: The ferry\ndate: 2026-05-01\ndiscussion: open\n---\nIt runs on Sundays.\n"


def run(session: Session) -> Result:
    """The storage layer on this disk and on a slow one, then HTTP with 1 client and with 32."""
    notes = ["floor: append a comment's bytes to a file, fdatasync, and again, one at a time"]
    table = _storage(session, {}, "this disk")
    try:
        table += _storage(session, slow_disk(session.folder), "2 ms more a flush")
    except Missing as missing:
        notes.append(str(missing))
    with rivals(session, notes) as others:
        table += _http(session, [_poster(rival) for rival in others])
    notes.append(
        "storage: comment, revision, finding, decision, counters and events in one transaction, "
        "by `actions.storing.store`; HTTP: everything, with all checks on and no limit of pace"
    )
    notes.append("the rivals: neither moderation nor limits of pace; each at its own durability")
    keys = list(dict.fromkeys(key for row in table for key in row))
    return Result("write", [{key: row.get(key, "") for key in keys} for row in table], notes)


# -- the storage layer ---------------------------------------------------------------------


def _storage(session: Session, environment: dict[str, str], disk: str) -> list[Row]:
    last: dict[str, Stored] = {}

    def side(name: str, writers: int) -> Callable[[], float]:
        def measure() -> float:
            last[name] = _stored(session, writers, environment)
            return last[name].rate

        return measure

    sides = {f"{writers} writers": side(f"{writers} writers", writers) for writers in _WRITERS}
    figures = session.alternate({"floor": side("floor", 0), **sides})
    return [
        {
            "what": f"storage, {disk}",
            "side": name,
            "a second": round(found.median),
            "low": round(found.low),
            "high": round(found.high),
            "over the floor": round(found.over(figures["floor"]), 2),
            "in a group": round(last[name].group, 1),
            "commit ms": round(last[name].commit * 1e3, 2),
        }
        for name, found in figures.items()
    ]


def _stored(session: Session, writers: int, environment: dict[str, str]) -> Stored:
    folder = session.folder / f"storing-{random.getrandbits(32):x}"
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "bench.storing"),
                *(str(folder), str(writers), str(session.seconds)),
            ],
            env=os.environ | environment,
            cwd=_HERE.parent,
            capture_output=True,
            check=True,
        )
        return msgspec.json.decode(done.stdout, type=Stored)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def slow_disk(folder: Path) -> dict[str, str]:
    """The environment of a process for which every flush takes 2 ms longer.

    Raises Missing where there is no C compiler.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Missing("the slowed disk needs a C compiler: apt-get install gcc libc6-dev")
    library = folder / "slow_disk.so"
    options = ("-shared", "-fPIC", "-O2", "-o", str(library))
    subprocess.run([compiler, *options, str(_HERE / "slow_disk.c"), "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "SLOW_FLUSH": str(_SLOWER)}


# -- over HTTP -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Poster:
    """A server to post to: ``make`` gives the request for a text, each time a new comment."""

    name: str
    port: int
    make: Callable[[str], bytes]
    cpu_seconds: Callable[[], float]
    may_refuse: bool = False  # a rival that does so is not what this run is about


def _poster(rival: Rival) -> Poster:
    story = "ferry"
    return Poster(
        rival.name,
        rival.port,
        lambda text: rival.post(story, text, None),
        rival.cpu_seconds,
        may_refuse=True,
    )


def _http(session: Session, others: Sequence[Poster]) -> list[Row]:
    with _belowline(session) as ours:
        return [row for clients in _CLIENTS for row in _posting(session, [ours, *others], clients)]


def _posting(session: Session, posters: Sequence[Poster], clients: int) -> list[Row]:
    loads: dict[str, Load] = {}
    spent: dict[str, float] = {}

    def side(poster: Poster) -> Callable[[], float]:
        def measure() -> float:
            before = poster.cpu_seconds()
            loads[poster.name] = load = _load(session, poster, clients)
            taken = len(load.acknowledged)
            spent[poster.name] = (poster.cpu_seconds() - before) / max(1, taken)
            return taken / load.elapsed

        return measure

    figures = session.alternate({poster.name: side(poster) for poster in posters})
    ours = figures[posters[0].name]
    return [
        {
            "what": f"HTTP, {clients} client{'s' if clients > 1 else ''}",
            "side": name,
            "a second": round(found.median),
            "low": round(found.low),
            "high": round(found.high),
            "ours over it": round(ours.over(found), 2),
            "p50 ms": round(loads[name].quantile(0.5) * 1e3, 2),
            "p99 ms": round(loads[name].quantile(0.99) * 1e3, 2),
            "CPU ms each": round(spent[name] * 1e3, 3),
            "refused": loads[name].done - len(loads[name].acknowledged),
        }
        for name, found in figures.items()
    ]


def _load(session: Session, poster: Poster, clients: int) -> Load:
    """Raises RuntimeError when a single comment was not taken that should have been."""
    posts = [poster.make(comment()) for _ in range(int(_MOST_A_SECOND * session.seconds))]
    job = Job(port=poster.port, requests=posts, connections=clients, seconds=session.seconds)
    load = drive(job)
    refused = {status: number for status, number in load.statuses.items() if status >= 300}
    if (refused or load.broken) and not poster.may_refuse:
        raise RuntimeError(f"{poster.name} refused: {refused}, broken: {load.broken}")
    return load


@contextmanager
def _belowline(session: Session) -> Iterator[Poster]:
    """A site with one story, and a guest for each client; without limits of pace."""
    folder = session.folder / "writing-site"
    (folder / "stories").mkdir(parents=True, exist_ok=True)
    (folder / "stories" / "ferry.md").write_text(_STORY, encoding="utf-8")
    with serve_belowline(folder, posts_per_minute="0") as server:
        guests = itertools.cycle([_guest(server) for _ in range(max(_CLIENTS))])

        def make(text: str) -> bytes:
            headers = {
                "Authorization": f"Bearer {next(guests)}",
                "Content-Type": "application/json",
                "Idempotency-Key": f"{random.getrandbits(64):x}",
            }
            body = json.dumps({"text": text}).encode()
            return request("POST", "/api/v1/stories/ferry/comments", headers, body)

        yield Poster("Belowline", server.port, make, server.cpu_seconds)


def _guest(server: Served) -> str:
    answer = httpx.post(f"{server.url}/api/v1/guests", trust_env=False).raise_for_status()
    token: str = answer.json()["token"]
    return token
