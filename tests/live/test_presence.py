"""Who is here and who is typing: numbers that expire, never names."""

from __future__ import annotations

import asyncio

import pytest

from belowline.live.hub import Hub
from belowline.live.nodes import Nodes
from belowline.live.presence import Presence
from belowline.metrics import counts
from belowline.storage import nodes
from belowline.web.pace import Pace
from tests.cast import open_storage
from tests.live.pages import Page, Told, read_frames

STREAM = "story:1"


class _Room:
    """A discussion with some open pages and a clock that is set."""

    def __init__(self, pages: int = 1, smallest_crowd: int = 1, name: str = STREAM) -> None:
        self.now = 100.0
        self.hub = Hub()
        self.presence = Presence(self.hub, lambda: self.now, smallest_crowd)
        self.stream = self.hub.begin(name, 0)
        self.pages = [Page() for _ in range(pages)]
        for page in self.pages:
            self.hub.join(page, self.stream, "en")

    def hears(self, *, repeat: bool = False) -> list[Told]:
        """What the first page is told by the next tick."""
        asyncio.run(self.presence.tick(repeat=repeat))
        return self.pages[0].taken()


def test_the_number_of_readers_is_told_when_it_changes() -> None:
    room = _Room(pages=2)
    assert room.hears() == [(None, "active", {"active": 2})]
    assert room.hears() == []
    room.hub.leave(room.pages[1])
    assert room.hears() == [(None, "active", {"active": 1})]
    assert room.hears(repeat=True) == [(None, "active", {"active": 1})]


def test_a_small_crowd_is_not_counted_aloud() -> None:
    room = _Room(pages=2, smallest_crowd=3)
    room.presence.types(STREAM, "page-a", None, stopped=False)
    assert room.hears() == [(None, "active", {"active": None})]


def test_somebody_typing_is_told_where_it_happens_and_never_who() -> None:
    room = _Room(pages=3)
    room.hears()
    room.presence.types(STREAM, "page-a", None, stopped=False)
    room.presence.types(STREAM, "page-b", "01", stopped=False)
    room.presence.types(STREAM, "page-c", "01", stopped=False)
    room.presence.types(STREAM, "page-c", "01", stopped=False)
    ((_, name, data),) = room.hears()
    assert name == "typing"
    assert data == {"threads": [{"parent": None, "count": 1}, {"parent": "01", "count": 2}]}
    assert room.hears() == []


def test_typing_is_forgotten_after_a_few_seconds_or_at_once() -> None:
    room = _Room()
    room.hears()
    room.presence.types(STREAM, "page-a", None, stopped=False)
    assert len(room.hears()) == 1
    room.now += 6.5
    assert room.hears() == [(None, "typing", {"threads": []})]
    room.presence.types(STREAM, "page-a", None, stopped=False)
    assert len(room.hears()) == 1
    room.presence.types(STREAM, "page-a", None, stopped=True)
    assert room.hears() == [(None, "typing", {"threads": []})]


def test_a_page_that_comes_later_is_told_at_once() -> None:
    room = _Room()
    room.presence.types(STREAM, "page-a", "01", stopped=False)
    room.hears()
    told = read_frames(b"".join(room.presence.greeting(STREAM)))
    assert told == [
        (None, "active", {"active": 1}),
        (None, "typing", {"threads": [{"parent": "01", "count": 1}]}),
    ]


def test_recommendations_are_gathered_into_one_message() -> None:
    room = _Room()
    room.hears()
    for number in range(5):
        room.presence.tally(STREAM, "01", number)
    room.presence.tally(STREAM, "02", 9)
    assert room.hears() == [(None, "recommended", {"comments": {"01": 4, "02": 9}})]
    assert room.hears() == []


def test_a_discussion_that_everybody_left_is_forgotten() -> None:
    room = _Room()
    room.presence.types(STREAM, "page-a", None, stopped=False)
    room.presence.tally(STREAM, "01", 1)
    room.hub.leave(room.pages[0])
    room.now += 6.5
    asyncio.run(room.presence.tick())
    assert not room.presence._typing
    assert not room.presence._tallies


@pytest.mark.parametrize("name", ["desk", "other"])
def test_the_desk_is_not_told_who_is_there(name: str) -> None:
    assert _Room(name=name).hears(repeat=True) == []


def test_of_thousands_who_come_the_first_are_told_at_once_and_the_rest_now_and_then() -> None:
    room = _Room(pages=500)
    assert room.hears() == [(None, "active", {"active": 500})]
    for _ in range(5):
        room.hub.join(Page(), room.stream, "en")
    assert room.hears() == []
    assert room.hears(repeat=True) == [(None, "active", {"active": 505})]


def test_a_node_whose_words_nobody_understands_is_there_and_says_nothing(postgres_url: str) -> None:
    """As while nodes are brought up to another release, one after the other."""
    room = _Room()
    storage = open_storage(postgres_url)
    try:
        storage.aside_now(lambda connection: nodes.exchange(connection, "other", b"\xc1"))
        asyncio.run(Nodes(storage, room.presence, Pace()).exchange())
    finally:
        storage.close()
    assert counts.nodes == 2
    assert room.hears() == [(None, "active", {"active": 1})]
