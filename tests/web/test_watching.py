"""What every request leaves behind: an id, a number, and never anybody's words."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from belowline import logs
from belowline.actions import reading
from belowline.checks import Check
from belowline.checks.context import CheckContext
from belowline.domain.decisions import Finding
from belowline.storage.engine import Storage
from belowline.web import readiness
from belowline.web.board import Board
from belowline.web.metrics import numbers_of
from tests.web.conftest import Reader, Town

DOCS = Path(__file__).parents[2] / "docs"
_TRIES = 400
MARKS = ("Zebra-crossing gossip", "Adalbertina", "ada.lovelace@example.org")


@pytest.fixture
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readiness is found out each time; a write is stuck soon."""
    monkeypatch.setattr(readiness, "_LIFE", -1.0)
    monkeypatch.setattr(readiness, "_STUCK", 0.1)


def becomes_ready(reader: Reader) -> None:
    """Waits until the site is ready again: what was under way in the outage has to end first."""
    for _ in range(_TRIES):
        if not reason(reader):
            return
        time.sleep(0.05)
    raise AssertionError(f"still not ready: {reason(reader)}")


def numbers(reader: Reader) -> dict[tuple[str, str], float]:
    """(name, its label's value that is not the worker's) -> number, from /metrics."""
    answer = reader.get("/metrics")
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, "|".join(v for k, v in sorted(sample.labels.items()) if k != "worker")): (
            sample.value
        )
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def reason(reader: Reader) -> str:
    answer = reader.get("/readyz")
    assert answer.status_code == (503 if "reason" in answer.json() else 200)
    why: str = answer.json().get("reason", "")
    return why


# -- the request's id ----------------------------------------------------------------------


def test_a_request_keeps_the_id_that_it_came_with(town: Town) -> None:
    answer = town.reader().get("/api/v1/stories/nothing", headers={"X-Request-ID": "abc-1.2_3"})
    assert answer.headers["x-request-id"] == "abc-1.2_3"
    assert answer.json()["request_id"] == "abc-1.2_3"


@pytest.mark.parametrize("sent", ["", "a b", "a\u00e9", "x" * 65, '{"a"}', "ada@example.org"])
def test_an_id_that_does_not_belong_into_a_log_is_replaced(town: Town, sent: str) -> None:
    headers = {"X-Request-ID": sent.encode()}
    answer = town.reader().get("/healthz", headers=headers)
    assert answer.headers["x-request-id"] != sent
    assert len(answer.headers["x-request-id"]) == 16


def test_every_request_without_an_id_gets_one_of_its_own(town: Town) -> None:
    reader = town.reader()
    assert len({reader.get("/healthz").headers["x-request-id"] for _ in range(3)}) == 3


def test_an_answer_that_caches_share_bears_nobodys_id(town: Town) -> None:
    answer = town.reader().get("/stories/ferry", headers={"X-Request-ID": "adas"})
    assert answer.headers["cache-control"].startswith("public")
    assert "x-request-id" not in answer.headers


# -- the numbers ---------------------------------------------------------------------------


def test_answers_are_counted_by_method_and_status(town: Town) -> None:
    reader = town.reader()
    before = numbers(reader)
    reader.get("/api/v1/stories/nothing")
    reader.say("The ferry is late again.")
    after = numbers(reader)
    for labels, more in (("GET|404", 1), ("POST|201", 1)):
        name = ("belowline_requests_total", labels)
        assert after[name] - before.get(name, 0) == more


def test_what_is_ready_is_counted_once(town: Town) -> None:
    waker = town.application.site.storage._waker
    assert waker
    waker.stop()  # its look for other programs' writes would make nothing ready for once
    reader = town.reader()
    first = reader.get("/stories/ferry")
    before = numbers(reader)
    assert reader.get("/stories/ferry").content == first.content
    headers = {"If-None-Match": first.headers["etag"]}
    assert reader.get("/stories/ferry", headers=headers).status_code == 304  # is made
    assert reader.get("/stories/ferry", headers=headers).status_code == 304  # is ready
    after = numbers(reader)
    more = {name: after[name] - before.get(name, 0) for name in after}
    assert more["belowline_ready_reads_total", ""] == 2
    assert more["belowline_requests_total", "GET|200"] == 2  # and /metrics itself
    assert more["belowline_requests_total", "GET|304"] == 2
    assert more["belowline_cache_hits_total", ""] == 1


def test_a_scanner_cannot_make_new_numbers(town: Town) -> None:
    reader = town.reader()
    reader.get("/nothing")
    reader.ask("BREW", "/")
    before = set(numbers(reader))
    for number in range(20):
        reader.get(f"/wp-admin/{number}.php?x={number}")
        reader.ask(f"BREW{number}", "/")
    assert set(numbers(reader)) == before


def test_comments_are_counted_by_what_became_of_them(town_with: Callable[..., Town]) -> None:
    town = town_with(banned_words=("damn",))
    ada = town.reader()
    before = numbers(ada)
    ada.said("The ferry is late again.", key="once")
    ada.said("The ferry is late again.", key="once")
    ada.said("Who pays for it?", "budget")
    assert ada.say("That damn ferry.").status_code == 422
    after = numbers(ada)
    for outcome in ("published", "held", "refused", "repeated"):
        name = ("belowline_posts_total", outcome)
        assert after[name] - before[name] == 1, outcome
    assert after["belowline_waiting_comments", ""] == 1


def test_numbers_are_for_programs_on_this_machine(town: Town) -> None:
    reader = town.reader()
    assert reader.get("/metrics").status_code == 200
    for header in ("X-Forwarded-For", "Forwarded"):
        refused = reader.get("/metrics", headers={header: "127.0.0.1"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_with_a_token_numbers_are_for_those_who_have_it(town_with: Callable[..., Town]) -> None:
    reader = town_with(metrics_token="open-sesame").reader()
    for headers in ({}, {"Authorization": "Bearer open"}, {"Authorization": "Basic open-sesame"}):
        assert reader.get("/metrics", headers=headers).json()["code"] == "token_bad"
    headers = {"Authorization": "Bearer open-sesame", "X-Forwarded-For": "192.0.2.1"}
    assert reader.get("/metrics", headers=headers).status_code == 200


def test_workers_answer_for_each_other_and_no_number_goes_back(
    town: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    services, folder = town.application.services, tmp_path_factory.mktemp("board")
    ours, theirs = Board("0", folder), Board("1", folder)
    own = numbers_of(services)
    ours.pin(own)
    theirs.pin(own)
    services.board = ours
    answer = town.reader().get("/metrics").text
    assert 'belowline_deliveries_total{worker="0"}' in answer
    assert 'belowline_deliveries_total{worker="1"}' in answer
    assert answer.count("\nbelowline_ready ") == 1  # of the site, not of a worker

    shown = dict(ours.everyone(lambda: own))
    assert shown == dict(theirs.everyone(lambda: own))
    theirs.pin(msgspec.structs.replace(own, at=own.at - 60))  # it has died
    assert list(dict(ours.everyone(lambda: own))) == ["0"]


def test_the_dashboard_draws_and_the_handbook_explains_the_numbers_that_there_are(
    town: Town,
) -> None:
    told = {name for name, _ in numbers(town.reader())}
    dashboard = json.loads((DOCS / "grafana.json").read_text(encoding="utf-8"))
    drawn = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\b(?:belowline|process)_\w+", target["expr"])
    }
    assert drawn - told == set()
    handbook = (DOCS / "running.md").read_text(encoding="utf-8").partition("## Watching it")[2]
    explained = set(re.findall(r"`((?:belowline|process)_\w+)`", handbook))
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in told}
    assert families == explained
    assert all(panel["description"] for panel in dashboard["panels"])


# -- health --------------------------------------------------------------------------------


def test_a_site_that_can_read_and_store_is_ready(town: Town) -> None:
    reader = town.reader()
    assert reader.get("/readyz").json() == {"status": "ok"}
    assert reader.get("/healthz").headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("asked_anew")
def test_a_site_whose_database_is_gone_is_not_ready_and_still_alive(town: Town) -> None:
    reader = town.reader()
    file = town.application.folder / "data" / "belowline.sqlite"
    aside = file.rename(file.with_suffix(".away"))
    assert reason(reader) == "database"
    assert reader.get("/healthz").status_code == 200
    assert numbers(reader)["belowline_ready", ""] == 0
    aside.rename(file)
    becomes_ready(reader)
    file.rename(aside)
    file.touch()  # another one in its place is not it
    assert reason(reader) == "database"


@pytest.mark.usefixtures("asked_anew")
def test_a_site_whose_writer_is_stuck_is_not_ready(town: Town) -> None:
    reader, storage = town.reader(), town.application.site.storage
    begun, go_on = threading.Event(), threading.Event()

    def wait(_: Connection) -> None:
        begun.set()
        go_on.wait()

    async def block() -> None:
        await storage.write(wait)

    blocked = town.portal.start_task_soon(block)
    begun.wait()
    try:
        assert reason(reader) == "writer"
        assert numbers(reader)["belowline_write_age_seconds", ""] > 0
    finally:
        go_on.set()
    blocked.result()
    becomes_ready(reader)


@pytest.mark.usefixtures("asked_anew")
def test_a_site_on_a_database_of_an_older_release_is_not_ready(town: Town) -> None:
    reader, storage = town.reader(), town.application.site.storage

    def set_version(connection: Connection, version: str | None) -> None:
        connection.execute(text("DELETE FROM alembic_version"))
        if version:
            connection.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": version})

    newer = "9999_of_tomorrow"
    for version, expected in ((None, "migrations"), (newer, "")):
        storage.write_now(partial(set_version, version=version))
        assert reason(reader) == expected


def test_a_site_that_is_being_stopped_says_so(town: Town) -> None:
    town.application.services.readiness.draining = True
    assert reason(town.reader()) == "draining"


# -- the log -------------------------------------------------------------------------------


@pytest.mark.usefixtures("logging_as_it_was")
def test_no_line_of_the_log_holds_what_people_wrote_or_who_they_are(
    town_with: Callable[..., Town],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logs.configure("debug", "json")
    words, name, mail = MARKS
    town = town_with(access_log=True)
    ada, ben = town.reader(), town.reader()

    ada.ask("PATCH", "/api/v1/me", json={"name": name})
    number = ada.said(f"{words}, says {mail}")
    ada.ask("PATCH", f"/api/v1/comments/{number}", json={"text": f"{words}! {mail}"})
    report = {"reason": "other", "note": f"{words} {mail}"}
    assert ben.post(f"/api/v1/comments/{number}/reports", json=report).status_code == 201
    ben.get(f"/stories/{mail}?q={words}")
    ben.post("/api/v1/stories/ferry/comments", content=f'{{"text": "{words}'.encode())
    with monkeypatch.context() as patched:
        patched.setattr(reading, "counts", raiser(*MARKS))
        assert ada.get("/api/v1/counts?story=ferry").status_code == 500
    with_failing_check(town)
    assert ada.say(f"{words} once more from {mail}").status_code == 201
    with monkeypatch.context() as patched:
        patched.setattr(Storage, "read_together", failing_query(*MARKS))
        assert ada.say(f"{words} a third time").status_code == 503

    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.err.splitlines()]
    events = {line["event"] for line in lines}
    assert {"web.failed", "checks.failed", "storage.read_failed", "request"} <= events
    assert all(line.get("request_id") for line in lines if line["event"] == "request")
    for mark in MARKS:
        assert mark not in printed.err + printed.out


@pytest.mark.usefixtures("logging_as_it_was")
def test_a_commit_names_the_requests_that_it_stored(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("debug", "json")
    ada = town.reader(**{"X-Request-ID": "adas"})
    ada.said("The ferry is late again.")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    committed = [line["requests"] for line in lines if line["event"] == "storage.committed"]
    assert any("adas" in requests for requests in committed)


@pytest.mark.usefixtures("logging_as_it_was")
def test_what_is_logged_about_a_request_names_it(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.configure("warning", "json")
    monkeypatch.setattr(reading, "counts", raiser("anything"))
    answer = town.reader().get("/api/v1/counts?story=ferry", headers={"X-Request-ID": "adas"})
    assert (answer.status_code, answer.json()["request_id"]) == (500, "adas")
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (line["event"], line["request_id"]) == ("web.failed", "adas")
    page = town.reader().get("/", headers={"X-Request-ID": "bens"})
    assert (page.status_code, "bens" in page.text) == (500, True)
    assert line["path"] == "/api/v1/counts"


def raiser(*secrets: str) -> Callable[..., Any]:
    async def fail(*_: object) -> None:
        raise ValueError(*secrets)

    return fail


def failing_query(*secrets: str) -> Callable[..., Any]:
    """Stands for a read that a broken disk fails, with what somebody wrote in its parameters."""

    def fail(_: Connection) -> None:
        broken = sqlite3.OperationalError("disk I/O error")
        broken.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise OperationalError("SELECT ?, ?, ?", secrets, broken)

    async def read(storage: Storage, *_: object) -> None:
        storage.read_now(fail)

    return read


def with_failing_check(town: Town) -> None:
    def look(context: CheckContext) -> list[Finding]:
        raise ValueError(f"cannot read {context.text}")

    site = town.application.site
    town.application.site = msgspec.structs.replace(site, checks=(Check("broken", "1", look),))
    town.application.services.site = town.application.site
