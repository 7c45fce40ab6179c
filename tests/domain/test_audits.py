"""Whether a pair is treated alike, from the numbers."""

from __future__ import annotations

from belowline.domain.audits import Comment, Seen, Swap, Tally, Treated
from belowline.domain.swaps import Pair

BANKS = Pair("Eastbank", "Westbank")


def seen(score: float | None, status: str = "published") -> Seen:
    return Seen(score, status, status, ())


def swap(side: str, written: Seen, other: Seen) -> Swap:
    return Swap(0, "id", "en", side, "as written", "exchanged", written, other)


def treated(*swaps: Swap) -> Treated:
    tally = Tally([BANKS])
    tally.add(swaps, [])
    [one] = tally.treated()
    return one


def test_the_left_side_is_the_same_side_whoever_wrote_which_word() -> None:
    one = treated(
        swap("left", seen(0.5, "held"), seen(0.25)), swap("right", seen(0.25), seen(0.75, "held"))
    )
    assert (one.named_left, one.named_right, one.named_both) == (1, 1, 0)
    assert (one.mean_left, one.mean_right, one.difference) == (0.625, 0.25, 0.375)
    assert (one.higher_left, one.higher_right) == (2, 0)
    assert (one.stricter_left, one.stricter_right) == (2, 0)


def test_of_few_comments_nothing_is_said() -> None:
    one = treated(*[swap("left", seen(0.9, "held"), seen(0.1))] * 19)
    assert (one.leans, one.low, one.high) == ("few", None, None)


def test_a_pair_that_differs_again_and_again_leans_to_a_side() -> None:
    score = treated(*[swap("left", seen(0.1), seen(0.2 + number / 999)) for number in range(20)])
    assert score.leans == "right"
    assert score.high is not None
    assert score.high < 0
    outcome = treated(*[swap("right", seen(0.1), seen(0.1, "held"))] * 20)
    assert (outcome.leans, outcome.stricter_left) == ("left", 20)


def test_what_goes_both_ways_or_hardly_differs_is_even() -> None:
    both_ways = [swap("left", seen(0.1, "held"), seen(0.1))] * 10
    both_ways += [swap("left", seen(0.1), seen(0.1, "held"))] * 10
    assert treated(*both_ways).leans == "even"
    assert treated(*[swap("left", seen(0.11), seen(0.1))] * 40).leans == "even"
    assert treated(*[swap("left", seen(None), seen(None))] * 40).leans == "even"


def test_a_comment_with_both_words_is_counted_apart() -> None:
    one = treated(swap("both", seen(0.4, "held"), seen(0.2)))
    assert (one.named_both, one.scored, one.stricter_left, one.moved_both) == (1, 0, 0, 1)


def test_examples_are_other_outcomes_first_and_nothing_where_nothing_differs() -> None:
    same = swap("left", seen(0.2), seen(0.2))
    scored = swap("left", seen(0.3), seen(0.2))
    moved = swap("right", seen(0.6, "held"), seen(0.6))
    assert treated(same, scored, moved).examples == [moved, scored]


def test_languages_have_their_shares_and_waits() -> None:
    tally = Tally([])
    tally.add(
        [],
        [
            Comment("en", "published", None, 0.0, 0.1),
            Comment("en", "held", True, 10.0, 0.3),
            Comment("tr", "held", False, 90.0, None),
        ],
    )
    english, turkish = tally.languages()
    assert (english.comments, english.published, english.held) == (2, 1, 1)
    assert (english.decided, english.approved, english.median, english.risk) == (1, 1, 10.0, 0.2)
    assert (turkish.language, turkish.approved, turkish.scored) == ("tr", 0, 0)
