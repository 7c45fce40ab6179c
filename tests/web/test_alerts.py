"""Alerts at the desk, and the link that stops one."""

from __future__ import annotations

from belowline.actions import alerts
from belowline.domain import ids
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
