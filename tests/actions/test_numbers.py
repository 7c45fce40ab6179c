"""The numbers of the last days."""

from __future__ import annotations

from datetime import UTC

from belowline.actions import numbers
from belowline.checks import Check
from belowline.checks.context import CheckContext
from belowline.domain.decisions import Finding
from belowline.render.numbers import NumbersView, as_csv, charts
from tests.cast import ADA, MONA, REVIEWED, Newsroom


def scores(context: CheckContext) -> list[Finding]:
    """The score that a comment ends with, if it ends with one."""
    word = context.text.rsplit(" ", 1)[-1]
    code = {"unsure": "risk_unsure", "failed": "check_failed"}.get(word, "risk_raised")
    score = float(word) if word[0].isdigit() else 0.9
    if word == "low":
        return []
    first = finding(code, score)
    return [first, finding("risk_words", score)] if code == "risk_raised" else [first]


def finding(code: str, score: float) -> Finding:
    return Finding(check="risk", version="1", code=code, weight="note", sentence="", score=score)


def lines(room: Newsroom) -> list[str]:
    found = room.run(numbers.of_staff(room.site, MONA, 7, UTC))
    view = NumbersView(numbers=found, days=7, choices=())
    return (as_csv(view, "reliability", "en") or "").splitlines()[1:]


def test_scores_are_held_against_what_people_decided(room: Newsroom) -> None:
    room.with_checks(Check("risk", "1", scores))
    said = {
        word: room.say(ADA, f"This has {word}", story=REVIEWED)
        for word in ("0.71", "0.72", "0.95", "0.96", "low", "unsure", "failed", "0.3")
    }
    for word in ("0.71", "0.95", "unsure", "failed"):
        room.reject(said[word])
    for word in ("0.72", "low"):
        room.publish(said[word])
    room.undo(room.reject(said["0.96"]))
    assert [line for line in lines(room) if not line.endswith("0,0,,,")] == [
        ",1,0,0,0,79.3",
        "0.7-0.8,2,1,50,9.5,90.5",
        "0.9-1,1,1,100,20.7,100",
    ]


def test_what_was_decided_otherwise_later_counts_as_it_is_now(room: Newsroom) -> None:
    room.with_checks(Check("risk", "1", scores))
    comment = room.say(ADA, "This has 0.5", story=REVIEWED)
    room.publish(comment)
    room.reject(comment)
    assert "0.5-0.6,1,1,100,20.7,100" in lines(room)


def test_bars_of_few_comments_are_hollow_and_beside_what_is_expected(room: Newsroom) -> None:
    room.with_checks(Check("risk", "1", scores))
    room.reject(room.say(ADA, "This has 0.5", story=REVIEWED))
    found = room.run(numbers.of_staff(room.site, MONA, 7, UTC))
    chart = next(one for one in charts(found, "en") if one.name == "reliability")
    assert [(bar.series, bar.title[:7]) for bar in chart.bars] == [(1, "0.5\u20130.6")]
    assert sum(line.dashed for line in chart.lines) == 10
    assert sum(not line.dashed for line in chart.lines) == 1
