"""Staff's browsers are told by web push: by a real push service over TLS, and a browser's keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import msgspec
import pytest

from belowline.actions import accounts, alerts, breaking, browsers, people
from belowline.domain.alerts import Alert
from belowline.domain.users import User
from belowline.notifiers import push
from belowline.notifiers.sealed import unpacked
from belowline.storage import schema
from tests.actions.test_breaking import raid
from tests.cast import ADA, REVIEWED, Newsroom
from tests.support.browsers import Browser
from tests.support.receivers import PushServer, listening

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
WHEN: dict[str, Any] = {"waiting": 1, "minutes": 0, "quiet_from": 0, "quiet_until": 0}


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushServer]:
    """A push service that this machine trusts."""
    with listening(PushServer(tmp_path)) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server


def ways(room: Newsroom, *allowed: str) -> alerts.Ways:
    """How alerts leave."""
    key = room.storage.write_now(browsers.key)
    return alerts.Ways(
        site_name="The Harbour Post",
        address="https://post.example",
        language="en",
        zone=UTC,
        key="a key",
        push=push.Sender(key=key, contact="mailto:desk@post.example"),
        allowed=allowed or ("127.0.0.1",),
    )


def come_in(room: Newsroom, name: str, role: str = "moderator") -> tuple[User, str]:
    """Somebody of the staff and the token of their session."""
    token = room.run(people.enter(room.site, room.run(people.add_staff(room.site, name, role))))
    key = room.storage.write_now(people.signing_key)
    return room.run(people.by_token(room.site, key, token)), token


def says(browser: Browser, token: str) -> browsers.Browser:
    """What the browser says of itself."""
    return browsers.Browser(
        endpoint=browser.endpoint,
        p256dh=browser.p256dh,
        auth=browser.auth,
        agent=FIREFOX,
        token=token,
    )


def subscribe(room: Newsroom, who: tuple[User, str], browser: Browser, **when: int) -> Alert:
    """Somebody presses the button in their browser."""
    user, token = who
    return room.run(browsers.add(room.site, user, says(browser, token), **(WHEN | when)))


def tell(room: Newsroom, by: alerts.Ways) -> int:
    """Looks at the queue and sends what is due; how many arrived."""
    room.run(alerts.check(room.site, by.zone))
    return room.run(alerts.deliver(room.site, by))


def test_a_browser_is_told_once_in_a_message_that_only_it_can_read(
    room: Newsroom, service: PushServer
) -> None:
    browser = Browser(service.endpoint("mona"))
    subscribe(room, come_in(room, "Mona"), browser)
    by = ways(room)
    assert ways(room) == by  # the key is made once
    assert tell(room, by) == 0
    room.say(ADA, "A secret thought.", story=REVIEWED)
    room.clock.forward(minutes=5)
    assert (tell(room, by), tell(room, by)) == (1, 0)
    [(headers, body)] = service.taken
    assert msgspec.json.decode(browser.read(body)) == {
        "title": "The Harbour Post: 1 comment waits for a moderator",
        "body": "The oldest has been waiting for 5 minutes.",
        "tag": "queue",
        "to": "/desk",
        "lang": "en",
        "dir": "ltr",
    }
    assert (headers["TTL"], headers["Urgency"], headers["Topic"]) == ("14400", "normal", "queue")
    assert headers["Content-Encoding"] == "aes128gcm"
    assert by.push is not None
    signed, _, key = headers["Authorization"].removeprefix("vapid t=").partition(", k=")
    assert key == push.public_key(by.push.key)
    claims = msgspec.json.decode(unpacked(signed.split(".")[1]))
    assert claims["aud"] + "/wake/mona" == browser.endpoint
    assert claims["sub"] == "mailto:desk@post.example"


def test_an_attack_is_urgent_and_not_told_in_quiet_hours(
    room: Newsroom, service: PushServer
) -> None:
    mona, edgar = Browser(service.endpoint("mona")), Browser(service.endpoint("edgar"))
    now = room.clock.now.hour * 60
    subscribe(room, come_in(room, "Mona"), mona, quiet_from=now, quiet_until=(now + 180) % 1440)
    subscribe(room, come_in(room, "Edgar", "editor"), edgar)
    raid(room)
    room.run(breaking.look(room.site))
    assert tell(room, ways(room)) == 1
    [(headers, body)] = service.taken
    assert headers["Urgency"] == "high"
    said = msgspec.json.decode(edgar.read(body))
    assert said["title"] == "The Harbour Post: 1 discussion was tightened by itself"
    assert "Boycott" not in said["body"]


def test_a_browser_that_is_gone_is_forgotten_and_a_busy_service_asked_again(
    room: Newsroom, service: PushServer
) -> None:
    mona = come_in(room, "Mona")
    subscribe(room, mona, Browser(service.endpoint("mona")))
    room.say(ADA, "One.", story=REVIEWED)
    service.status = 429
    assert (tell(room, ways(room)), tell(room, ways(room))) == (0, 0)
    room.clock.forward(minutes=1, seconds=1)
    service.status = 410
    assert tell(room, ways(room)) == 0
    assert len(service.taken) == 2
    assert room.run(alerts.mine(room.site, mona[0])) == []
    assert room.rows(schema.outbox) == 0


def test_no_message_goes_into_the_own_network(room: Newsroom, service: PushServer) -> None:
    mona = come_in(room, "Mona")
    alert = subscribe(room, mona, Browser(service.endpoint("mona")))
    room.say(ADA, "One.", story=REVIEWED)
    by = ways(room, "elsewhere.example")
    assert tell(room, by) == 0
    assert room.refused(browsers.test(room.site, mona[0], by, alert.id)) == "alert_unsent"
    assert service.taken == []


def test_a_test_is_sent_at_once_to_ones_own_browser_only(
    room: Newsroom, service: PushServer
) -> None:
    mona, edgar = come_in(room, "Mona"), come_in(room, "Edgar", "editor")
    browser = Browser(service.endpoint("mona"))
    alert = subscribe(room, mona, browser, quiet_until=1439)
    room.run(browsers.test(room.site, mona[0], ways(room), alert.id))
    [(headers, body)] = service.taken
    assert (headers["Topic"], msgspec.json.decode(browser.read(body))["tag"]) == ("test", "test")
    other = browsers.test(room.site, edgar[0], ways(room), alert.id)
    assert room.refused(other) == "alert_unknown"
    service.status = 404
    assert room.refused(browsers.test(room.site, mona[0], ways(room), alert.id)) == "alert_gone"
    assert room.run(alerts.mine(room.site, mona[0])) == []


def test_a_moderator_may_and_a_reader_may_not_and_nonsense_is_refused(room: Newsroom) -> None:
    mona, token = come_in(room, "Mona")
    browser = Browser("https://push.example/mona")

    def refused(user: User, token: str, **values: str) -> str:
        said = msgspec.structs.replace(says(browser, token), **values)
        return room.refused(browsers.add(room.site, user, said, **WHEN))

    assert refused(mona, token) == ""
    assert refused(ADA, token) == "not_allowed"
    assert refused(mona, "no session of hers") == "sign_in"
    assert refused(mona, token, p256dh=browser.auth) == "alert_browser"
    for endpoint in (
        "http://push.example/x",
        "https://a@push.example/x",
        "https://push.example/\n",
    ):
        assert refused(mona, token, endpoint=endpoint) == "alert_browser"
    never = browsers.add(room.site, mona, says(browser, token), **(WHEN | {"waiting": 0}))
    assert room.refused(never) == "alert_when"
    form = alerts.add(
        room.site, come_in(room, "Edgar", "editor")[0], kind="push", target="x", **WHEN
    )
    assert room.refused(form) == "alert_target"


def test_it_ends_when_the_browser_is_signed_out_and_with_the_role(room: Newsroom) -> None:
    head, _ = come_in(room, "Edgar", "administrator")
    mona, first = come_in(room, "Mona")
    _, second = come_in(room, "Mona")
    for name, token in (("a", first), ("b", second)):
        subscribe(room, (mona, token), Browser(f"https://push.example/{name}"))
    room.run(alerts.add(room.site, mona, kind="mail", target="mona@post.example", **WHEN))
    room.say(ADA, "One.", story=REVIEWED)
    room.run(alerts.check(room.site, UTC))

    def left() -> list[str]:
        return [one.target for one in room.run(alerts.mine(room.site, mona))]

    room.clock.forward(days=40)  # a session that is too old is not one that was ended
    assert len(left()) == 3
    room.run(people.leave(room.site, first))
    assert left() == ["https://push.example/b", "mona@post.example"]
    _, third = come_in(room, "Mona")
    room.run(accounts.reset(room.site, head, mona.id))
    assert left() == ["mona@post.example"]
    late = browsers.add(room.site, mona, says(Browser("https://push.example/c"), third), **WHEN)
    assert room.refused(late) == "sign_in"
    room.run(accounts.change_role(room.site, head, mona.id, "reader"))
    assert (left(), room.rows(schema.outbox)) == ([], 0)


def test_a_browser_keeps_its_alert_with_a_new_address_and_a_new_session(room: Newsroom) -> None:
    mona, edgar = come_in(room, "Mona"), come_in(room, "Edgar", "editor")
    old, new = Browser("https://push.example/old"), Browser("https://push.example/new")
    subscribe(room, mona, old, waiting=7)
    again = come_in(room, "Mona")
    room.run(browsers.renew(room.site, again[0], old.endpoint, says(new, again[1])))
    room.run(people.leave(room.site, mona[1]))
    [kept] = room.run(alerts.mine(room.site, mona[0]))
    assert (kept.target, kept.waiting) == (new.endpoint, 7)
    foreign = browsers.renew(room.site, edgar[0], new.endpoint, says(old, edgar[1]))
    assert room.refused(foreign) == "alert_unknown"
    # A browser is told for whoever is signed in there and has asked last.
    subscribe(room, edgar, new)
    assert room.run(alerts.mine(room.site, mona[0])) == []
    assert len(room.run(alerts.mine(room.site, edgar[0]))) == 1
