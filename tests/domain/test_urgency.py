"""Which comment comes first at the desk."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from belowline.domain import urgency
from belowline.domain.decisions import Finding
from tests.cast import BEGINNING


def _finding(weight: str, check: str = "words") -> Finding:
    return Finding(check=check, version="1", code="x", weight=weight, sentence="It is a test.")


def test_what_the_checks_and_readers_say_adds_up_to_likely_harm() -> None:
    nothing = urgency.harm([], 0)
    noted = urgency.harm([_finding("note")], 0)
    held = urgency.harm([_finding("hold")], 0)
    both = urgency.harm([_finding("hold"), _finding("hold", "links")], 0)
    reported = urgency.harm([_finding("hold")], 2)
    assert nothing < noted < held < both < reported < 1


def test_ten_words_that_one_check_finds_are_one_sign() -> None:
    assert urgency.harm([_finding("hold")] * 10, 0) == urgency.harm([_finding("hold")], 0)


def test_the_score_of_a_model_counts_instead_of_the_weight() -> None:
    class Scored(msgspec.Struct):
        check: str = "risk"
        weight: str = "note"
        score: float | None = 0.9

    assert urgency.harm([Scored()], 0) > 0.85  # type: ignore[list-item]
    assert urgency.harm([Scored(score=None)], 0) == urgency.harm(  # type: ignore[list-item]
        [_finding("note")], 0
    )


@given(
    st.floats(0, 1),
    st.integers(0, 100_000),
    st.floats(0, 1),
    st.integers(0, 100_000),
    st.integers(0, 3_600 * 24 * 30),
)
def test_nothing_is_ever_more_than_fifteen_hours_ahead_of_what_came_before_it(
    harm: float, readers: int, other_harm: float, other_readers: int, seconds: int
) -> None:
    least, most = 0.05, 0.98
    first = urgency.waits_since(BEGINNING, min(max(harm, least), most), readers)
    later = BEGINNING + timedelta(seconds=seconds)
    second = urgency.waits_since(later, min(max(other_harm, least), most), other_readers)
    if seconds > 15 * 3_600:
        assert first < second


def test_twice_the_readers_are_worth_an_hour() -> None:
    few = urgency.waits_since(BEGINNING, 0.5, 20)
    many = urgency.waits_since(BEGINNING, 0.5, 40)
    assert few - many == urgency.DOUBLING


def test_everybody_sees_what_is_published_and_some_wait_for_what_is_held() -> None:
    assert urgency.affected("published", 100) == 102
    assert urgency.affected("held", 100) == 26
