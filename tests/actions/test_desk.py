"""Working together at the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from belowline.actions import deciding, desk, law, reacting
from belowline.domain.desk import pace
from belowline.domain.queue import Filter
from belowline.storage import users
from tests.cast import ADA, BEGINNING, BEN, CHIDI, MONA, OPEN, REVIEWED, Newsroom, person

EDGAR = person(8, "Edgar", "editor")


@pytest.fixture(autouse=True)
def _edgar(room: Newsroom) -> None:
    """An editor is there too."""
    room.storage.write_now(lambda c: users.add(c, EDGAR, look="edgar", honest="edgar"))


# -- locks ---------------------------------------------------------------------------------


def test_a_card_that_somebody_looks_at_is_theirs_and_the_others_see_it(room: Newsroom) -> None:
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    assert room.run(desk.look_at(room.site, EDGAR, comment.id)) is None
    other = room.run(desk.look_at(room.site, MONA, comment.id))
    assert other is not None
    assert other.name == "Edgar"
    card = room.run(deciding.card(room.site, MONA, comment.id))
    assert card.lock is not None
    assert card.lock.user == EDGAR.id
    judged = [deciding.Judged(comment=comment.id, revision=1)]
    assert room.refused(deciding.decide(room.site, MONA, judged, "publish")) == "locked"
    room.run(deciding.decide(room.site, EDGAR, judged, "publish"))


def test_looking_at_the_next_card_gives_the_last_one_free(room: Newsroom) -> None:
    first = room.say(ADA, "Who pays?", story=REVIEWED)
    second = room.say(BEN, "We do.", story=REVIEWED)
    room.run(desk.look_at(room.site, EDGAR, first.id))
    room.run(desk.look_at(room.site, EDGAR, second.id))
    assert room.run(desk.look_at(room.site, MONA, first.id)) is None
    room.run(desk.look_at(room.site, EDGAR, 0))
    assert room.run(desk.look_at(room.site, MONA, second.id)) is None


def test_a_lock_ends_by_itself(room: Newsroom) -> None:
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    room.run(desk.look_at(room.site, EDGAR, comment.id))
    room.clock.forward(seconds=46)
    room.publish(comment)
    assert room.now(comment).status == "published"


def test_what_somebody_looks_at_is_left_out_of_many(room: Newsroom) -> None:
    first = room.say(ADA, "Who pays?", story=REVIEWED)
    second = room.say(BEN, "We do.", story=REVIEWED)
    room.run(desk.look_at(room.site, EDGAR, first.id))
    done = room.run(deciding.decide_found(room.site, MONA, Filter(), "publish", before=1 << 62))
    assert (len(done.lines), done.skipped) == (1, 1)
    assert (room.now(first).status, room.now(second).status) == ("held", "published")


# -- escalating, stories, notes, views, replies --------------------------------------------


def test_an_escalated_card_keeps_its_place_and_says_who_asks_what(room: Newsroom) -> None:
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    room.run(desk.escalate(room.site, MONA, comment.id, "Is this libel?"))
    found = room.run(deciding.queue(room.site, EDGAR, Filter(status="escalated")))
    assert [card.comment.id for card in found.cards] == [comment.id]
    last = found.cards[0].history[-1]
    assert (last.action, last.actor_name, last.note) == ("escalate", "Mona", "Is this libel?")
    room.publish(comment)
    assert room.run(desk.counts(room.site, EDGAR))["escalated"] == 0
    again = desk.escalate(room.site, MONA, comment.id, "")
    assert room.refused(again) == "already_decided"


def test_asking_an_editor_is_taken_back_like_a_decision_and_ends_with_one(room: Newsroom) -> None:
    def escalated() -> int:
        return room.run(desk.counts(room.site, EDGAR))["escalated"]

    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    why = room.run(deciding.card(room.site, MONA, comment.id)).why
    request = room.run(desk.escalate(room.site, MONA, comment.id, ""))
    assert room.run(deciding.card(room.site, MONA, comment.id)).why == why
    assert [one.id for one in room.run(deciding.undoable(room.site, MONA))] == [request.id]
    room.undo(request)
    assert (escalated(), room.run(deciding.undoable(room.site, MONA))) == (0, [])
    assert room.refused(deciding.undo(room.site, MONA, request.id)) == "already_decided"
    room.run(desk.escalate(room.site, MONA, comment.id, ""))
    done = room.publish(comment)
    assert escalated() == 0
    room.undo(done)
    assert escalated() == 1


def test_a_story_can_be_given_to_somebody_who_then_finds_what_waits_in_it(
    room: Newsroom,
) -> None:
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    room.run(desk.assign(room.site, MONA, REVIEWED, EDGAR.id))
    mine = Filter(assigned=True)
    found = room.run(deciding.queue(room.site, EDGAR, mine)).cards
    assert [(card.comment.id, card.assigned[1]) for card in found] == [(comment.id, "Edgar")]
    assert room.run(deciding.queue(room.site, MONA, mine)).cards == []
    room.run(desk.assign(room.site, MONA, REVIEWED, 0))
    assert room.run(desk.counts(room.site, EDGAR))["assigned"] == 0
    assert room.refused(desk.assign(room.site, MONA, REVIEWED, ADA.id)) == "user_unknown"
    assert room.refused(desk.assign(room.site, MONA, "nowhere", 0)) == "story_unknown"


def test_views_are_ones_own_and_replies_are_everybodys(room: Newsroom) -> None:
    site = room.site
    room.run(desk.save_view(site, MONA, "Spam", "status=rejected&reason=spam&other=1"))
    room.run(desk.save_reply(site, MONA, "Calm", "Please stay calm."))
    hers, his = room.run(desk.around(site, MONA)), room.run(desk.around(site, EDGAR))
    assert [(one.name, one.query) for one in hers.views] == [
        ("Spam", "status=rejected&reason=spam")
    ]
    assert his.views == []
    assert [one.text for one in his.replies] == ["Please stay calm."]
    room.run(desk.save_reply(site, EDGAR, "Calm", ""))
    assert room.run(desk.around(site, MONA)).replies == []
    assert room.refused(desk.save_view(site, MONA, " ", "status=all")) == "name_empty"
    assert room.refused(desk.save_view(site, MONA, "x", "status=lost")) == "filter_bad"


def test_the_numbers_beside_the_lists_are_those_of_the_lists(room: Newsroom) -> None:
    room.say(ADA, "Who pays?", story=REVIEWED)
    bad = room.say(BEN, "You fool.")
    room.run(reacting.report(room.site, CHIDI, bad.id, "abuse"))
    counts = room.run(desk.counts(room.site, MONA))
    for status in ("waiting", "held", "reported", "escalated"):
        listed = room.run(deciding.queue(room.site, MONA, Filter(status=status)))
        assert counts[status] == len(listed.cards) == listed.found


# -- the morning, and care -----------------------------------------------------------------


def test_the_morning_tells_what_happened_since(room: Newsroom) -> None:
    assert room.run(desk.morning(room.site, EDGAR)).since is None
    room.clock.forward(hours=10)
    held = room.say(ADA, "Who pays?", story=REVIEWED)
    room.reject(room.say(BEN, "You fool."), "personal_attack")
    room.run(desk.hand_over(room.site, MONA, "Watch the ferry."))
    notice = law.NewNotice(address="the ferry", explanation="It sinks.", sure=True)
    room.run(law.notify(room.site, notice))
    found = room.run(desk.morning(room.site, EDGAR))
    assert found.since is not None
    assert found.since < held.created_at
    assert (found.waiting, found.arrived) == (1, {"held": 1, "rejected": 1})
    assert found.decided == {("Mona", "rejected"): 1}
    assert (found.appeals, found.notices) == (0, 1)
    assert [(note.by, note.text) for note in found.notes] == [("Mona", "Watch the ferry.")]
    assert found.oldest is not None
    assert found.oldest.id == held.id
    again = room.run(desk.morning(room.site, EDGAR))
    assert again.since == found.since  # a shift that goes on is not a new morning
    assert room.refused(desk.hand_over(room.site, MONA, " ")) == "text_empty"


def test_quick_ones_are_those_that_nothing_speaks_against(room: Newsroom) -> None:
    for number in range(2):
        room.say(ADA, f"Answer {number}.")
    known = room.say(ADA, "Who pays?", story=REVIEWED)
    room.say(BEN, "We do, I think.", story=REVIEWED)
    room.say(ADA, "See https://example.org/ and https://example.net/ " * 4, story=REVIEWED)
    quick = room.run(deciding.quick(room.site, MONA))
    assert [card.comment.id for card in quick.cards] == [known.id]
    assert (quick.waiting, quick.seconds) == (3, 6.0)


def test_the_usual_pace_leaves_out_pauses() -> None:
    gaps = [4, 5, 6, 5, 700, 5, 4]
    moments = [BEGINNING]
    for gap in gaps:
        moments.append(moments[-1] + timedelta(seconds=gap))
    assert pace(moments) == 5
    assert pace(moments[:3]) == 6


def test_something_civil_is_published_and_unreported(room: Newsroom) -> None:
    nice = room.say(ADA, "What a lovely ferry.")
    bad = room.say(BEN, "You fool.")
    room.run(reacting.report(room.site, CHIDI, bad.id, "abuse"))
    assert room.run(desk.civil(room.site, MONA, lambda some: some[0])).id == nice.id


def test_readers_are_refused_everywhere(room: Newsroom) -> None:
    site, who = room.site, ADA
    refused = [
        room.refused(work)
        for work in (
            desk.around(site, who),
            desk.counts(site, who),
            desk.look_at(site, who, 1),
            desk.escalate(site, who, 1, ""),
            desk.assign(site, who, OPEN, 0),
            desk.hand_over(site, who, "x"),
            desk.save_view(site, who, "x", ""),
            desk.save_reply(site, who, "x", ""),
            desk.morning(site, who),
            desk.civil(site, who, min),
            deciding.quick(site, who),
            deciding.thread(site, who, 1),
            deciding.undoable(site, who),
        )
    ]
    assert refused == ["not_allowed"] * 13
