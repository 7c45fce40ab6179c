"""Campaigns at the desk: one decision for all copies, for those to come, and its exceptions."""

from __future__ import annotations

import msgspec

from belowline.actions import accounts, campaigns, deciding, learning, statements
from belowline.actions.campaigns import CampaignCard
from belowline.domain.comments import Comment
from belowline.domain.decisions import Decision
from belowline.storage import decisions, record
from tests.campaigns.texts import CORE, DISGUISED, INNOCENT, MISTYPED, MOVED, WRAPPED
from tests.cast import ADA, BEN, CHIDI, MONA, Newsroom, person

EDGAR = person(90, "Edgar", "editor")
ALMA = person(91, "Alma", "administrator")


def campaign(room: Newsroom) -> CampaignCard:
    """A campaign of four copies by three readers on two stories, alone at the desk."""
    other = room.add_story("the-bridge")
    room.say(ADA, CORE)
    room.say(BEN, WRAPPED[0])
    room.say(BEN, DISGUISED[1], story=other)
    room.say(CHIDI, WRAPPED[1], story=other)
    room.say(CHIDI, INNOCENT[0])
    (card,) = room.run(campaigns.waiting(room.site, MONA))
    return card


def history(room: Newsroom, comment: Comment) -> list[Decision]:
    """The comment's lines in the record."""
    return room.storage.read_now(lambda connection: decisions.of_comment(connection, comment.id))


def test_a_campaign_is_one_card(room: Newsroom) -> None:
    card = campaign(room)
    assert (card.campaign.copies, card.campaign.accounts, len(card.stories)) == (4, 3, 2)
    assert card.statuses == {"published": 2, "held": 2}
    assert card.example == CORE
    assert card.campaign.first_at == card.comments[0].created_at
    copy = room.run(deciding.card(room.site, MONA, card.comments[-1].id))
    assert copy.campaign is not None
    assert copy.campaign.id == card.campaign.id


def test_a_campaign_is_shown_by_its_plainest_copy(room: Newsroom) -> None:
    for reader, text in ((ADA, MOVED[0]), (BEN, WRAPPED[0]), (CHIDI, CORE)):
        room.say(reader, text)
    (card,) = room.run(campaigns.waiting(room.site, MONA))
    assert (card.campaign.copies, card.example) == (3, CORE)


def test_one_decision_rejects_all_copies_each_with_its_own_line(room: Newsroom) -> None:
    card = campaign(room)
    done = room.run(
        campaigns.decide(room.site, MONA, card.campaign.id, "reject", reason="spam", note="Again.")
    )
    assert [line.comment for line in done.lines] == [one.id for one in card.comments]
    for one in card.comments:
        assert room.now(one).status == "rejected"
        lines = history(room, one)
        assert (lines[-1].actor, lines[-1].reason, lines[-1].note) == (MONA.id, "spam", "Again.")
    assert room.count() == 1
    assert room.run(campaigns.waiting(room.site, MONA)) == []


def test_exceptions_stay_as_they_are(room: Newsroom) -> None:
    card = campaign(room)
    first, *others = card.comments
    room.run(
        campaigns.decide(
            room.site, MONA, card.campaign.id, "reject", reason="spam", apart_from=[first.id]
        )
    )
    assert room.now(first).status == "published"
    assert {room.now(one).status for one in others} == {"rejected"}


def test_a_decision_stands_for_coming_copies_until_its_time_is_over(room: Newsroom) -> None:
    card = campaign(room)
    room.run(campaigns.decide(room.site, MONA, card.campaign.id, "reject", reason="spam", hours=2))
    coming = room.say(person(50), DISGUISED[0])
    assert (coming.status, coming.reason) == ("rejected", "spam")
    lines = history(room, coming)
    assert [(line.action, line.actor) for line in lines] == [("post", None), ("reject", MONA.id)]
    assert {room.say(person(52), text).status for text in (*MOVED, MISTYPED[0])} == {"rejected"}
    assert room.run(campaigns.waiting(room.site, MONA)) == []
    room.clock.forward(hours=3)
    assert room.say(person(51), DISGUISED[4]).status == "held"
    assert len(room.run(campaigns.waiting(room.site, MONA))) == 1


def test_what_a_standing_decision_rejects_names_it_and_says_that_a_machine_took_part(
    room: Newsroom,
) -> None:
    card = campaign(room)
    done = room.run(
        campaigns.decide(room.site, MONA, card.campaign.id, "reject", reason="spam", hours=2)
    )
    act = done.campaign.standing_act
    coming = room.say(person(50), DISGUISED[0])
    assert history(room, coming)[-1].note == f"[{act}]"
    assert act is not None
    said = room.storage.read_now(lambda connection: record.get_act(connection, act))
    assert said is not None
    assert (said.actor, said.action, said.subject) == (
        MONA.id,
        "campaign_decided",
        card.campaign.id,
    )
    assert said.detail == f"reject spam {done.campaign.standing_until:%Y-%m-%dT%H:%M:%S+00:00}"
    token = room.run(statements.token_for(room.site, person(50), coming.id))
    page = room.run(statements.page(room.site, token))
    assert page.statement.machine
    assert page.circumstances.applied


def test_a_copy_that_quotes_or_says_something_of_its_own_waits_for_a_person(
    room: Newsroom,
) -> None:
    card = campaign(room)
    room.run(campaigns.decide(room.site, MONA, card.campaign.id, "reject", reason="spam", hours=2))
    assert room.say(person(50), WRAPPED[2]).status == "held"
    assert room.say(person(51), f"> {CORE}").status == "held"
    assert room.say(person(52), f"Hello! {CORE}").status == "rejected"
    half_mistyped = MISTYPED[0][:70] + CORE[72:]
    for text in (*DISGUISED[6:8], half_mistyped):
        assert room.say(person(53), text).status == "rejected", text


def test_who_repeats_a_sentence_of_the_story_or_of_what_they_answer_does_not_copy(
    room: Newsroom,
) -> None:
    said = (
        "A laboratory in Tarrow took samples of the mud under the old pier in March and found no "
        "raised values of mercury, lead or cadmium"
    )
    story = f"The harbour is dredged for nine weeks.\n{said}. Whether bathers pay is open."
    room.site = msgspec.structs.replace(room.site, story_text=lambda key: story)
    answers = (
        "Who paid for that, and how deep did they dig?",
        "My cousin swims there daily and feels splendid.",
        "Then why does nobody publish the numbers themselves?",
    )
    for reader, answer in zip((ADA, BEN, CHIDI), answers, strict=True):
        room.say(reader, f"{said}. {answer}")
    first = room.say(ADA, f"{WRAPPED[0]} {' '.join(INNOCENT[:3])}")
    for reader, answer in zip((ADA, BEN, CHIDI), answers, strict=True):
        room.say(reader, f"{CORE}. {answer}", parent=first)
    assert room.run(campaigns.waiting(room.site, MONA)) == []


def test_a_standing_decision_is_ended_and_undone_with_one_hand(room: Newsroom) -> None:
    card = campaign(room)
    number = card.campaign.id
    room.run(campaigns.decide(room.site, MONA, number, "reject", reason="spam", hours=2))
    coming = [room.say(person(50 + place), DISGUISED[place]) for place in (0, 2)]
    assert {one.status for one in coming} == {"rejected"}
    ended = room.run(campaigns.end(room.site, MONA, number, take_back=True))
    assert [line.comment for line in ended.lines] == [one.id for one in coming]
    assert {room.now(one).status for one in coming} == {"held"}
    assert room.now(card.comments[0]).status == "rejected"
    assert room.say(person(60), CORE).status == "held"
    assert room.run(campaigns.end(room.site, MONA, number, take_back=True)).lines == []
    assert room.refused(campaigns.end(room.site, ADA, number)) == "not_allowed"


def test_a_campaign_can_be_let_through(room: Newsroom) -> None:
    card = campaign(room)
    room.run(campaigns.decide(room.site, MONA, card.campaign.id, "publish", hours=2))
    assert {room.now(one).status for one in card.comments} == {"published"}
    assert room.say(person(50), DISGUISED[0]).status == "published"


def test_each_decision_about_a_copy_can_be_undone(room: Newsroom) -> None:
    card = campaign(room)
    done = room.run(
        campaigns.decide(room.site, MONA, card.campaign.id, "reject", reason="off_topic")
    )
    room.undo(done.lines[0])
    assert room.now(card.comments[0]).status == "published"
    assert room.now(card.comments[1]).status == "rejected"


def test_what_cannot_be_decided_is_refused(room: Newsroom) -> None:
    number = campaign(room).campaign.id
    decide, site = campaigns.decide, room.site
    assert room.refused(campaigns.waiting(site, ADA)) == "not_allowed"
    assert room.refused(decide(site, ADA, number, "publish")) == "not_allowed"
    assert room.refused(decide(site, MONA, number, "reject")) == "reason_unknown"
    assert room.refused(decide(site, MONA, number, "burn")) == "decision_unknown"
    assert room.refused(decide(site, MONA, number, "publish", hours=9_999)) == "body_bad"
    assert room.refused(decide(site, MONA, number, "publish", note="x" * 2_001)) == "note_too_long"
    assert room.refused(campaigns.show(site, MONA, 77)) == "campaign_unknown"


def test_what_somebody_decided_for_coming_copies_is_suspended_once_they_are_let_go(
    room: Newsroom,
) -> None:
    card = campaign(room)
    number = card.campaign.id
    room.run(campaigns.decide(room.site, MONA, number, "reject", reason="spam", hours=2))
    for staff in (EDGAR, ALMA):
        room.say(staff, "Good morning.")
    room.run(accounts.change_role(room.site, ALMA, MONA.id, "reader"))
    (waits,) = room.run(campaigns.waiting(room.site, EDGAR))
    assert waits.campaign.is_suspended(room.clock())
    assert waits.campaign.stands(room.clock()) == ""
    coming = room.say(person(50), DISGUISED[0])
    assert coming.status == "held"
    room.run(campaigns.decide(room.site, EDGAR, number, "reject", reason="spam", hours=2))
    assert room.say(person(51), DISGUISED[0]).status == "rejected"


def test_copies_that_a_standing_decision_rejects_are_no_lessons_of_their_own(
    room: Newsroom,
) -> None:
    card = campaign(room)
    done = room.run(
        campaigns.decide(room.site, MONA, card.campaign.id, "reject", reason="spam", hours=2)
    )
    taught = [line.id for line in done.lines]
    assert room.site.judge.lessons_of(MONA.id) == taught
    coming = [room.say(person(50 + place), DISGUISED[0]) for place in range(3)]
    assert {one.status for one in coming} == {"rejected"}
    room.run(learning.catch_up(room.site))
    assert room.site.judge.lessons_of(MONA.id) == taught
