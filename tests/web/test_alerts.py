"""Alerts at the desk, and the link that stops one."""

from __future__ import annotations

import re

import msgspec

from belowline.actions import alerts
from belowline.domain import ids
from belowline.notifiers.push import public_key
from tests.support.browsers import Browser
from tests.web.conftest import Town
from tests.web.test_forms import fill_in, follow
from tests.web.test_policy import editor


def test_staff_add_a_alert_and_its_link_stops_it_by_one_click(town: Town) -> None:
    edgar = editor(town)
    hook = {"kind": "webhook", "target": "https://hooks.example/desk", "waiting": "5"}
    page = follow(edgar, fill_in(edgar, "/desk/alerts", "/desk/alerts", **hook))
    assert "https://hooks.example/desk" in page
    assert "22:00\u201307:00" in page
    alert = page.split("/desk/alerts/")[1].split("/stop")[0]
    key = town.application.services.signing_key
    link = f"/alerts/{alerts.token_of(key, ids.decode(alert))}/stop"
    passer_by = town.reader()
    assert "Shall no more of these alerts be sent?" in passer_by.get(link).text
    assert "https://hooks.example/desk" in edgar.get("/desk/alerts").text
    done = passer_by.post(link, data={"List-Unsubscribe": "One-Click"})
    assert (done.status_code, "Stopped." in done.text) == (200, True)
    assert "https://hooks.example/desk" not in edgar.get("/desk/alerts").text
    assert passer_by.post("/alerts/nonsense/stop").status_code == 404


def test_moderators_are_told_by_mail_only_and_readers_not_at_all(town: Town) -> None:
    mona = town.moderator()
    assert 'value="webhook"' not in mona.get("/desk/alerts").text
    hook = {"kind": "slack", "target": "https://hooks.example/x", "waiting": "5", "minutes": "0"}
    assert mona.post("/desk/alerts", data=hook).status_code == 403
    wrong = fill_in(mona, "/desk/alerts", "/desk/alerts", kind="mail", target="mona")
    assert wrong.status_code == 422
    assert "An address of mail has an @" in wrong.text
    added = fill_in(mona, "/desk/alerts", "/desk/alerts", kind="mail", target="m@post.example")
    page = follow(mona, added)
    stop = page.split('action="/desk/alerts/')[1].split('"')[0]
    assert "m@post.example" not in follow(mona, mona.post(f"/desk/alerts/{stop}"))
    assert town.reader().get("/desk/alerts").status_code == 401


def test_a_moderators_browser_is_listed_tested_and_stopped_and_its_worker_served(
    town: Town,
) -> None:
    mona = town.moderator()
    mona.client.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Firefox/128.0"
    key = public_key(town.application.services.push_key)
    assert f'data-key="{key}"' in mona.get("/desk/alerts").text
    browser = Browser("https://127.0.0.1:9/wake/mona")
    fields = {"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth}
    when = {"waiting": "5", "minutes": "0", "quiet_from": "22:00", "quiet_until": "07:00"}
    assert town.reader().post("/desk/alerts/browsers", data=fields | when).status_code == 401
    added = mona.post("/desk/alerts/browsers", data=fields | when)
    page = mona.get(added.json()["to"]).text
    assert "This browser is told from now on." in page
    assert re.search(r"Firefox, Windows</span><br><small[^>]*>This browser<", page)
    assert f'data-endpoint="{browser.endpoint}" data-here' in page
    there = mona.post("/desk/alerts/browsers/renew", data=fields | {"was": browser.endpoint})
    assert there.status_code == 200
    foreign = fields | {"was": "https://push.example/ada"}
    as_script = {"Accept": "application/json"}
    unknown = mona.post("/desk/alerts/browsers/renew", data=foreign, headers=as_script)
    assert unknown.json()["code"] == "alert_unknown"
    alert = page.split("/desk/alerts/")[1].split("/test")[0]
    tested = mona.post(f"/desk/alerts/{alert}/test")  # an address inside: nothing is sent there
    assert (tested.status_code, "did not take the test" in tested.text) == (502, True)
    stopped = follow(mona, mona.post(f"/desk/alerts/{alert}/stop"))
    assert browser.endpoint not in stopped
    worker = town.reader().get("/desk/push.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "script-src 'self'" in worker.headers["content-security-policy"]
    assert "immutable" not in worker.headers["cache-control"]
    assert "pushsubscriptionchange" in worker.text
    manifest = town.reader().get("/desk/manifest.webmanifest")
    assert (manifest.json()["start_url"], manifest.json()["display"]) == ("/desk", "standalone")
    services = town.application.services
    for mail, address, contact in (
        ("Desk <desk@post.example>", "http://post.example", "mailto:desk@post.example"),
        ("", "https://post.example/", "https://post.example"),
        ("", "http://localhost:8000/", ""),
    ):
        services.settings = msgspec.structs.replace(services.settings, mail_from=mail)
        sender = services.ways(address).push
        assert sender is not None
        assert sender.contact == contact
