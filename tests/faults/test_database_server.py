"""PostgreSQL is stopped under a running server, and started again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.crowd import Follower
from tests.faults.town import Town, has_it_back, run_town, told_to_come_back
from tests.support.postgres import PostgresServer, postgres_server


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresServer]:
    """A PostgreSQL server that no other test uses."""
    with postgres_server() as server:
        yield server


def test_a_database_that_goes_and_comes_back(cluster: PostgresServer, tmp_path: Path) -> None:
    with cluster.fresh_database() as url, run_town(tmp_path / "town", url) as town:
        asyncio.run(_go_and_come_back(cluster, town))


async def _go_and_come_back(cluster: PostgresServer, town: Town) -> None:
    ada, ben = town.guest(), town.person()
    ben.send("/stories/ferry/comments", text="Ben was here")  # who has a cookie from now on
    first = ada.said("Before")
    follower = Follower(town.server.port, "ferry")
    following = asyncio.create_task(follower.run())
    await _until(lambda: first["id"] in follower.appeared)

    await asyncio.to_thread(cluster.stop)
    assert told_to_come_back(await asyncio.to_thread(ada.say, "During"))
    assert told_to_come_back(ada.client.get("/api/v1/stories/ferry/comments"))
    assert told_to_come_back(ada.client.get("/fragments/stories/ferry"))
    page = ada.client.get("/stories/ferry")
    assert page.status_code == 503
    assert "Traceback" not in page.text
    form = ben.send("/stories/ferry/comments", text="By a form", parent="")
    assert has_it_back(form, "By a form")
    edited = ben.send(f"/comments/{first['id']}/edit", text="An edit by a form")
    assert has_it_back(edited, "An edit by a form")
    assert ada.client.get("/healthz").status_code == 200
    assert town.becomes("database")

    await asyncio.to_thread(cluster.start)
    await asyncio.to_thread(town.until_stored, lambda: ada.say("During"))
    again = ben.send("/stories/ferry/comments", text="By a form", parent="")
    assert again.status_code == 303
    assert ada.texts() == ["By a form", "During", "Before", "Ben was here"]
    assert town.becomes("ready")
    await _until(lambda: len(follower.appeared) == 4)
    assert follower.numbers == [1, 2, 3, 4]
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    follower.close()
    assert "Traceback" not in town.server.output()


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        await asyncio.sleep(0.02)
