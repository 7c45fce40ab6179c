"""The circuit breaker's judgement, by numbers alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from belowline.domain.breaker import (
    DWELL,
    Minute,
    Shares,
    Sign,
    Tightened,
    first_step,
    gathers,
    goes_on,
    kind_of,
    rest,
    setting,
    shares,
    usual,
    words,
)

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
RAID = Minute(arrivals=20, newcomers=18, suspect=9, through=9)


def tightened(**changes: Any) -> Tightened:
    """A story that was open and is trusting since noon."""
    given: dict[str, Any] = {
        "story": 1, "step": 1, "kind": "newcomers", "minute": RAID, "mode": "open", "slow": 0,
        "own_mode": False, "own_pace": False, "since": NOON, "changed_at": NOON, "broke_at": NOON,
    }  # fmt: skip
    return Tightened(**(given | changes))


@pytest.mark.parametrize(
    ("minute", "kind"),
    [
        (RAID, "newcomers"),
        (Minute(arrivals=20, copies=10), "copies"),
        (Minute(arrivals=3, reports=9, reports_by_newcomers=8), "reports"),
        (Minute(arrivals=55, newcomers=41, suspect=30, usual=15.0), "newcomers"),
        (
            Minute(arrivals=2, recommendations=16, recommendations_by_newcomers=15),
            "recommendations",
        ),
    ],
)
def test_what_attacks_are_made_of_is_a_break(minute: Minute, kind: str) -> None:
    assert kind_of(minute) == kind


@pytest.mark.parametrize(
    "minute",
    [
        Minute(arrivals=200, newcomers=150, suspect=15, reports=9),
        Minute(arrivals=200, newcomers=150, copies=12),
        Minute(arrivals=90, recommendations=60, recommendations_by_newcomers=50),
        Minute(arrivals=9, newcomers=9, suspect=9),
        Minute(arrivals=3, reports=9, reports_by_newcomers=2),
        Minute(arrivals=20, newcomers=18, suspect=9, usual=10.0),
        Minute(),
    ],
)
def test_a_rush_or_what_is_usual_here_is_none(minute: Minute) -> None:
    assert kind_of(minute) == ""


def test_each_step_is_stricter_than_the_one_before_and_closing_is_the_last() -> None:
    settings = [setting(step, "open", 0) for step in range(5)]
    assert settings == [
        ("open", 0), ("trusting", 0), ("reviewed", 0), ("reviewed", 60), ("closed", 0),
    ]  # fmt: skip
    assert [first_step(mode, 0) for mode in ("open", "trusting", "reviewed", "closed")] == [
        1, 2, 3, 0,
    ]  # fmt: skip
    assert first_step("reviewed", 300) == 0


def test_it_goes_on_by_a_step_after_a_while_and_only_if_much_comes_through() -> None:
    soon, later = NOON + DWELL / 2, NOON + DWELL
    assert goes_on(tightened(), "newcomers", RAID, soon).step == 1
    assert goes_on(tightened(), "newcomers", RAID, later).step == 2
    held = Minute(arrivals=40, newcomers=40, suspect=30, through=1)
    assert goes_on(tightened(), "newcomers", held, later).step == 1


def test_it_is_long_before_a_discussion_is_closed() -> None:
    third = tightened(step=3)
    assert goes_on(third, "newcomers", RAID, NOON + DWELL).step == 3
    assert goes_on(third, "newcomers", RAID, NOON + timedelta(minutes=10)).step == 4


def test_it_loosens_by_a_step_each_time_it_was_quiet_for_long_enough() -> None:
    second = tightened(step=2)
    assert goes_on(second, "", Minute(), NOON + timedelta(minutes=9)).step == 2
    first = goes_on(second, "", Minute(), NOON + timedelta(minutes=10))
    assert first.step == 1
    assert goes_on(first, "", Minute(), NOON + timedelta(minutes=19)).step == 1
    over = goes_on(first, "", Minute(), NOON + timedelta(minutes=20))
    assert (over.step, words(over)) == (0, "")


def test_a_story_that_was_reviewed_is_reviewed_again_when_it_is_over() -> None:
    third = tightened(step=3, mode="reviewed")
    assert goes_on(third, "", Minute(), NOON + timedelta(minutes=10)).step == 0


def test_who_breaks_again_and_again_stays_strict_for_longer() -> None:
    assert [rest(times) for times in (1, 2, 3, 9)] == [
        timedelta(minutes=minutes) for minutes in (10, 20, 40, 120)
    ]


def signs(*kinds: str, seconds: float) -> list[Sign]:
    """One each so many seconds, the last at noon."""
    return [
        Sign(NOON - timedelta(seconds=seconds * (len(kinds) - 1 - place)), kind)
        for place, kind in enumerate(kinds)
    ]


def test_newcomers_reports_gather_within_a_minute_where_hardly_any_are_usual() -> None:
    quiet = shares(comments=500, reported=1, by_newcomers=50, faulty=2)
    assert gathers(signs(*["report"] * 6, seconds=10), 5.0, quiet, NOON) == 6
    assert gathers(signs(*["report"] * 6, seconds=60), 5.0, quiet, NOON) == 0
    assert gathers(signs(*["report"] * 3, seconds=1), 5.0, quiet, NOON) == 0


def test_four_reports_within_a_minute_are_enough_where_little_is_written() -> None:
    four = signs(*["report"] * 4, seconds=15)
    assert gathers(four, 5.0, Shares(reported=0.01), NOON) == 4
    assert gathers(four, 20.0, Shares(reported=0.01), NOON) == 0


def test_many_reports_of_one_author_are_hardly_more_than_one() -> None:
    quiet = Shares(reported=0.01)
    assert gathers(signs("report", *["again"] * 9, seconds=6), 5.0, quiet, NOON) == 0


def test_a_rush_brings_reports_and_faults_of_its_own_and_does_not_gather() -> None:
    quiet = Shares(reported=0.01)
    minutes = signs(*["fine", "fine", "fine", "faulty"] * 50, seconds=1)
    assert gathers(minutes, 80.0, quiet, NOON) == 0
    assert gathers(signs(*["report"] * 12, seconds=15), 80.0, quiet, NOON) == 0
    raid = signs(*["faulty", "fine", "faulty", "faulty"] * 20, seconds=4)
    assert gathers(raid, 15.0, quiet, NOON) == 60


def test_no_attack_teaches_the_breaker_more_than_a_heated_day_does() -> None:
    taught = shares(comments=1_000, reported=900, by_newcomers=900, faulty=900)
    assert gathers(signs(*["report"] * 9, seconds=6), 5.0, taught, NOON) == 9


def test_an_attack_of_hours_does_not_become_the_usual() -> None:
    given: dict[str, Any] = {"known": 480, "share": 0.1, "minutes": 120.0, "site": 1.0}
    assert usual(newcomers=50, **given) == pytest.approx(530 / 120)
    assert usual(newcomers=2_400, **given) == pytest.approx(600 / 120)


def test_a_new_story_has_the_sites_usual_for_its_first_minutes() -> None:
    given: dict[str, Any] = {"newcomers": 0, "share": 0.1, "site": 6.0}
    assert usual(known=0, minutes=0.0, **given) == pytest.approx(6.0)
    assert usual(known=40, minutes=5.0, **given) == pytest.approx(7.0)
    assert usual(known=40, minutes=20.0, **given) == pytest.approx(2.0)
