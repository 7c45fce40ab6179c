"""The desk's other pages: for staff only, complete without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from belowline.actions import people
from belowline.domain.errors import Refused
from belowline.domain.secondfactor import code_at, step_at
from belowline.storage.engine import Storage
from tests.web.conftest import Town


def test_the_page_of_the_record_verifies_it_for_staff_only(town: Town) -> None:
    ada, mona = town.reader(), town.moderator()
    ada.said("Does the ferry run on Sundays?")
    assert ada.get("/desk/record").status_code == 401
    page = mona.get("/desk/record").text
    assert "Staff member added" in page
    verified = mona.get("/desk/record?verify=1").text
    assert "lines were verified. All of them hold." in verified
    assert "Zeilen wurden geprüft" in mona.get("/desk/record?verify=1&lang=de").text


def test_an_authors_page_bans_removes_and_undoes_without_scripts(town: Town) -> None:
    ada, mona = town.reader(), town.moderator()
    comment = ada.said("Buy my boat.")
    author = ada.get("/api/v1/me").json()["id"]
    path = f"/desk/authors/{author}"
    assert ada.get(path).status_code == 401
    page = mona.get(f"{path}?since=24").text
    assert "Buy my boat." in page
    assert "1 comment would be removed." in page
    data = {"since": "24", "expected": "1", "reason": "spam"}
    assert mona.post(f"{path}/remove", data=data).status_code == 303
    assert mona.get(f"/api/v1/desk/comments/{comment}").json()["comment"]["status"] == "rejected"
    act = re.search(r'name="act" value="(\w+)"', mona.get(path).text)
    assert act is not None
    assert mona.post(f"{path}/restore", data={"act": act[1]}).status_code == 303
    assert 'name="act"' not in mona.get(path).text
    data = {"kind": "ban", "reason": "spam", "hours": "24"}
    assert mona.post(f"{path}/measures", data=data).status_code == 303
    refused = ada.say("And another one.")
    assert (refused.status_code, refused.json()["code"]) == (403, "banned")
    assert "You cannot take part here until May 5, 2026" in refused.json()["detail"]
    assert "spam or advertising" in refused.json()["detail"]
    (told,) = ada.get("/api/v1/me/standing").json()["measures"]
    assert (told["kind"], told["by"], told["note"]) == ("ban", "", "")
    assert refused.json()["statement"] == told["statement"]


def test_the_banned_and_the_warned_are_told_where_they_would_write(town: Town) -> None:
    ada, ben, mona = town.reader(), town.reader(), town.moderator()
    ada.said("Buy my boat.")
    path = f"/desk/authors/{ada.get('/api/v1/me').json()['id']}/measures"
    story, mine = "/stories/ferry", "/fragments/stories/ferry/mine"
    why = r'<a href="[^"]*(/statements/\w+)\?lang=de">Warum, und wie Sie widersprechen</a>'
    mona.post(path, data={"kind": "warning", "reason": "spam", "hours": "24"})
    page = ada.get(f"{story}?lang=de").text
    assert "Die Redaktion hat Sie verwarnt. Der Grund: Spam oder Werbung." in page
    assert re.search(why, page)
    assert 'class="bl-composer"' in page
    mona.post(path, data={"kind": "ban", "reason": "spam", "hours": "24"})
    page = ada.get(f"{story}?lang=de").text
    assert "Sie können hier bis 05.05.2026" in page
    assert 'class="bl-composer"' not in page
    assert "mitmachen" in ada.get(f"{mine}?lang=de").json()["told"]
    assert "mitmachen" not in ben.get(f"{story}?lang=de").text
    refused = ada.post(f"{story}/comments?lang=de", data={"text": "Once more."})
    assert refused.status_code == 403
    said = re.search(why, refused.text)
    assert said is not None
    assert "Sie wurden hier gesperrt" in ada.get(f"{said[1]}?lang=de").text


def test_hurtful_words_are_blurred_on_an_authors_page_until_somebody_asks(
    town_with: Callable[..., Town],
) -> None:
    town = town_with(suspect_words=("blockhead",))
    ada, mona = town.reader(), town.moderator()
    ada.said("What a blockhead he is.")
    path = f"/desk/authors/{ada.get('/api/v1/me').json()['id']}"
    page = mona.get(path).text
    assert '<span class="dk-veil">blockhead</span>' in page
    assert f'href="{path}?words=1#written"' in page
    assert "What a blockhead he is." in mona.get(f"{path}?words=1").text


def test_readers_are_refused_by_every_route_about_authors(town: Town) -> None:
    ada, ben = town.reader(), town.reader()
    ada.said("The ferry was late.")
    ben.said("It was not.")
    path = f"/api/v1/desk/authors/{ada.get('/api/v1/me').json()['id']}"
    asked = [
        ben.get(path),
        ben.post(f"{path}/measures", json={"kind": "mute", "reason": "spam", "hours": 1}),
        ben.post(f"{path}/notes", json={"text": "A fool."}),
        ben.get(f"{path}/removal?since=2026-05-01T00:00:00Z"),
        ben.post(
            f"{path}/removal",
            json={"since": "2026-05-01T00:00:00Z", "expected": 1, "reason": "spam"},
        ),
    ]
    assert [answer.json()["code"] for answer in asked] == ["not_allowed"] * 5


def test_a_guest_is_told_why_and_objects_without_an_account(town: Town) -> None:
    ada, mona = town.reader(), town.moderator()
    comment = ada.said("You are a fool.")
    body = {
        "comments": [{"id": comment, "revision": 1}],
        "decision": "reject",
        "reason": "personal_attack",
    }
    assert mona.post("/api/v1/desk/decisions", json=body).status_code == 201
    found = re.search(
        r'href="http://post.example(/statements/\w+)"', ada.get("/stories/ferry").text
    )
    assert found is not None
    path, stranger = found[1], town.reader()
    page = stranger.get(path).text
    assert "Argue with what somebody says" in page
    assert "No program took part." in page
    assert "widersprechen" in stranger.get(f"{path}?lang=de").text
    answer = stranger.post(f"{path}/appeal", data={"text": "I said what it is."})
    assert answer.status_code == 303
    assert not stranger.client.cookies
    assert "I said what it is." in stranger.get(path).text
    assert stranger.post(f"{path}/appeal", data={"text": "Again."}).status_code == 409
    assert "You made this decision." in mona.get("/desk/appeals").text
    edgar = town.editor()
    number = edgar.get("/api/v1/desk/appeals").json()["appeals"][0]["id"]
    data = {"upheld": "1", "answer": "You are right, sorry."}
    assert edgar.post(f"/desk/appeals/{number}", data=data).status_code == 303
    assert "You are right, sorry." in stranger.get(path).text
    assert ada.get(f"/api/v1/comments/{comment}").json()["status"] == "published"


def test_illegal_content_is_reported_by_anybody_and_answered_by_an_editor(town: Town) -> None:
    ada, stranger, edgar = town.reader(), town.reader(), town.editor()
    comment = ada.said("He lives in Mill Lane 7.")
    data = {
        "address": f"http://post.example/comments/{comment}",
        "explanation": "A private person's address.",
    }
    assert stranger.post("/report-illegal", data=data).status_code == 422
    sent = stranger.post("/report-illegal", data=data | {"sure": "1"})
    assert sent.status_code == 303
    receipt = sent.headers["location"]
    assert "A person will decide about it." in stranger.get(receipt).text
    page = edgar.get("/desk/notices").text
    assert "He lives in Mill Lane 7." in page
    found = re.search(r'action="(/desk/notices/\w+)"', page)
    assert found is not None
    assert edgar.post(found[1], data={"acted": "1", "answer": "It is gone."}).status_code == 303
    assert "It is gone." in stranger.get(receipt).text


def test_the_rules_are_public_and_changed_by_editors(town: Town) -> None:
    mona, edgar, ada = town.moderator(), town.editor(), town.reader()
    data = {"en": "No boats.", "de": "Keine Boote."}
    assert mona.post("/desk/rules/spam", data=data).status_code == 403
    assert edgar.post("/desk/rules/spam", data=data).status_code == 303
    assert "No boats." in ada.get("/rules").text
    assert "Keine Boote." in ada.get("/rules?lang=de").text
    assert "No advertising" in ada.get("/rules/spam").text
    assert ada.get("/rules/boats").status_code == 404


def test_a_held_comment_tells_its_author_how_it_waits(town: Town) -> None:
    ada, ben = town.reader(), town.reader()
    ben.said("Who pays?", "budget")
    answer = ada.say("Not I.", "budget").json()
    assert answer["waiting"] == {"before": 1, "usual_minutes": None, "opens_at": None}
    assert answer["message"].endswith("approved by a moderator. 1 is before yours.")
    assert "1 is before yours." in ada.get("/stories/budget").text


def test_the_evidence_of_a_threat_is_a_file(town: Town) -> None:
    ada, mona = town.reader(), town.moderator()
    comment = ada.said("I will burn it down.")
    assert "call the police" in mona.get(f"/desk/threat/{comment}").text
    file = mona.post(f"/desk/threat/{comment}", data={"why": "Called at 11."})
    assert file.headers["content-disposition"].endswith(f'"evidence-{comment}.json"')
    assert file.json()["comment"]["text"] == "I will burn it down."
    assert ada.post(f"/desk/threat/{comment}", data={}).status_code == 403


def test_staff_set_up_a_second_factor_at_their_first_sign_in(
    town_with: Callable[..., Town],
) -> None:
    town = town_with(require_second_factor=True)
    site = town.application.site
    token = town.portal.call(people.add_staff, site, "Mona", "moderator")
    mona = town.reader()
    assert mona.get(f"/desk/enter?token={token}").headers["location"] == "/desk/setup"
    assert mona.get("/desk").status_code == 401
    assert mona.get("/api/v1/desk/queue").json()["code"] in ("sign_in", "not_allowed")
    found = re.search(r'name="secret" value="(\w+)"', mona.get("/desk/setup").text)
    assert found is not None
    secret = found[1]
    data = {"secret": secret, "password": "a ferry at seven", "code": "000"}
    assert mona.post("/desk/setup", data=data).status_code == 422
    data["code"] = code_at(secret, step_at(site.now()))
    codes = re.findall(r"<code>(\w{5}-\w{5})</code>", mona.post("/desk/setup", data=data).text)
    assert len(codes) == 10
    assert mona.get("/desk").status_code == 200
    elsewhere = town.reader()
    data = {"name": "Mona", "password": "a ferry at seven", "code": codes[3]}
    assert elsewhere.post("/desk/sign-in", data=data).headers["location"] == "/desk"
    assert elsewhere.get("/desk/account").status_code == 200
    assert elsewhere.post("/desk/sign-in", data=data).status_code == 401
    answers = {elsewhere.post("/desk/sign-in", data=data).status_code for _ in range(8)}
    assert answers == {401, 429}


def test_the_administrator_sends_a_link_and_others_do_not_see_the_page(town: Town) -> None:
    head, mona = town.moderator("Ines", "administrator"), town.moderator()
    assert mona.get("/desk/staff").status_code == 403
    page = head.post("/desk/staff", data={"name": "Ida", "role": "editor"}).text
    found = re.search(r"(/desk/enter\?token=[\w-]+)", page)
    assert found is not None
    ida = town.reader()
    assert ida.get(found[1]).headers["location"] == "/desk"
    assert ida.get("/desk/account").status_code == 200


def test_what_staff_wrote_is_not_lost_when_nothing_can_be_stored(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.reader().said("Buy my boat.")
    mona = town.moderator()
    author = mona.get("/api/v1/stories/ferry/comments").json()["comments"][0]["author"]["id"]

    async def refuse(*_: object) -> None:
        raise Refused("unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "write", refuse)
        for path in (f"/desk/authors/{author}/notes", "/desk/note"):
            answer = mona.post(path, data={"note": "Sells boats."})
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert "Sells boats.</textarea>" in answer.text
            assert "cannot store anything" in answer.text
        elsewhere = {"origin": "https://attacker.example", "sec-fetch-site": "cross-site"}
        answer = mona.post("/desk/note", data={"note": "Sells boats."}, headers=elsewhere)
        assert "Sells boats." not in answer.text  # nobody is offered to send what others wrote
        patched.setattr(Storage, "read", refuse)
        answer = mona.post("/desk/policy", data={"rules": "hold all", "do": "save"})
        assert "hold all" in answer.text
        pages = {"": "cannot be read", "?lang=de": "kann gerade nicht gelesen werden"}
        for language, said in pages.items():
            answer = mona.get(f"/stories/ferry{language}")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert said in answer.text


def test_numbers_that_are_none_break_no_form_of_the_desk(town: Town) -> None:
    comment = town.reader().said("Does the ferry run on Sundays?", story="budget")
    mona = town.moderator()
    for odd in ("²", "-1", "9" * 40, ""):
        assert mona.post("/desk/sitting", data={f"c-{comment}": odd}).status_code == 303
        assert mona.get(f"/desk?minutes={odd}").status_code == 200
    assert mona.get(f"/api/v1/desk/comments/{comment}").json()["comment"]["status"] == "held"
