"""Modes and pace: trusting stories, slow mode, closing by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from belowline.actions import posting, reading, stories
from belowline.domain.comments import Draft
from belowline.domain.errors import Refused
from belowline.domain.stories import story_id
from belowline.storage import streams
from tests.cast import ADA, BEGINNING, BEN, MONA, OPEN, Newsroom


def pace(room: Newsroom, **values: object) -> None:
    """Mona sets the open story's mode or pace."""
    room.run(stories.put(room.site, MONA, OPEN, **values))  # type: ignore[arg-type]


def version(room: Newsroom) -> int:
    stream = f"story:{story_id(OPEN)}"
    return room.storage.read_now(lambda connection: streams.number(connection, stream))


# -- trusting --------------------------------------------------------------------------------


def test_in_a_trusting_story_known_authors_are_published_and_others_held(room: Newsroom) -> None:
    for text in ("One.", "Two.", "Three."):
        room.say(ADA, text)
    pace(room, mode="trusting")
    assert room.say(ADA, "Four.").status == "published"
    assert room.say(BEN, "Good morning.").status == "held"
    assert room.say(MONA, "Welcome.").status == "published"


def test_a_rejection_costs_the_trust_and_a_long_absence_too(room: Newsroom) -> None:
    first = [room.say(ADA, text) for text in ("One.", "Two.", "Three.", "Four.")]
    pace(room, mode="trusting")
    decision = room.reject(first[0])
    assert room.say(ADA, "Five.").status == "held"
    room.undo(decision)
    assert room.say(ADA, "Six.").status == "published"
    room.clock.forward(days=400)
    assert room.say(ADA, "I am back.").status == "held"


# -- slow mode -------------------------------------------------------------------------------


def test_slow_mode_asks_for_a_pause_and_says_how_long(room: Newsroom) -> None:
    pace(room, slow=60)
    room.say(ADA, "One.")
    room.clock.forward(seconds=20)
    with pytest.raises(Refused) as refused:
        room.say(ADA, "Two.")
    assert refused.value.code == "too_soon"
    assert refused.value.values["wait"] in (timedelta(seconds=40), timedelta(seconds=39))
    assert room.run(reading.mine(room.site, OPEN, ADA)).wait in (39, 40)
    assert room.say(BEN, "Mine.").status == "published"
    room.clock.forward(seconds=41)
    assert room.run(reading.mine(room.site, OPEN, ADA)).wait == 0
    assert room.say(ADA, "Two.").status == "published"


def test_slow_mode_counts_what_was_deleted_and_spares_staff(room: Newsroom) -> None:
    pace(room, slow=60)
    room.withdraw(ADA, room.say(ADA, "One."))
    assert room.refused(room.says(ADA, "Two.")) == "too_soon"
    room.say(MONA, "One.")
    assert room.say(MONA, "Two.").status == "published"
    assert room.run(reading.mine(room.site, OPEN, MONA)).wait == 0


def test_a_comment_that_is_sent_twice_in_slow_mode_is_one_and_not_refused(room: Newsroom) -> None:
    pace(room, slow=60)
    draft = Draft(story=OPEN, text="Once.", key="the-same")
    first = room.run(posting.post(room.site, ADA, draft))
    again = room.run(posting.post(room.site, ADA, draft))
    assert (again.comment.id, again.created) == (first.comment.id, False)


def test_slow_mode_remembers_beyond_the_latest_twenty(room: Newsroom) -> None:
    elsewhere = room.add_story("the-tower")
    pace(room, slow=3600)
    room.say(ADA, "Here.")
    for number in range(21):
        room.say(ADA, f"Elsewhere {number}.", story=elsewhere)
    assert room.refused(room.says(ADA, "Here again.")) == "too_soon"


# -- closing by itself -----------------------------------------------------------------------


def test_a_discussion_closes_by_itself_and_open_pages_hear_of_it(room: Newsroom) -> None:
    pace(room, close_days=3)
    assert room.story().closes_at == BEGINNING + timedelta(days=3)
    comment = room.say(ADA, "In time.")
    room.clock.forward(days=3)
    assert room.refused(room.says(ADA, "Too late.")) == "closed"
    assert room.refused(posting.edit(room.site, ADA, comment.id, "Too late.", None)) == "closed"
    before = version(room)
    assert room.run(stories.close_due(room.site)) == 1
    assert room.run(stories.close_due(room.site)) == 0
    assert room.story().mode == "closed"
    assert version(room) == before + 1


def test_staff_open_a_discussion_again_whose_time_was_up(room: Newsroom) -> None:
    pace(room, close_days=1)
    room.clock.forward(days=2)
    room.run(stories.close_due(room.site))
    pace(room, mode="open")
    assert room.say(ADA, "Back again.").status == "published"
    room.run(stories.close_due(room.site))
    assert (room.story().mode, room.story().closes_at) == ("open", None)


def test_nothing_is_told_when_nothing_has_changed(room: Newsroom) -> None:
    pace(room, slow=30)
    before = version(room)
    pace(room, slow=30, mode="open")
    assert version(room) == before


def test_readers_may_not_set_the_pace_and_staff_only_within_limits(room: Newsroom) -> None:
    assert room.refused(stories.put(room.site, ADA, OPEN, slow=5)) == "not_allowed"
    assert room.refused(stories.put(room.site, MONA, OPEN, slow=86_401)) == "story_slow"
    assert room.refused(stories.put(room.site, MONA, OPEN, close_days=-1)) == "story_days"
