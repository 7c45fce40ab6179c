"""Decision 3: on a SQLite file one connection at a time writes or checkpoints, whoever's it is."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from belowline.storage.engine import Storage
from tests.cast import ADA, BEN, newsroom_on, open_storage

_SAID = "Does the ferry still run on Sundays?"

_BACKUP = """{"version":1,"users":[],"posts":[]}
{"id":"a","pid":"","text":"<p>At seven.</p>","user":{"name":"Ada","id":"github_ada"},\
"locator":{"site":"courier","url":"https://courier.example/ferry"},"score":0,"votes":{},\
"time":"2021-05-02T11:00:00Z"}
"""

_WATCHED = """
import fcntl, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

seen = []
lock = sys.argv[1]

def held():
    with open(lock, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False

def note(what, dbapi_connection):
    if not dbapi_connection.execute("PRAGMA query_only").fetchone()[0]:
        seen.append((what, held()))

event.listen(Engine, "begin", lambda c: note("begin", c.connection.dbapi_connection))
event.listen(Engine, "commit", lambda c: note("commit", c.connection.dbapi_connection))
event.listen(Pool, "close", lambda c, _: note("close", c))

@event.listens_for(Engine, "do_connect")
def connect(dialect, record, arguments, options):
    if "mode=ro" not in str(arguments):
        seen.append(("open", held()))

from belowline.cli import main
try:
    main(sys.argv[2:])
finally:
    for what, locked in seen:
        print("SEEN", what, locked, file=sys.stderr)
"""


@contextmanager
def _site(tmp_path: Path) -> Iterator[tuple[Path, Storage]]:
    """A site's folder, and its storage as a server has it open."""
    (tmp_path / "data").mkdir()
    (tmp_path / "stories").mkdir()
    storage = open_storage(f"sqlite:///{tmp_path / 'data' / 'belowline.sqlite'}")
    try:
        yield tmp_path, storage
    finally:
        storage.close()


def _command(site: Path, tmp_path: Path, name: str) -> list[str]:
    if name == "staff":
        return ["staff", "add", "Mona", "--site", str(site)]
    export = tmp_path / "backup.json"
    export.write_text(_BACKUP, encoding="utf-8")
    return ["import", "remark42", str(export), "--site", str(site)]


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.parametrize("name", ["staff", "import"])
def test_a_command_opens_writes_and_closes_only_with_the_lock_held(
    tmp_path: Path, name: str
) -> None:
    with _site(tmp_path) as (site, _):
        lock = site / "data" / "belowline.sqlite.lock"
        run = subprocess.run(
            [sys.executable, "-c", _WATCHED, str(lock), *_command(site, tmp_path, name)],
            capture_output=True,
            text=True,
            env=_environment(),
            check=False,
        )
    assert run.returncode == 0, run.stderr
    seen = [line.split()[1:] for line in run.stderr.splitlines() if line.startswith("SEEN")]
    assert {what for what, _ in seen} == {"open", "begin", "commit", "close"}
    assert [what for what, locked in seen if locked != "True"] == []


def test_a_server_opens_writes_and_closes_only_with_the_lock_held(sqlite_url: str) -> None:
    unlocked: list[str] = []

    def demand(what: str) -> None:
        path = Path(sqlite_url.removeprefix("sqlite:///") + ".lock")
        with path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
        unlocked.append(what)

    with newsroom_on(sqlite_url) as room:
        writer = room.storage._writer
        event.listen(writer, "checkout", lambda *_: demand("checkout"))
        event.listen(writer, "checkin", lambda *_: demand("checkin"))
        event.listen(writer, "close", lambda *_: demand("close"))
        first = room.say(ADA, _SAID)
        room.edit(ADA, first, "Does the ferry run on Sundays?")
        room.reject(room.say(BEN, "Buy pills"))
        room.withdraw(ADA, first)
    assert unlocked == []


def _opened(process: subprocess.Popen[Any], path: Path) -> bool:
    """Whether ``process`` has ``path`` open."""
    for file in Path(f"/proc/{process.pid}/fd").glob("*"):
        try:
            if os.readlink(file) == str(path):
                return True
        except OSError:
            continue
    return False


def test_a_command_waits_for_the_servers_transaction_and_then_goes_on(tmp_path: Path) -> None:
    with _site(tmp_path) as (site, storage):
        lock = site / "data" / "belowline.sqlite.lock"

        def wait_for_the_command(connection: Connection) -> bool:
            command = [sys.executable, "-m", "belowline", *_command(site, tmp_path, "staff")]
            started.append(
                subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, text=True)
            )
            while not _opened(started[0], lock):
                assert started[0].poll() is None
            connection.execute(text("INSERT INTO meta VALUES ('mine', 'here')"))
            return started[0].poll() is None

        started: list[subprocess.Popen[str]] = []
        assert storage.write_now(wait_for_the_command)
        said, _ = started[0].communicate()
        assert started[0].returncode == 0
        assert said.startswith("http")
        assert _rows(storage, "SELECT count(*) FROM users WHERE name = 'Mona'") == 1


def _rows(storage: Storage, query: str) -> Any:
    return storage.read_now(lambda connection: connection.execute(text(query)).scalar())


_KILLED = """
import os, signal, sys
from sqlalchemy import text
from belowline.storage.engine import Storage
storage = Storage(sys.argv[1])
storage.write_now(lambda c: c.execute(text("INSERT INTO meta VALUES ('kept', 'here')")))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_who_only_reads_neither_writes_back_nor_empties_the_log(sqlite_url: str) -> None:
    open_storage(sqlite_url).close()
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, sqlite_url], env=_environment(), check=False
    )
    assert killed.returncode == -signal.SIGKILL
    database = Path(sqlite_url.removeprefix("sqlite:///"))
    log = database.with_name(database.name + "-wal")
    before = database.read_bytes(), log.read_bytes()
    assert before[1]

    storage = Storage(sqlite_url)  # the only ones who have it open, also when they close it
    try:
        assert _rows(storage, "SELECT value FROM meta WHERE key = 'kept'") == "here"
        with storage._reader.connect() as reader:
            driver: Any = reader.connection.dbapi_connection
            with pytest.raises(sqlite3.OperationalError):
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        storage.close()
    assert (database.read_bytes(), log.read_bytes()) == before
