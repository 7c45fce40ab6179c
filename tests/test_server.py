"""How the server stops."""

from __future__ import annotations

import http.client
import json
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from belowline.cli import init
from tests.support.server import run_server

_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def asked(address: str) -> tuple[int, dict[str, Any]]:
    try:
        with _open(address, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_server_that_is_told_to_stop_says_so_before_it_does(tmp_path: Path) -> None:
    init(tmp_path / "courier")
    with run_server(tmp_path / "courier", drain_seconds="600", log_level="info") as server:
        assert asked(f"{server.url}/readyz") == (200, {"status": "ok"})
        server.process.send_signal(signal.SIGTERM)
        server.said("(server.stopping)")
        assert asked(f"{server.url}/readyz") == (
            503,
            {"status": "not ready", "reason": "draining"},
        )
        assert asked(f"{server.url}/api/v1/counts?story=welcome") == (200, {"welcome": 0})
        server.process.send_signal(signal.SIGINT)  # cuts the wait short
        server.process.wait(timeout=30)
    lines = [line for line in server.output().splitlines() if line.startswith("{")]
    assert {"server.started", "server.stopping"} <= {json.loads(line)["event"] for line in lines}


def test_every_answer_has_its_line_in_the_access_log_the_ready_ones_too(tmp_path: Path) -> None:
    init(tmp_path / "courier")
    with run_server(tmp_path / "courier", access_log="true") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        for _ in range(3):  # made, ready, and known to the byte
            connection.request("GET", "/stories/welcome?order=oldest")
            connection.getresponse().read()
        connection.close()
        asked(f"{server.url}/healthz")
        server.said('("path":"/healthz")')
    lines = [json.loads(line) for line in server.output().splitlines() if line.startswith("{")]
    noted = [line for line in lines if line.get("path") == "/stories/welcome"]
    assert [line["status"] for line in noted] == [200, 200, 200]
    assert len({line["bytes"] for line in noted}) == 1
    assert "oldest" not in server.output()
