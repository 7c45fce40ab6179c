"""The process is killed at random moments while everybody writes.

``KILLS`` (how often, for each database) and ``SEED`` are environment variables; ``make faults``
passes them on.
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.cast import open_storage
from tests.faults import ledger
from tests.faults.crowd import Crowd
from tests.faults.town import make_town, session
from tests.support.server import Server, free_port, run_server

KILLS = int(os.environ.get("KILLS", "2"))
SEED = int(os.environ.get("SEED", "1"))
_LONGEST_LIFE = 150  # answers


@pytest.mark.timeout(200 + 20 * KILLS)
def test_a_server_that_is_killed_loses_and_doubles_nothing(
    tmp_path: Path, database_url: str
) -> None:
    folder = make_town(tmp_path / "town")
    moderator = session(folder, database_url)
    chance = random.Random(SEED)
    crowd = asyncio.run(_live_and_die(folder, database_url, moderator, chance))
    storage = open_storage(database_url)
    try:
        ledger.check(storage, crowd)
    finally:
        storage.close()
    known = crowd.ledger
    assert known.sent_again > 0
    print(
        f"{KILLS} kills, seed {SEED}: {len(known.said)} comments, {known.answers} answers, "
        f"{known.sent_again} sent again, {len(known.recommended)} recommendations, "
        f"{len(known.decided)} decisions; streams: "
        + ", ".join(
            f"{len(one.numbers)} events, {one.returns} returns, {one.resets} resets"
            for one in crowd.followers
        )
    )


async def _live_and_die(
    folder: Path, database: str, moderator: str, chance: random.Random
) -> Crowd:
    port = free_port()
    crowd = Crowd(port, chance, moderator)
    for number in range(KILLS + 1):
        running = run_server(folder, database=database, port=port, posts_per_minute="0")
        server: Server = await asyncio.to_thread(running.__enter__)
        if number == 0:
            await crowd.come()
        await crowd.acknowledged(chance.randint(1, _LONGEST_LIFE))
        if number < KILLS:
            await asyncio.sleep(chance.uniform(0, 0.05))
            server.process.kill()
        else:
            await crowd.leave()
        await asyncio.to_thread(running.__exit__, None, None, None)
    return crowd
