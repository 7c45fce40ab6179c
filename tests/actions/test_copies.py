"""Comments that are copies of others, as they are posted."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection

from belowline.actions import copies
from belowline.actions.campaigns import decide, show
from belowline.campaigns import arriving
from belowline.campaigns.arriving import Arrival
from belowline.campaigns.reading import Text
from belowline.domain.comments import Comment
from belowline.domain.decisions import Finding
from belowline.storage import campaigns, comments, decisions, schema
from tests.campaigns.texts import CORE, DISGUISED, HALVES, INNOCENT, WRAPPED
from tests.cast import ADA, BEN, CHIDI, MONA, OPEN, Newsroom, person


def finding(room: Newsroom, comment: Comment) -> Finding | None:
    """What the campaign check said of the comment as it stands."""
    found = room.storage.read_now(
        lambda connection: comments.findings_of(connection, [comment.id]).get(comment.id, [])
    )
    return next((one for one in found if one.check == "campaigns"), None)


def campaign_of(room: Newsroom, comment: Comment) -> int | None:
    """The campaign that a comment is in."""
    return room.storage.read_now(lambda connection: campaigns.of_comment(connection, comment.id))


def test_the_third_copy_by_a_second_account_is_held(room: Newsroom) -> None:
    first = room.say(ADA, WRAPPED[0])
    second = room.say(BEN, DISGUISED[1])
    third = room.say(CHIDI, WRAPPED[1], story=room.add_story("the-bridge"))
    assert [one.status for one in (first, second, third)] == ["published", "published", "held"]
    found = finding(room, third)
    assert found is not None
    assert (found.code, found.weight) == ("campaign_copies", "hold")
    assert "harbour council" in third.text[found.start : found.end]
    assert "neighbour" not in third.text[found.start : found.end]
    assert {campaign_of(room, one) for one in (first, second, third)} == {first.id}


def test_one_author_alone_is_no_campaign(room: Newsroom) -> None:
    said = [room.say(ADA, text) for text in (WRAPPED[0], WRAPPED[1], WRAPPED[2])]
    assert {one.status for one in said} == {"published"}
    found = finding(room, said[-1])
    assert found is not None
    assert (found.code, found.weight) == ("campaign_copy", "note")


def test_people_who_talk_of_the_same_thing_are_left_alone(room: Newsroom) -> None:
    room.say(ADA, CORE)
    said = [room.say(who, text) for text in INNOCENT for who in (BEN,)]
    assert [one for one in said if finding(room, one)] == []


def test_copies_that_arrive_at_the_same_moment_are_put_together(room: Newsroom) -> None:
    people = [ADA, BEN, CHIDI, ADA, BEN, CHIDI]
    room.together(room.says(who, CORE) for who in people)
    room.say(BEN, DISGUISED[0])
    held = room.say(CHIDI, DISGUISED[1])
    assert held.status == "held"
    every = {campaign_of(room, one) for one in room.all_comments()}
    assert len(every) == 1


def test_a_comment_that_is_edited_into_a_copy_joins_and_one_edited_away_leaves(
    room: Newsroom,
) -> None:
    room.say(ADA, CORE)
    room.say(BEN, DISGUISED[0])
    third = room.say(CHIDI, "Has anybody seen the new timetable of the ferry?")
    into = room.edit(CHIDI, third, WRAPPED[0])
    assert into.status == "held"
    assert campaign_of(room, into) is not None
    away = room.edit(CHIDI, into, "Has anybody seen the timetable?")
    assert campaign_of(room, away) is None


def test_what_staff_write_is_never_a_copy(room: Newsroom) -> None:
    room.say(ADA, CORE)
    room.say(BEN, CORE)
    assert room.say(MONA, CORE).status == "published"


def test_what_is_old_is_forgotten(room: Newsroom) -> None:
    room.say(ADA, CORE)
    room.say(BEN, CORE)
    room.clock.forward(days=15)
    third = room.say(CHIDI, CORE)
    assert third.status == "published"
    assert campaign_of(room, third) is None


def test_campaigns_can_be_switched_off(room: Newsroom) -> None:
    rules = msgspec.structs.replace(room.site.rules, campaign_memory=timedelta(0))
    room.site = msgspec.structs.replace(room.site, rules=rules)
    for who in (ADA, BEN, CHIDI):
        assert room.say(who, CORE).status == "published"
    assert room.rows(schema.fingerprints) == 0


def test_a_common_phrase_does_not_fill_the_table(room: Newsroom) -> None:
    letters = Random(5)
    for number in range(40):
        odd = " ".join("".join(letters.sample("abcdefghknoprstu", 6)) for _ in range(8))
        room.say(person(100 + number), f"I agree with you, {odd}.")
    query = schema.fingerprints.select()
    rows = room.storage.read_now(lambda connection: list(connection.execute(query)))
    per_print: dict[int, int] = {}
    for row in rows:
        per_print[row.print] = per_print.get(row.print, 0) + 1
    assert 4 < max(per_print.values()) <= campaigns.SLOTS
    assert all(one.status == "published" for one in room.all_comments(OPEN))


def test_the_record_names_the_policy_for_a_held_copy(room: Newsroom) -> None:
    room.say(ADA, CORE)
    room.say(BEN, CORE)
    third = room.say(CHIDI, CORE)
    lines = room.storage.read_now(lambda connection: decisions.of_comment(connection, third.id))
    assert [(line.action, line.after, line.reason) for line in lines] == [
        ("post", "held", "campaign_copies")
    ]


def test_a_text_that_cannot_be_read_is_held_and_stored(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str) -> Text:
        raise ZeroDivisionError(text)

    monkeypatch.setattr(arriving, "read", broken)
    said = room.say(ADA, CORE)
    assert said.status == "held"
    found = finding(room, said)
    assert found is not None
    assert (found.code, found.evidence) == ("check_failed", "ZeroDivisionError")


def test_what_is_remembered_and_cannot_be_read_holds_the_copy_and_refuses_nothing(
    room: Newsroom,
) -> None:
    first = room.say(ADA, CORE)
    room.say(BEN, CORE)
    room.storage.write_now(lambda connection: campaigns.keep_core(connection, first.id, "nonsense"))
    said = room.say(CHIDI, CORE)
    assert said.status == "held"
    found = finding(room, said)
    assert found is not None
    assert found.code == "check_failed"
    assert room.say(CHIDI, "Has anybody seen a timetable?").status == "published"


def test_only_what_stands_in_the_thread_is_a_quotation(room: Newsroom) -> None:
    first = room.say(ADA, CORE)
    room.say(BEN, CORE)
    answer = f"> {CORE}\nI was at that meeting and every word of this is invented."
    assert room.say(CHIDI, answer, parent=first).status == "published"
    other = room.say(BEN, "Has anybody seen the new timetable of the ferry?")
    assert room.say(CHIDI, answer, parent=other).status == "held"
    assert room.say(person(60), answer).status == "held"


def test_a_comment_whose_place_among_copies_cannot_be_kept_is_stored_and_says_so(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(campaigns, "remember", broken)
    said = room.say(ADA, CORE)
    assert said.status == "published"
    monkeypatch.undo()
    found = finding(room, said)
    assert found is not None
    assert (found.code, found.weight, found.evidence) == (
        "campaign_unkept",
        "note",
        "ZeroDivisionError",
    )
    room.say(BEN, WRAPPED[0])
    assert room.say(CHIDI, CORE).status == "published"
    assert room.say(person(50), CORE).status == "held"


def test_what_cannot_be_kept_of_one_comment_is_kept_of_those_that_came_with_it(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = room.say(ADA, "The ferry leaves at noon, says the board by the quay.")
    right = room.say(BEN, CORE)
    kept = copies.remember

    def broken(connection: Connection, stored: list[Any], *rest: Any) -> None:
        if any(comment.id == wrong.id for comment, _ in stored):
            raise ZeroDivisionError
        kept(connection, stored, *rest)

    monkeypatch.setattr(copies, "remember", broken)
    stored = [(one, Arrival(one.text)) for one in (wrong, right)]
    now = room.clock()
    room.storage.write_now(
        lambda connection: copies.keep(connection, stored, set(), room.site, now)
    )
    assert finding(room, right) is None
    found = finding(room, wrong)
    assert found is not None
    assert found.code == "campaign_unkept"


def test_campaigns_become_one_when_a_comment_shows_that_they_are(room: Newsroom) -> None:
    one = [room.say(person(50), HALVES[0]), room.say(person(51), f"{HALVES[0]} Truly.")]
    two = [room.say(person(60), HALVES[1]), room.say(person(61), f"{HALVES[1]} Honest.")]
    assert [campaign_of(room, each) for each in (*one, *two)] == [one[0].id] * 2 + [two[0].id] * 2
    bridge = room.say(person(70), CORE)
    everybody = [*one, *two, bridge]
    (whole,) = {campaign_of(room, each) for each in everybody}
    card = room.run(show(room.site, MONA, two[0].id))
    assert card.campaign.id == whole
    assert [each.id for each in card.comments] == [each.id for each in everybody]
    assert (card.campaign.copies, card.campaign.accounts, card.campaign.waits) == (5, 5, True)
    assert card.campaign.first_at == one[0].created_at
    assert room.run(show(room.site, MONA, one[0].id)).campaign == card.campaign
    for number, text in enumerate(HALVES):
        assert campaign_of(room, room.say(person(80 + number), f"Hello! {text}")) == whole


def test_a_campaign_that_is_decided_for_coming_copies_swallows_no_other(room: Newsroom) -> None:
    for number, half in enumerate((*HALVES, *HALVES)):
        room.say(person(50 + number), half)
    first = room.all_comments()[-1]
    settled = room.run(decide(room.site, MONA, first.id, "publish", hours=2))
    room.say(person(70), CORE)
    still = room.run(show(room.site, MONA, settled.campaign.id))
    assert still.campaign.id == settled.campaign.id
    assert still.campaign.copies <= 3
