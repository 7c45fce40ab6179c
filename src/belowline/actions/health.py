"""Whether the site can do its work: read and store."""

from __future__ import annotations

import asyncio
from pathlib import Path

from belowline.actions.site import Site
from belowline.domain.errors import Refused
from belowline.storage import decisions, meta, migrate

_PATIENCE = 2.0

FileId = tuple[int, int]


def database_file(site: Site) -> FileId | None:
    """What tells the database's file from another one at the same place; None if there is none."""
    storage = site.storage
    if not storage.is_sqlite:
        return None
    try:
        found = Path(str(storage.url.database)).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


async def trouble(site: Site, file: FileId | None, stuck: float) -> str:
    """The word for what keeps the site from reading and storing, "" when nothing does.

    ``database``: it does not answer, or ``file``, the one that was opened, is gone or replaced.
    ``migrations``: it is of an older release. ``writer``: nothing is stored, or the oldest write
    has been waiting for more than ``stuck`` seconds.
    """
    if database_file(site) != file:
        return "database"
    try:
        async with asyncio.timeout(_PATIENCE):
            if await site.storage.read(migrate.state) == "older":
                return "migrations"
    except (TimeoutError, Refused):
        return "database"
    if site.storage.write_age() > stuck:
        return "writer"
    try:
        async with asyncio.timeout(_PATIENCE):
            now = site.now()
            await site.storage.write(lambda connection: meta.touch(connection, now))
    except TimeoutError:  # a slow disk is no reason to send readers elsewhere, a stuck one is
        return "writer" if site.storage.write_age() > stuck else ""
    except Refused:
        return "writer"
    return ""


async def waiting(site: Site) -> int | None:
    """How many comments wait for a moderator; None when the database does not say so in time."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await site.storage.read(decisions.count_waiting)
    except (TimeoutError, Refused):
        return None
