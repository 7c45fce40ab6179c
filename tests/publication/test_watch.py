"""The folder of stories, watched while it is written to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

from belowline.publication.frontmatter import Problem
from belowline.publication.library import Library, empty, load
from belowline.publication.watch import watch

GOOD = "---\nheadline: {}\ndate: 2026-01-01\n---\nText.\n"
LONG = 20.0  # seconds after which something that should come will not come

News = tuple[Library, tuple[Problem, ...]]


async def until(news: AsyncGenerator[News, None], wanted: Callable[[News], bool]) -> News:
    """The first of ``news`` that is ``wanted``."""
    async with asyncio.timeout(LONG):
        async for found in news:
            if wanted(found):
                return found
    raise AssertionError("the watch ended")


def headlines(news: News) -> set[str]:
    return {story.headline for story in news[0].stories}


def test_new_changed_broken_and_deleted_files_are_noticed(tmp_path: Path) -> None:
    async def scenario() -> None:
        (tmp_path / "dam.md").write_text(GOOD.format("Dam"))
        library, _ = load(tmp_path)
        async with aclosing(watch(tmp_path, library, rescan=0.2)) as news:
            waiting = asyncio.ensure_future(until(news, lambda n: headlines(n) == {"Dam", "Flood"}))
            (tmp_path / "flood.md").write_text(GOOD.format("Flood"))
            await waiting
            (tmp_path / "flood.md").write_text(GOOD.format("The Flood"))
            await until(news, lambda n: headlines(n) == {"Dam", "The Flood"})
            (tmp_path / "flood.md").write_text("broken")
            broken = await until(news, lambda n: len(n[1]) == 1)
            assert headlines(broken) == {"Dam", "The Flood"}
            (tmp_path / "flood.md").unlink()
            assert headlines(await until(news, lambda n: not n[1])) == {"Dam"}

    asyncio.run(scenario())


def test_a_folder_that_appears_later_is_noticed(tmp_path: Path) -> None:
    async def scenario() -> None:
        folder = tmp_path / "site" / "stories"
        async with aclosing(watch(folder, empty(), rescan=0.2)) as news:
            missing = await until(news, lambda n: bool(n[1]))
            assert "no such folder" in missing[1][0].wrong
            folder.mkdir(parents=True)
            (folder / "dam.md").write_text(GOOD.format("Dam"))
            await until(news, lambda n: headlines(n) == {"Dam"} and not n[1])

    asyncio.run(scenario())


def test_a_folder_that_is_exchanged_is_followed(tmp_path: Path) -> None:
    async def scenario() -> None:
        folder = tmp_path / "stories"
        folder.mkdir()
        (folder / "dam.md").write_text(GOOD.format("Dam"))
        library, _ = load(folder)
        async with aclosing(watch(folder, library, rescan=0.2)) as news:
            folder.rename(tmp_path / "old")
            folder.mkdir()
            (folder / "flood.md").write_text(GOOD.format("Flood"))
            await until(news, lambda n: headlines(n) == {"Flood"})
            (folder / "dam.md").write_text(GOOD.format("Dam again"))
            await until(news, lambda n: headlines(n) == {"Flood", "Dam again"})

    asyncio.run(scenario())


def test_a_touched_file_with_the_same_text_is_no_news(tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / "dam.md"
        path.write_text(GOOD.format("Dam"))
        library, _ = load(tmp_path)
        async with aclosing(watch(tmp_path, library, rescan=0.2)) as news:
            path.touch()
            waiting = asyncio.ensure_future(until(news, lambda n: True))
            (tmp_path / "flood.md").write_text(GOOD.format("Flood"))
            assert headlines(await waiting) == {"Dam", "Flood"}

    asyncio.run(scenario())
