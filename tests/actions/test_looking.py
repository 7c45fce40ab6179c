"""Second looks at what teaches the risk model most, and what their answers teach."""

from __future__ import annotations

import msgspec
import pytest

from belowline.actions import deciding, learning, looking
from belowline.domain.comments import Comment
from belowline.domain.decisions import Decision
from belowline.risk.judge import Judge
from belowline.storage import queue, users
from tests.actions.test_queue import EDGAR
from tests.cast import ADA, BEN, CHIDI, MONA, REVIEWED, Newsroom

CIVIL = "The ferry was late again on Monday, and nobody at the office could say why."
DOUBTFUL = "You are a fool."


@pytest.fixture
def desk(room: Newsroom) -> Newsroom:
    """A newsroom with two at the desk, whose every decision is drawn and as many chosen."""
    room.storage.write_now(lambda c: users.add(c, EDGAR, look="edgar", honest="edgar"))
    rules = msgspec.structs.replace(room.site.rules, second_looks=100)
    room.site = msgspec.structs.replace(room.site, rules=rules)
    return room


def _chosen(room: Newsroom) -> list[deciding.Card]:
    room.clock.forward(hours=2)
    room.run(looking.choose(room.site))
    return list(room.run(deciding.queue(room.site, MONA)).looks)


def _answer(room: Newsroom, decision: int, outcome: str) -> None:
    room.run(deciding.look_again(room.site, EDGAR, decision, outcome))


def _elsewhere(room: Newsroom) -> Judge:
    other = msgspec.structs.replace(room.site, judge=Judge())
    room.run(learning.catch_up(other))
    return other.judge


def _decided(room: Newsroom, text: str) -> tuple[Comment, Decision]:
    comment = room.say(BEN, text, story=REVIEWED)
    decision = room.publish(comment)
    room.clock.forward(hours=2)
    return comment, decision


def test_the_published_comment_of_which_the_model_is_least_sure_is_looked_at_again(
    desk: Newsroom,
) -> None:
    desk.say(ADA, CIVIL)
    unsure = desk.say(BEN, DOUBTFUL)
    [card] = _chosen(desk)
    assert card.comment.id == unsure.id
    assert (card.comment.status, card.history) == ("held", [])
    assert card.why == "second_look_new_words"
    assert _chosen(desk)[0].second == card.second  # nothing twice, and one a day here


def test_nothing_is_chosen_of_what_is_new_or_where_there_are_no_second_looks(
    desk: Newsroom,
) -> None:
    desk.say(BEN, DOUBTFUL)
    assert desk.run(looking.choose(desk.site)) == 0
    rules = msgspec.structs.replace(desk.site.rules, second_looks=0)
    desk.site = msgspec.structs.replace(desk.site, rules=rules)
    assert _chosen(desk) == []


def test_the_answer_about_what_only_the_rules_had_decided_is_the_first_lesson(
    desk: Newsroom,
) -> None:
    desk.say(BEN, DOUBTFUL)
    [card] = _chosen(desk)
    _answer(desk, card.second, "reject")
    assert desk.site.judge.lessons_of(EDGAR.id) == [card.second]
    assert _elsewhere(desk).look(DOUBTFUL) == desk.site.judge.look(DOUBTFUL)
    assert _elsewhere(desk).lessons_of(EDGAR.id) == [card.second]
    later = desk.reject(card.comment)
    assert desk.site.judge.lessons_of(EDGAR.id) == []
    assert desk.site.judge.lessons_of(MONA.id) == [later.id]


def test_a_second_person_who_disagrees_leaves_no_lesson(desk: Newsroom) -> None:
    _, agreed = _decided(desk, CIVIL)
    _, disputed = _decided(desk, DOUBTFUL)
    _answer(desk, agreed.id, "publish")
    _answer(desk, disputed.id, "reject")
    assert desk.site.judge.lessons_of(MONA.id) == [agreed.id]
    assert [lesson.weight for lesson in desk.site.judge._layer.lessons.values()] == [2.0]


def test_how_often_people_agree_is_told_from_what_was_drawn_at_random(desk: Newsroom) -> None:
    _, drawn = _decided(desk, CIVIL)
    _answer(desk, drawn.id, "publish")
    desk.say(CHIDI, DOUBTFUL)
    card = next(one for one in _chosen(desk) if one.why != "second_look")
    _answer(desk, card.second, "reject")
    assert desk.storage.read_now(queue.agreement) == (1, 1)


def test_what_a_careless_person_answered_is_taken_back_with_what_they_decided(
    desk: Newsroom,
) -> None:
    comment, decision = _decided(desk, CIVIL)
    before = desk.site.judge.look(DOUBTFUL)
    desk.say(CHIDI, DOUBTFUL)
    card = next(one for one in _chosen(desk) if one.comment.id != comment.id)
    _answer(desk, card.second, "reject")
    assert desk.run(learning.take_back(desk.site, EDGAR, EDGAR.id)) == 1
    for judge in (desk.site.judge, _elsewhere(desk)):
        assert judge.lessons_of(EDGAR.id) == []
        assert judge.lessons_of(MONA.id) == [decision.id]
        assert judge.look(DOUBTFUL).score == before.score
    desk.run(learning.give_back(desk.site, EDGAR, EDGAR.id))
    assert desk.site.judge.lessons_of(EDGAR.id) == [card.second]
