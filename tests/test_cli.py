"""The command line, as an operator types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
    assert refused.stderr == "belowline: mode is 'strict'; it can be open, reviewed, closed\n"


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


def test_every_command_helps_with_an_example() -> None:
    for command in (["init"], ["serve"], ["demo"], ["import"], ["staff", "add"]):
        helped = belowline(*command, "--help")
        assert helped.returncode == 0
        assert "Example" in helped.stdout
