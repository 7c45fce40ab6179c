"""What open pages hear, with real storage: in order, once, and nothing that is not for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, update

from belowline.actions import deciding, keeping, people, posting, sites, stories
from belowline.domain import ids
from belowline.domain.comments import Comment
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM, desk_stream, story_stream
from belowline.domain.stories import story_id
from belowline.live import relay as relays
from belowline.live.hub import LONGEST_BACKLOG, Hub
from belowline.live.relay import Relay
from belowline.metrics import counts
from belowline.storage import schema, streams
from tests.cast import ADA, BEN, MONA, OPEN, REVIEWED, Newsroom
from tests.live.pages import Page

FERRY, BUDGET = story_stream(story_id(OPEN)), story_stream(story_id(REVIEWED))


def _item(comment: Comment, story: str, parent_name: str, language: str) -> str:
    return f"<li lang={language}>{comment.text if comment.status == 'published' else 'gone'}</li>"


class _Ears(Page):
    """A page that listens and remembers."""

    def __init__(self, relay: Relay, language: str = "en") -> None:
        super().__init__()
        self._relay = relay
        self._language = language

    async def attach(self, stream: str, after: int | None = None) -> _Ears:
        await self._relay.attach(self, stream, self._language, after)
        return self


@asynccontextmanager
async def _relaying(room: Newsroom, render_item: relays.RenderItem = _item) -> AsyncIterator[Relay]:
    hub = Hub()
    relay = Relay(room.storage, hub, render_item)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _decide(room: Newsroom, comment: Comment, decision: str, reason: str = "") -> None:
    judged = [deciding.Judged(comment=comment.id, revision=comment.revision)]
    await deciding.decide(room.site, MONA, judged, decision, reason=reason)


async def _say(room: Newsroom, text: str, **more: Any) -> Comment:
    return (await room.says(ADA, text, **more)).comment


def test_a_new_comment_reaches_everyone_who_listens_in_their_language(room: Newsroom) -> None:
    async def scene() -> None:
        async with _relaying(room) as relay:
            english = await _Ears(relay).attach(FERRY)
            german = await _Ears(relay, "de").attach(FERRY)
            comment = await _say(room, "The ferry is late.")
            for ears, language in ((english, "en"), (german, "de")):
                await ears.until_number(1)
                (told,) = ears.named("comment")
                assert told["id"] == ids.encode(comment.id)
                assert (told["parent"], told["count"]) == (None, 1)
                assert told["html"] == f"<li lang={language}>The ferry is late.</li>"

    room.run(scene())


def test_events_after_a_number_are_replayed_once_and_in_order(room: Newsroom) -> None:
    for number in range(6):
        room.say(ADA, f"Word {number} of six.")

    async def scene() -> None:
        async with _relaying(room) as relay:
            late = await _Ears(relay).attach(FERRY, after=2)
            other = await _Ears(relay).attach(FERRY)
            await _say(room, "One more.")
            await late.until_number(7)
            await other.until_number(7)
            assert late.numbers == [3, 4, 5, 6, 7]
            assert other.numbers == [7]

    room.run(scene())


def test_pages_begin_anew_when_less_is_stored_than_they_were_told(room: Newsroom) -> None:
    def forget(connection: Connection) -> None:
        connection.execute(delete(schema.events).where(schema.events.c.number > 1))
        connection.execute(update(schema.streams).values(number=1))
        connection.info["streams"].add(FERRY)

    async def scene() -> None:
        async with _relaying(room) as relay:
            ears = await _Ears(relay).attach(FERRY)
            for number in range(3):
                await _say(room, f"Word {number} of three.")
            await ears.until_number(3)
            await room.storage.write(forget)
            await ears.until(lambda _: bool(ears.named("reset")))
            await _say(room, "What comes then is heard.")
            await ears.until(lambda _: ears.numbers.count(2) == 2)
            assert ears.numbers[-2:] == [3, 2]

    room.run(scene())


def test_who_comes_while_people_write_misses_nothing_and_hears_nothing_twice(
    room: Newsroom,
) -> None:
    room.with_checks()

    async def scene() -> None:
        async with _relaying(room) as relay:

            async def write() -> None:
                for number in range(40):
                    await _say(room, f"Line {number}.")

            async def come(after: int) -> _Ears:
                ears = await _Ears(relay).attach(FERRY, after=after)
                await ears.until_number(40)
                return ears

            writing = asyncio.create_task(write())
            everyone = []
            for wait_for in (0, 5, 15, 30):
                probe = await _Ears(relay).attach(FERRY, after=0)
                if wait_for:
                    await probe.until_number(wait_for)
                relay.detach(probe)
                everyone.append(asyncio.create_task(come(0)))
            await writing
            for ears in await asyncio.gather(*everyone):
                assert ears.numbers == list(range(1, 41))

    room.run(scene())


def test_a_page_that_is_level_is_told_nothing_again(room: Newsroom) -> None:
    room.say(ADA, "Before.")

    async def scene() -> None:
        async with _relaying(room) as relay:
            ears = await _Ears(relay).attach(FERRY, after=1)
            await _say(room, "After.")
            await ears.until_number(2)
            assert ears.numbers == [2]
            assert ears.named("reset") == []

    room.run(scene())


def test_a_page_that_is_too_far_behind_is_told_to_load_again(room: Newsroom) -> None:
    def many(connection: Any) -> None:
        for _ in range(201):
            streams.append(connection, FERRY, "mode", now=room.clock.now)

    room.storage.write_now(many)

    async def scene() -> None:
        async with _relaying(room) as relay:
            ears = await _Ears(relay).attach(FERRY, after=0)
            await ears.until(lambda heard: bool(heard))
            assert [name for _, name, _ in ears.heard] == ["reset"]
            await _say(room, "And on it goes.")
            await ears.until_number(202)
            assert ears.numbers == [202]

    room.run(scene())


def test_a_page_whose_events_are_forgotten_is_told_to_load_again(room: Newsroom) -> None:
    for number in range(3):
        room.say(ADA, f"Word {number} of three.")
    room.clock.forward(days=8)
    assert room.run(keeping.forget_events(room.site, timedelta(days=7))) > 0
    room.say(BEN, "A week later.")

    async def scene() -> None:
        async with _relaying(room) as relay:
            for after, expected in ((1, ["reset"]), (3, ["comment", "count"]), (99, ["reset"])):
                ears = await _Ears(relay).attach(FERRY, after=after)
                await ears.until(lambda heard: bool(heard))
                assert [name for _, name, _ in ears.heard] == expected

    room.run(scene())


def test_a_held_comment_is_never_told_and_an_approved_one_is(room: Newsroom) -> None:
    async def scene() -> None:
        async with _relaying(room) as relay:
            ears = await _Ears(relay).attach(BUDGET, after=0)
            desk = await _Ears(relay).attach(DESK_STREAM)
            held = await _say(room, "Four million!", story=REVIEWED)
            await desk.until_number(1)
            assert desk.named("card") == [{"id": ids.encode(held.id), "story": REVIEWED}]
            second = await _say(room, "Five million!", story=REVIEWED)
            await posting.edit(room.site, ADA, held.id, "Six million!", None)
            await posting.withdraw(room.site, ADA, held.id)
            await _decide(room, second, "publish")
            await ears.until_number(1)
            assert ears.named("comment")[0]["html"] == "<li lang=en>Five million!</li>"
            assert "Four" not in str(ears.heard)
            assert "Six" not in str(ears.heard)
            assert ears.named("removed") == []
            await _decide(room, second, "reject", "spam")
            await ears.until_number(2)
            removed = {"id": ids.encode(second.id), "count": 0, "html": None}
            assert ears.named("removed") == [removed]
            await desk.until(
                lambda heard: {"count": 0} in [data for _, name, data in heard if name == "waiting"]
            )

    room.run(scene())


def test_a_removed_comment_leaves_a_marker_when_it_has_replies(room: Newsroom) -> None:
    first = room.say(ADA, "You fool.")
    reply = room.say(BEN, "Please stay polite.", parent=first)

    async def scene() -> None:
        async with _relaying(room) as relay:
            ears = await _Ears(relay).attach(FERRY, after=2)
            await _decide(room, first, "reject", "personal_attack")
            await ears.until_number(3)
            assert ears.named("removed") == [
                {"id": ids.encode(first.id), "count": 1, "html": "<li lang=en>gone</li>"}
            ]
            await posting.withdraw(room.site, BEN, reply.id)
            await ears.until_number(5)
            gone = ears.named("removed")[1:]
            assert {one["id"] for one in gone} == {ids.encode(first.id), ids.encode(reply.id)}
            assert {one["html"] for one in gone} == {None}

    room.run(scene())


def test_a_replay_tells_how_things_are_now_not_how_they_were(room: Newsroom) -> None:
    comment = room.say(ADA, "A secret address.")
    room.reject(comment, "personal_data")

    async def scene() -> None:
        async with _relaying(room) as relay:
            ears = await _Ears(relay).attach(FERRY, after=0)
            await ears.until_number(2)
            assert "secret" not in str(ears.heard)
            assert ears.named("comment") == []

    room.run(scene())


def test_edits_names_and_modes_are_told(room: Newsroom) -> None:
    comment = room.say(ADA, "Late agian.")

    async def scene() -> None:
        async with _relaying(room) as relay:
            ears = await _Ears(relay).attach(FERRY, after=1)
            await posting.edit(room.site, ADA, comment.id, "Late again.", 1)
            await people.set_name(room.site, ADA, "Ada L")
            await stories.set_mode(room.site, OPEN, "closed")
            await ears.until_number(4)
            assert ears.numbers == [2, 3, 4]
            assert ears.named("edited")[0]["html"] == "<li lang=en>Late again.</li>"
            assert ears.named("renamed") == [{"author": ids.encode(ADA.id), "name": "Ada L"}]
            assert ears.named("mode") == [
                {"mode": "closed", "slow": 0, "closes_at": None, "tightened": False}
            ]

    room.run(scene())


def test_thousands_who_come_back_at_the_same_number_cost_a_few_reads(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        room.say(ADA, f"Word {number} of three.")
    reads = []
    real = room.storage.read

    def counted(work: Any) -> Any:
        reads.append(work)
        return real(work)

    async def scene() -> None:
        async with _relaying(room) as relay:
            monkeypatch.setattr(room.storage, "read", counted)
            crowd = [_Ears(relay) for _ in range(2_000)]
            await asyncio.gather(*(ears.attach(FERRY, after=1) for ears in crowd))
            assert {tuple(ears.numbers) for ears in crowd} == {(2, 3)}
            assert len(reads) < 20
            before = len(reads)
            level = [_Ears(relay) for _ in range(2_000)]
            assert all(relay.attach_level(ears, FERRY, "en", 3) for ears in level)
            assert not relay.attach_level(_Ears(relay), FERRY, "en", 2)
            assert len(reads) == before

    room.run(scene())


def test_under_load_events_are_gathered_into_few_messages_and_rendered_once(
    room: Newsroom,
) -> None:
    rendered = []

    def item(comment: Comment, story: str, parent_name: str, language: str) -> str:
        rendered.append(comment.id)
        return "<li></li>"

    async def scene() -> None:
        async with _relaying(room, item) as relay:
            crowd = [await _Ears(relay).attach(FERRY) for _ in range(50)]
            await asyncio.gather(*(_say(room, f"Line {number}.") for number in range(40)))
            for ears in crowd:
                await ears.until_number(40)
                assert ears.numbers == list(range(1, 41))
                assert len(ears.raw) < 40
            assert len(rendered) == 40

    room.with_checks()
    room.run(scene())


def test_a_page_that_knows_more_than_the_relay_is_not_told_it_again(room: Newsroom) -> None:
    async def scene() -> None:
        hub = Hub()
        relay = Relay(room.storage, hub, _item)  # which does not run yet
        early = await _Ears(relay).attach(FERRY)
        for number in range(3):
            await _say(room, f"Word {number} of three.")
        knowing = _Ears(relay)
        attaching = asyncio.create_task(knowing.attach(FERRY, after=3))
        running = asyncio.create_task(relay.run())
        await attaching
        await early.until_number(3)
        await _say(room, "And a fourth.")
        assert await knowing.until_number(4)
        assert knowing.numbers == [4]
        assert early.numbers == [1, 2, 3, 4]
        assert knowing.named("reset") == []
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    room.run(scene())


def test_a_relay_that_broke_off_goes_on_where_it_was_and_cuts_who_may_have_missed_something(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        hub = Hub()
        relay = Relay(room.storage, hub, _item)
        ears = await _Ears(relay).attach(FERRY)
        reading = asyncio.Event()

        async def never(*_: Any) -> Any:
            reading.set()
            await asyncio.Event().wait()

        for name, where in (("read", room.storage), ("publish", hub)):
            with monkeypatch.context() as broken:
                broken.setattr(where, name, never)
                running = asyncio.create_task(relay.run())
                await _say(room, f"While there is no {name}.")
                await reading.wait()
                reading.clear()
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            assert ears.was_cut is (name == "publish")
        running = asyncio.create_task(relay.run())
        back = await _Ears(relay).attach(FERRY, after=0)
        await _say(room, "And a third.")
        await back.until_number(3)
        assert back.numbers == [1, 2, 3]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    room.run(scene())


def test_who_reads_too_slowly_to_catch_up_is_given_up(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.say(ADA, "The ferry is late.")
    monkeypatch.setattr(relays, "_LOOK_AGAIN", 0.001)
    before = counts.slow_readers_cut

    async def scene() -> None:
        async with _relaying(room) as relay:
            ears = _Ears(relay)
            ears.unread = LONGEST_BACKLOG
            with pytest.raises(TimeoutError):
                await ears.attach(FERRY, after=0)
            assert counts.slow_readers_cut == before + 1

    room.run(scene())


def test_a_failure_of_storage_costs_a_moment_and_no_event(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "_AFTER_ERROR", 0.001)
    real = room.storage.read
    failures = [Refused("unavailable")] * 3

    async def failing(work: Any) -> Any:
        if failures:
            raise failures.pop()
        return await real(work)

    async def scene() -> None:
        async with _relaying(room) as relay:
            ears = await _Ears(relay).attach(FERRY)
            monkeypatch.setattr(room.storage, "read", failing)
            room.storage.write_now(
                lambda connection: streams.append(connection, FERRY, "mode", now=room.clock.now)
            )
            await ears.until(lambda heard: bool(heard))
            assert not failures

    room.run(scene())


def test_whoever_works_for_other_sites_hears_nothing_more_of_those_before(room: Newsroom) -> None:
    async def scene() -> None:
        lena = await people.staff_member(room.site, "Lena", "moderator")
        async with _relaying(room) as relay:
            page = await _Ears(relay).attach(DESK_STREAM)
            await sites.add(room.site, None, "regional", "The Regional", [])
            await sites.limit(room.site, None, lena.id, ["regional"])
            await page.until(lambda heard: page.ended)
            assert page.named("staff") == [{"user": ids.encode(lena.id)}]
            assert page.stream is None
            again = await _Ears(relay).attach(desk_stream(frozenset({2})), page.numbers[-1])
            await _say(room, "Here, not there.", story=REVIEWED)
            await again.until(lambda heard: bool(again.named("waiting")))
            assert again.named("card") == []
            assert again.named("waiting")[-1]["count"] == 0
            assert "card" not in [name for _, name, _ in page.heard]

    room.run(scene())
