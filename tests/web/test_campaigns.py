"""Campaigns at the desk and for programs."""

from __future__ import annotations

from belowline.domain import ids
from belowline.storage import accounts
from tests.campaigns.texts import CORE, DISGUISED, WRAPPED
from tests.web.conftest import Reader, Town


def campaign(town: Town, mona: Reader) -> str:
    """A campaign of four copies by four readers; its id."""
    for text in (CORE, WRAPPED[0], DISGUISED[1], WRAPPED[1]):
        town.reader().said(text)
    (found,) = mona.get("/api/v1/desk/campaigns").json()["campaigns"]
    number: str = found["id"]
    return number


def test_programs_see_a_campaign_and_decide_it(town: Town) -> None:
    mona = town.moderator()
    number = campaign(town, mona)
    whole = mona.get(f"/api/v1/desk/campaigns/{number}").json()
    assert (whole["copies"], whole["accounts"], whole["stories"]) == (4, 4, 1)
    assert whole["statuses"] == {"published": 2, "held": 2}
    assert whole["standing"] is None
    first = whole["comments"][0]["comment"]["id"]
    body = {"decision": "reject", "reason": "spam", "except": [first], "hours": 1}
    done = mona.post(f"/api/v1/desk/campaigns/{number}/decisions", json=body)
    assert done.status_code == 201
    assert len(done.json()["decisions"]) == 3
    assert done.json()["campaign"]["standing"]["decision"] == "reject"
    assert mona.get("/api/v1/desk/campaigns").json() == {"campaigns": []}
    coming = town.reader().say(DISGUISED[0]).json()["comment"]
    assert coming["status"] == "rejected"


def test_readers_see_no_campaigns(town: Town) -> None:
    number = campaign(town, town.moderator())
    ada = town.reader()
    ada.said("Has the ferry come?")
    assert ada.get("/api/v1/desk/campaigns").status_code == 403
    assert ada.get("/desk/campaigns").status_code == 401
    assert ada.get(f"/desk/campaigns/{number}").status_code == 401
    body = {"decision": "publish"}
    path = f"/api/v1/desk/campaigns/{number}/decisions"
    assert ada.post(path, json=body).status_code == 403


def test_mona_decides_a_campaign_with_a_form(town: Town) -> None:
    mona = town.moderator()
    assert "No campaign waits." in mona.get("/desk/campaigns").text
    number = campaign(town, mona)
    listed = mona.get("/desk/campaigns").text
    assert "4 copies" in listed
    assert f"/desk/campaigns/{number}" in listed
    page = mona.get(f"/desk/campaigns/{number}").text
    assert page.count('type="checkbox"') == 4
    first = page.split('name="except-')[1][:13]
    form = {"decision": "reject", "reason": "off_topic", "hours": "24", f"except-{first}": "on"}
    answer = mona.post(f"/desk/campaigns/{number}/decide", data=form)
    assert answer.status_code == 303
    after = mona.get(answer.headers["location"]).text
    assert "3 comments were decided." in after
    assert "Copies that come are rejected until" in after
    assert after.count("rejected (off topic)") == 3
    assert after.count('href="/desk/authors/') == 8
    listed = mona.get("/desk/campaigns").text
    assert "No campaign waits." in listed
    assert f"/desk/campaigns/{number}" in listed.split("Decided, for copies that come as well")[1]
    mona.post(f"/desk/campaigns/{number}/end", data={"do": "end"})
    assert f"/desk/campaigns/{number}" not in mona.get("/desk/campaigns").text


def test_a_form_that_is_refused_keeps_what_it_held(town: Town) -> None:
    mona = town.moderator()
    number = campaign(town, mona)
    form = {"decision": "reject", "reason": "nonsense", "note": "Seen before."}
    answer = mona.post(f"/desk/campaigns/{number}/decide", data=form)
    assert answer.status_code == 422
    assert "Seen before." in answer.text
    assert "Choose one of the listed reasons." in answer.text
    assert mona.get("/desk/campaigns/0000000000000").status_code == 404
    assert mona.get("/desk/campaigns/nonsense").status_code == 404


def test_mona_ends_what_stands_for_coming_copies(town: Town) -> None:
    mona = town.moderator()
    number = campaign(town, mona)
    form = {"decision": "reject", "reason": "spam", "hours": "24"}
    mona.post(f"/desk/campaigns/{number}/decide", data=form)
    assert town.reader().say(DISGUISED[0]).json()["comment"]["status"] == "rejected"
    answer = mona.post(f"/desk/campaigns/{number}/end", data={"do": "undo"})
    assert answer.status_code == 303
    after = mona.get(answer.headers["location"]).text
    assert "1 decision was taken back" in after
    assert "Copies that come are rejected until" not in after
    done = mona.ask("DELETE", f"/api/v1/desk/campaigns/{number}/standing?undo=true").json()
    assert (done["campaign"]["standing"], done["decisions"]) == (None, [])


def test_the_page_says_that_a_decision_is_suspended_once_mona_is_let_go(town: Town) -> None:
    mona, edgar = town.moderator(), town.editor()
    number = campaign(town, mona)
    form = {"decision": "reject", "reason": "spam", "hours": "24"}
    mona.post(f"/desk/campaigns/{number}/decide", data=form)
    member = ids.decode(mona.get("/api/v1/me").json()["id"])
    town.application.site.storage.write_now(
        lambda connection: accounts.set_role(connection, member, "reader")
    )
    page = edgar.get(f"/desk/campaigns/{number}").text
    assert "What Mona decided for copies that come is suspended" in page
    assert "Copies that come are rejected until" not in page
    assert edgar.get(f"/api/v1/desk/campaigns/{number}").json()["standing"]["suspended"]
    assert town.reader().say(DISGUISED[0]).json()["comment"]["status"] == "held"
    assert edgar.post(f"/desk/campaigns/{number}/end", data={"do": "end"}).status_code == 303
    assert "is suspended" not in edgar.get(f"/desk/campaigns/{number}").text
