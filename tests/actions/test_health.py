"""Whether a site can read and store, on each database."""

from __future__ import annotations

import json
from functools import partial

import pytest
from sqlalchemy import text

from belowline import logs
from belowline.actions import health
from belowline.domain.errors import Refused
from belowline.storage.engine import Connection
from tests.cast import ADA, Newsroom


def execute(connection: Connection, statement: str, **values: str) -> None:
    connection.execute(text(statement), values)


def trouble(room: Newsroom) -> str:
    return room.run(health.trouble(room.site, health.database_file(room.site), stuck=1))


def test_a_site_that_reads_and_stores_has_no_trouble(room: Newsroom) -> None:
    assert trouble(room) == ""
    assert trouble(room) == ""


def test_a_database_of_an_older_release_has_to_be_migrated(room: Newsroom) -> None:
    room.storage.write_now(partial(execute, statement="DROP TABLE alembic_version"))
    assert trouble(room) == "migrations"


def test_waiting_comments_are_counted(room: Newsroom) -> None:
    room.say(ADA, "Who pays for it?", story="the-budget")
    assert room.run(health.waiting(room.site)) == 1


@pytest.mark.usefixtures("logging_as_it_was")
def test_a_failure_of_the_database_is_logged_by_its_code_alone(
    room: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("debug", "json")
    logs.request_id.set("adas")
    broken = partial(
        execute,
        statement="SELECT :words FROM nothing WHERE name = :name",
        words="gossip",
        name="Ada",
    )
    with pytest.raises(Refused):
        room.storage.write_now(broken)
    printed = capsys.readouterr()
    (line,) = [json.loads(line) for line in printed.err.splitlines()]
    assert (line["event"], line["request_id"]) == ("storage.write_failed", "adas")
    assert any(code in line["error"] for code in ("SQLITE_ERROR", "42P01"))
    assert "gossip" not in printed.err + printed.out
