"""The audit of even hands on what was written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any

import msgspec

from belowline.actions import auditing
from belowline.actions.auditing import Audits, Report
from belowline.domain.audits import Audit
from belowline.render.audits import as_markdown
from tests.actions.test_policies import EDGAR, introduce, save
from tests.cast import ADA, BEN, CHIDI, MONA, OPEN, REVIEWED, Newsroom


def audited(room: Newsroom, days: int = 30) -> Audit:
    return asyncio.run(auditing.audit(room.site, days))


def reported(room: Newsroom, make_worker: Callable[[], Executor]) -> Report | None:
    """The report that Edgar finds at the desk after he has begun an audit."""

    async def run() -> Report | None:
        audits = Audits(make_worker)
        await audits.begin(room.site, EDGAR)
        await asyncio.gather(*audits._tasks)
        return await auditing.latest(room.site, EDGAR)

    return asyncio.run(run())


class Failing(ThreadPoolExecutor):
    """What does not do its work."""

    def submit(self, *_: Any, **__: Any) -> Any:
        """Fails."""
        raise RuntimeError


def test_a_rule_that_knows_one_side_only_is_shown_with_the_comment(room: Newsroom) -> None:
    introduce(room)
    save(room, swaps=("muddies = hillies",), suspect_words=("muddies",))
    room.say(ADA, "What the muddies want is a ferry.")
    room.say(BEN, "The Hillies want a bridge.")
    room.say(CHIDI, "Nobody asks me.")
    report = audited(room)
    [pair] = report.pairs
    assert report.comments == 3
    assert (pair.named_left, pair.named_right, pair.leans) == (1, 1, "few")
    assert (pair.stricter_left, pair.stricter_right) == (2, 0)
    assert {one.swapped for one in pair.examples} == {
        "What the hillies want is a ferry.",
        "The Muddies want a bridge.",
    }
    assert "word_suspect" in pair.examples[0].left.codes
    assert "What the hillies want" in as_markdown(report)


def test_where_all_wait_an_open_discussion_shows_the_difference(room: Newsroom) -> None:
    introduce(room)
    save(room, swaps=("muddies = hillies",), suspect_words=("muddies",))
    room.say(ADA, "The muddies again.", story=REVIEWED)
    [pair] = audited(room).pairs
    assert (pair.stricter_left, pair.open_left) == (0, 1)


def test_the_model_is_asked_as_it_stands_with_what_the_site_has_taught_it(room: Newsroom) -> None:
    introduce(room)
    save(room, swaps=("muddies = hillies",))
    for number in range(20):
        room.reject(room.say(ADA, f"The muddies were here, number {number}.", story=REVIEWED))
        room.publish(room.say(BEN, f"The hillies were here, number {number}.", story=REVIEWED))
    report = audited(room)
    [pair] = report.pairs
    assert "+" in report.model
    assert pair.mean_left > pair.mean_right
    assert pair.leans == "left"


def test_languages_have_what_was_approved_and_how_long_it_waited(room: Newsroom) -> None:
    held = room.say(ADA, "Das ist nicht die ganze Wahrheit.", story=REVIEWED)
    room.clock.forward(minutes=12)
    room.publish(held)
    room.say(BEN, "That is all there is to it.", story=OPEN)
    english, german = sorted(audited(room).languages, key=lambda one: one.held)
    assert (english.language, english.published, english.decided) == ("en", 1, 0)
    assert (german.language, german.decided, german.approved) == ("de", 1, 1)
    assert german.median == 12.0


def test_older_comments_are_left_out_and_json_has_everything(room: Newsroom) -> None:
    room.say(ADA, "Long ago.")
    room.clock.forward(days=8)
    room.say(ADA, "Just now.")
    report = audited(room, 7)
    assert report.comments == 1
    assert msgspec.json.decode(msgspec.json.encode(report))["languages"][0]["comments"] == 1


def test_the_desks_report_is_kept_without_what_its_author_has_deleted(room: Newsroom) -> None:
    introduce(room)
    save(room, swaps=("muddies = hillies",), suspect_words=("muddies",))
    gone = room.say(ADA, "The muddies want a ferry.")
    room.say(BEN, "The muddies want a bridge.")
    report = reported(room, partial(ThreadPoolExecutor, 1))
    assert report is not None
    assert report.audit is not None
    assert len(report.audit.pairs[0].examples) == 2
    room.withdraw(ADA, gone)
    later = room.run(auditing.latest(room.site, EDGAR))
    assert later is not None
    assert later.audit is not None
    assert [one.text for one in later.audit.pairs[0].examples] == ["The muddies want a bridge."]
    room.clock.forward(days=31)
    assert room.run(auditing.latest(room.site, EDGAR)) is None


def test_an_audit_that_fails_is_lost_and_can_be_begun_again(room: Newsroom) -> None:
    introduce(room)
    report = reported(room, partial(Failing, 1))
    assert report is not None
    assert report.is_lost(room.site.now())
    again = reported(room, partial(ThreadPoolExecutor, 1))
    assert again is not None
    assert again.audit is not None


def test_the_desks_audit_is_for_editors(room: Newsroom) -> None:
    for who in (ADA, MONA):
        assert room.refused(Audits().begin(room.site, who)) == "not_allowed"
        assert room.refused(auditing.latest(room.site, who)) == "not_allowed"
