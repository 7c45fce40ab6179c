"""What the desk's decisions teach the risk model."""

from __future__ import annotations

import msgspec
import pytest

from belowline.actions import deciding, learning
from belowline.domain.comments import Comment
from belowline.domain.rules import Rules
from belowline.risk.judge import Judge
from belowline.storage import comments
from tests.actions.test_policies import EDGAR, introduce
from tests.cast import ADA, BEN, MONA, REVIEWED, Newsroom


def waiting(room: Newsroom, text: str) -> Comment:
    return room.say(ADA, text, story=REVIEWED)


def elsewhere(room: Newsroom) -> Judge:
    """What another process on the same database knows."""
    other = msgspec.structs.replace(room.site, judge=Judge())
    room.run(learning.catch_up(other))
    return other.judge


def test_a_decision_is_a_lesson_at_once(room: Newsroom) -> None:
    decision = room.reject(waiting(room, "The turbine."))
    assert room.site.judge.lessons_of(MONA.id) == [decision.id]


def test_another_process_learns_the_same(room: Newsroom) -> None:
    for number in range(12):
        comment = waiting(room, f"{'The turbine' if number % 2 else 'The harbour'} {number}")
        room.reject(comment) if number % 2 else room.publish(comment)
    text = "The turbine"
    assert elsewhere(room).look(text) == room.site.judge.look(text)
    assert room.site.judge.look(text).version.endswith(f"+{room.site.judge.heard}")


def test_an_undone_decision_teaches_nothing(room: Newsroom) -> None:
    comment = waiting(room, "The turbine.")
    room.undo(room.reject(comment))
    assert room.site.judge.lessons_of(MONA.id) == []
    again = room.publish(comment)
    assert room.site.judge.lessons_of(MONA.id) == [again.id]
    assert elsewhere(room).lessons_of(MONA.id) == [again.id]


def test_one_moderators_lessons_can_be_found_and_taken_back(room: Newsroom) -> None:
    introduce(room)
    for number in range(6):
        room.reject(waiting(room, f"The turbine {number}"))
    [teacher] = room.run(learning.teachers(room.site, MONA))
    assert (teacher.user.name, teacher.taught.lessons, teacher.taught.rejected) == ("Mona", 6, 6)
    assert room.refused(learning.take_back(room.site, MONA, MONA.id)) == "not_allowed"
    assert room.run(learning.take_back(room.site, EDGAR, MONA.id)) == 6
    [taken] = room.run(learning.doubted(room.site, MONA))
    assert taken.user.name == "Mona"
    assert room.site.judge.lessons_of(MONA.id) == elsewhere(room).lessons_of(MONA.id) == []
    later = room.reject(waiting(room, "The lighthouse."))
    assert room.site.judge.lessons_of(MONA.id) == [later.id]
    room.run(learning.give_back(room.site, EDGAR, MONA.id))
    assert room.run(learning.take_back(room.site, None, MONA.id)) == 7  # the operator
    room.run(learning.give_back(room.site, None, MONA.id))
    assert room.run(learning.doubted(room.site, MONA)) == []
    assert len(room.site.judge.lessons_of(MONA.id)) == 7


def test_readers_may_not_ask_or_take_back(room: Newsroom) -> None:
    assert room.refused(learning.teachers(room.site, BEN)) == "not_allowed"
    assert room.refused(learning.take_back(room.site, BEN, MONA.id)) == "not_allowed"
    assert room.refused(learning.give_back(room.site, BEN, MONA.id)) == "not_allowed"


def test_a_finding_is_kept_with_its_score_and_its_cost(room: Newsroom) -> None:
    room.site = msgspec.structs.replace(room.site, rules=Rules())
    comment = room.say(ADA, "You are a pathetic little idiot.")
    found = room.storage.read_now(lambda connection: comments.findings_of(connection, [comment.id]))
    first = next(one for one in found[comment.id] if one.check == "risk")
    assert comment.status == "held"
    assert first.score is not None
    assert first.cost > 0


@pytest.mark.parametrize("decision", ["publish", "reject"])
def test_an_edit_leaves_the_lesson_about_the_text_that_was_decided(
    room: Newsroom, decision: str
) -> None:
    comment = waiting(room, "The turbine.")
    judged = [deciding.Judged(comment=comment.id, revision=1)]
    room.run(deciding.decide(room.site, MONA, judged, decision, reason="spam"))
    assert [one.text for one in room.site.judge._layer.lessons.values()] == ["The turbine."]
