"""Several worker processes serve one site on PostgreSQL."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from belowline.cli import init
from tests.support.server import Server, run_server

WORKERS = 3
_RELEASE = r'belowline_build_info\{.*worker="(\d)"'
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def asked(server: Server, path: str) -> str:
    with _open(f"{server.url}{path}", timeout=30) as answer:
        text: str = answer.read().decode()
        return text


def pids(server: Server) -> list[int]:
    """The worker processes."""
    tasks = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    return [int(pid) for path in tasks for pid in path.read_text().split()]


def answering(server: Server) -> set[str]:
    """The workers that have answered requests, by their names; known a second later."""
    answered = re.findall(r'requests_total\{.*worker="(\d)"\} (\S+)', asked(server, "/metrics"))
    return {worker for worker, number in answered if float(number)}


def until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.fixture
def courier(tmp_path: Path) -> Path:
    init(tmp_path / "courier")
    return tmp_path / "courier"


def test_workers_share_the_readers_and_one_that_dies_is_replaced_while_nobody_is_turned_away(
    courier: Path, postgres_url: str
) -> None:
    with run_server(courier, database=postgres_url, workers=WORKERS) as server:
        server.said("(Serving on http)")
        first = pids(server)
        assert len(first) == WORKERS
        os.kill(first[1], signal.SIGKILL)
        for _ in range(40):  # each a connection of its own, a third of them to the dead one's place
            assert '"ok"' in asked(server, "/healthz")
        until(lambda: len(pids(server)) == WORKERS)
        assert first[0] in pids(server)
        assert first[1] not in pids(server)
        assert set(re.findall(_RELEASE, asked(server, "/metrics"))) == {"0", "1", "2"}
        until(lambda: len(answering(server)) == WORKERS)
        server.process.terminate()
        assert server.process.wait(timeout=60) == 0
        assert "Traceback" not in server.output()


def test_workers_end_when_their_supervisor_is_killed(courier: Path, postgres_url: str) -> None:
    with run_server(courier, database=postgres_url, workers=2) as server:
        left = pids(server)
        server.kill()
        until(lambda: all(map(is_gone, left)))


def test_workers_drain_and_are_hurried_by_a_second_signal(courier: Path, postgres_url: str) -> None:
    with run_server(
        courier, database=postgres_url, workers=2, drain_seconds="600", log_level="info"
    ) as server:
        server.said("(Serving on http)")
        server.process.send_signal(signal.SIGTERM)
        until(lambda: server.output().count("server.stopping") == 2)
        assert '"ok"' in asked(server, "/healthz")
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=60) == 0


def refused(courier: Path, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "belowline", "serve", str(courier), "--port", "0", *arguments],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    return run.stderr


def test_a_sqlite_file_is_served_by_one_process(courier: Path) -> None:
    assert refused(courier, "--workers", "2") == (
        "belowline: workers: a SQLite file is served by one process; "
        "leave workers at 1, or name a PostgreSQL database\n"
    )


def test_workers_whose_database_is_not_there_say_so_once(courier: Path) -> None:
    said = refused(courier, "--workers", "2", "--database", "postgresql://postgres@127.0.0.1:1/x")
    assert said.startswith("belowline: cannot use the database")
    assert said.count("\n") == 1
