"""A small disk that is really full, and files that may not be written to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.town import (
    has_it_back,
    make_town,
    run_town,
    serve_town,
    session,
    told_to_come_back,
)

_SMALL = 4 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of a few megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SMALL}", "tmpfs", str(place)]
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can make a small disk")
    if (made := subprocess.run(mount, capture_output=True, text=True)).returncode != 0:
        pytest.skip(f"no small disk can be made here: {made.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_fills_up_and_is_freed(small_disk: Path) -> None:
    with run_town(small_disk / "town") as town:
        ada, ben = town.guest(), town.person()
        ada.said("Before")
        filler = small_disk / "filler"
        _fill(filler)
        number = 0
        # SQLite uses what it has: pages of its log that are free already.
        while (answer := ada.say(f"More, {number}: " + "so it goes. " * 700)).status_code == 201:
            number += 1
        assert told_to_come_back(answer)
        form = ben.send("/stories/ferry/comments", text="By a form " + "and on " * 1_000)
        assert has_it_back(form, "and on")
        assert "Before" in ben.texts()
        assert ben.client.get("/stories/ferry").status_code == 200
        filler.unlink()
        town.until_stored(lambda: ada.say(f"More, {number}: " + "so it goes. " * 700))
        assert ada.said("After")
        assert len(ben.texts()) == number + 3
        assert town.becomes("ready")
        assert "Traceback" not in town.server.output()


def test_a_server_starts_again_on_the_disk_that_was_full_when_it_was_killed(
    small_disk: Path, tmp_path: Path
) -> None:
    folder, filler = small_disk / "town", small_disk / "filler"
    with run_town(folder) as town:
        town.guest().said("Before")
        _fill(filler)
        town.server.kill()
    with serve_town(
        folder, town.moderator, log=tmp_path / "again.log", awaited="/healthz"
    ) as again:
        assert again.person().texts() == ["Before"]
        assert told_to_come_back(again.guest().say("During " + "and on " * 1_000))
        filler.unlink()
        assert again.guest().said("After")


def test_a_running_server_whose_files_become_read_only(tmp_path: Path, obedient: Path) -> None:
    folder = make_town(tmp_path / "town")
    moderator = session(folder, "")
    with serve_town(folder, moderator, python=obedient) as town:
        ada, ben = town.guest(), town.person()
        ada.said("Before")
        with _read_only(folder / "data"):
            assert told_to_come_back(ada.say("During"))
            form = ben.send("/stories/ferry/comments", text="By a form")
            assert has_it_back(form, "By a form")
            assert ben.texts() == ["Before"]
            assert town.becomes("writer")
        assert town.becomes("ready")
        assert ada.said("During")
        assert "Traceback" not in town.server.output()


def test_a_server_that_may_not_write_says_so_in_one_line_and_does_not_start(
    tmp_path: Path, obedient: Path
) -> None:
    folder = make_town(tmp_path / "town")
    session(folder, "")
    with _read_only(folder / "data"):
        command = [str(obedient), "-m", "belowline", "serve", str(folder), "--port", "0"]
        started = subprocess.run(command, capture_output=True, text=True, check=False)
    assert started.returncode == 1
    assert len(started.stderr.splitlines()) == 1, started.stderr
    assert "belowline.sqlite" in started.stderr


@pytest.fixture
def obedient(tmp_path: Path) -> Path:
    """A Python that heeds the permissions of files, which root's does not."""
    if os.geteuid() != 0:
        return Path(sys.executable)
    if shutil.which("setpriv") is None:
        pytest.skip("root heeds no permissions, and there is no setpriv to change that")
    heeding = "setpriv --bounding-set=-dac_override,-dac_read_search"
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {heeding} "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return python


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    """Nobody may write to the folder or to what is in it."""
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755)


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler:
        while True:
            try:
                filler.write(bytes(4096))
            except OSError:
                return
