"""Paging through discussions while they move, and what nobody but its author sees."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from belowline.actions import reading
from belowline.domain.comments import Comment
from belowline.domain.ids import id_at
from belowline.domain.ordering import ORDERS, Cursor, encode_cursor
from belowline.domain.rules import Rules
from belowline.domain.stories import story_id
from belowline.domain.threads import Node, Page
from belowline.render import PageContext, present, render_discussion
from belowline.render.present import Viewer
from belowline.storage import schema
from belowline.storage import stories as stored_stories
from belowline.web.cache import Answer
from tests.cast import ADA, BEGINNING, BEN, CHIDI, MONA, OPEN, REVIEWED, Newsroom, newsroom_on
from tests.cast import refusal_of as refused

PEOPLE = (ADA, BEN, CHIDI)


@pytest.fixture
def room(database_url: str) -> Iterator[Newsroom]:
    """A newsroom with small pages, where nothing is held."""
    with newsroom_on(database_url, rules=Rules(threads_per_page=4), checks=()) as opened:
        yield opened


def _page(room: Newsroom, order: str, cursor: str = "", key: str = OPEN) -> Page:
    return room.run(reading.page(room.site, key, order, cursor))


def _through(room: Newsroom, order: str, between: Callable[[], None]) -> list[int]:
    """The threads of all pages; ``between`` happens after each."""
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = _page(room, order, cursor)
        seen += [node.comment.id for node in page.threads]
        cursor = page.next
        between()
    return seen


class _Crowd:
    """Says random things at random places."""

    def __init__(self, room: Newsroom, seed: int) -> None:
        self.room = room
        self.chance = random.Random(seed)
        self.written: list[Comment] = []

    def says_something(self) -> None:
        """A thread or a reply anywhere."""
        parent = None
        if self.written and self.chance.random() < 0.6:
            parent = self.chance.choice(self.written)
        who = self.chance.choice(PEOPLE)
        self.written.append(self.room.say(who, f"Line {len(self.written)}.", parent=parent))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("order", list(ORDERS))
def test_paging_skips_nothing_and_shows_nothing_twice_while_people_write(
    room: Newsroom, order: str, seed: int
) -> None:
    crowd = _Crowd(room, seed)
    for _ in range(40):
        crowd.says_something()
    there = {one.id for one in crowd.written if one.parent is None}

    def between() -> None:
        for _ in range(3 if len(crowd.written) < 70 else 0):
            crowd.says_something()

    seen = _through(room, order, between)
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


def test_threads_come_in_their_order(room: Newsroom) -> None:
    said = [room.say(ADA, f"Thread {number}.") for number in range(6)]
    for number, answers in ((2, 3), (4, 1)):
        for answer in range(answers):
            room.say(BEN, f"Answer {answer}.", parent=said[number])
    written = [one.id for one in said]

    def nothing() -> None:
        pass

    assert _through(room, "oldest", nothing) == written
    assert _through(room, "newest", nothing) == written[::-1]
    discussed = [written[number] for number in (2, 4, 5, 3, 1, 0)]
    assert _through(room, "discussed", nothing) == discussed


def test_replies_are_paged_while_more_arrive(room: Newsroom) -> None:
    first = room.say(ADA, "What do you all say?")
    there = [room.say(BEN, f"Answer {n}.", parent=first).id for n in range(50)]
    page = _page(room, "newest")
    node = page.threads[0]
    seen = [reply.comment.id for reply in node.replies]
    assert node.more == 50 - len(seen)
    cursor = node.next
    while cursor:
        room.say(CHIDI, "And I!", parent=first)
        _, node = room.run(reading.replies(room.site, first.id, cursor))
        seen += [reply.comment.id for reply in node.replies]
        cursor = node.next
    assert len(seen) == len(set(seen))
    assert seen[:50] == there
    assert len(seen) == room.now(first).below


def test_every_comment_of_a_random_discussion_can_be_reached(room: Newsroom) -> None:
    crowd = _Crowd(room, 7)
    for _ in range(80):
        crowd.says_something()
    seen: list[int] = []

    def walk(node: Node) -> None:
        seen.append(node.comment.id)
        for reply in node.replies:
            walk(reply)
        cursor = node.next
        while cursor:
            _, rest = room.run(reading.replies(room.site, node.comment.id, cursor))
            for reply in rest.replies:
                walk(reply)
            cursor = rest.next

    cursor: str | None = ""
    while cursor is not None:
        page = _page(room, "newest", cursor)
        for thread in page.threads:
            walk(thread)
        cursor = page.next
    assert sorted(seen) == sorted(one.id for one in crowd.written)


# -- links that are not ours ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        "e30",
        "W10",
        "\u00fc",
        encode_cursor(Cursor("oldest", 1, 0, 0)),
        encode_cursor(Cursor("newest", -1, 0, 0)),
        encode_cursor(Cursor("newest", 1 << 63, 0, 0)),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(room: Newsroom, cursor: str) -> None:
    assert refused(lambda: _page(room, "newest", cursor)) == "cursor_bad"


@pytest.mark.parametrize("order", list(ORDERS))
def test_the_largest_cursor_that_could_be_ours_is_harmless(room: Newsroom, order: str) -> None:
    room.say(ADA, "Alone.")
    largest = (1 << 63) - 1
    page = _page(room, order, encode_cursor(Cursor(order, largest, largest, largest)))
    assert len(page.threads) <= 1


def test_what_is_not_there_is_refused(room: Newsroom) -> None:
    assert refused(lambda: _page(room, "best")) == "order_unknown"
    assert refused(lambda: _page(room, "newest", key="nowhere")) == "story_unknown"
    assert refused(lambda: _page(room, "newest", key="")) == "story_key"
    assert refused(lambda: room.run(reading.context(room.site, 12))) == "comment_unknown"
    assert refused(lambda: room.run(reading.replies(room.site, 12))) == "comment_unknown"


# -- must not fail 3: held comments are nobody's but their author's ------------------------------


def test_a_held_comment_is_seen_by_its_author_only(room: Newsroom) -> None:
    held = room.say(ADA, "Who pays for the roof?", story=REVIEWED)
    assert _page(room, "newest", key=REVIEWED).threads == ()
    for viewer in (None, BEN, MONA):
        read = reading.context(room.site, held.id, viewer)
        assert room.refused(read) == "comment_unknown"
    assert room.run(reading.context(room.site, held.id, ADA)).node.comment.id == held.id
    mine = room.run(reading.mine(room.site, REVIEWED, ADA))
    assert [one.id for one in mine.comments] == [held.id]
    assert room.run(reading.mine(room.site, REVIEWED, BEN)).comments == ()
    assert room.run(reading.latest(room.site, REVIEWED, 10)) == []
    assert room.run(reading.latest(room.site, None, 10)) == []
    assert room.run(reading.counts(room.site, [REVIEWED])) == {REVIEWED: 0}


def test_a_removed_comment_leaves_a_marker_only_while_something_stands_below_it(
    room: Newsroom,
) -> None:
    first = room.say(ADA, "You fool.")
    reply = room.say(BEN, "Please stay polite.", parent=first)
    room.reject(first, "personal_attack")
    page = _page(room, "newest")
    assert [(node.comment.id, node.comment.status) for node in page.threads] == [
        (first.id, "rejected")
    ]
    assert page.story.count == 1
    room.withdraw(BEN, reply)
    assert _page(room, "newest").threads == ()
    assert room.count() == 0


def test_counts_of_keys_that_nobody_knows_are_nought(room: Newsroom) -> None:
    room.say(ADA, "One.")
    keys = [OPEN, "nowhere", "\x00", "x" * 600, ""]
    assert room.run(reading.counts(room.site, keys)) == {OPEN: 1} | dict.fromkeys(keys[1:], 0)


# -- must not fail 5: the first page is bounded --------------------------------------------------

WORDS = [
    *("harbour", "council", "ferry", "budget", "roof", "school", "winter", "island", "bridge"),
    *("keeper", "vote", "fare", "timetable", "pilot", "engine", "storm", "question", "price"),
    *("neighbour", "market", "fish", "company", "mayor", "answer"),
]


def _fill(room: Newsroom, key: str, number: int) -> None:
    """Puts a random discussion into the tables at once: said one by one it would take minutes."""
    chance = random.Random(number)
    story = story_id(key)
    rows: list[dict[str, Any]] = []
    for at in range(number):
        parent = chance.choice(rows) if rows and chance.random() < 0.6 else None
        moment = BEGINNING + timedelta(milliseconds=at)
        one = id_at(moment, number)
        rows.append(
            {
                "id": one,
                "story_id": story,
                "parent_id": parent["id"] if parent else None,
                "root_id": parent["root_id"] if parent else one,
                "depth": parent["depth"] + 1 if parent else 0,
                "author_id": PEOPLE[at % 3].id,
                "text": " ".join(chance.choices(WORDS, k=chance.randrange(10, 60))) + ".",
                "status": "published",
                "created_at": moment,
                "below": 0,
                "shown": True,
            }
        )
    by_id = {row["id"]: row for row in rows}
    for row in rows:
        above = by_id.get(row["parent_id"])
        while above is not None:
            above["below"] += 1
            above = by_id.get(above["parent_id"])

    def write(connection: Connection) -> None:
        connection.execute(schema.comments.insert(), rows)
        stored_stories.add_to_count(connection, story, number)

    room.storage.write_now(write)


@contextmanager
def _statements(room: Newsroom) -> Iterator[list[str]]:
    told: list[str] = []

    def tell(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        told.append(statement)

    engine = room.storage._reader
    event.listen(engine, "before_cursor_execute", tell)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", tell)


def _fragment(page: Page) -> str:
    view = present.discussion(page, Viewer(now=BEGINNING), nonce="1", max_characters=10_000)
    surroundings = PageContext(
        language="en",
        site_name="The Harbour Post",
        base_url="https://post.example",
        path="/",
        now=BEGINNING,
        asset=str,
    )
    return render_discussion(view, surroundings)


def test_the_first_page_of_5000_comments_is_as_cheap_as_that_of_50(
    database_url: str,
) -> None:
    with newsroom_on(database_url) as room:
        cost: dict[tuple[int, str], int] = {}
        for number in (50, 5_000):
            key = room.add_story(f"story-of-{number}")
            _fill(room, key, number)
            assert room.count(key) == number
            for order in ORDERS:
                with _statements(room) as told:
                    page = _page(room, order, key=key)
                cost[number, order] = len(told)
                html = _fragment(page)
                coding, packed = Answer(html.encode(), "text/html").encoded("br")
                assert coding == "br"
                assert len(packed) <= 40 * 1024
        assert max(cost.values()) <= 12  # one for each level of replies, however many there are
