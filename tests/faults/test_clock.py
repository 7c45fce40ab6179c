"""The clock is set back, or was ahead before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from belowline.actions import posting, reading
from belowline.domain.rules import Rules
from tests.cast import ADA, BEGINNING, BEN, OPEN, Newsroom, newsroom_on
from tests.faults.shim import Faults
from tests.faults.town import Town


@pytest.fixture
def room(database_url: str) -> Iterator[Newsroom]:
    """A newsroom on a fresh database of each kind."""
    with newsroom_on(database_url, rules=Rules(edit_window=timedelta(minutes=15))) as opened:
        yield opened


def _texts(room: Newsroom, order: str) -> list[str]:
    page = room.run(reading.page(room.site, OPEN, order))
    return [node.comment.text for node in page.threads]


def test_what_is_written_later_stands_later_whatever_the_clock_says(room: Newsroom) -> None:
    for number in range(3):
        room.say(ADA, f"Before {number}")
    room.clock.now -= timedelta(days=1)
    for number in range(3):
        room.say(BEN, f"After {number}")
    in_order = [f"{when} {number}" for when in ("Before", "After") for number in range(3)]
    assert _texts(room, "oldest") == in_order
    assert _texts(room, "newest") == in_order[::-1]


def test_a_reply_to_a_comment_from_the_future_stands_below_it(room: Newsroom) -> None:
    comment = room.say(ADA, "The boat will be late.")
    room.clock.now -= timedelta(hours=2)
    reply = room.say(BEN, "It always is.", parent=comment)
    another = room.say(ADA, "Not on Sundays.", parent=comment)
    assert comment.id < reply.id < another.id
    assert reply.created_at < comment.created_at  # times are what the clock said


def test_sending_again_after_the_clock_was_set_back_doubles_nothing(room: Newsroom) -> None:
    first = room.run(room.says(ADA, "Once", key="one"))
    room.clock.now -= timedelta(hours=1)
    second = room.run(room.says(ADA, "Once", key="one"))
    assert (second.comment.id, second.created) == (first.comment.id, False)


def test_the_time_for_editing_is_longer_by_what_the_clock_was_set_back(room: Newsroom) -> None:
    comment = room.say(ADA, "The boat will be late.")
    room.clock.now -= timedelta(hours=1)
    assert room.edit(ADA, comment, "The boat was late.").revision == 2
    room.clock.forward(minutes=60 + 14)
    assert room.edit(ADA, comment, "The boat was very late.").revision == 3
    room.clock.forward(minutes=2)
    late = posting.edit(room.site, ADA, comment.id, "The boat sank.", None)
    assert room.refused(late) == "edit_window"


def test_events_are_numbered_on_and_only_forgotten_by_their_own_age(room: Newsroom) -> None:
    room.say(ADA, "Before")
    room.clock.now = BEGINNING - timedelta(days=30)
    room.say(ADA, "After")
    assert room.story().version == 2


def test_a_running_server_does_not_mind(town: Town, faults: Faults) -> None:
    ada, ben = town.guest(), town.person()
    first = ada.said("Before the clock was set back")
    faults.clock_is_off(seconds=-3_600)
    second = ada.said("After the clock was set back")
    third = ada.said("And later still")
    assert second["created_at"] < first["created_at"]
    latest = [text for text in ben.texts() if "clock" in text or "still" in text]
    assert latest == [third["text"], second["text"], first["text"]]
    page = ben.client.get("/stories/ferry")
    assert page.status_code == 200
    assert "in 59 minutes" not in page.text
    assert "in 1 hour" not in page.text
    path = f"/api/v1/comments/{first['id']}"
    assert ada.client.patch(path, json={"text": "Edited clock"}).status_code == 200
    faults.clock_is_off(seconds=3_600)
    assert ada.client.patch(path, json={"text": "Too late"}).json()["code"] == "edit_window"
