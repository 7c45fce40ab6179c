"""What is done together: one call for many, and to each their own answer."""

from __future__ import annotations

import asyncio
import threading
from select import select as until_one_has_news
from typing import Any

import pytest
from sqlalchemy import Connection, select

from belowline.domain.errors import Refused
from belowline.metrics import counts
from belowline.storage import comments, groups, outage, raw
from belowline.storage.aside import aside
from belowline.storage.schema import comments as comments_table
from belowline.storage.schema import events, meta
from tests.cast import ADA, BEN, CHIDI, OPEN, Newsroom, truth

_calls: list[list[str]] = []


def _note_all(connection: Connection, keys: list[str]) -> list[str | Exception]:
    """Stores those that are not refused, and remembers with whom each came."""
    _calls.append(keys)
    if "broken" in keys:
        raise ZeroDivisionError
    good = [key for key in keys if key != "refused"]
    raw.insert(connection, meta, ("key", "value"), [(key, "here") for key in good])
    return [Refused("not_found") if key == "refused" else key.upper() for key in keys]


def _notes(room: Newsroom) -> set[str]:
    query = select(meta.c.key).where(meta.c.value == "here")
    return room.storage.read_now(lambda connection: set(connection.execute(query).scalars()))


def _while_the_writer_waits(room: Newsroom, *works: Any) -> list[Any]:
    """What ``works`` (coroutines) come to, queued up behind a write so that they are one group."""
    begun, go_on = threading.Event(), threading.Event()

    def wait(connection: Connection) -> None:
        begun.set()
        go_on.wait()

    async def queue_up() -> list[Any]:
        first = asyncio.ensure_future(room.storage.write(wait))
        await asyncio.to_thread(begun.wait)
        rest = [asyncio.ensure_future(work) for work in works]
        await asyncio.sleep(0)
        go_on.set()
        await first
        return await asyncio.gather(*rest, return_exceptions=True)

    _calls.clear()
    return room.run(queue_up())


def test_one_call_stores_for_all_who_wait_and_answers_each(room: Newsroom) -> None:
    keys = [f"note-{number}" for number in range(40)]
    answers = _while_the_writer_waits(
        room, *(room.storage.write_together(_note_all, key) for key in keys)
    )
    assert _calls == [keys]
    assert answers == [key.upper() for key in keys]
    assert _notes(room) == set(keys)


def test_an_answer_that_is_a_refusal_is_raised_for_its_own_item_only(room: Newsroom) -> None:
    together = room.storage.write_together
    answers = _while_the_writer_waits(
        room, together(_note_all, "one"), together(_note_all, "refused"), together(_note_all, "two")
    )
    assert (answers[0], answers[2]) == ("ONE", "TWO")
    assert isinstance(answers[1], Refused)
    assert _notes(room) == {"one", "two"}


def test_a_call_that_fails_is_repeated_for_each_alone(room: Newsroom) -> None:
    together = room.storage.write_together
    answers = _while_the_writer_waits(
        room, together(_note_all, "one"), together(_note_all, "broken"), together(_note_all, "two")
    )
    assert _calls == [["one", "broken", "two"], ["one"], ["broken"], ["two"]]
    assert (answers[0], answers[2]) == ("ONE", "TWO")
    assert isinstance(answers[1], ZeroDivisionError)
    assert _notes(room) == {"one", "two"}


def test_what_the_database_refuses_harms_nobody_else_in_the_group(room: Newsroom) -> None:
    room.run(room.storage.write_together(_note_all, "taken"))
    keys = ["one", "two", "taken", "three"]
    answers = _while_the_writer_waits(
        room, *(room.storage.write_together(_note_all, key) for key in keys)
    )
    assert [answer for answer in answers if isinstance(answer, str)] == ["ONE", "TWO", "THREE"]
    assert isinstance(answers[2], Refused)
    assert _notes(room) == {"one", "two", "three", "taken"}


def test_whose_connection_goes_away_under_another_error_is_asked_to_come_back(
    room: Newsroom,
) -> None:
    def lost(connection: Connection) -> None:
        raw.run(connection, "INSERT INTO meta (key, value) VALUES ('half', 'here')")
        connection.invalidate()
        raise ZeroDivisionError

    answers = _while_the_writer_waits(
        room, room.storage.write(lost), room.storage.write_together(_note_all, "one")
    )
    assert [one.code for one in answers if isinstance(one, Refused)] == ["unavailable"] * 2
    assert room.run(room.storage.write_together(_note_all, "two")) == "TWO"
    assert _notes(room) == {"two"}


def test_who_stands_still_too_long_in_the_middle_of_a_group_is_asked_to_come_back(
    room: Newsroom,
) -> None:
    """As a node does that is cut off, or whose machine has no time for it."""
    if room.storage.is_sqlite:
        pytest.skip("nobody else waits for it there")

    said = []

    def stand_still(connection: Connection) -> None:
        try:
            with aside(connection):
                raw.run(connection, "SET LOCAL idle_in_transaction_session_timeout = 1")
                driver: Any = connection.connection.driver_connection
                until_one_has_news([driver.fileno()], [], [])  # PostgreSQL says that it is over
                connection.execute(select(meta.c.key)).all()
        except Exception as error:
            said.append(outage.name(error))
            raise

    answers = _while_the_writer_waits(
        room, room.storage.write(stand_still), room.storage.write_together(_note_all, "one")
    )
    assert [one.code for one in answers if isinstance(one, Refused)] == ["unavailable"] * 2
    assert said == ["IdleInTransactionSessionTimeout"]  # the cause, not what came of it
    assert room.run(room.storage.write_together(_note_all, "two")) == "TWO"


def test_a_listener_that_fails_keeps_nothing_from_the_others(room: Newsroom) -> None:
    def broken(_: frozenset[str]) -> None:
        raise ZeroDivisionError

    heard = threading.Event()
    room.storage.listen(broken)
    room.storage.listen(lambda names: heard.set())
    room.say(ADA, "Who pays?")
    assert heard.wait(30)
    assert room.say(BEN, "We do.").status == "published"


def test_a_fault_of_our_own_does_not_end_the_writer(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(counts, "queue_wait", None)
        fault = threading.Event()
        broken.setattr(groups._log, "error", lambda *_, **__: fault.set())
        room.storage._submit(lambda _: None)
        fault.wait()
    assert room.storage.write_age() == 0.0
    assert room.run(room.storage.write_together(_note_all, "after")) == "AFTER"


def test_another_write_between_them_keeps_its_place(room: Newsroom) -> None:
    def look(connection: Connection) -> list[str]:
        query = select(meta.c.key).where(meta.c.value == "here").order_by(meta.c.key)
        return list(connection.execute(query).scalars())

    answers = _while_the_writer_waits(
        room,
        room.storage.write_together(_note_all, "a"),
        room.storage.write_together(_note_all, "b"),
        room.storage.write(look),
        room.storage.write_together(_note_all, "c"),
    )
    assert answers == ["A", "B", ["a", "b"], "C"]
    assert _calls == [["a", "b"], ["c"]]


def test_who_gave_up_before_their_turn_is_not_served(room: Newsroom) -> None:
    async def give_up(key: str) -> None:
        waiting = asyncio.ensure_future(room.storage.write_together(_note_all, key))
        await asyncio.sleep(0)
        waiting.cancel()

    _while_the_writer_waits(
        room, room.storage.write_together(_note_all, "patient"), give_up("hasty")
    )
    room.run(room.storage.write_together(_note_all, "later"))
    assert _notes(room) == {"patient", "later"}


def test_what_is_waited_for_and_written_together_is_counted(room: Newsroom) -> None:
    groups, writes = counts.group_size.number, counts.group_size.total
    waited, committed = counts.queue_wait.number, counts.commit_time.number
    _while_the_writer_waits(
        room, *(room.storage.write_together(_note_all, f"note-{n}") for n in range(9))
    )
    assert counts.group_size.number - groups == 2  # the one that waited, and the nine
    assert counts.group_size.total - writes == 10
    assert counts.queue_wait.number - waited == 10
    assert counts.commit_time.number - committed == 2


def test_reading_together_answers_each_and_sees_one_snapshot(room: Newsroom) -> None:
    comment = room.say(ADA, "Does the ferry still run on Sundays?")

    async def read() -> list[Any]:
        reads = (room.storage.read_together(_texts, number) for number in (comment.id, 1))
        return await asyncio.gather(*reads, return_exceptions=True)

    text, missing = room.run(read())
    assert text == comment.text
    assert isinstance(missing, Refused)


def _texts(connection: Connection, numbers: list[int]) -> list[str | Exception]:
    found = comments.many(connection, numbers)
    return [
        found[number].text if number in found else Refused("comment_unknown") for number in numbers
    ]


def test_many_who_post_at_once_are_counted_as_if_one_after_the_other(room: Newsroom) -> None:
    first = room.say(ADA, "Does the ferry still run on Sundays?")
    reply = room.run(room.says(BEN, "Only in summer.", parent=first)).comment
    room.reject(first)
    room.reject(reply)
    people = (ADA, BEN, CHIDI)
    answers = _while_the_writer_waits(
        room,
        *(
            room.says(people[n % 3], f"Point {n} of many.", parent=(None, first, reply)[n % 3])
            for n in range(12)
        ),
    )
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 8  # nothing of the thread is shown any more
    everything = room.all_comments()
    assert room.count() == 4
    assert truth(everything) == {one.id: (one.below, one.shown) for one in everything}


def test_replies_that_come_together_bring_a_marker_back_once(room: Newsroom) -> None:
    first = room.say(ADA, "Does the ferry still run on Sundays?")
    kept = room.run(room.says(BEN, "Only in summer.", parent=first)).comment
    room.reject(first)
    assert room.now(first).shown
    numbers = room.rows(events)
    _while_the_writer_waits(room, *(room.says(CHIDI, f"Point {n}.", parent=kept) for n in range(5)))
    assert room.now(first).below == 6
    assert room.now(kept).below == 5
    assert room.rows(events) == numbers + 10  # for each a comment and a card, and no marker
    query = select(comments_table.c.id).order_by(comments_table.c.id)
    ids = room.storage.read_now(lambda connection: list(connection.execute(query).scalars()))
    assert len(set(ids)) == 7


def test_one_key_sent_several_times_at_once_is_one_comment(room: Newsroom) -> None:
    answers = _while_the_writer_waits(
        room,
        *(room.says(ADA, "Does it run?", key="the-same") for _ in range(4)),
        room.says(ADA, "Something else.", key="the-same"),
        room.says(BEN, "Does it run?", key="the-same"),
    )
    created = [answer.created for answer in answers if not isinstance(answer, Refused)]
    assert sorted(created) == [False, False, False, True, True]
    assert [answer.code for answer in answers if isinstance(answer, Refused)] == ["key_reused"]
    assert room.count(OPEN) == 2
