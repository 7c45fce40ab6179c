"""Three nodes are one site: what happens at one is seen, counted and limited at the others."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.nodes.field import Field, Node, run_field
from tests.support.postgres import PostgresServer

FERRY = "/api/v1/stories/ferry"


@pytest.fixture(scope="module")
def field(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """Three nodes."""
    folder = tmp_path_factory.mktemp("field") / "town"
    with run_field(folder, [postgres], postgres.new_database()) as running:
        yield running


class Listener:
    """An open page of the ferry's discussion at one node."""

    def __init__(self, node: Node, closing: ExitStack) -> None:
        client = httpx.Client(base_url=node.server.url, timeout=60, trust_env=False)
        self._stream = closing.enter_context(
            closing.enter_context(client).stream("GET", f"{FERRY}/live")
        )
        self._lines = self._stream.iter_lines()

    def until(self, name: str, is_so: Callable[[Any], bool]) -> Any:
        """The data of the first event of that name of which it is so."""
        kind = ""
        for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "event":
                kind = value
            elif field == "data" and kind == name and is_so(data := json.loads(value)):
                return data
        raise AssertionError("the stream has ended")


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """Closes what a test opens."""
    with ExitStack() as stack:
        yield stack


def guest(node: Node) -> dict[str, str]:
    """The credential of somebody new."""
    token = httpx.post(f"{node.server.url}/api/v1/guests", trust_env=False).json()["token"]
    return {"Authorization": f"Bearer {token}"}


def say(node: Node, who: dict[str, str], text: str) -> httpx.Response:
    headers = who | {"Idempotency-Key": text.replace(" ", "-")}
    address = f"{node.server.url}{FERRY}/comments"
    return httpx.post(address, json={"text": text}, headers=headers, trust_env=False)


def test_typing_is_told_at_every_node_and_ends_wherever_it_is_said(
    field: Field, closing: ExitStack
) -> None:
    first, second, third = field.nodes
    ben = Listener(first, closing)

    def types(node: Node, **more: bool) -> None:
        who = guest(node)
        body = {"client": "page-of-ada"} | more
        address = f"{node.server.url}{FERRY}/typing"
        assert httpx.post(address, json=body, headers=who, trust_env=False).status_code == 204

    types(second)
    types(third)  # the same page, and another node that is asked
    told = ben.until("typing", lambda data: data["threads"])
    assert told == {"threads": [{"parent": None, "count": 1}]}
    types(second, stop=True)
    assert ben.until("typing", lambda data: not data["threads"]) == {"threads": []}


def test_a_comment_and_its_recommendations_reach_the_pages_of_every_node(
    field: Field, closing: ExitStack
) -> None:
    first, second, third = field.nodes
    ben = Listener(second, closing)
    posted = say(first, guest(first), "The ferry sails on Sundays").json()["comment"]
    assert ben.until("comment", lambda data: data["id"] == posted["id"])
    # Asked before, so that the answer is ready, and has to be made anew.
    page = f"{second.server.url}{FERRY}/comments"
    assert httpx.get(page, trust_env=False).json()["comments"][0]["recommendations"] == 0
    recommended = f"{third.server.url}/api/v1/comments/{posted['id']}/recommendation"
    assert httpx.put(recommended, headers=guest(first), trust_env=False).status_code == 200
    told = ben.until("recommended", lambda data: posted["id"] in data["comments"])
    assert told["comments"][posted["id"]] == 1
    assert httpx.get(page, trust_env=False).json()["comments"][0]["recommendations"] == 1


def test_who_writes_at_all_nodes_at_once_may_write_no_more_than_at_one(field: Field) -> None:
    who = guest(field.nodes[0])
    statuses: list[int] = []

    def write(node: Node, number: int) -> None:
        statuses.append(say(node, who, f"Number {number} by way of {node.port}").status_code)

    writers = [
        threading.Thread(target=write, args=(node, number))
        for number in range(12)
        for node in field.nodes
    ]
    began = time.monotonic()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert set(statuses) == {201, 429}
    come_back = (time.monotonic() - began) / 5  # one in five seconds
    assert 12 <= statuses.count(201) <= 12 + come_back + 1
    refused = say(field.nodes[1], who, "One more")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


def test_a_form_that_two_nodes_are_sent_by_a_double_click_is_one_comment(field: Field) -> None:
    def count() -> int:
        address = f"{field.nodes[0].server.url}/api/v1/counts?story=ferry"
        number: int = httpx.get(address, trust_env=False).json()["ferry"]
        return number

    before = count()
    clicks = [
        threading.Thread(
            target=httpx.post,
            args=(f"{node.server.url}/stories/ferry/comments",),
            kwargs={
                "data": {"text": "Clicked twice.", "parent": ""},
                "headers": {"X-Forwarded-For": "203.0.113.9"},  # as the proxy before both says
                "trust_env": False,
            },
        )
        for node in field.nodes[:2]
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert count() == before + 1


# The last one here: it ends a node.
def test_readers_of_all_nodes_are_counted_together_and_those_of_a_dead_one_vanish(
    field: Field, closing: ExitStack
) -> None:
    first, second, third = field.nodes
    ada, ben = Listener(first, closing), Listener(second, closing)
    with ExitStack() as leaving:
        chidi = Listener(third, leaving)
        for one in (ada, ben, chidi):
            one.until("active", lambda data: data["active"] == 3)
        third.kill()
    for one in (ada, ben):
        one.until("active", lambda data: data["active"] == 2)
