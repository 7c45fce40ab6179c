"""The circuit breaker at work, on both databases."""

from __future__ import annotations

from datetime import timedelta

from belowline.actions import breaking, desk, reacting, stories
from belowline.domain.stories import Story
from belowline.domain.users import User
from belowline.storage import comments, record
from tests.cast import ADA, BEN, CHIDI, MONA, OPEN, Newsroom


def strangers(room: Newsroom, number: int, first: int = 100) -> list[User]:
    """People who came a moment ago."""
    new = room.clock.now
    return [User(id=first + one, name="", role="reader", created_at=new) for one in range(number)]


def raid(room: Newsroom, first: int = 100) -> None:
    """A dozen strangers say the same."""
    for one in strangers(room, 12, first):
        room.run(room.says(one, "Boycott this paper, all of you, at once!"))


def look(room: Newsroom) -> Story:
    """The ferry's story after the breaker has looked."""
    room.run(breaking.look(room.site))
    return room.run(stories.get(room.site, OPEN))


def test_a_raid_tightens_and_quiet_loosens_with_two_lines_in_the_record(room: Newsroom) -> None:
    room.say(ADA, "The ferry was late again.")
    assert look(room).mode == "open"
    raid(room)
    story = look(room)
    assert (story.mode, story.tightened) == ("trusting", "copies 12 13")
    room.clock.forward(minutes=11)
    story = look(room)
    assert (story.mode, story.tightened) == ("open", "")
    acts = room.storage.read_now(lambda connection: record.latest_acts(connection, 2))
    assert [act.action for act in acts] == ["loosened", "tightened"]


def test_the_desk_and_the_morning_name_what_is_tightened(room: Newsroom) -> None:
    room.say(ADA, "The ferry was late again.")
    raid(room)
    look(room)
    beside = room.run(desk.around(room.site, MONA)).tightened
    morning = room.run(desk.morning(room.site, MONA)).tightened
    assert [(story.key, story.mode, how.step) for story, how in beside] == [(OPEN, "trusting", 1)]
    assert [how.since for _, how in beside] == [how.broke_at for _, how in morning]
    assert morning == beside
    room.clock.forward(minutes=11)
    look(room)
    assert room.run(desk.around(room.site, MONA)).tightened == []


def test_open_pages_hear_of_it_once(room: Newsroom) -> None:
    raid(room)
    version = look(room).version
    assert look(room).version == version


def test_what_staff_set_by_hand_stays(room: Newsroom) -> None:
    raid(room)
    assert look(room).mode == "trusting"
    room.run(stories.put(room.site, MONA, OPEN, mode="open"))
    raid(room, first=200)
    story = look(room)
    assert (story.mode, story.tightened) == ("open", "")
    room.clock.forward(minutes=61)
    raid(room, first=300)
    assert look(room).mode == "trusting"


def test_what_staff_leave_alone_is_as_it_was(room: Newsroom) -> None:
    raid(room)
    look(room)
    room.run(stories.put(room.site, MONA, OPEN, slow=30))
    room.clock.forward(minutes=11)
    story = look(room)
    assert (story.mode, story.slow, story.own_pace) == ("open", 30, True)


def test_a_story_that_is_never_to_be_tightened_is_as_it_was_at_once_and_stays(
    room: Newsroom,
) -> None:
    raid(room)
    look(room)
    room.run(stories.put(room.site, MONA, OPEN, tightens=False))
    raid(room, first=200)
    assert (look(room).mode, look(room).tightened) == ("open", "")
    room.clock.forward(minutes=61)
    raid(room, first=300)
    assert look(room).mode == "open"
    room.run(stories.put(room.site, MONA, OPEN, tightens=True))
    assert look(room).mode == "trusting"
    acts = room.storage.read_now(lambda connection: record.latest_acts(connection, 4))
    assert [act.action for act in acts] == ["tightened", "breaker_on", "breaker_off", "tightened"]


def test_open_pages_hear_that_it_is_over_when_nothing_else_changes(room: Newsroom) -> None:
    raid(room)
    before = look(room)
    after = room.run(stories.put(room.site, MONA, OPEN, mode=before.mode))
    assert (after.mode, after.slow, after.tightened) == (before.mode, before.slow, "")
    assert after.version == before.version + 1


def test_a_story_that_is_closed_is_left_closed(room: Newsroom) -> None:
    raid(room)
    room.run(stories.put(room.site, MONA, OPEN, mode="closed"))
    assert (look(room).mode, look(room).tightened) == ("closed", "")


def test_a_few_newcomers_who_report_one_author_after_the_other_are_a_break(
    room: Newsroom,
) -> None:
    said = [room.say(one, f"The ferry was late on day {one.id}.") for one in (ADA, BEN, CHIDI)]
    said += [room.say(one, f"Late {one.id} times.") for one in strangers(room, 2)]
    for one, comment in zip(strangers(room, 5, first=200), said, strict=True):
        room.clock.forward(seconds=5)
        room.run(reacting.report(room.site, one, comment.id, "abuse"))
    story = look(room)
    assert (story.mode, story.tightened) == ("trusting", "gathering 5 5")


def test_newcomers_who_report_one_author_are_none(room: Newsroom) -> None:
    said = room.say(ADA, "The ferry was late again.")
    for one in strangers(room, 5):
        room.run(reacting.report(room.site, one, said.id, "abuse"))
    assert look(room).mode == "open"


def test_condolences_are_no_raid(room: Newsroom) -> None:
    for one in strangers(room, 15):
        room.run(room.says(one, "May they all rest in peace."))
    assert look(room).mode == "open"


def test_bought_recommendations_do_not_count_and_do_not_stay(room: Newsroom) -> None:
    said = room.say(ADA, "The ferry was late again.")
    for one in strangers(room, 16):
        room.run(reacting.recommend(room.site, one, said.id, on=True))
    assert room.now(said).recommendations == 16
    assert look(room).tightened == "recommendations 16 16"
    assert room.now(said).recommendations == 0
    room.clock.forward(minutes=11)
    assert look(room).tightened == ""
    assert room.now(said).recommendations == 0


def test_newcomers_recommendations_wait_until_it_is_over(room: Newsroom) -> None:
    said = room.say(ADA, "The ferry was late again.")
    raid(room)
    look(room)
    [stranger] = strangers(room, 1, first=500)
    old = User(id=4, name="", role="reader", created_at=room.clock.now - timedelta(days=3))
    for one in (stranger, old):
        room.run(reacting.recommend(room.site, one, said.id, on=True))
    assert room.now(said).recommendations == 1
    room.clock.forward(minutes=11)
    look(room)
    assert room.now(said).recommendations == 2


def test_a_recommendation_in_quarantine_can_be_taken_back(room: Newsroom) -> None:
    said = room.say(ADA, "The ferry was late again.")
    raid(room)
    look(room)
    [stranger] = strangers(room, 1, first=500)
    for on in (True, False):
        room.run(reacting.recommend(room.site, stranger, said.id, on=on))
    assert room.now(said).recommendations == 0
    liked = room.storage.read_now(
        lambda connection: comments.recommended_by(connection, stranger.id, said.story)
    )
    assert liked == []
