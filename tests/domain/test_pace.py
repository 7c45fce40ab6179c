"""How fast one may go, from times alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from belowline.domain.pace import wait

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(*seconds: float) -> list[datetime]:
    return [NOON + timedelta(seconds=one) for one in seconds]


def test_as_many_as_a_minute_allows_may_come_at_once_and_then_one_by_one() -> None:
    times: list[datetime] = []
    for _ in range(12):
        assert wait(times, 12, NOON) == 0
        times.append(NOON)
    assert wait(times, 12, NOON) == 5
    assert wait(times, 12, NOON + timedelta(seconds=4)) == 1
    assert wait(times, 12, NOON + timedelta(seconds=5)) == 0


def test_whoever_keeps_to_the_pace_never_waits() -> None:
    assert wait(at(*range(0, 120, 5)), 12, NOON + timedelta(seconds=120)) == 0


def test_a_clock_that_is_set_back_lets_nobody_hurry() -> None:
    assert wait(at(*[60] * 12), 12, NOON) == 5


def test_without_a_limit_nobody_waits() -> None:
    assert wait(at(*[0] * 50), 0, NOON) == 0
