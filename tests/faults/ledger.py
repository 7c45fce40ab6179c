"""Comparing what was acknowledged with what is stored."""

from __future__ import annotations

from collections import Counter
from functools import partial

from sqlalchemy import Connection, func, select, text

from belowline.domain import ids
from belowline.domain.events import story_stream
from belowline.domain.stories import story_id
from belowline.storage import comments as stored
from belowline.storage.engine import Storage
from belowline.storage.schema import comments, events, recommendations, stories, streams
from tests.cast import truth
from tests.faults.crowd import Crowd, Follower, Ledger


def check(storage: Storage, crowd: Crowd) -> None:
    """Fails with what was lost, doubled, counted wrongly or missed."""
    storage.read_now(lambda connection: _nothing_is_lost_or_doubled(connection, crowd.ledger))
    storage.read_now(_counters_are_what_is_there)
    storage.read_now(_numbers_have_no_gaps)
    if storage.is_sqlite:
        storage.read_now(_the_file_is_whole)
    for follower in crowd.followers:
        storage.read_now(partial(_heard_all, follower))


def _nothing_is_lost_or_doubled(connection: Connection, ledger: Ledger) -> None:
    assert ledger.doubled == []
    rows = {row.id: row for row in connection.execute(select(comments)).all()}
    assert len(rows) == len(ledger.said)  # each was sent until it was acknowledged
    for said in ledger.said:
        row = rows[ids.decode(said.id)]
        assert (row.idempotency_key, row.text) == (said.key, said.text)
        assert row.parent_id == (ids.decode(said.parent) if said.parent else None)
    assert len({said.id for said in ledger.said}) == len(ledger.said)
    wanted = {ids.decode(number): status for number, status in ledger.decided.items()}
    assert {number: rows[number].status for number in wanted} == wanted
    pairs = connection.execute(select(recommendations.c.comment_id)).scalars()
    recommended = Counter(pairs)
    acknowledged = Counter(ids.decode(number) for _, number in ledger.recommended)
    assert all(recommended[number] >= times for number, times in acknowledged.items())


def _counters_are_what_is_there(connection: Connection) -> None:
    recommended = Counter(connection.execute(select(recommendations.c.comment_id)).scalars())
    for story in connection.execute(select(stories)):
        query = stored.written.where(comments.c.story_id == story.id).order_by(comments.c.id)
        written = [stored.from_row(row) for row in connection.execute(query)]
        published = sum(one.status == "published" for one in written)
        assert story.comment_count == published, (story.key, story.comment_count, published)
        assert {one.id: (one.below, one.shown) for one in written} == truth(written)
        assert {one.id: one.recommendations for one in written} == {
            one.id: recommended[one.id] for one in written
        }


def _numbers_have_no_gaps(connection: Connection) -> None:
    for stream in connection.execute(select(streams)):
        numbers = select(func.min(events.c.number), func.max(events.c.number), func.count())
        found = connection.execute(numbers.where(events.c.stream == stream.name)).one()
        assert tuple(found) == (1, stream.number, stream.number)


def _the_file_is_whole(connection: Connection) -> None:
    assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
    assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def _heard_all(follower: Follower, connection: Connection) -> None:
    name = story_stream(story_id(follower.story))
    there = connection.execute(select(events).where(events.c.stream == name)).all()
    published = select(comments.c.id).where(comments.c.status == "published")
    back = set(connection.execute(published).scalars())
    assert follower.numbers == sorted(set(follower.numbers))  # in order, and none twice
    missed = {one.number for one in there} - set(follower.numbers)
    # Of what was removed and has come back only the coming back is told.
    untold = {one.number for one in there if one.kind == "removed" and one.subject in back}
    assert follower.resets or missed <= untold
    appeared = Counter(ids.decode(number) for number in follower.appeared)
    assert appeared <= Counter(one.subject for one in there if one.kind == "comment")
