"""What `belowline doctor` finds."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import sqlite3
from collections import namedtuple
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from belowline import doctor
from belowline.actions import people
from belowline.actions.site import utc_now
from belowline.app import open_site
from belowline.cli import init
from belowline.doctor import Finding
from belowline.risk import model
from belowline.risk.model import shipped
from belowline.settings import Settings, load
from belowline.storage import facts
from belowline.storage.engine import Connection
from tests.cast import ADA, Newsroom, newsroom_on
from tests.support.server import run_server
from tests.test_cli import belowline

Room = namedtuple("Room", "total used free")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new site in whose settings there is nothing to find fault with."""
    folder = tmp_path / "courier"
    init(folder)
    monkeypatch.setenv("BELOWLINE_BASE_URL", "https://courier.example")
    monkeypatch.setenv("BELOWLINE_PORT", "9")
    return folder


@pytest.fixture
def room(database_url: str) -> Iterator[Newsroom]:
    """A newsroom on a fresh database of each kind."""
    with newsroom_on(database_url) as opened:
        yield opened


@pytest.fixture
def room_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Room(1 << 40, 0, 1 << 40))


def found(folder: Path, *levels: str) -> list[Finding]:
    return [one for one in doctor.examine(folder) if one.level in (levels or doctor.LEVELS[1:])]


def database(folder: Path) -> Path:
    return folder / "data" / "belowline.sqlite"


def change(folder: Path, statement: str) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text(statement))

    opened = open_site(load(folder), folder)
    opened.storage.write_now(work)
    opened.storage.close()


@pytest.mark.usefixtures("room_enough")
def test_a_new_site_is_well(site: Path) -> None:
    assert found(site) == []
    assert {one.about for one in found(site, "well")} == {
        *("settings", "stories", "database", "clock", "disk", "limits", "risk", "server")
    }


def test_the_command_says_what_to_do_and_fails_when_there_is_a_problem(site: Path) -> None:
    bad = belowline("doctor", str(site), BELOWLINE_MODE="strict")
    assert bad.returncode == 1
    assert bad.stdout.startswith("problem  settings  mode is 'strict'")
    assert "-> Correct it: docs/settings.md." in bad.stdout


def test_a_setting_that_nobody_reads_is_found(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELOWLINE_BASEURL", "https://courier.example")
    assert "BELOWLINE_BASEURL" in found(site)[0].sentence


def test_settings_that_are_not_safe_are_found(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "belowline.toml").write_text('metrics_token = "open-sesame"\n', encoding="utf-8")
    (site / "belowline.toml").chmod(0o644)
    monkeypatch.setenv("BELOWLINE_TRUSTED_PROXIES", "*")
    monkeypatch.setenv("BELOWLINE_BASE_URL", "http://courier.example")
    said = " ".join(one.sentence for one in found(site))
    assert all(word in said for word in ("holds a secret", "trusted_proxies", "in the clear"))


def test_a_story_with_a_mistake_is_found(site: Path) -> None:
    (site / "stories" / "bad.md").write_text("---\nheadline: A\n---\n", encoding="utf-8")
    (warning,) = found(site)
    assert (warning.about, "bad.md" in warning.sentence) == ("stories", True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_does_not_open_the_database_of_another_user(site: Path) -> None:
    os.chown(database(site), 12_345, -1)
    (warning,) = found(site)
    assert "belongs to user 12345" in warning.sentence
    assert "sudo -u '#12345'" in warning.advice


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_to_is_found(site: Path) -> None:
    database(site).chmod(0o444)
    (problem,) = found(site, "problem")
    assert str(database(site)) in problem.sentence


def test_a_database_that_somebody_holds_for_ever_is_found(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_STUCK", 0.1)
    with Path(f"{database(site)}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (problem,) = found(site, "problem")
        assert "nothing can be stored" in problem.sentence


def test_a_damaged_file_is_found(site: Path) -> None:
    with contextlib.closing(sqlite3.connect(database(site))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database(site).open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    assert any(one.about == "database" for one in found(site, "problem"))


def test_a_database_of_another_release_is_found(site: Path) -> None:
    change(site, "UPDATE alembic_version SET version_num = 'tomorrow'")
    opened = found(site)
    assert ["newer release" in one.sentence for one in opened] == [True]


def test_a_site_without_staff_is_told_how_to_get_some(tmp_path: Path) -> None:
    open_site(Settings(), tmp_path).storage.close()
    assert any(one.about == "staff" for one in found(tmp_path))


def test_a_risk_model_that_is_missing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "_FILE", "gone.bin")
    shipped.cache_clear()
    [missing] = doctor._of_model()
    monkeypatch.undo()
    [well] = doctor._of_model()
    assert (missing.level, missing.about, well.level) == ("problem", "risk", "well")
    assert "gone.bin" in missing.sentence


@pytest.mark.parametrize(("free", "level"), [(100, "problem"), (500, "warning")])
def test_a_disk_that_fills_up_is_found(
    site: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Room(1 << 40, 0, free << 20))
    assert [(one.about, one.level) for one in found(site)] == [("disk", level)]


def test_a_database_that_does_not_answer_is_found(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELOWLINE_DATABASE", "postgresql://nobody@127.0.0.1:9/nothing")
    (problem,) = found(site, "problem")
    assert problem.sentence == "The database does not answer."


def test_the_server_is_asked_how_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "courier"
    init(folder)
    with run_server(folder) as server:
        monkeypatch.setenv("BELOWLINE_PORT", str(server.port))
        told = [one.sentence for one in found(folder, "well") if one.about == "server"]
    assert told == [f"It serves on 127.0.0.1:{server.port} and is ready."]


def test_each_database_tells_its_facts(room: Newsroom) -> None:
    room.run(people.add_staff(room.site, "Mona", "moderator"))
    room.say(ADA, "The ferry was never late.")
    told = room.storage.read_now(lambda connection: facts.gather(connection, thoroughly=True))
    assert (told.schema, told.standby, told.damage) == ("same", False, "")
    # The tests' PostgreSQL is told not to wait for the disk.
    assert ("fsync=off" in told.unsafe) == told.release.startswith("PostgreSQL")
    assert told.staff >= 1
    assert told.newest is not None
    assert told.newest.tzinfo is not None
    assert re.match(r"(SQLite|PostgreSQL) \d", told.release)


def test_a_clock_that_was_set_back_is_found() -> None:
    future = utc_now() + timedelta(hours=1)
    told = facts.Facts(release="", schema="same", staff=1, newest=future, clock=future)
    assert [one.level for one in doctor._of_clock(told)] == ["warning", "warning"]
