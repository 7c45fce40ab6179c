"""Whoever sent in a notice or objected hears of it by mail, by a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

import pytest
from sqlalchemy import select

from belowline.actions import appeals, law, letters, statements
from belowline.actions.alerts import Ways
from belowline.notifiers.mail import MailServer as Server
from belowline.storage import schema
from tests.actions.test_policies import EDGAR, introduce
from tests.cast import ADA, MONA, Newsroom
from tests.support.receivers import MailServer, listening


@pytest.fixture
def post() -> Iterator[MailServer]:
    """A mail server."""
    with listening(MailServer()) as server:
        yield server


def _ways(post: MailServer | None) -> Ways:
    server = None
    if post is not None:
        server = Server(
            host="127.0.0.1", port=post.port, security="none", sender="Desk <desk@post.example>"
        )
    return Ways(
        site_name="The Harbour Post",
        address="https://post.example",
        language="en",
        zone=UTC,
        key="a key",
        mail=server,
    )


def _notify(room: Newsroom, email: str, language: str = "en") -> str:
    new = law.NewNotice(
        address="https://post.example/comments/1",
        explanation="Buy my boat at boats.example!",
        email=email,
        language=language,
        sure=True,
    )
    return room.run(law.notify(room.site, new))


def _deliver(room: Newsroom, post: MailServer | None) -> int:
    return room.run(letters.deliver(room.site, _ways(post)))


def test_chidi_gets_a_receipt_and_the_decision_of_his_notice(
    room: Newsroom, post: MailServer
) -> None:
    introduce(room)
    token = _notify(room, "chidi@post.example")
    _notify(room, "")
    assert _deliver(room, post) == 1
    number = room.run(law.notices(room.site, MONA))[0].notice.id
    told = law.answer_notice(room.site, EDGAR, number, acted=True, answer="It is gone.")
    room.run(told)
    assert _deliver(room, post) == 1
    assert _deliver(room, post) == 0
    (to, receipt), (_, decision) = post.taken
    assert to == ["chidi@post.example"]
    assert receipt["Subject"] == "The Harbour Post: We have your notice of illegal content"
    assert f"https://post.example/notices/{token}" in receipt.get_content()
    assert "boat" not in receipt.as_string()
    assert "We have acted on it." in decision.get_content()
    assert "It is gone." in decision.get_content()
    assert f"https://post.example/notices/{token}" in decision.get_content()
    assert room.rows(schema.letters) == 0


def test_a_letter_waits_for_a_mail_server_that_is_down_or_not_set_and_is_given_up_after_a_week(
    room: Newsroom, post: MailServer
) -> None:
    _notify(room, "chidi@post.example", "de")
    assert _deliver(room, None) == 0
    room.clock.forward(minutes=2)
    post.busy = 1
    assert _deliver(room, post) == 0
    room.clock.forward(days=6)
    assert _deliver(room, post) == 1
    assert "Hinweis" in post.taken[0][1]["Subject"]
    _notify(room, "chidi@post.example")
    room.clock.forward(days=7, minutes=1)
    assert _deliver(room, None) == 0
    assert room.rows(schema.letters) == 0


def test_an_author_who_objects_gets_the_statement_and_the_answer_by_mail_and_is_forgotten(
    room: Newsroom, post: MailServer
) -> None:
    introduce(room)
    comment = room.say(ADA, "You are a fool.")
    room.reject(comment)
    token = room.run(statements.token_for(room.site, ADA, comment.id))
    assert (
        room.refused(statements.appeal(room.site, token, "No.", email="a,b@post.example"))
        == "notice_email"
    )
    told = statements.appeal(room.site, token, "I was not rude.", email="ada@post.example")
    room.run(told)
    assert _deliver(room, post) == 1
    number = room.run(appeals.queue(room.site, EDGAR))[0].statement.id
    room.run(appeals.decide(room.site, EDGAR, number, upheld=True, answer="Quite so."))
    assert _deliver(room, post) == 1
    (to, receipt), (_, answer) = post.taken
    assert to == ["ada@post.example"]
    assert f"https://post.example/statements/{token}" in receipt.get_content()
    assert "fool" not in receipt.as_string() + answer.as_string()
    assert answer.get_content().splitlines()[:3] == [
        "You were right. It was taken back.",
        "",
        "Quite so.",
    ]
    kept = select(schema.appeals.c.email)
    assert room.storage.read_now(lambda connection: connection.execute(kept).scalar()) == ""


def test_nobody_is_flooded_with_receipts(room: Newsroom, post: MailServer) -> None:
    for _ in range(letters.RECEIPTS_A_DAY + 2):
        _notify(room, "victim@post.example")
    _notify(room, "a,b@post.example")
    assert _deliver(room, post) == letters.RECEIPTS_A_DAY
