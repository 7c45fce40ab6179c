"""Several programs on one PostgreSQL database: they hear of each other, and take turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Connection, text

from belowline.storage import streams
from belowline.storage.engine import Storage
from tests.cast import BEGINNING, open_storage

ROUNDS = 20


@pytest.fixture
def nodes(postgres_url: str) -> Iterator[list[Storage]]:
    """Two programs on one database."""
    opened = [open_storage(postgres_url) for _ in range(2)]
    yield opened
    for storage in opened:
        storage.close()


def say(stream: str, connection: Connection) -> int:
    return streams.append(connection, stream, "comment", now=BEGINNING)


def test_each_hears_what_the_other_writes_and_its_own_only_once(nodes: list[Storage]) -> None:
    here, there = nodes
    heard: dict[Storage, list[str]] = {here: [], there: []}
    listening, whole = threading.Barrier(3), threading.Barrier(3)
    hear_in(here, heard[here], listening, whole)
    hear_in(there, heard[there], listening, whole)
    listening.wait(60)
    for stream in ("one", "two"):
        here.write_now(partial(say, stream))
    there.write_now(partial(say, "last"))
    whole.wait(60)
    assert heard[here] == ["one", "two", "last"]
    assert sorted(heard[there]) == ["last", "one", "two"]


def hear_in(
    storage: Storage, heard: list[str], listening: threading.Barrier, whole: threading.Barrier
) -> None:
    """Notes what ``storage`` hears, and meets the others when it listens and has heard three."""
    hints: list[frozenset[str]] = []

    def hear(names: frozenset[str]) -> None:
        if "*" in names:
            hints.append(names)
            if len(hints) == 2:  # connected, and listening
                listening.wait(60)
            return
        heard.extend(names)
        if len(heard) == 3:
            threading.Thread(target=whole.wait, args=(60,)).start()

    storage.listen(hear)


def test_groups_that_touch_the_same_rows_in_opposite_order_do_not_wait_in_a_circle(
    nodes: list[Storage],
) -> None:
    def both(first: str, second: str, connection: Connection) -> None:
        say(first, connection)
        connection.execute(text("SELECT pg_sleep(0.01)"))
        say(second, connection)

    def write(storage: Storage, first: str, second: str) -> None:
        for _ in range(ROUNDS):
            storage.write_now(partial(both, first, second))

    writers = [
        threading.Thread(target=write, args=(nodes[0], "a", "b")),
        threading.Thread(target=write, args=(nodes[1], "b", "a")),
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    numbers = nodes[0].read_now(lambda connection: streams.numbers(connection, ["a", "b"]))
    assert numbers == {"a": 2 * ROUNDS, "b": 2 * ROUNDS}
    deadlocks = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert nodes[0].read_now(lambda connection: connection.execute(deadlocks).scalar()) == 0


def test_what_is_written_aside_stands_without_a_group(nodes: list[Storage]) -> None:
    here, there = nodes
    query = text("INSERT INTO meta (key, value) VALUES ('aside', '1')")
    here.aside_now(lambda connection: connection.execute(query))
    found = text("SELECT value FROM meta WHERE key = 'aside'")
    assert there.read_now(lambda connection: connection.execute(found).scalar()) == "1"
