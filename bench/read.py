"""Reading: what one core spends on a story's page, its fragment and its JSON.

Belowline below ASGI and as ordinary ASGI, nginx with the same bytes as files and the same headers,
and the floor, a bare protocol that answers everything with those bytes. Then the rivals with the
same comments, and the first page of ever longer discussions.

The servers differ in how much of a core they leave idle under one load, so what is compared is the
processor time that each spends on an answer; requests a second are given beside it.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from belowline.demo.crowd import Shape, Talk, topics
from belowline.domain.ordering import ORDERS
from bench.driver import Job, request
from bench.rivals import Rival, Said, debian, nginx, rivals
from bench.support import (
    Figures,
    Missing,
    Result,
    Row,
    Served,
    Session,
    cpu_seconds,
    drive,
    free_port,
    serve_belowline,
)

_CONNECTIONS = 32
_RIVALS_CONNECTIONS = 8
_SIZES = {100: 1, 1_000: 2, 100_000: 3}  # comments -> seed
_LONG = 100_000
_PAGES = {
    "story page": "/stories/{0}",
    "fragment": "/fragments/stories/{0}",
    "JSON": "/api/v1/stories/{0}/comments",
}
_KEPT = "open_file_cache max=1000 inactive=1h; open_file_cache_valid 1h;"
_CODINGS = ("br", "zstd", "gzip", "identity")
_OURS, _ASGI, _FLOOR = "Belowline", "as ordinary ASGI", "bare protocol"
_NGINX, _TUNED = "nginx", "tuned nginx"
_RATIOS = {
    "Belowline / nginx": (_OURS, _NGINX),
    "Belowline / tuned nginx": (_OURS, _TUNED),
    "ASGI / nginx": (_ASGI, _NGINX),
    "bare protocol / nginx": (_FLOOR, _NGINX),
}
_WRITTEN_BY_NGINX = {
    *("date", "server", "content-length", "content-type", "connection", "transfer-encoding"),
}


@dataclass(frozen=True)
class Asked:
    """A server's process and the request it is to answer."""

    pid: int
    port: int
    path: str
    coding: str


@dataclass(frozen=True)
class Case:
    """One answer of ours, in all its bytes."""

    name: str
    path: str
    coding: str
    whole: bytes

    @property
    def head(self) -> list[tuple[str, str]]:
        """The headers without the status."""
        lines = self.whole.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]

    @property
    def body(self) -> bytes:
        """The content."""
        return self.whole.partition(b"\r\n\r\n")[2]


def run(session: Session) -> Result:
    """Each kind of answer by each server; the rivals; long discussions."""
    notes = [
        "CPU us: processor time of the server's processes for one answer; per core against nginx: "
        f"nginx's divided by it, so more is better; {_CONNECTIONS} connections",
        "nginx: Debian's settings (sendfile, tcp_nopush), one process, no log, a location a file; "
        "tuned nginx: open_file_cache too, so that a file is opened once and not for each answer",
    ]
    folder = session.folder / "reading-site"
    folder.mkdir()
    for comments in _SIZES:
        seed(folder, comments)
    with serve_belowline(folder) as ours, _ordinary(folder) as ordinary:
        cases = [
            _case(ours, f"{page}, {comments:,} comments", path.format(key_of(comments)), coding)
            for comments in (100, 1_000)
            for page, path in _PAGES.items()
            for coding in _CODINGS
        ]
        table = _against_files(session, ours, ordinary, cases, notes)
        table += _long(session, ours)
        table += _against_rivals(session, ours, notes)
    keys = list(dict.fromkeys(key for row in table for key in row))
    return Result("read", [{key: row.get(key, "") for key in keys} for row in table], notes)


# -- against files -------------------------------------------------------------------------


def _against_files(
    session: Session,
    ours: Served,
    ordinary: tuple[int, int],
    cases: list[Case],
    notes: list[str],
) -> list[Row]:
    quick = Session(max(1.0, session.seconds / 5), min(3, session.rounds), *_rest(session))
    send = _sender(notes)
    with ExitStack() as stack:
        files = None
        try:
            files = stack.enter_context(_files(session.folder / "files", cases))
        except Missing as missing:
            notes.append(str(missing))
        table = []
        for number, case in enumerate(cases):
            session.log(f"  {case.name}, {case.coding}")
            with _floor(session.folder / "floor", case) as floor:
                sides = {
                    _OURS: Asked(ours.pid, ours.port, case.path, case.coding),
                    _ASGI: Asked(*ordinary, case.path, case.coding),
                    _FLOOR: Asked(*floor, case.path, case.coding),
                }
                if files:
                    pid, port = files
                    sides[_NGINX] = Asked(pid, port, f"/{number}", case.coding)
                    sides[_TUNED] = Asked(pid, port, f"/tuned/{number}", case.coding)
                table.append(_compared(quick, case, sides, send))
    return [*table, *_overall(table, bool(files))]


def _rest(session: Session) -> tuple[Path, Callable[[str], None]]:
    return session.folder, session.log


def _compared(
    session: Session,
    case: Case,
    sides: dict[str, Asked],
    send: Callable[[Asked, float], float],
) -> Row:
    rates: dict[str, list[float]] = {name: [] for name in sides}

    def side(name: str, asked: Asked) -> Callable[[], float]:
        def measure() -> float:
            before = cpu_seconds(asked.pid)
            done = send(asked, session.seconds)
            rates[name].append(done / session.seconds)
            return (cpu_seconds(asked.pid) - before) / done * 1e6

        return measure

    for asked in sides.values():
        _whole(asked.port, asked.path, asked.coding)  # what is asked for first is made
    figures = session.alternate({name: side(name, asked) for name, asked in sides.items()})
    row: Row = {"what": case.name, "coding": case.coding, "bytes": len(case.body)}
    for name, found in figures.items():
        row[f"{name}, CPU us"] = round(found.median, 1)
    row["spread"] = f"{max(found.spread for found in figures.values()):.0%}"
    row["Belowline a second"] = round(Figures.of(rates[_OURS]).median)
    if _NGINX in figures:
        for ratio, (name, other) in _RATIOS.items():
            row[ratio] = round(figures[other].over(figures[name]), 2)
    return row


def _overall(table: list[Row], has_files: bool) -> list[Row]:
    """The medians of the columns that are ratios."""
    if not has_files:
        return []
    ratios = {name: round(Figures.of([row[name] for row in table]).median, 2) for name in _RATIOS}
    return [{"what": "median of the above", **ratios}]


def _sender(notes: list[str]) -> Callable[[Asked, float], float]:
    """Sends one request again and again, and says how many were answered."""
    try:
        wrk = debian("wrk", "wrk")
    except Missing as missing:
        notes.append(f"{missing}; driven by bench.driver, which is slower than nginx")
        return _driven
    notes.append("driven by wrk with one thread")
    return partial(_by_wrk, wrk)


def _by_wrk(wrk: str, asked: Asked, seconds: float) -> float:
    done = subprocess.run(
        [
            *(wrk, "-t1", f"-c{_CONNECTIONS}", f"-d{max(1, round(seconds))}s"),
            *("-H", f"Accept-Encoding: {asked.coding}"),
            f"http://127.0.0.1:{asked.port}{asked.path}",
        ],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    found = re.search(r"(\d+) requests in", done)
    if not found or "Non-2xx" in done or "Socket errors" in done:
        raise RuntimeError(f"{asked} was not answered as it should be:\n{done}")
    return int(found[1])


def _driven(asked: Asked, seconds: float) -> float:
    raw = request("GET", asked.path, {"Accept-Encoding": asked.coding})
    load = drive(Job(port=asked.port, requests=[raw], connections=_CONNECTIONS, seconds=seconds))
    if set(load.statuses) != {200} or load.broken:
        raise RuntimeError(f"{asked}: {load.statuses}, {load.broken} broken")
    return load.done


# -- the servers ---------------------------------------------------------------------------


@contextmanager
def _ordinary(folder: Path) -> Iterator[tuple[int, int]]:
    with _printing_its_port("bench.ordinary", str(folder)) as found:
        yield found


@contextmanager
def _floor(file: Path, case: Case) -> Iterator[tuple[int, int]]:
    file.write_bytes(case.whole)
    with _printing_its_port("bench.floor", str(file)) as found:
        yield found


@contextmanager
def _printing_its_port(*command: str) -> Iterator[tuple[int, int]]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RuntimeError(f"{command[0]} ended")
        yield process.pid, int(line)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def _files(folder: Path, cases: list[Case]) -> Iterator[tuple[int, int]]:
    """nginx with a file and a location for each case."""
    folder.mkdir()
    places = []
    for number, case in enumerate(cases):
        (folder / f"{number}.bin").write_bytes(case.body)
        media = next(value for name, value in case.head if name == "content-type")
        headers = "".join(
            f'add_header {name} "{_quoted(value)}";'
            for name, value in case.head
            if name not in _WRITTEN_BY_NGINX
        )
        inside = f'alias {folder}/{number}.bin; types {{}} default_type "{media}"; {headers}'
        places.append(
            f"location = /{number} {{ {inside} }} location = /tuned/{number} {{ {inside} {_KEPT} }}"
        )
    port = free_port()
    servers = (
        "sendfile on; tcp_nopush on; keepalive_requests 1000000000; etag off; server_tokens off; "
        f"server {{ listen 127.0.0.1:{port}; {' '.join(places)} }}"
    )
    with nginx(folder / "nginx", servers) as pid:
        yield pid, port


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _case(served: Served, name: str, path: str, coding: str) -> Case:
    return Case(name, path, coding, _whole(served.port, path, coding))


def _whole(port: int, path: str, coding: str) -> bytes:
    """An answer with its head. Raises RuntimeError when it is not 200."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request("GET", path, {"Accept-Encoding": coding}))
        whole = b""
        while b"\r\n\r\n" not in whole:
            whole += connection.recv(65536)
        head = whole.partition(b"\r\n\r\n")[0]
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        if not head.startswith(b"HTTP/1.1 200 ") or not length:
            raise RuntimeError(f"{path}: {head!r}")
        while len(whole) < len(head) + 4 + int(length[1]):
            whole += connection.recv(65536)
    return whole


# -- long discussions ----------------------------------------------------------------------


def _long(session: Session, ours: Served) -> list[Row]:
    """First pages that nobody has asked for yet, of a short and of a very long discussion."""
    table = []
    for page, path in _PAGES.items():
        measured = {}
        for comments in (100, _LONG):
            target = path.format(key_of(comments))
            limits = range(10, 50) if page == "JSON" else [None]
            asked = [
                request("GET", f"{target}?order={order}{f'&limit={limit}' if limit else ''}{more}")
                for order in ORDERS
                for limit in limits
                for more in ("", "&lang=de", "&lang=ar")
            ]
            load = drive(Job(port=ours.port, requests=asked, connections=1, seconds=60))
            if len(load.acknowledged) < len(asked):
                raise RuntimeError(f"{target}: {load.statuses}")
            measured[comments] = load.quantile(0.5) * 1e3, load.received / load.done
        (short_time, short_bytes), (long_time, long_bytes) = measured[100], measured[_LONG]
        table.append(
            {
                "what": f"first {page}, not ready, {_LONG:,} comments against 100",
                "coding": "identity",
                "bytes": round(long_bytes),
                "ms": round(long_time, 2),
                "time over that of 100": round(long_time / short_time, 2),
                "bytes over those of 100": round(long_bytes / short_bytes, 2),
            }
        )
    return table


# -- against the rivals --------------------------------------------------------------------


def _against_rivals(session: Session, ours: Served, notes: list[str]) -> list[Row]:
    table = []
    send = _sender([])
    with rivals(session, notes) as others:
        for comments in (100, 1_000):
            said = said_in(comments)
            for rival in others:
                session.log(f"  filling {rival.name} with {len(said):,} comments")
                rival.fill(f"story-{comments}", said)
            table += _rates(session, ours, others, comments, send)
    return table


def _rates(
    session: Session,
    ours: Served,
    others: list[Rival],
    comments: int,
    send: Callable[[Asked, float], float],
) -> list[Row]:
    """Requests a second for a story's comments, as each client asks for them."""
    path = _PAGES["JSON"].format(key_of(comments))
    us = Asked(ours.pid, ours.port, path, "br")
    sizes: dict[str, float] = {}
    spent: dict[str, float] = {}

    def our_side() -> float:
        before = cpu_seconds(ours.pid)
        done = send(us, session.seconds)
        spent[_OURS] = (cpu_seconds(ours.pid) - before) / done
        return done / max(1, round(session.seconds))

    def side(rival: Rival) -> Callable[[], float]:
        def measure() -> float:
            before = rival.cpu_seconds()
            job = Job(
                port=rival.port,
                requests=[rival.read(f"story-{comments}")],
                connections=_RIVALS_CONNECTIONS,
                seconds=session.seconds,
            )
            load = drive(job)
            if set(load.statuses) != {200}:
                raise RuntimeError(f"{rival.name}: {load.statuses}, {load.broken} broken")
            sizes[rival.name] = load.received / load.done
            spent[rival.name] = (rival.cpu_seconds() - before) / load.done
            return load.rate

        return measure

    sides = {_OURS: our_side, **{rival.name: side(rival) for rival in others}}
    figures = session.alternate(sides)
    return [
        {
            "what": f"{comments:,} comments, as its client asks",
            "side": name,
            "bytes": round(sizes.get(name, 0)) or "",
            "a second": round(found.median, 1),
            "low": round(found.low, 1),
            "high": round(found.high, 1),
            "CPU us each": round(spent[name] * 1e6, 1),
            "ours over it": round(figures[_OURS].over(found)),
            "CPU over ours": round(spent[name] / spent[_OURS]),
        }
        for name, found in figures.items()
    ]


# -- what is read --------------------------------------------------------------------------


def seed(folder: Path, comments: int) -> None:
    """Fills a site with one story of so many comments, none of them held."""
    command = ("seed", str(folder), "--comments", str(comments), "--stories", "1")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "belowline",
            *command,
            "--seed",
            str(_SIZES[comments]),
            "--held",
            "0",
        ],
        check=True,
        capture_output=True,
    )


def key_of(comments: int) -> str:
    """The key of that story."""
    return f"seeded-{_SIZES[comments]}-0"


def said_in(comments: int) -> list[Said]:
    """The texts and threads that our story of so many comments was seeded with.

    Each text ends with its number, for Waline refuses one that was there before.
    """
    shape = Shape(seed=_SIZES[comments], comments=comments, stories=1, held=0, until=0)
    (topic,) = topics(shape)
    return [
        Said(f"{said.text} {number}", said.parent if said.parent >= 0 else None)
        for number, said in enumerate(Talk(shape).discussion(topic))
    ]
