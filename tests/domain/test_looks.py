"""What is worth a second look."""

from __future__ import annotations

from belowline.domain.looks import MOST_OPEN, NEW_WORDS, UNSURE, Chosen, Doubt, allowed, choose


def doubt(comment: int, score: float, *, known: bool = True, lessons: float = 9.0) -> Doubt:
    return Doubt(comment=comment, score=score, known=known, lessons=lessons)


def test_what_the_model_is_least_sure_of_comes_first_and_what_it_is_sure_of_never() -> None:
    doubts = [doubt(1, 0.05), doubt(2, 0.35), doubt(3, 0.52), doubt(4, 0.97)]
    assert choose(doubts, 9) == [Chosen(3, UNSURE), Chosen(2, UNSURE)]
    assert choose(doubts, 1) == [Chosen(3, UNSURE)]
    assert choose(doubts, 0) == []


def test_of_two_doubts_the_one_about_new_words_teaches_more() -> None:
    doubts = [doubt(1, 0.5, lessons=40), doubt(2, 0.4, lessons=0)]
    assert choose(doubts, 2) == [Chosen(2, NEW_WORDS), Chosen(1, UNSURE)]


def test_in_a_language_that_the_model_does_not_know_its_score_counts_for_nothing() -> None:
    doubts = [doubt(1, 0.99, known=False), doubt(2, 0.5), doubt(3, 0.01, known=False)]
    assert [one.comment for one in choose(doubts, 3)] == [2, 1, 3]


def test_as_many_are_chosen_in_a_day_as_are_drawn_a_few_at_a_time() -> None:
    assert allowed(100, 2, waiting=0, taken=0) == 2
    assert allowed(100, 2, waiting=1, taken=1) == 0
    assert allowed(1_000, 2, waiting=0, taken=3) == MOST_OPEN
    assert allowed(1_000, 2, waiting=4, taken=3) == 1
    assert allowed(0, 2, waiting=0, taken=0) == 1
    assert allowed(1_000, 0, waiting=0, taken=0) == 0
