"""Watching the folder of stories: a new library whenever it changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from watchfiles import awatch

from belowline.publication.frontmatter import Problem
from belowline.publication.library import Library, load

_GATHER = 300  # ms in which an editor's several writes become one change


async def watch(
    folder: Path, library: Library, *, rescan: float = 5.0
) -> AsyncGenerator[tuple[Library, tuple[Problem, ...]], None]:
    """Yields (library, problems) each time the stories in ``folder`` or their problems change.

    Starts from ``library`` (as `load` gave it) and never ends; cancel it. Files that are
    untouched are not read again, a file that became bad keeps its last good version, and the
    folder may come, go and come back. Besides being told of changes it looks for itself every
    ``rescan`` seconds, for network folders that tell nothing and for what changed meanwhile.
    """
    seen: tuple[Problem, ...] | None = None
    while True:
        async with aclosing(_ticks(folder, rescan)) as ticks:
            async for _ in ticks:
                newer, problems = await asyncio.to_thread(load, folder, before=library)
                told = _problems(library) if seen is None else seen
                changed = newer.stories != library.stories or problems != told
                library, seen = newer, problems
                if changed:
                    yield library, problems


def _problems(library: Library) -> tuple[Problem, ...]:
    return tuple(problem for entry in library.entries.values() for problem in entry.problems)


async def _ticks(folder: Path, rescan: float) -> AsyncGenerator[None, None]:
    """One tick for each change of ``folder`` and every ``rescan`` seconds, while it is there."""
    place = _place(folder)
    if place is None:
        await asyncio.sleep(min(1.0, rescan))
        yield
        return
    changes = awatch(
        folder,
        debounce=_GATHER,
        rust_timeout=int(rescan * 1000),
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    yield
    try:
        async with aclosing(changes):
            async for _ in changes:
                yield
                if _place(folder) != place:
                    return
    except OSError:  # the folder went at this moment, or the system has no watches left
        await asyncio.sleep(rescan)


def _place(folder: Path) -> tuple[int, int] | None:
    """Which folder stands at this path now; None when none does."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if folder.is_dir() else None
