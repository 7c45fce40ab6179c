"""`belowline flood`: the circuit breaker on a site of its own."""

from __future__ import annotations

from belowline.demo.flood import run, summed


def test_a_raid_is_tightened_within_a_minute_and_hardly_anything_comes_through() -> None:
    raid = run("raid", seed=1, minutes=2)
    assert raid.seconds is not None
    assert raid.seconds <= 60
    assert raid.steps[0] == "trusting"
    assert raid.through < raid.stopped / 2


def test_a_rush_for_the_news_is_left_alone() -> None:
    news = run("news", seed=1, minutes=2)
    sums = summed("news", [news])
    assert (sums.tightened, sums.slowest_seconds) == (0, None)
    assert sums.innocent_stopped * 50 < sums.innocent
