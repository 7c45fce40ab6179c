"""No query takes longer because the site has grown: each goes by an index, on both databases.

Everything that people and the program itself do is done once on a seeded site while the engines
are listened to, and each statement's plan is looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, event, select

from belowline.actions import (
    campaigns,
    deciding,
    keeping,
    people,
    posting,
    reacting,
    reading,
    stories,
)
from belowline.actions.importing import bring_in
from belowline.demo import growing
from belowline.domain.comments import Comment, Draft
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.ordering import ORDERS
from belowline.domain.stories import story_id
from belowline.importers import ImportedComment, ImportedStory, ImportedUser, Record
from belowline.storage import comments, decisions, schema, streams
from belowline.storage.rows import analyze
from tests.campaigns.texts import DISGUISED, WRAPPED
from tests.cast import ADA, BEGINNING, BEN, CHIDI, MONA, OPEN, Newsroom, person

GROWING = set(schema.metadata.tables) - {"meta"}

IN_ORDER_OF_AN_INDEX = {
    "ix_stories_created_at",  # the latest stories
    "ix_decisions_people",  # what people decided last: holds nothing else
}
"""Indexes that may be read from their beginning, for as many entries as are asked for."""

SORTS_OF_FEW = (
    "WITH RECURSIVE chain",  # the comments above one
    "comments.id IN (SELECT",  # the replies on a page, what waits on a page
    "FROM findings JOIN",  # what the checks say of a page
    "FROM reports",  # what readers say of a page
    "FROM events",  # 2,000 events at most
    "FROM users",  # staff
    "count(*) AS count_1",  # an author's latest thousand; a page's replies
    "DISTINCT comments.story_id",  # where somebody who takes another name has written
)
"""Beginnings and parts of statements whose sorting is bounded by something else than growth."""


class Statements:
    """What was sent to the database: statement -> its parameters, once each."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def hear(self, _: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        """Notes a statement of the kinds that have plans."""
        if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", statement):
            self.found.setdefault(statement, parameters[0] if many else parameters)


@contextmanager
def listening() -> Iterator[Statements]:
    """Everything that databases are asked meanwhile."""
    heard = Statements()
    event.listen(Engine, "before_cursor_execute", heard.hear)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", heard.hear)


def test_every_query_goes_by_an_index(room: Newsroom) -> None:
    growing.grow(room.site, growing.shape_of(1, 6_000, 60, 0.02, 1_777_000_000_000), _quietly)
    room.storage.write_now(analyze)
    busiest, biggest = _busiest(room)
    with listening() as heard:
        _read_everything(room, busiest, biggest)
        _write_everything(room, biggest)
        room.storage.read_now(_follow_live)
    assert len(heard.found) > 60
    slow = [
        f"{why}: {' '.join(statement.split())}"
        for statement, parameters in heard.found.items()
        if (why := _objection(room, statement, parameters))
    ]
    assert slow == [], "\n\n".join(slow)


def _quietly(done: int, total: int) -> None:
    pass


# -- everything that is done ---------------------------------------------------------------


def _busiest(room: Newsroom) -> tuple[Comment, str]:
    """The comment with the most replies in a story that is one of many, and the story's key."""

    def look(connection: Connection) -> tuple[Comment, str]:
        of_many = select(schema.stories.c.id).where(schema.stories.c.comment_count.between(80, 150))
        query = comments.written.where(schema.comments.c.story_id.in_(of_many))
        query = query.order_by(schema.comments.c.below.desc()).limit(1)
        found = comments.from_row(connection.execute(query).one())
        by_id = schema.stories.c.id == found.story
        return found, connection.execute(select(schema.stories.c.key).where(by_id)).scalar_one()

    return room.storage.read_now(look)


def _read_everything(room: Newsroom, busiest: Comment, key: str) -> None:
    site, run = room.site, room.run
    reader = person(busiest.author)
    for order in ORDERS:
        first = run(reading.page(site, key, order))
        assert first.next is not None
        run(reading.page(site, key, order, first.next))
    _, node = run(reading.replies(site, busiest.id))
    if node.next:
        run(reading.replies(site, busiest.id, node.next))
    run(reading.one(site, busiest.id))
    deepest = node.replies[0].comment
    run(reading.context(site, deepest.id))
    run(reading.mine(site, key, reader))
    run(reading.latest(site, key, 20))
    run(reading.latest(site, None, 20))
    run(reading.counts(site, [key, OPEN]))
    run(reading.story_or_empty(site, key))
    run(stories.get(site, key))
    _, more = run(stories.some(site, "", 10))
    assert more is not None
    run(stories.some(site, more, 10))
    queue = run(deciding.queue(site, MONA, limit=20))
    run(deciding.queue(site, MONA, after=queue.next, limit=20))
    run(deciding.card(site, MONA, queue.cards[0].comment.id))
    run(deciding.latest(site, MONA))
    run(people.muted(site, ADA))


def _write_everything(room: Newsroom, key: str) -> None:
    site, run = room.site, room.run
    said = room.say(ADA, "What does the harbour master say?", story=key)
    reply = room.say(BEN, "Nothing, as always.", story=key, parent=said)
    below = room.say(CHIDI, "He said it yesterday.", story=key, parent=reply)
    run(posting.post(site, ADA, Draft(story=key, text="Once.", key="once")))
    run(posting.post(site, ADA, Draft(story=key, text="Once.", key="once")))
    room.edit(CHIDI, below, "He said it on Monday.")
    run(reacting.recommend(site, BEN, said.id, on=True))
    run(reacting.recommend(site, BEN, said.id, on=False))
    run(reacting.report(site, CHIDI, said.id, "abuse"))
    decision = room.reject(said)
    run(deciding.decision(site, MONA, decision.id))
    room.undo(decision)
    room.withdraw(CHIDI, below)
    run(people.set_name(site, BEN, "Benedict"))
    run(people.mute(site, ADA, BEN.id, on=True))
    run(people.mute(site, ADA, BEN.id, on=False))
    token = run(people.add_staff(site, "Edgar", "editor"))
    session = run(people.enter(site, token))
    run(people.by_token(site, room.storage.write_now(people.signing_key), session))
    run(people.leave(site, session))
    run(stories.put(site, MONA, "the-quay", title="The quay", mode="reviewed"))
    run(stories.put(site, MONA, "the-quay", title="The long quay"))
    run(keeping.forget_events(site, timedelta(days=7)))
    run(keeping.forget_prints(site))
    _flood(room, key)
    run(bring_in(site, "disqus", _export(), lambda done: None))


def _flood(room: Newsroom, key: str) -> None:
    """A campaign, and what staff do about it."""
    site, run = room.site, room.run
    copies = [room.say(who, text, story=key) for who in (ADA, BEN, CHIDI) for text in WRAPPED]
    room.edit(ADA, copies[0], "Something else altogether, about the weather on the ridge.")
    (one,) = run(campaigns.waiting(site, MONA))
    run(campaigns.show(site, MONA, one.campaign.id))
    run(
        campaigns.decide(
            site, MONA, one.campaign.id, "reject", reason="spam", apart_from=[copies[1].id], hours=2
        )
    )
    room.say(CHIDI, DISGUISED[1], story=key)


def _export() -> list[Record]:
    author = ImportedUser(key="ada", name="Ada")
    first, second = (
        ImportedComment(
            key=key,
            story_key="the-pier",
            parent_key=parent,
            author=author,
            text="Who owns the pier?",
            created_at=BEGINNING,
            status="published",
            place=key,
        )
        for key, parent in (("1", None), ("2", "1"))
    )
    return [ImportedStory(key="the-pier", title="The pier"), second, first]


def _follow_live(connection: Connection) -> None:
    """What the relay asks when pages are open."""
    stream = story_stream(story_id(OPEN))
    number = streams.number(connection, stream)
    streams.numbers(connection, [stream, DESK_STREAM])
    streams.after(connection, stream, max(0, number - 5), 200)
    decisions.count_waiting(connection)


# -- plans ---------------------------------------------------------------------------------


def _objection(room: Newsroom, statement: str, parameters: Any) -> str:
    """What is wrong with the plan, "" when nothing is."""
    look = _objection_of_sqlite if room.storage.is_sqlite else _objection_of_postgresql
    return room.storage.read_now(lambda connection: look(connection, statement, parameters))


def _objection_of_sqlite(connection: Connection, statement: str, parameters: Any) -> str:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    for step in (row[3] for row in plan):
        scanned = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
        if scanned and _table(statement, scanned[1]) and scanned[2] not in IN_ORDER_OF_AN_INDEX:
            return str(step)
        if "TEMP B-TREE" in step and not _sorts_few(statement):
            return str(step)
    return ""


def _table(statement: str, name: str) -> bool:
    """Whether ``name`` is a table that grows, under whatever alias."""
    aliased = re.search(rf"(\w+) AS {name}\b", statement)
    return (aliased[1] if aliased else name) in GROWING


def _objection_of_postgresql(connection: Connection, statement: str, parameters: Any) -> str:
    ways = ["seqscan", "bitmapscan", *([] if _sorts_few(statement) else ["sort"])]
    for way in ways:  # each is taken even so where there is no other
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    for step in _steps(plan[0]["Plan"]):
        kind = step["Node Type"]
        if kind == "Seq Scan" and step["Relation Name"] in GROWING:
            return f"{kind} on {step['Relation Name']}"
        whole = kind.startswith("Index") and "Index Cond" not in step
        named = step.get("Index Name", "")
        if whole and named not in IN_ORDER_OF_AN_INDEX and not _is_latest(statement, named):
            return f"{kind} of all of {step['Index Name']}"
        if kind in ("Sort", "Incremental Sort") and not _sorts_few(statement):
            return f"{kind} by {step['Sort Key']}"
    return ""


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _steps(below)


def _is_latest(statement: str, index: str) -> bool:
    """The site's latest comment, or its latest published ones: nearly all of the latest are."""
    if index != "pk_comments" or "story_id =" in statement:
        return False
    return "LIMIT" in statement or statement.startswith("SELECT max(comments.id)")


def _sorts_few(statement: str) -> bool:
    return any(part in statement.replace("\n", "") for part in SORTS_OF_FEW)
