"""The policy's page and its versions, without scripts."""

from __future__ import annotations

import asyncio

from belowline.actions import people, sites
from belowline.domain import ids
from tests.web.conftest import Reader, Town
from tests.web.test_forms import fill_in, follow


def editor(town: Town, name: str = "Edgar") -> Reader:
    """Edgar, who has come in by a one-time link."""
    token = town.portal.call(people.add_staff, town.application.site, name, "editor")
    edgar = town.reader()
    assert edgar.get(f"/desk/enter?token={token}").status_code == 303
    return edgar


def test_an_editor_changes_the_policy_and_it_holds_at_once(town: Town) -> None:
    edgar = editor(town)
    words = {
        "suspect_words": "mud\n\n  slime \nmud",
        "note": "A muddy week",
        "mode": "open",
        "do": "save",
    }
    page = follow(edgar, fill_in(edgar, "/desk/policy", "/desk/policy", **words))
    assert "Saved. It holds from now on." in page
    assert "Version 1 holds." in page
    assert "A muddy week" in page
    assert town.reader().say("Slime everywhere").json()["comment"]["status"] == "held"
    shown = edgar.get("/desk/policy/versions/1").text
    assert "+ suspect_words: slime" in shown
    again = edgar.get("/desk/policy?start=1").text
    assert "mud\nslime</textarea>" in again


def test_what_cannot_be_read_is_said_with_its_line_and_nothing_is_lost(town: Town) -> None:
    edgar = editor(town)
    rules = "hold when link_newcomer\nhold when shoutin"
    answer = fill_in(
        edgar,
        "/desk/policy",
        "/desk/policy",
        rules=rules,
        banned_words="slime",
        mode="open",
        do="save",
    )
    assert answer.status_code == 422
    assert "Line 2: “shoutin” is not known. Did you mean “shouting”?" in answer.text
    assert "hold when shoutin" in answer.text
    assert "slime" in answer.text
    wrong = fill_in(edgar, "/desk/policy", "/desk/policy", max_links="many", mode="open", do="save")
    assert "max_links is a number from 0 to 1000." in wrong.text


def test_moderators_read_it_and_readers_stand_before_the_door(town: Town) -> None:
    mona = town.moderator()
    page = mona.get("/desk/policy").text
    assert "Editors and administrators can change it." in page
    assert mona.post("/desk/policy", data={"base": "0"}).status_code in (403, 422)
    assert town.reader().get("/desk/policy").status_code == 401


def test_a_change_is_rehearsed_before_it_is_saved_and_saved_from_there(town: Town) -> None:
    ada, edgar = town.reader(), editor(town)
    ada.said("A heap of mud.")
    sent = fill_in(
        edgar, "/desk/policy", "/desk/policy", suspect_words="mud", mode="open", do="rehearse"
    )
    place = sent.headers["location"]
    assert place.startswith("/desk/policy/rehearsals/")
    first = edgar.get(place)
    assert "What would be changed" in first.text

    async def done() -> None:
        await asyncio.gather(*town.application.services.rehearsals._tasks)

    town.portal.call(done)
    page = edgar.get(place)
    assert "refresh" not in page.headers
    assert "1 more comment would have waited for a moderator" in page.text
    assert "A heap of mud." in page.text
    assert ada.say("More mud.").json()["comment"]["status"] == "published"
    assert town.moderator().post(place).status_code == 403
    assert "Version 1 holds." in follow(edgar, edgar.post(place))
    assert ada.say("Mud again.").json()["comment"]["status"] == "held"
    assert edgar.post(place).status_code == 409


def test_an_editor_of_one_site_rehearses_and_saves_what_that_has_besides(town: Town) -> None:
    ada, lena = town.reader(), editor(town, "Lena")
    site = town.application.site
    town.portal.call(sites.add, site, None, "regional", "The Regional", [])
    number = ids.decode(lena.get("/api/v1/me").json()["id"])
    town.portal.call(sites.limit, site, None, number, ["regional"])
    page = lena.get("/desk/policy").text
    assert "Editors who work for all sites can change it." in page
    assert "The Regional" in lena.get("/desk/policy?site=regional").text
    assert lena.get("/desk/policy?site=main").status_code == 403
    words = {"banned_words": "mud", "slow_seconds": "", "close_days": "", "mode": ""}
    shown = "/desk/policy?site=regional"
    sent = fill_in(lena, shown, "/desk/policy", **words, do="rehearse")
    assert sent.status_code == 303
    place = sent.headers["location"]

    async def done() -> None:
        await asyncio.gather(*town.application.services.rehearsals._tasks)

    town.portal.call(done)
    assert "+ [regional] banned_words: mud" in lena.get(place).text
    saved = follow(lena, lena.post(place))
    assert "Saved. It holds from now on." in saved
    assert "mud</textarea>" in saved
    assert ada.say("A heap of mud.").status_code == 201
