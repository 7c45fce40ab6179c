"""Staff are told that the queue needs somebody: by a real mail server and a real web server."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from belowline.actions import alerts, breaking
from belowline.domain.alerts import Alert, Waiting, is_due, is_quiet
from belowline.notifiers.mail import MailServer as Server
from belowline.storage import schema
from tests.actions.test_breaking import raid
from tests.actions.test_policies import EDGAR, introduce
from tests.cast import ADA, BEGINNING, MONA, REVIEWED, Newsroom
from tests.support.receivers import MailServer, WebServer, listening

KEY = "a key"


@pytest.fixture
def post() -> Iterator[MailServer]:
    """A mail server."""
    with listening(MailServer()) as server:
        yield server


@pytest.fixture
def hook() -> Iterator[WebServer]:
    """A web server that takes webhooks."""
    with listening(WebServer()) as server:
        yield server


def ways(post: MailServer | None = None, language: str = "en") -> alerts.Ways:
    """How alerts leave."""
    server = None
    if post is not None:
        server = Server(
            host="127.0.0.1", port=post.port, security="none", sender="Desk <desk@post.example>"
        )
    return alerts.Ways(
        site_name="The Harbour Post",
        address="https://post.example",
        language=language,
        zone=UTC,
        key=KEY,
        mail=server,
        allowed=("127.0.0.1",),
    )


def subscribe(
    room: Newsroom, kind: str, target: str, *, waiting: int = 2, minutes: int = 0, quiet: int = 0
) -> Alert:
    """Edgar wants to be told."""
    introduce(room)
    return room.run(
        alerts.add(
            room.site,
            EDGAR,
            kind=kind,
            target=target,
            waiting=waiting,
            minutes=minutes,
            quiet_from=0,
            quiet_until=quiet,
        )
    )


def tell(room: Newsroom, by: alerts.Ways) -> int:
    """Looks at the queue and sends what is due; how many arrived."""
    room.run(alerts.check(room.site, by.zone))
    return room.run(alerts.deliver(room.site, by))


def test_mail_goes_out_when_so_many_wait_once_and_without_a_word_of_them(
    room: Newsroom, post: MailServer
) -> None:
    subscribe(room, "mail", "edgar@post.example")
    room.say(ADA, "A secret thought.", story=REVIEWED)
    assert tell(room, ways(post)) == 0
    room.say(ADA, "Another secret thought.", story=REVIEWED)
    room.clock.forward(minutes=5)
    assert tell(room, ways(post)) == 1
    assert tell(room, ways(post)) == 0
    [(to, mail)] = post.taken
    assert to == ["edgar@post.example"]
    assert mail["Subject"] == "The Harbour Post: 2 comments wait for a moderator"
    text = mail.get_content()
    assert "The oldest has been waiting for 5 minutes." in text
    assert "https://post.example/desk" in text
    assert "secret" not in mail.as_string()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert room.rows(schema.outbox) == 0


def test_it_is_told_again_after_four_hours_and_anew_when_the_queue_was_short(
    room: Newsroom, post: MailServer
) -> None:
    subscribe(room, "mail", "edgar@post.example", waiting=1)
    comment = room.say(ADA, "One.", story=REVIEWED)
    assert tell(room, ways(post)) == 1
    room.clock.forward(hours=4)
    assert tell(room, ways(post)) == 1
    room.publish(comment)
    assert tell(room, ways(post)) == 0
    room.say(ADA, "Two.", story=REVIEWED)
    assert tell(room, ways(post)) == 1


def test_it_is_told_at_once_that_a_discussion_was_tightened_and_once_for_each_attack(
    room: Newsroom, post: MailServer
) -> None:
    subscribe(room, "mail", "edgar@post.example", waiting=1)
    room.say(ADA, "One.", story=REVIEWED)
    assert tell(room, ways(post)) == 1
    room.clock.forward(minutes=1)
    raid(room)
    room.run(breaking.look(room.site))
    assert tell(room, ways(post)) == 1
    assert tell(room, ways(post)) == 0
    (_, mail) = post.taken[-1]
    assert mail["Subject"] == "The Harbour Post: 1 discussion was tightened by itself"
    assert "Boycott" not in mail.as_string()
    room.clock.forward(minutes=61)
    room.run(breaking.look(room.site))
    assert tell(room, ways(post)) == 0
    raid(room, first=200)
    room.run(breaking.look(room.site))
    assert tell(room, ways(post)) == 1


def test_an_alert_of_attacks_alone_tells_of_no_queue(room: Newsroom, post: MailServer) -> None:
    introduce(room)
    mine = alerts.add(
        room.site, EDGAR, kind="mail", target="edgar@post.example",
        waiting=9, minutes=9, quiet_from=0, quiet_until=0, attacks=True,
    )  # fmt: skip
    assert (room.run(mine).waiting, post.taken) == (0, [])
    room.say(ADA, "One.", story=REVIEWED)
    room.clock.forward(hours=5)
    assert tell(room, ways(post)) == 0
    raid(room)
    room.run(breaking.look(room.site))
    assert tell(room, ways(post)) == 1


def test_what_does_not_arrive_is_tried_again_later_and_given_up_in_the_end(
    room: Newsroom, post: MailServer
) -> None:
    subscribe(room, "mail", "edgar@post.example", waiting=1)
    room.say(ADA, "One.", story=REVIEWED)
    post.busy = 1
    assert tell(room, ways(post)) == 0
    assert tell(room, ways(post)) == 0
    room.clock.forward(minutes=1, seconds=1)
    assert tell(room, ways(post)) == 1
    room.clock.forward(hours=5)
    post.busy = 99
    room.run(alerts.check(room.site, UTC))
    for tries in range(6):
        assert room.rows(schema.outbox) == 1, tries
        assert room.run(alerts.deliver(room.site, ways(post))) == 0
        room.clock.forward(minutes=601)
    assert room.rows(schema.outbox) == 0


def test_a_webhook_is_signed_and_says_what_waits(room: Newsroom, hook: WebServer) -> None:
    alert = subscribe(room, "webhook", hook.url, waiting=0, minutes=30)
    room.say(ADA, "One.", story=REVIEWED)
    assert tell(room, ways()) == 0
    room.clock.forward(minutes=31)
    assert tell(room, ways()) == 1
    [(headers, body)] = hook.taken
    said = msgspec.json.decode(body)
    assert (said["event"], said["waiting"], said["oldest_minutes"]) == ("queue.needs", 1, 31)
    found = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["Belowline-Signature"])
    assert found is not None
    signed = hmac.new(alert.secret.encode(), found[1].encode() + b"." + body, hashlib.sha256)
    assert found[2] == signed.hexdigest()


def test_slack_gets_a_sentence_and_redirects_are_not_followed(
    room: Newsroom, hook: WebServer
) -> None:
    subscribe(room, "slack", hook.url, waiting=1)
    room.say(ADA, "One.", story=REVIEWED)
    hook.status = 307
    assert tell(room, ways()) == 0
    assert len(hook.taken) == 1
    hook.status = 200
    room.clock.forward(minutes=2)
    assert tell(room, ways(language="de")) == 1
    assert hook.taken[0][0]["Belowline-Delivery"] == hook.taken[1][0]["Belowline-Delivery"]
    assert list(msgspec.json.decode(hook.taken[1][1])) == ["text"]


def test_a_link_stops_a_alert_without_signing_in(room: Newsroom, post: MailServer) -> None:
    alert = subscribe(room, "mail", "edgar@post.example", waiting=1)
    token = alerts.token_of(KEY, alert.id)
    assert room.refused(alerts.stop(room.site, "another key", token)) == "alert_unknown"
    assert room.refused(alerts.stop(room.site, KEY, "nonsense")) == "alert_unknown"
    room.run(alerts.stop(room.site, KEY, token))
    room.run(alerts.stop(room.site, KEY, token))
    room.say(ADA, "One.", story=REVIEWED)
    assert tell(room, ways(post)) == 0
    assert room.run(alerts.mine(room.site, EDGAR)) == []


def test_nobody_adds_what_cannot_be_or_is_not_theirs(room: Newsroom) -> None:
    alert = subscribe(room, "mail", "edgar@post.example")
    fine: dict[str, Any] = {"waiting": 1, "minutes": 0, "quiet_from": 0, "quiet_until": 0}

    def refused(kind: str, target: str, **values: int) -> str:
        who = MONA if kind == "mail" else EDGAR
        return room.refused(alerts.add(room.site, who, kind=kind, target=target, **(fine | values)))

    assert refused("mail", "edgar") == "alert_target"
    assert refused("mail", "edgar@post.example\nBcc: all@post.example") == "alert_target"
    assert refused("webhook", "ftp://post.example") == "alert_target"
    assert refused("pigeon", "home") == "alert_target"
    assert refused("mail", "a@post.example", waiting=0) == "alert_when"
    for who, code in ((ADA, "not_allowed"), (MONA, "not_allowed")):
        web = alerts.add(room.site, who, kind="webhook", target="https://a.example/", **fine)
        assert room.refused(web) == code
    assert room.refused(alerts.remove(room.site, MONA, alert.id)) == "alert_unknown"


def test_quiet_hours_are_those_of_the_site_and_may_go_over_midnight() -> None:
    def at(hour: int, *, quiet_from: int = 22 * 60, quiet_until: int = 7 * 60) -> tuple[bool, bool]:
        alert = Alert(
            id=1,
            user=1,
            kind="mail",
            target="",
            secret="",
            waiting=1,
            minutes=0,
            told_at=None,
            created_at=BEGINNING,
            quiet_from=quiet_from,
            quiet_until=quiet_until,
        )
        now = datetime(2026, 5, 4, hour, 30, tzinfo=UTC)
        lisbon = timezone(timedelta(hours=1))
        waiting = Waiting(count=3, oldest=now)
        return is_quiet(alert, now, lisbon), is_due(alert, waiting, now, lisbon)

    assert at(21) == (True, False)
    assert at(5) == (True, False)
    assert at(6) == (False, True)
    assert at(20) == (False, True)
    assert at(3, quiet_from=0, quiet_until=0) == (False, True)
