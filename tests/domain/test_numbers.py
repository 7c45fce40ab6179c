"""What scores meant, from comments that people decided."""

from __future__ import annotations

from belowline.domain.numbers import Bin, Scored, reliability


def bins(*scored: Scored) -> list[Bin]:
    return [one for one in reliability(scored) if one.comments]


def test_each_tenth_has_its_comments_and_the_rejected_ones() -> None:
    low, high, top = bins(
        Scored(0.3, False), Scored(0.7, True), Scored(0.79, False), Scored(1.0, True)
    )
    assert (low.low, low.comments, low.rejected) == (0.3, 1, 0)
    assert (high.low, high.high, high.comments, high.share) == (0.7, 0.8, 2, 0.5)
    assert (top.low, top.rejected) == (0.9, 1)


def test_scores_that_were_too_low_to_be_kept_are_counted_together() -> None:
    [one] = bins(Scored(None, False), Scored(None, True))
    assert (one.low, one.comments, one.rejected) == (None, 2, 1)
    assert len(reliability([])) == 11


def test_of_few_comments_little_is_said() -> None:
    [few] = bins(*[Scored(0.75, True)] * 3)
    [many] = bins(*[Scored(0.75, number % 10 < 7) for number in range(1000)])
    assert (round(few.least, 2), few.most) == (0.44, 1.0)
    assert (round(many.least, 2), round(many.most, 2)) == (0.67, 0.73)
