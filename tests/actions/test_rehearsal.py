"""Rehearsing a change of the policy on what was written."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from belowline.actions import rehearsal, stories
from belowline.checks import replay, run, words
from belowline.domain.decisions import Decision, Finding
from belowline.domain.policy import Policy
from belowline.domain.rehearsals import Result, seconds_a_decision
from tests.actions.test_policies import EDGAR, introduce, save
from tests.cast import ADA, BEGINNING, BEN, CHIDI, MONA, OPEN, REVIEWED, Newsroom


def rehearsed(room: Newsroom, **values: object) -> Result:
    """What a change would have done."""
    proposal = msgspec.structs.replace(room.site.policy, **values)

    async def run() -> Result:
        with ThreadPoolExecutor(1) as executor:
            async for part in rehearsal.rehearse(room.site, executor, proposal):
                if isinstance(part, Result):
                    return part
        raise AssertionError("no result")

    return asyncio.run(run())


def moves(result: Result) -> dict[tuple[str, str], int]:
    return {(move.before, move.after): move.comments for move in result.moves}


def test_a_word_shows_what_it_would_have_held_with_examples_and_minutes(room: Newsroom) -> None:
    for number in range(4):
        room.say(ADA, f"Mud number {number}.")
    room.reject(room.say(BEN, "MUD is all you know."))
    room.say(CHIDI, "A fine day.")
    result = rehearsed(room, suspect_words=("mud",))
    assert (result.comments, result.more_held) == (6, 5)
    assert (result.seconds, result.measured, round(result.minutes * 60)) == (20.0, False, 100)
    [move] = result.moves
    assert (move.before, move.after, move.published, move.rejected) == ("published", "held", 4, 1)
    assert {example.why for example in move.examples} == {"word_suspect"}
    assert [one.language for one in result.languages] == ["en"]


def test_thousands_of_words_are_read_before_the_first_comment_is_judged_by_them(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.say(ADA, "Mud 7.")
    misses = []

    def watched(*values: Any) -> list[Finding]:
        misses.append(words._prepared.cache_info().misses)
        found = run(*values)
        misses.append(words._prepared.cache_info().misses)
        return found

    monkeypatch.setattr(replay, "run", watched)
    result = rehearsed(room, suspect_words=tuple(f"mud {number}" for number in range(3_000)))
    assert moves(result) == {("published", "held"): 1}
    assert len(misses) == 4
    assert len(set(misses)) == 1


def test_nothing_is_different_when_nothing_is_changed(room: Newsroom) -> None:
    for text in ("One.", "See https://a.example/", "LOUD LOUD LOUD LOUD LOUD LOUD"):
        room.say(ADA, text)
    assert rehearsed(room).moves == []


def test_it_judges_by_what_was_known_of_the_author_then(room: Newsroom) -> None:
    for number in range(6):
        room.say(ADA, f"Remark {number}.")
    result = rehearsed(room, rules="hold when newcomer\npublish otherwise", newcomer_until=2)
    assert moves(result) == {("published", "held"): 2}


def test_it_knows_what_an_author_had_written_before_the_time_that_is_rehearsed(
    room: Newsroom,
) -> None:
    for number in range(3):
        room.say(ADA, f"Long ago {number}.")
    room.clock.forward(days=31)
    room.say(ADA, "Today.")
    result = rehearsed(room, rules="hold when newcomer\npublish otherwise", newcomer_until=3)
    assert (result.comments, moves(result)) == (1, {})


def test_findings_of_checks_that_need_the_database_are_taken_as_stored(room: Newsroom) -> None:
    room.say(ADA, "The same again.")
    assert room.say(ADA, "The same again.").status == "held"
    result = rehearsed(room, rules="publish otherwise")
    assert moves(result) == {("held", "published"): 1}


def test_a_mode_is_rehearsed_for_the_stories_that_follow_the_site(room: Newsroom) -> None:
    wanted = [msgspec.structs.replace(room._story("the-quay", "open"), own_mode=False)]
    room.run(stories.publish(room.site, wanted))
    room.say(ADA, "At the quay.", story="the-quay")
    room.say(ADA, "At the town hall.", story=REVIEWED)
    room.say(ADA, "On board.", story=OPEN)
    assert moves(rehearsed(room, mode="open")) == {("held", "published"): 1}


def test_the_time_that_a_decision_takes_is_the_sites_own_median() -> None:
    def line(number: int, seconds: int) -> Decision:
        return Decision(
            id=number,
            comment=1,
            revision=1,
            action="publish",
            before="held",
            after="published",
            actor=MONA.id,
            actor_name="Mona",
            reason="",
            note="",
            undoes=None,
            created_at=BEGINNING + timedelta(seconds=seconds),
        )

    steady = [line(number, number * 12) for number in range(30)]
    assert seconds_a_decision(steady) == 12.0
    assert seconds_a_decision([*steady, line(31, 9_000)]) == 12.0  # after lunch
    assert seconds_a_decision(steady[:10]) is None


def test_a_rehearsal_is_kept_with_its_progress_and_its_result(room: Newsroom) -> None:
    introduce(room)
    for number in range(3):
        room.say(ADA, f"Mud number {number}.")
    proposal = Policy(suspect_words=("mud",), mode="reviewed")

    async def run() -> int:
        running = rehearsal.Rehearsals(lambda: ThreadPoolExecutor(1))
        number = await running.begin(room.site, EDGAR, proposal, note="Mud", base=0)
        await asyncio.gather(*running._tasks)
        return number

    number = asyncio.run(run())
    found = room.run(rehearsal.get(room.site, MONA, number))
    assert found.result is not None
    assert (found.total, found.done, found.result.more_held, found.note) == (3, 3, 3, "Mud")
    assert found.proposal == proposal
    assert room.refused(rehearsal.get(room.site, ADA, number)) == "not_allowed"
    assert room.refused(rehearsal.get(room.site, MONA, number + 1)) == "rehearsal_unknown"
    save(room, max_links=1)
    running = rehearsal.Rehearsals(lambda: ThreadPoolExecutor(1))
    begun = running.begin(room.site, EDGAR, proposal, note="", base=0)
    assert room.refused(begun) == "outdated"
