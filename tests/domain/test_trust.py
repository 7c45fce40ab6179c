"""Trust: earned by what is published, lost by rejections, faded by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from belowline.domain.trust import TrustRules, trust

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def test_three_published_comments_make_somebody_known_and_two_do_not() -> None:
    assert trust([ago(days=1)] * 3, [], NOW).known
    assert not trust([ago(days=1)] * 2, [], NOW).known


def test_trust_fades_with_time_by_half_in_each_half_life() -> None:
    assert trust([ago(days=90)] * 4, [], NOW).worth == 2.0
    assert not trust([ago(days=90)] * 4, [], NOW).known
    assert trust([ago(days=90)] * 6, [], NOW).known


def test_a_rejection_costs_as_much_as_three_comments_and_fades_too() -> None:
    published = [ago(days=2)] * 4
    assert not trust(published, [ago(days=1)], NOW).known
    assert trust(published, [ago(days=720)], NOW).known


def test_nobody_is_known_by_nothing_even_if_nothing_is_asked() -> None:
    assert not trust([], [], NOW, TrustRules(needs=0)).known


def test_a_clock_that_was_set_back_gives_no_more_than_a_fresh_comment() -> None:
    assert trust([NOW + timedelta(days=400)], [], NOW).worth == 1.0
