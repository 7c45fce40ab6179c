"""The command line, as an operator types it."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from belowline import cli
from tests.support.server import run_server


def belowline(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "belowline", *words],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


def test_a_new_site_is_made_and_serves(tmp_path: Path) -> None:
    made = belowline("init", str(tmp_path / "courier"), "--name", "The Courier")
    assert made.returncode == 0, made.stderr
    assert "/desk/enter?token=" in made.stdout
    with run_server(tmp_path / "courier") as server:
        assert server.process.poll() is None


def test_a_site_is_not_made_twice(tmp_path: Path) -> None:
    belowline("init", str(tmp_path))
    again = belowline("init", str(tmp_path))
    assert again.returncode == 1
    assert again.stderr.count("\n") == 1


def test_staff_are_added_while_the_site_is_served(tmp_path: Path) -> None:
    belowline("init", str(tmp_path / "courier"))
    with run_server(tmp_path / "courier"):
        added = belowline("staff", "add", "Mona", "--site", str(tmp_path / "courier"))
    assert added.returncode == 0, added.stderr
    assert added.stdout.startswith("http")


def test_a_bad_setting_stops_the_start_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "belowline.toml").write_text('mode = "strict"\n', encoding="utf-8")
    refused = belowline("serve", str(tmp_path))
    assert refused.returncode == 1
    assert (
        refused.stderr
        == "belowline: mode is 'strict'; it can be open, reviewed, trusting, closed\n"
    )


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "belowline.toml").write_text("colour = 3\n", encoding="utf-8")
    refused = belowline("serve", str(tmp_path))
    assert refused.returncode == 1
    assert "colour" in refused.stderr


def test_wrong_use_exits_with_two(tmp_path: Path) -> None:
    refused = belowline("import", "usenet", str(tmp_path / "x"))
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1


def test_a_file_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    belowline("init", str(tmp_path))
    refused = belowline("import", "disqus", str(tmp_path / "none.xml"), "--site", str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1


def test_texts_are_grouped_line_by_line() -> None:
    lines = "".join(
        f'{{"id": "{number}", "text": "{text}", "author": "ada", "ts": {number}}}\n'
        for number, text in enumerate(
            (
                "The mayor of Oakhurst hid the flood report from the whole town",
                "I was there and saw no water at all.",
                "Morning! The may0r of Oakhurst hid the fl00d report from the whole t0wn!!!",
            )
        )
    )
    done = subprocess.run(
        [sys.executable, "-m", "belowline", "group"],
        input=lines + "nonsense\n",
        capture_output=True,
        text=True,
        check=False,
    )
    found = [msgspec.json.decode(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in found] == ["0", "1", "2"]
    assert found[0]["group"] == found[2]["group"] != found[1]["group"]
    assert done.returncode == 1
    assert done.stderr.startswith("belowline: line 4: ")


def test_a_seeded_site_is_backed_up_restored_and_moved(tmp_path: Path) -> None:
    site, file = tmp_path / "courier", tmp_path / "monday.backup"
    belowline("init", str(site))
    seeded = belowline("seed", str(site), "--comments", "300")
    assert seeded.stdout.startswith("300 comments added")
    with run_server(site):
        kept = belowline("backup", str(file), str(site))
        refused = belowline("restore", str(file), str(site))
        restored = belowline("restore", str(file), str(site), "--force")
    assert kept.returncode == 0, kept.stderr
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert restored.returncode == 0, restored.stderr
    moved = belowline("move", str(site), "--to", f"sqlite:///{tmp_path / 'there.sqlite'}")
    assert moved.returncode == 0, moved.stderr
    told = [line for line in moved.stdout.splitlines() if line.startswith("comments ")]
    assert told == [line for line in restored.stdout.splitlines() if line.startswith("comments ")]
    assert "300 rows" in told[0]


_COMMANDS = (
    *(["init"], ["serve"], ["demo"], ["import"], ["staff", "add"]),
    *(["seed"], ["move"], ["backup"], ["restore"]),
)


def test_every_command_helps_with_an_example() -> None:
    for command in _COMMANDS:
        said = io.StringIO()
        with pytest.raises(SystemExit) as ended, contextlib.redirect_stdout(said):
            cli.app([*command, "--help"])
        assert ended.value.code in (0, None)
        assert "Example" in said.getvalue()
