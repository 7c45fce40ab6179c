"""Work that suspicious senders do: asked, done, and of use once."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx

from tests.web.conftest import Reader, Town

SAID = "The ferry was late again."
TRAPPED = {"homepage": "https://pills.example", "stamp": "", "proof": ""}


def send(reader: Reader, key: str = "k", text: str = SAID, **sender: str) -> httpx.Response:
    """A comment as the widget sends it."""
    body = {"text": text, "sender": TRAPPED | sender}
    path = "/api/v1/stories/ferry/comments"
    return reader.post(path, json=body, headers={"Idempotency-Key": key})


def solved(challenge: dict[str, Any]) -> str:
    """What ALTCHA's own clients answer, found as the specification says."""
    asked = challenge["parameters"]
    nonce, salt = bytes.fromhex(asked["nonce"]), bytes.fromhex(asked["salt"])
    for counter in range(1_000):
        password = nonce + counter.to_bytes(4, "big")
        key = hashlib.pbkdf2_hmac("sha256", password, salt, asked["cost"], asked["keyLength"]).hex()
        if key.startswith(asked["keyPrefix"]):
            solution = {"counter": counter, "derivedKey": key, "time": 12.5}
            said = {"challenge": challenge, "solution": solution}
            return base64.b64encode(json.dumps(said).encode()).decode()
    raise AssertionError("no counter")


def guest(town: Town) -> Reader:
    """Somebody new who is known by a cookie already."""
    reader = town.reader()
    reader.post("/api/v1/guests")
    return reader


def test_a_suspicious_sender_works_once_and_the_comment_is_there_once(town: Town) -> None:
    ada = guest(town)
    asked = send(ada)
    assert (asked.status_code, asked.json()["code"]) == (403, "proof_wanted")
    proof = solved(asked.json()["challenge"])
    first, again = send(ada, proof=proof), send(ada, proof=proof)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["comment"]["id"] == again.json()["comment"]["id"]
    assert first.json()["comment"]["status"] == "held"  # the trap's doing

    assert send(ada, key="other", proof=proof).status_code == 403
    assert send(ada, key="third", text="Buy!", proof=proof).status_code == 403
    assert send(guest(town), proof=proof).status_code == 403


def test_a_proof_comes_in_time_and_as_it_was_asked_for(town: Town) -> None:
    ada = guest(town)
    challenge = send(ada).json()["challenge"]
    cheaper = challenge | {"parameters": challenge["parameters"] | {"cost": 1, "keyPrefix": ""}}
    for wrong in (solved(cheaper), "x", base64.b64encode(b"{}").decode()):
        assert send(ada, proof=wrong).status_code == 403
    proof = solved(challenge)
    town.clock.forward(minutes=11)
    assert send(ada, proof=proof).status_code == 403


def test_who_cannot_work_waits_for_a_moderator(town: Town) -> None:
    ada, mona = guest(town), town.moderator()
    held = send(ada, proof="unable").json()["comment"]
    assert held["status"] == "held"
    card = mona.get(f"/api/v1/desk/comments/{held['id']}").json()
    codes = {one["code"] for one in card["findings"]}
    assert {"sender_trap", "sender_unproved"} <= codes


def test_an_edit_does_not_make_good_how_a_comment_was_sent(town: Town) -> None:
    ada = guest(town)
    held = send(ada, proof="unable").json()["comment"]["id"]
    edited = ada.ask("PATCH", f"/api/v1/comments/{held}", json={"text": "It was late twice."})
    assert edited.json()["comment"]["status"] == "held"


def test_nobody_is_asked_where_the_publisher_does_not_want_it(
    town_with: Callable[..., Town],
) -> None:
    assert send(guest(town_with(proof_of_work=False))).status_code == 201


def test_programs_that_say_nothing_of_how_they_send_are_not_suspected(town: Town) -> None:
    ada = town.reader()
    assert ada.say(SAID).json()["comment"]["status"] == "published"


def test_a_form_has_a_trap_and_a_stamp(town: Town) -> None:
    ada, mona = town.reader(), town.moderator()
    page = ada.get("/stories/ferry").text
    stamp = re.search(r'name="stamp" value="([^"]+)"', page)
    assert stamp is not None
    assert 'name="homepage" tabindex="-1"' in page

    words = count()

    def codes(**fields: str) -> set[str]:
        sent = {"text": f"Word number {next(words)}.", "parent": ""} | fields
        done = town.reader().post("/stories/ferry/comments", data=sent)
        number = re.search(r"sent=(\w+)", done.headers["location"])
        assert number is not None
        card = mona.get(f"/api/v1/desk/comments/{number[1]}").json()
        return {one["code"] for one in card["findings"] if one["check"] == "sender"}

    assert codes(stamp=stamp[1], homepage="") == {"sender_hasty"}
    assert codes(stamp="1-2", homepage="") == {"sender_unstamped"}
    assert codes(stamp=stamp[1], homepage="x") == {"sender_trap", "sender_hasty", "sender_unproved"}
    town.clock.forward(seconds=10)
    assert codes(stamp=stamp[1], homepage="") == set()
