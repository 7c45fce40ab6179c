"""Checks that others make: asked before a comment is stored, and held when they fail."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import msgspec
import pytest

from belowline.actions import feedback
from belowline.actions.outside import Outside, Services
from belowline.domain.comments import Comment
from belowline.notifiers import outward
from belowline.storage.comments import findings_of
from tests.cast import ADA, BEN, MONA, Newsroom, newsroom_on
from tests.support.receivers import WebServer, listening

SECRET = "a secret of twenty letters"
INSIDE = ("127.0.0.1",)


@pytest.fixture
def other() -> Iterator[WebServer]:
    """Whoever is asked."""
    with listening(WebServer()) as server:
        server.status = 200
        yield server
        server.open.set()


@pytest.fixture
def room(sqlite_url: str) -> Iterator[Newsroom]:
    """A newsroom."""
    with newsroom_on(sqlite_url) as opened:
        yield opened


def asks(room: Newsroom, **services: object) -> None:
    """Has the newsroom ask others."""
    wanted = Services(**({"allowed": INSIDE, "seconds": 5.0} | services))  # type: ignore[arg-type]
    room.site = msgspec.structs.replace(room.site, outside=Outside(wanted))


def codes(room: Newsroom, comment: Comment) -> list[str]:
    """What was found in a comment by whom it was asked of."""
    found = room.storage.read_now(lambda connection: findings_of(connection, [comment.id]))
    return [one.code for one in found.get(comment.id, []) if one.check == "outside"]


def hook(room: Newsroom, other: WebServer, **more: object) -> None:
    """Has the newsroom ask a webhook."""
    asks(room, webhook_url=other.url, webhook_secret=SECRET, **more)


def test_a_webhook_is_told_of_a_comment_with_a_signature_and_may_hold_it(
    room: Newsroom, other: WebServer
) -> None:
    hook(room, other)
    other.answer = b'{"verdict": "ok"}'
    assert room.say(ADA, "The ferry was late.").status == "published"
    other.answer = b'{"verdict": "note", "reason": "heated", "score": 0.5}'
    assert room.say(ADA, "The ferry is always late.").status == "published"
    other.answer = b'{"verdict": "hold", "reason": "names a child"}'
    assert room.say(ADA, "Her son said so.").status == "held"
    headers, body = other.taken[-1]
    said = json.loads(body)
    assert (said["text"], said["author"]["name"]) == ("Her son said so.", "Ada")
    seconds, _, signature = headers["Belowline-Signature"].removeprefix("t=").partition(",v1=")
    signed = f"{seconds}.".encode() + body
    assert signature == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()


def test_an_edit_is_asked_about_too_and_what_staff_say_is_not(
    room: Newsroom, other: WebServer
) -> None:
    comment = room.say(ADA, "The ferry was late.")
    hook(room, other)
    other.answer = b'{"verdict": "hold"}'
    assert room.edit(ADA, comment, "The ferry was very late.").status == "held"
    assert room.say(MONA, "It was the fog.").status == "published"
    assert len(other.taken) == 1


@pytest.mark.parametrize(
    ("status", "answer"),
    [(500, b""), (302, b""), (200, b"fine!"), (200, b'{"verdict": "maybe"}'), (200, b"x" * 70_000)],
)
def test_a_comment_is_held_when_the_answer_is_none(
    room: Newsroom, other: WebServer, status: int, answer: bytes
) -> None:
    hook(room, other)
    other.status, other.answer = status, answer
    comment = room.say(ADA, "The ferry was late.")
    assert comment.status == "held"
    assert codes(room, comment) == ["outside_failed"]
    assert len(other.taken) == 1


def test_a_comment_is_held_when_nobody_answers_in_time_or_is_there(
    room: Newsroom, other: WebServer
) -> None:
    other.open.clear()
    hook(room, other, seconds=0.1)
    assert room.say(ADA, "The ferry was late.").status == "held"
    other.open.set()
    asks(room, webhook_url="http://127.0.0.1:1/", webhook_secret=SECRET)
    assert room.say(ADA, "It was late again.").status == "held"


def test_akismet_is_asked_in_its_own_words(room: Newsroom, other: WebServer) -> None:
    asks(room, akismet_key="k", akismet_url=other.url, blog="https://post.example")
    other.answer = b"false"
    ada = msgspec.structs.replace(ADA, address="203.0.114.7")
    assert room.say(ada, "The ferry was late.").status == "published"
    fields = parse_qs(other.taken[0][1].decode())
    assert (fields["api_key"], fields["blog"]) == (["k"], ["https://post.example"])
    assert fields["permalink"] == ["https://post.example/stories/the-ferry"]
    assert (fields["user_ip"], fields["comment_content"]) == (
        ["203.0.114.7"],
        ["The ferry was late."],
    )
    other.answer = b"true"
    assert room.say(ada, "Buy a ferry.").status == "held"
    other.answer = b"invalid"
    assert "outside_failed" in codes(room, room.say(ada, "Sell a ferry."))


THANKS = b"Thanks for making the web a better place."


def told(room: Newsroom, other: WebServer) -> list[tuple[str, str]]:
    """What Akismet is told a quarter of an hour later: the call and the text."""
    room.clock.now += feedback.SETTLED
    before = len(other.taken)
    other.answer = THANKS
    room.run(feedback.deliver(room.site))
    calls = [path.removeprefix("/") for path in other.paths[before:]]
    fields = [parse_qs(body.decode()) for _, body in other.taken[before:]]
    return [(call, one["comment_content"][0]) for call, one in zip(calls, fields, strict=True)]


def test_akismet_is_told_where_people_find_it_wrong(room: Newsroom, other: WebServer) -> None:
    old = room.say(ADA, "Buy an old ferry.")
    asks(room, akismet_key="k", akismet_url=other.url, blog="https://post.example")
    assert told(room, other) == []  # what was decided before is not
    other.answer = b"false"
    missed, rude, undone = (
        room.say(ADA, text) for text in ("Buy a ferry.", "You fool.", "Buy a boat.")
    )
    other.answer = b"true"
    fine, spam = room.say(BEN, "Where does one buy a ticket?"), room.say(BEN, "Buy a ship.")
    room.decide(missed, "reject")
    room.decide(rude, "reject", "personal_attack")
    room.undo(room.decide(undone, "reject"))
    room.decide(fine, "publish")
    room.decide(spam, "reject")
    room.decide(old, "reject")
    other.answer = THANKS
    assert room.run(feedback.deliver(room.site)) == 0  # the last ones may yet be undone
    assert told(room, other) == [
        ("submit-spam", "Buy a ferry."),
        ("submit-ham", "Where does one buy a ticket?"),
    ]
    assert told(room, other) == []
    room.decide(missed, "publish")  # the desk has changed its mind
    assert told(room, other) == [("submit-ham", "Buy a ferry.")]


def test_what_akismet_could_not_be_told_waits_and_what_it_refuses_does_not(
    room: Newsroom, other: WebServer
) -> None:
    asks(room, akismet_key="k", akismet_url=other.url, blog="https://post.example")
    assert told(room, other) == []
    other.answer = b"false"
    room.decide(room.say(ADA, "Buy a ferry."), "reject")
    room.decide(room.say(ADA, "Buy a boat."), "reject")
    other.status = 503
    assert told(room, other) == [("submit-spam", "Buy a ferry.")]
    asks(room, webhook_url=other.url, webhook_secret=SECRET)
    assert told(room, other) == []  # it is off
    asks(room, akismet_key="k", akismet_url=other.url, blog="https://post.example")
    other.status = 400
    assert len(told(room, other)) == 2
    other.status = 200
    assert told(room, other) == []


def test_nothing_inside_the_own_network_is_asked_unless_it_is_allowed(other: WebServer) -> None:
    port = other.url.split(":")[2]
    for url in (
        other.url,
        f"http://localhost:{port}",
        f"http://[::1]:{port}",
        "http://169.254.1.2",
    ):
        with pytest.raises(outward.Inside):
            outward.post(url, b"", {}, seconds=2)
    with pytest.raises(ValueError, match="not of the web"):
        outward.post("ftp://post.example", b"", {}, seconds=2)
    assert other.taken == []
    assert outward.post(other.url, b"", {}, seconds=2, allowed=INSIDE).status == 200
