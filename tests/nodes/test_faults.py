"""Nodes die, are cut off, and lose their database, while everybody writes at all of them.

``CUT`` (for how many seconds a node is cut off) and ``SEED`` are environment variables; ``make
faults`` passes them on.
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.cast import open_storage
from tests.faults import ledger
from tests.faults.crowd import OPEN, Crowd, Follower
from tests.nodes.field import Field, run_field
from tests.support.postgres import PostgresServer, postgres_server

CUT = float(os.environ.get("CUT", "2"))
SEED = int(os.environ.get("SEED", "1"))
MEANWHILE = 40  # answers


@pytest.mark.timeout(300 + 5 * CUT)
def test_nodes_and_databases_may_fail_and_nothing_acknowledged_is_lost_or_doubled(
    tmp_path: Path,
) -> None:
    chance = random.Random(SEED)
    with (
        postgres_server(synchronous_commit="on") as primary,
        primary.replica() as replica,
        run_field(
            tmp_path / "town",
            [primary, replica],
            name := primary.new_database(),
            posts_per_minute="0",
            campaign_copies="1000000",
            breaker="false",
        ) as field,
    ):
        crowd = Crowd(field.door, chance, field.moderator)
        crowd.followers += [Follower(node.port, OPEN, node.host) for node in field.nodes]
        asyncio.run(_fail(field, primary, replica, crowd))
        storage = open_storage(replica.url(name))
        try:
            ledger.check(storage, crowd)
        finally:
            storage.close()
    # Whatever nginx spared the writers, all of it did happen.
    assert crowd.followers[2].returns > 0, "the page at the node that was killed"
    assert all("storage.wake_failed" in node.log.read_text() for node in field.nodes)
    known = crowd.ledger
    print(
        f"nodes, seed {SEED}, {field.place}, cut off for {CUT} s: {len(known.said)} comments, "
        f"{known.answers} answers, {known.sent_again} sent again; streams: "
        + ", ".join(
            f"{len(one.numbers)} events, {one.returns} returns, {one.resets} resets"
            for one in crowd.followers
        )
    )


async def _fail(
    field: Field, primary: PostgresServer, replica: PostgresServer, crowd: Crowd
) -> None:
    first, second, _ = field.nodes
    await crowd.come()
    await crowd.acknowledged(MEANWHILE)

    await asyncio.to_thread(first.kill)
    await crowd.acknowledged(MEANWHILE)
    await asyncio.to_thread(first.stop)
    await asyncio.to_thread(first.start)
    await asyncio.to_thread(first.becomes_ready)
    await crowd.acknowledged(MEANWHILE)

    second.is_cut_off()
    await crowd.acknowledged(MEANWHILE)  # the others go on, whatever it had begun
    await asyncio.sleep(CUT)  # the fault itself: how long it is cut off
    second.is_back()
    await crowd.acknowledged(MEANWHILE)

    await asyncio.to_thread(primary.stop)
    await asyncio.to_thread(primary.start)
    await crowd.acknowledged(MEANWHILE)

    await asyncio.to_thread(primary.crash)
    await asyncio.to_thread(replica.promote)
    await crowd.acknowledged(MEANWHILE)
    await crowd.leave()
