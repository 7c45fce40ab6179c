"""What the log says, and what it must never say."""

from __future__ import annotations

import io
import json
import logging
import threading

import pytest
import structlog

from belowline import logs

TEXT, NAME, MAIL = "Zebra-crossing gossip", "Adalbertina", "ada.lovelace@example.org"


pytestmark = pytest.mark.usefixtures("logging_as_it_was")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def broken(text: str) -> None:
    try:
        raise ValueError(f"cannot read {text}")
    except ValueError as error:
        raise RuntimeError(text) from error


def test_an_exception_is_told_by_its_kind_and_places_without_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("debug", "json")
    try:
        broken(TEXT)
    except RuntimeError as error:
        structlog.get_logger().error("web.failed", exc_info=error)
    (line,) = lines(capsys)
    assert line["error"] == "RuntimeError < ValueError"
    assert "test_logs.py" in str(line["trace"])
    assert "broken" in str(line["trace"])
    assert TEXT not in str(line)


def test_the_system_and_the_database_have_codes_for_their_failures() -> None:
    assert logs.describe(FileNotFoundError(2, "No such file", "/home/ada")) == (
        "FileNotFoundError ENOENT"
    )


def test_other_packages_lines_keep_their_sentence_and_lose_what_is_filled_in(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("debug", "json")
    logging.getLogger("asyncio").error(
        f"Future exception was never retrieved\nValueError('{TEXT}')"
    )
    logging.getLogger("psycopg").warning("error ignored terminating %r: %s", NAME, MAIL)
    logging.getLogger("psycopg").info("everything about %s", NAME)
    said = lines(capsys)
    assert [line["event"] for line in said] == ["asyncio", "psycopg"]
    assert said[0]["sentence"] == "Future exception was never retrieved"
    assert not any(word in str(said) for word in (TEXT, NAME, MAIL))


def test_a_client_that_does_not_speak_http_cannot_fill_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("warning", "json")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    assert lines(capsys) == []


def test_a_thread_that_ends_badly_is_noted_without_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("warning", "json")
    thread = threading.Thread(target=broken, args=(TEXT,), name="belowline-writer")
    thread.start()
    thread.join()
    (line,) = lines(capsys)
    assert (line["event"], line["thread"]) == ("thread.failed", "belowline-writer")
    assert TEXT not in str(line)


def test_what_looks_like_an_e_mail_is_masked_wherever_it_stands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info", "json")
    structlog.get_logger().info("anything", about=f"from {MAIL} to you")
    logs.access("GET", b"/stories/" + MAIL.replace("@", "%40").encode(), 404, 0, 0.001)
    said = lines(capsys)
    assert said[0]["about"] == "from … to you"
    assert said[1]["path"] == "/stories/…"


def test_a_path_in_the_log_has_no_query_and_nothing_that_moves_a_cursor() -> None:
    assert logs.shown_path(b"/desk/enter?token=abc") == "/desk/enter"
    assert logs.shown_path(b"/a\x1b[2J\n%0a") == "/a%1B%5B2J%0A%0a"
    assert len(logs.shown_path(b"/" + b"a" * 5000)) == 300


def test_an_address_that_is_a_credential_is_not_in_the_log() -> None:
    assert logs.shown_path(b"/statements/hPp3xZ") == "/statements/…"
    assert logs.shown_path(b"/api/v1/statements/hPp3xZ/appeal") == "/api/v1/statements/…/appeal"
    assert logs.shown_path(b"/%6eotices/hPp3xZ/") == "/notices/…"
    assert logs.shown_path(b"/alerts/hPp3xZ/stop") == "/alerts/…/stop"
    assert logs.shown_path(b"/desk/notices/17") == "/desk/notices/17"


def test_a_line_is_written_all_at_once_since_workers_share_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Written(io.StringIO):
        def write(self, said: str) -> int:
            writes.append(said)
            return len(said)

    writes: list[str] = []
    monkeypatch.setattr("sys.stderr", Written())
    logs.configure("info", "json")
    structlog.get_logger().info("server.started")
    assert len(writes) == 1
    assert writes[0].endswith("}\n")


def test_the_access_log_does_not_ask_for_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("error", "json")
    logs.access("GET", b"/", 200, 12, 0.0015)
    (line,) = lines(capsys)
    assert {name: line[name] for name in ("method", "path", "status", "bytes", "ms")} == {
        "method": "GET",
        "path": "/",
        "status": 200,
        "bytes": 12,
        "ms": 1.5,
    }


def test_the_log_is_json_lines_unless_a_person_reads_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.configure("info", "auto")
    structlog.get_logger().info("server.started", address="http://a/")
    assert capsys.readouterr().err.startswith("{")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    logs.configure("info", "auto")
    structlog.get_logger().info("server.started", address="http://a/")
    assert "server.started" in (said := capsys.readouterr().err)
    assert not said.startswith("{")
    logs.configure("info", "json")
    structlog.get_logger().info("server.started", address="http://a/")
    assert capsys.readouterr().err.startswith("{")
