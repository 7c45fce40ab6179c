"""The schema that the migrations make, and making it while others do the same."""

from __future__ import annotations

import os
import subprocess
import sys

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from belowline.storage.migrate import migrate, newest
from belowline.storage.schema import metadata
from tests.cast import ADA, Newsroom, driver_url, newsroom_on, open_storage
from tests.storage.conftest import is_ours

_MIGRATE = """
import sys
from belowline.storage.engine import Storage
from belowline.storage.migrate import migrate
storage = Storage(sys.argv[1])
migrate(storage)
print("ready", flush=True)
sys.stdin.readline()
storage.close()
"""


def test_the_migrations_make_exactly_the_schema_of_the_code(room: Newsroom) -> None:
    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": False,
                "include_name": is_ours,
            },
        )
        return list(compare_metadata(context, metadata))

    assert room.storage.read_now(compare) == []


def test_migrating_a_second_time_changes_nothing(room: Newsroom) -> None:
    room.say(ADA, "I was here before the upgrade.")
    migrate(room.storage)
    assert room.count() == 1
    version = room.storage.read_now(
        lambda connection: connection.execute(text("SELECT version_num FROM alembic_version")).all()
    )
    assert [row[0] for row in version] == [newest()]


def test_two_processes_may_migrate_at_once_and_then_run_beside_each_other(
    empty_database_url: str,
) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _MIGRATE, driver_url(empty_database_url)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(3)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
    finally:
        for process in processes:
            process.communicate("\n")
    with newsroom_on(empty_database_url) as room:
        assert room.say(ADA, "All of it is there.").status == "published"


def test_a_command_may_open_the_database_of_a_running_server(database_url: str) -> None:
    running = open_storage(database_url)
    try:
        open_storage(database_url).close()
    finally:
        running.close()
