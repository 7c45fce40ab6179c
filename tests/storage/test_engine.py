"""The one writer: group commit, what an answer means, and who hears of it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, select, text

from belowline.domain.errors import Refused
from belowline.domain.events import story_stream
from belowline.domain.stories import story_id
from belowline.storage import comments, engine, streams
from belowline.storage.engine import Storage
from belowline.storage.schema import events, meta
from tests.cast import ADA, BEGINNING, BEN, OPEN, Newsroom, driver_url, open_storage

STREAM = story_stream(story_id(OPEN))


class _Mistake(Exception):
    pass


def _note(key: str) -> Any:
    def write(connection: Connection) -> str:
        connection.execute(meta.insert().values(key=key, value="here"))
        return key

    return write


def _notes(storage: Storage) -> set[str]:
    query = select(meta.c.key).where(meta.c.value == "here")
    return storage.read_now(lambda connection: set(connection.execute(query).scalars()))


@contextmanager
def _commits(storage: Storage) -> Iterator[list[int]]:
    """Counts the writer's commits."""
    counted: list[int] = []

    def count(connection: Connection) -> None:
        counted.append(1)

    event.listen(storage._writer, "commit", count)
    try:
        yield counted
    finally:
        event.remove(storage._writer, "commit", count)


def _while_the_writer_waits(room: Newsroom, works: list[Any]) -> list[Any]:
    """Has ``works`` queue up behind one that waits, so that they make one group."""
    begun, go_on = threading.Event(), threading.Event()

    def wait(connection: Connection) -> None:
        begun.set()
        go_on.wait()

    async def queue_up() -> list[Any]:
        first = asyncio.ensure_future(room.storage.write(wait))
        await asyncio.to_thread(begun.wait)
        rest = [asyncio.ensure_future(room.storage.write(work)) for work in works]
        await asyncio.sleep(0)
        go_on.set()
        await first
        return await asyncio.gather(*rest, return_exceptions=True)

    return room.run(queue_up())


def test_writes_that_wait_together_are_committed_together(room: Newsroom) -> None:
    with _commits(room.storage) as commits:
        answers = _while_the_writer_waits(room, [_note(f"note-{n}") for n in range(50)])
    assert answers == [f"note-{n}" for n in range(50)]
    assert len(_notes(room.storage)) == 50
    assert len(commits) == 2  # the one that waited, and the fifty


def test_a_write_that_fails_undoes_only_itself(room: Newsroom) -> None:
    def fail(connection: Connection) -> None:
        _note("half-done")(connection)
        raise _Mistake

    answers = _while_the_writer_waits(room, [_note("before"), fail, _note("after")])
    assert answers[0] == "before"
    assert isinstance(answers[1], _Mistake)
    assert answers[2] == "after"
    assert _notes(room.storage) == {"before", "after"}


def test_a_write_that_the_database_refuses_undoes_only_itself(room: Newsroom) -> None:
    answers = _while_the_writer_waits(
        room, [_note("before"), _note("before"), _note("after"), _note("at the end")]
    )
    assert answers[0] == "before"
    assert isinstance(answers[1], Refused)
    assert answers[1].code == "unavailable"
    assert answers[2:] == ["after", "at the end"]
    assert _notes(room.storage) == {"before", "after", "at the end"}


def test_an_answer_means_that_another_connection_sees_it(room: Newsroom, database_url: str) -> None:
    other = create_engine(driver_url(database_url))
    try:
        for number in range(5):
            room.storage.write_now(_note(f"note-{number}"))
            with other.connect() as connection:
                found = connection.execute(
                    select(meta.c.value).where(meta.c.key == f"note-{number}")
                ).scalar()
            assert found == "here"
    finally:
        other.dispose()


def test_a_reader_cannot_write(sqlite_url: str) -> None:
    storage = open_storage(sqlite_url)
    try:
        with pytest.raises(Refused) as refused:
            storage.read_now(_note("sneaked in"))
        assert refused.value.code == "unavailable"
        assert not _notes(storage)
    finally:
        storage.close()


def test_the_numbers_of_events_have_no_gaps_and_are_in_order(room: Newsroom) -> None:
    def say_and_stumble(number: int) -> Any:
        def write(connection: Connection) -> None:
            streams.append(connection, STREAM, "mode", subject=number, now=BEGINNING)
            if number % 3 == 0:
                raise _Mistake

        return write

    _while_the_writer_waits(room, [say_and_stumble(number) for number in range(60)])
    room.say(ADA, "Does the ferry still run on Sundays?")
    found = room.storage.read_now(lambda connection: streams.after(connection, STREAM, 0, 1_000))
    assert [one.number for one in found] == list(range(1, 42))
    assert [one.subject for one in found[:40]] == [n for n in range(60) if n % 3]


def test_an_event_is_there_exactly_when_its_comment_is(room: Newsroom) -> None:
    def say_and_fail(connection: Connection) -> None:
        streams.append(connection, STREAM, "comment", subject=1, root=1, delta=1, now=BEGINNING)
        raise _Mistake

    with pytest.raises(_Mistake):
        room.storage.write_now(say_and_fail)
    assert room.rows(events) == 0
    comment = room.say(ADA, "The timetable says so.")
    found = room.storage.read_now(lambda connection: streams.after(connection, STREAM, 0, 10))
    assert [(one.number, one.subject, one.delta) for one in found] == [(1, comment.id, 1)]


def test_listeners_hear_of_what_this_process_writes(room: Newsroom) -> None:
    heard = threading.Event()

    def listen(names: frozenset[str]) -> None:
        if names == {STREAM, "desk"}:
            heard.set()

    room.storage.listen(listen)
    room.say(ADA, "I took it last week.")
    assert heard.wait(20)


def test_listeners_hear_of_what_another_process_writes(room: Newsroom, database_url: str) -> None:
    heard = threading.Event()
    other = open_storage(database_url)
    try:
        ready = threading.Event()

        def listen(names: frozenset[str]) -> None:
            if "*" in names and not ready.is_set():
                ready.set()
            elif names & {"*", STREAM}:
                heard.set()

        other.listen(listen)
        assert ready.wait(20)  # its first look at the database
        room.say(BEN, "So did I, and it was late.")
        assert heard.wait(20)
    finally:
        other.close()


def test_storage_that_is_closed_has_finished_what_was_queued(database_url: str) -> None:
    storage = open_storage(database_url)
    futures = [storage._submit(_note(f"note-{number}")) for number in range(100)]
    storage.close()
    assert {future.result(timeout=0) for future in futures} == {f"note-{n}" for n in range(100)}
    again = open_storage(database_url)
    try:
        assert len(_notes(again)) == 100
    finally:
        again.close()


def test_too_many_waiting_writes_are_refused_at_once(sqlite_url: str) -> None:
    storage = open_storage(sqlite_url)
    begun, go_on = threading.Event(), threading.Event()

    def wait(connection: Connection) -> None:
        begun.set()
        go_on.wait()

    try:
        storage._submit(wait)
        begun.wait()
        for _ in range(10_000):
            storage._submit(lambda connection: None)
        with pytest.raises(Refused) as refused:
            storage._submit(lambda connection: None)
        assert refused.value.code == "unavailable"
    finally:
        go_on.set()
        storage.close()


_QUIET = "from belowline import logs; logs.configure('warning')"  # what is printed is compared

_HOLDER = """
import sys, threading
from sqlalchemy import text
from belowline.storage.engine import Storage
storage = Storage(sys.argv[1])
def hold(connection):
    connection.execute(text("INSERT INTO meta VALUES ('holder', 'here')"))
    print("held", flush=True)
    sys.stdin.readline()
storage.write_now(hold)
print("done", flush=True)
sys.stdin.readline()
storage.close()
"""


@contextmanager
def _program(source: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", f"{_QUIET}\n{source}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        with process:
            yield process
    finally:
        process.kill()
        process.wait()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_only_one_process_at_a_time_writes_to_a_sqlite_file(sqlite_url: str) -> None:
    storage = open_storage(sqlite_url)
    try:
        with _program(_HOLDER, sqlite_url) as holder:
            assert _line(holder) == "held"
            mine = storage._submit(_note("mine"))
            assert _notes(storage) == set()  # reading goes on
            assert not mine.done()
            _go_on(holder)
            assert _line(holder) == "done"
            assert mine.result(timeout=30) == "mine"
            _go_on(holder)
        assert _notes(storage) == {"holder", "mine"}
    finally:
        storage.close()


_WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from tests.cast import ADA, OPEN, Newsroom, open_storage
from belowline.domain.rules import Rules
room = Newsroom(open_storage(sys.argv[1]), Rules(), ())
async def write(writer):
    for number in range(100_000):
        posted = await room.says(ADA, f"Note {number}", key=f"{writer}-{number}")
        print(posted.comment.id, flush=True)
async def everyone():
    await asyncio.gather(*(write(writer) for writer in range(8)))
asyncio.run(everyone())
"""


def test_a_killed_process_loses_nothing_that_it_acknowledged(
    room: Newsroom, database_url: str
) -> None:
    with _program(_WRITER, database_url) as writer:
        acknowledged = [_line(writer) for _ in range(60)]
        writer.send_signal(signal.SIGKILL)
        assert writer.stdout is not None
        rest = writer.stdout.read().splitlines(keepends=True)
    acknowledged += [line.strip() for line in rest if line.endswith("\n")]
    wanted = {int(line) for line in acknowledged}
    assert len(wanted) >= 60
    found = {comment.id for comment in room.all_comments()}
    assert wanted <= found
    assert room.count() == len(found)
    numbers = room.storage.read_now(
        lambda connection: [
            one.number for one in streams.after(connection, STREAM, 0, len(found) + 1)
        ]
    )
    assert numbers == list(range(1, len(found) + 1))
    room.say(BEN, "And writing goes on.")


def test_a_file_that_survived_a_kill_is_whole(sqlite_url: str) -> None:
    open_storage(sqlite_url).close()
    with _program(_WRITER_ALONE, sqlite_url) as writer:
        for _ in range(50):
            _line(writer)
        writer.send_signal(signal.SIGKILL)
    storage = open_storage(sqlite_url)
    try:
        checked = storage.read_now(
            lambda connection: connection.execute(text("PRAGMA integrity_check")).scalar()
        )
        assert checked == "ok"
    finally:
        storage.close()


_WRITER_ALONE = """
import sys
from sqlalchemy import text
from belowline.storage.engine import Storage
storage = Storage(sys.argv[1])
for number in range(1_000_000):
    storage.write_now(lambda connection: connection.execute(
        text("INSERT INTO meta VALUES (:key, 'here')"), {"key": f"note-{number}"}))
    print(number, flush=True)
"""


def test_nothing_is_written_to_files_that_are_no_longer_at_their_place(sqlite_url: str) -> None:
    storage = open_storage(sqlite_url)
    path = Path(str(storage.url.database))
    aside = path.with_name("aside")
    try:
        storage.write_now(_note("before"))
        for moved in (path, Path(f"{path}-wal")):
            moved.rename(aside)
            for another in (False, True):
                if another:
                    moved.write_bytes(aside.read_bytes())
                with pytest.raises(Refused) as refused:
                    storage.write_now(_note("lost"))
                assert refused.value.code == "unavailable"
                assert moved.exists() is another
            aside.replace(moved)
            assert storage.write_now(_note(f"after {moved.name}"))
        assert _notes(storage) == {"before", f"after {path.name}", f"after {path.name}-wal"}
    finally:
        storage.close()


def test_the_log_that_grew_while_somebody_read_for_long_becomes_small_again(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    smaller = {"wal_autocheckpoint=4000": "wal_autocheckpoint=10"}
    smaller |= {one: "journal_size_limit=100000" for one in engine._WRITING if "limit" in one}
    monkeypatch.setattr(engine, "_WRITING", [smaller.get(one, one) for one in engine._WRITING])
    storage = open_storage(sqlite_url)
    log = Path(f"{storage.url.database}-wal")
    try:

        def long(connection: Connection) -> int:
            connection.execute(select(meta)).all()
            for number in range(60):
                storage.write_now(_note(f"{number}-{'long ' * 1_000}"))
            return log.stat().st_size

        assert storage.read_now(long) > 500_000
        for number in range(3):
            storage.write_now(_note(f"after-{number}"))
        assert log.stat().st_size <= 100_000
    finally:
        storage.close()


def test_a_lost_connection_is_told_as_unavailable_and_the_next_write_works(
    postgres_url: str,
) -> None:
    storage = open_storage(postgres_url)
    try:

        def cut(connection: Connection) -> None:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        with pytest.raises(Refused) as refused:
            storage.write_now(cut)
        assert refused.value.code == "unavailable"
        assert storage.write_now(_note("after the cut")) == "after the cut"
    finally:
        storage.close()


def test_two_servers_number_one_stream_without_gaps(postgres_url: str) -> None:
    storages = [open_storage(postgres_url) for _ in range(2)]
    try:
        futures = [
            storages[number % 2]._submit(
                lambda connection: streams.append(connection, STREAM, "mode", now=BEGINNING)
            )
            for number in range(100)
        ]
        assert sorted(future.result(timeout=30) for future in futures) == list(range(1, 101))
        assert storages[0].read_now(lambda c: streams.number(c, STREAM)) == 100
    finally:
        for storage in storages:
            storage.close()


def test_comments_of_unknown_ids_are_simply_not_there(room: Newsroom) -> None:
    assert room.storage.read_now(lambda connection: comments.get(connection, 1)) is None
    assert room.storage.read_now(lambda connection: comments.many(connection, [1, 2])) == {}
    assert room.storage.read_now(lambda connection: comments.replies(connection, [], limit=3)) == {}
