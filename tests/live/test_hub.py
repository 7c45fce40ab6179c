"""Writing to all open pages of a stream at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from belowline.live import hub as hubs
from belowline.live.hub import Hub
from belowline.metrics import counts
from tests.live.pages import Page


def _hub_with(*languages: str) -> tuple[Hub, hubs.Stream, list[Page]]:
    hub = Hub()
    stream = hub.begin("story:1", 0)
    pages = [Page() for _ in languages]
    for page, language in zip(pages, languages, strict=True):
        hub.join(page, stream, language)
    return hub, stream, pages


def test_every_page_is_written_the_same_bytes_in_its_language() -> None:
    hub, stream, (ada, ben, chidi) = _hub_with("en", "en", "de")
    before = counts.deliveries
    asyncio.run(hub.publish(stream, {"en": b"late", "de": b"spaet", "ar": b"?"}))
    assert (ada.raw, ben.raw, chidi.raw) == ([b"late"], [b"late"], [b"spaet"])
    assert counts.deliveries == before + 3


def test_who_comes_while_it_is_being_written_is_level_already() -> None:
    hub, stream, pages = _hub_with(*["en"] * 1000)
    late = Page()

    async def scene() -> None:
        writing = asyncio.create_task(hub.publish(stream, {"en": b"one", "de": b"eins"}))
        while not any(page.raw for page in pages):
            await asyncio.sleep(0)
        assert not all(page.raw for page in pages)  # other work has its turn in between
        hub.join(late, stream, "de")
        await writing

    asyncio.run(scene())
    assert all(page.raw == [b"one"] for page in pages)
    assert late.raw == []


def test_a_stream_that_everybody_left_is_forgotten_and_may_be_left_twice() -> None:
    hub, _, pages = _hub_with("en", "de")
    for page in [*pages, *pages]:
        hub.leave(page)
    assert (hub.streams(), hub.total(), hub.size("story:1")) == ([], 0, 0)


def test_a_silent_stream_is_kept_alive_and_a_busy_one_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub, stream, (page,) = _hub_with("en")
    asyncio.run(hub.break_silence())
    assert page.raw == []
    monkeypatch.setattr(hubs, "_QUIET", 0.0)
    asyncio.run(hub.break_silence())
    assert page.raw == [b": still here\n\n"]
    stream.spoke += 1_000
    asyncio.run(hub.break_silence())
    assert len(page.raw) == 1


def test_closing_ends_every_stream(monkeypatch: Any) -> None:
    hub, _, pages = _hub_with("en", "de", "ar")
    hub.close()
    assert all(page.ended for page in pages)
    assert hub.total() == 0
