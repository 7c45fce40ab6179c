"""The queue: its order, its filters, its search, many decisions at once, second looks."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from belowline.actions import deciding, reacting
from belowline.checks import Check
from belowline.domain.comments import Comment
from belowline.domain.queue import Filter
from belowline.domain.users import User
from belowline.storage import schema, users
from tests.cast import (
    ADA,
    BEN,
    CHIDI,
    MONA,
    REVIEWED,
    Newsroom,
    finding_of,
    person,
)

EDGAR = person(8, "Edgar", "editor")
WAITING = Filter()
ALL = Filter(status="all")


def _found(room: Newsroom, wanted: Filter = WAITING) -> list[int]:
    return [card.comment.id for card in room.run(deciding.queue(room.site, MONA, wanted)).cards]


def _look_for(weight: str) -> Check:
    return Check("test", "1", finding_of(weight))


def test_what_a_check_warns_of_comes_before_what_merely_waits(room: Newsroom) -> None:
    plain = room.say(ADA, "Who pays?", story=REVIEWED)
    room.with_checks(_look_for("hold"))
    suspect = room.say(BEN, "Nobody but fools.", story=REVIEWED)
    assert _found(room) == [suspect.id, plain.id]


def test_what_waits_long_enough_overtakes_everything(room: Newsroom) -> None:
    plain = room.say(ADA, "Who pays?", story=REVIEWED)
    room.clock.forward(hours=16)
    room.with_checks(_look_for("hold"))
    suspect = room.say(BEN, "Nobody but fools.", story=REVIEWED)
    assert _found(room) == [plain.id, suspect.id]


def test_the_more_people_read_a_story_the_sooner_its_comments_are_looked_at(
    room: Newsroom,
) -> None:
    quiet = room.say(ADA, "Who pays?", story=REVIEWED)
    room.clock.forward(minutes=5)
    room.site = msgspec.structs.replace(room.site, readers=lambda story: 400)
    busy = room.say(BEN, "We do.", story=REVIEWED)
    assert _found(room) == [busy.id, quiet.id]
    card = room.run(deciding.card(room.site, MONA, busy.id))
    assert card.standing.readers == 101


def test_each_card_has_its_own_authors_record(room: Newsroom) -> None:
    insult = room.say(ADA, "You fool.")
    room.run(reacting.report(room.site, BEN, insult.id, "abuse"))
    room.run(reacting.report(room.site, CHIDI, insult.id, "abuse"))
    room.reject(insult)
    room.reject(room.say(ADA, "Cheap boats.", story=REVIEWED))
    room.say(ADA, "Who pays?", story=REVIEWED)
    room.publish(room.say(BEN, "We do.", story=REVIEWED))
    room.say(BEN, "All of us.", story=REVIEWED)
    room.say(CHIDI, "Not me.", story=REVIEWED)
    cards = {card.comment.author: card for card in room.run(deciding.queue(room.site, MONA)).cards}
    assert {who: cards[who].record for who in (ADA.id, BEN.id, CHIDI.id)} == {
        ADA.id: {"rejected": 2, "held": 1},
        BEN.id: {"published": 1, "held": 1},
        CHIDI.id: {"held": 1},
    }
    assert [cards[who].upheld for who in (ADA.id, BEN.id, CHIDI.id)] == [1, 0, 0]


def test_each_further_report_moves_a_comment_up(room: Newsroom) -> None:
    once = room.say(ADA, "Who paid for it?")
    twice = room.say(ADA, "Who pays for that?")
    room.run(reacting.report(room.site, BEN, once.id, "abuse"))
    room.run(reacting.report(room.site, BEN, twice.id, "abuse"))
    assert _found(room) == [once.id, twice.id]
    room.run(reacting.report(room.site, CHIDI, twice.id, "abuse"))
    assert _found(room) == [twice.id, once.id]


def test_exactly_what_waits_has_a_place_whatever_people_do(room: Newsroom) -> None:
    held = room.say(ADA, "Who pays?", story=REVIEWED)
    edited = room.say(ADA, "Who pays now?", story=REVIEWED)
    reported = room.say(BEN, "You fool.")
    gone = room.say(CHIDI, "Never mind.", story=REVIEWED)
    room.run(reacting.report(room.site, ADA, reported.id, "abuse"))
    room.edit(BEN, reported, "You are a fool.")
    room.edit(ADA, edited, "Who pays tomorrow?")
    room.withdraw(CHIDI, gone)
    room.undo(room.reject(held))
    room.undo(room.publish(reported))
    rows = room.storage.read_now(
        lambda connection: (
            connection.execute(
                select(schema.comments.c.id).where(schema.comments.c.waits_since.is_not(None))
            )
            .scalars()
            .all()
        )
    )
    assert set(rows) == {held.id, edited.id, reported.id} == set(_found(room))
    assert room.run(deciding.queue(room.site, MONA)).count == 3


# -- filters -------------------------------------------------------------------------------


@pytest.fixture
def busy(room: Newsroom) -> dict[str, Comment]:
    """Comments of every kind."""
    said = {
        "held": room.say(ADA, "Who pays for the ferry?", story=REVIEWED),
        "published": room.say(BEN, "The ferry pays for itself."),
        "reported": room.say(CHIDI, "Nobody pays, you fool."),
        "rejected": room.say(ADA, "Buy my boat."),
        "withdrawn": room.say(BEN, "I take that back."),
    }
    room.run(reacting.report(room.site, BEN, said["reported"].id, "abuse"))
    room.run(reacting.report(room.site, CHIDI, said["rejected"].id, "spam"))
    room.reject(said["rejected"], "spam")
    room.withdraw(BEN, said["withdrawn"])
    return said


FOUND = [
    (Filter(), ["reported", "held"]),
    (Filter(status="held"), ["held"]),
    (Filter(status="reported"), ["reported"]),
    (Filter(status="published"), ["reported", "published"]),
    (Filter(status="rejected"), ["rejected"]),
    (Filter(status="withdrawn"), ["withdrawn"]),
    (ALL, ["withdrawn", "rejected", "reported", "published", "held"]),
    (Filter(status="all", story=REVIEWED), ["held"]),
    (Filter(status="all", story="no-such-story"), []),
    (Filter(status="all", author=ADA.id), ["rejected", "held"]),
    (Filter(status="all", name="\u00c0da"), ["rejected", "held"]),
    (Filter(status="all", reason="spam"), ["rejected"]),
    (Filter(report="abuse"), ["reported"]),
    (Filter(status="held", report="abuse"), []),
    (Filter(report="spam"), []),
    (Filter(status="all", report="spam"), ["rejected"]),
    (Filter(status="all", staff=MONA.id), ["rejected"]),
    (Filter(status="all", language="en", words="boat"), ["rejected"]),
    (Filter(status="all", language="de"), []),
    (Filter(status="all", since="2026-05-04", until="2026-05-04", words="take"), ["withdrawn"]),
    (Filter(status="all", until="2026-05-03"), []),
]


def test_a_filter_finds_what_it_says_and_counts_it(
    room: Newsroom, busy: dict[str, Comment]
) -> None:
    for wanted, names in FOUND:
        found = room.run(deciding.queue(room.site, MONA, wanted))
        ids = [card.comment.id for card in found.cards]
        assert ids == [busy[name].id for name in names], wanted
        assert found.found == len(names)
        assert found.count == 2


def test_every_list_is_paged_without_losing_anything(
    room: Newsroom, busy: dict[str, Comment]
) -> None:
    for wanted in (Filter(), ALL):
        whole = _found(room, wanted)
        seen: list[int] = []
        after = None
        for _ in range(10):
            page = room.run(deciding.queue(room.site, MONA, wanted, after=after, limit=1))
            seen += [card.comment.id for card in page.cards]
            after = page.next
            if after is None:
                break
        assert seen == whole


TYPED: list[tuple[str, list[str]]] = [
    ("ferry", ["published", "held"]),
    ("FERRY pays", ["published", "held"]),
    ("ferr", ["published", "held"]),
    ("ferry boat", []),
    ('"', []),
    ("boat OR ferry", []),
    ("boat' & ferry:* | (", []),
    ("fool", ["reported"]),
    ("-boat", ["rejected"]),
    ("boat* NEAR(", []),
    ("text:boat", []),
]


def test_plain_words_are_found_and_no_sign_is_syntax(
    room: Newsroom, busy: dict[str, Comment]
) -> None:
    for typed, names in TYPED:
        wanted = Filter(status="all", words=typed)
        assert _found(room, wanted) == [busy[name].id for name in names], typed


def test_search_finds_the_new_text_of_an_edited_comment_and_not_the_old(room: Newsroom) -> None:
    comment = room.say(ADA, "The kiosk is closed.")
    room.edit(ADA, comment, "Die Fähre ist zu. العبّارة متوقفة")
    assert _found(room, Filter(status="all", words="kiosk")) == []
    assert _found(room, Filter(status="all", words="fähre")) == [comment.id]
    assert _found(room, Filter(status="all", words="متوقفة")) == [comment.id]


# -- the card ------------------------------------------------------------------------------


def test_a_card_tells_of_its_author_and_of_every_version(room: Newsroom) -> None:
    bad = room.say(ADA, "You fool.")
    room.run(reacting.report(room.site, BEN, bad.id, "abuse"))
    room.reject(bad, "personal_attack")
    held = room.say(ADA, "Who pays?", story=REVIEWED)
    room.edit(ADA, held, "Who really pays?")
    card = room.run(deciding.card(room.site, MONA, held.id))
    assert card.upheld == 1
    assert card.author_since == ADA.created_at
    assert [(one.number, one.text) for one in card.revisions] == [
        (1, "Who pays?"),
        (2, "Who really pays?"),
    ]


def test_the_thread_of_a_card_is_what_stands_above_and_below_it(room: Newsroom) -> None:
    first = room.say(ADA, "Who pays?")
    second = room.say(BEN, "We do.", parent=first)
    third = room.say(CHIDI, "Not I.", parent=second)
    thread = room.run(deciding.thread(room.site, MONA, second.id))
    assert [one.id for one in thread] == [first.id, second.id, third.id]


# -- together ------------------------------------------------------------------------------


def test_what_somebody_else_decided_meanwhile_is_not_decided_again(room: Newsroom) -> None:
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    seen = [deciding.Judged(comment=comment.id, revision=1, status="held")]
    room.publish(comment)
    again = deciding.decide(room.site, MONA, seen, "reject", reason="spam")
    assert room.refused(again) == "decided_meanwhile"
    assert room.now(comment).status == "published"


# -- many at once --------------------------------------------------------------------------


def test_a_whole_filter_is_decided_with_a_line_for_each(room: Newsroom) -> None:
    said = [room.say(ADA, f"Buy boat {n}.", story=REVIEWED) for n in range(5)]
    other = room.say(BEN, "Who pays?", story=REVIEWED)
    before = 1 << 62
    wanted = Filter(words="boat")
    done = room.run(
        deciding.decide_found(room.site, MONA, wanted, "reject", reason="spam", before=before)
    )
    assert (len(done.lines), done.skipped, done.next) == (5, 0, 0)
    assert {room.now(one).status for one in said} == {"rejected"}
    assert room.now(other).status == "held"
    lines = room.run(deciding.latest(room.site, MONA))
    assert {line.comment for line in lines} == {one.id for one in said}
    assert room.run(deciding.undo_many(room.site, MONA, done.lines)) == 5
    assert {room.now(one).status for one in said} == {"held"}
    assert room.run(deciding.undo_many(room.site, MONA, done.lines)) == 0


def test_what_comes_in_after_the_question_is_not_meant(room: Newsroom) -> None:
    first = room.say(ADA, "Buy my boat.", story=REVIEWED)
    later = room.say(ADA, "Buy my other boat.", story=REVIEWED)
    room.run(
        deciding.decide_found(room.site, MONA, Filter(), "reject", reason="spam", before=later.id)
    )
    assert (room.now(first).status, room.now(later).status) == ("rejected", "held")


def test_readers_decide_nothing_by_the_many_either(room: Newsroom) -> None:
    sweep = deciding.decide_found(room.site, ADA, Filter(), "publish", before=1 << 62)
    assert room.refused(sweep) == "not_allowed"
    assert room.refused(deciding.undo_many(room.site, ADA, [1])) == "not_allowed"
    for reason in ("", "because"):
        sweep = deciding.decide_found(
            room.site, MONA, Filter(), "reject", reason=reason, before=1 << 62
        )
        assert room.refused(sweep) == "reason_unknown"


def test_the_last_ten_minutes_can_be_undone_one_after_the_other(room: Newsroom) -> None:
    said = [room.say(ADA, f"Question {n}?", story=REVIEWED) for n in range(3)]
    early = room.publish(said[0])
    room.clock.forward(minutes=11)
    second, third = room.publish(said[1]), room.publish(said[2])
    undoable = room.run(deciding.undoable(room.site, MONA))
    assert [line.id for line in undoable] == [third.id, second.id]
    room.undo(third)
    assert [line.id for line in room.run(deciding.undoable(room.site, MONA))] == [second.id]
    assert early.id not in {line.id for line in undoable}


# -- second looks --------------------------------------------------------------------------


def _looks(room: Newsroom, who: User = EDGAR) -> list[deciding.Card]:
    return list(room.run(deciding.queue(room.site, who)).looks)


@pytest.fixture
def doubtful(room: Newsroom) -> Newsroom:
    """A newsroom that looks at everything twice."""
    room.storage.write_now(lambda c: users.add(c, EDGAR, look="edgar", honest="edgar"))
    rules = msgspec.structs.replace(room.site.rules, second_looks=100)
    room.site = msgspec.structs.replace(room.site, rules=rules)
    return room


def test_somebody_else_looks_again_and_is_not_told_what_was_decided(doubtful: Newsroom) -> None:
    room = doubtful
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    decision = room.reject(comment, "off_topic")
    assert _looks(room) == []
    room.clock.forward(hours=2)
    assert _looks(room, MONA) == []
    [card] = _looks(room)
    assert (card.comment.id, card.second) == (comment.id, decision.id)
    assert (card.comment.status, card.comment.reason, card.history) == ("held", "", [])
    looked = room.run(deciding.look_again(room.site, EDGAR, decision.id, "publish"))
    assert (looked.agreed, looked.first.reason) == (False, "off_topic")
    assert room.now(comment).status == "rejected"
    assert _looks(room) == []
    assert (
        room.refused(deciding.look_again(room.site, EDGAR, decision.id, "publish"))
        == "decision_unknown"
    )


def test_who_works_alone_looks_again_a_day_later(doubtful: Newsroom) -> None:
    room = doubtful
    room.publish(room.say(ADA, "Who pays?", story=REVIEWED))
    room.clock.now += timedelta(hours=26)
    assert len(_looks(room, MONA)) == 1


def test_what_has_changed_since_is_not_looked_at_again(doubtful: Newsroom) -> None:
    room = doubtful
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    room.undo(room.publish(comment))
    room.clock.forward(hours=2)
    assert _looks(room) == []


def test_nothing_is_sampled_when_the_share_is_nothing(room: Newsroom) -> None:
    rules = msgspec.structs.replace(room.site.rules, second_looks=0)
    room.site = msgspec.structs.replace(room.site, rules=rules)
    for number in range(20):
        room.publish(room.say(ADA, f"Question {number}?", story=REVIEWED))
    assert room.rows(schema.second_looks) == 0


def test_readers_look_at_nothing_again(room: Newsroom) -> None:
    work = deciding.look_again(room.site, ADA, 1, "publish")
    assert room.refused(work) == "not_allowed"
