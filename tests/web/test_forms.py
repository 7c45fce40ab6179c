"""The pages without JavaScript: plain forms and a cookie jar."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest

from belowline.web.newcomers import Newcomers
from tests.web.conftest import Reader, Town


class _Forms(HTMLParser):
    """Collects a page's forms: action and fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((values.get("action", ""), {}))
        elif tag in ("input", "textarea", "button") and "name" in values and self.found:
            self.found[-1][1][values["name"]] = values.get("value", "")
            self._area = values["name"] if tag == "textarea" else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self.found:
            self.found[-1][1][self._area] += data


def fill_in(reader: Reader, path: str, action: str, **values: str) -> httpx.Response:
    """Opens ``path``, fills in its form for ``action`` and sends it, as a browser would."""
    page = reader.get(path)
    assert page.status_code == 200, page.text
    forms = [form for form in _Forms(page.text).found if form[0].split("?")[0] == action]
    assert forms, f"{path} has no form for {action}"
    address, fields = forms[0]
    return reader.post(address, data=fields | values)


def follow(reader: Reader, answer: httpx.Response) -> str:
    """The page that a form's answer leads to."""
    assert answer.status_code == 303, answer.text
    page = reader.get(answer.headers["location"])
    assert page.status_code == 200
    return page.text


def _sent(answer: httpx.Response) -> str:
    found = re.search(r"sent=([0-9A-Z]{13})", answer.headers["location"])
    assert found
    return found.group(1)


def _write(reader: Reader, text: str, story: str = "ferry") -> httpx.Response:
    return fill_in(reader, f"/stories/{story}", f"/stories/{story}/comments", text=text)


def test_a_comment_from_a_form_appears_for_everyone(town: Town) -> None:
    ada = town.reader()
    assert "The ferry is late again." in follow(ada, _write(ada, "The ferry is late again."))
    assert "The ferry is late again." in town.reader().get("/stories/ferry").text


def test_a_form_that_is_sent_twice_is_one_comment(town: Town) -> None:
    ada = town.reader()
    ada.said("I am known.")
    form = {"text": "Only once.", "parent": "", "nonce": "1"}
    first = ada.post("/stories/ferry/comments", data=form)
    again = ada.post("/stories/ferry/comments", data=form)
    assert first.headers["location"] == again.headers["location"]
    assert ada.get("/api/v1/counts?story=ferry").json() == {"ferry": 2}


def test_a_held_comment_from_a_form_is_seen_by_its_author(town: Town) -> None:
    ada = town.reader()
    page = follow(ada, _write(ada, "Who pays for the roof?", "budget"))
    assert "Who pays for the roof?" in page
    assert "Your comment will appear once approved by a moderator." in page
    assert "Who pays for the roof?" not in town.reader().get("/stories/budget").text


def test_a_refused_text_is_kept_and_the_reason_is_said(town: Town) -> None:
    ada = town.reader()
    empty = _write(ada, "  ")
    assert empty.status_code == 422
    assert "Write something first." in empty.text
    long = _write(ada, "So long! " * 1_200)
    assert long.status_code == 422
    (kept,) = [
        fields["text"]
        for action, fields in _Forms(long.text).found
        if action.endswith("/stories/ferry/comments")
    ]
    assert unescape(kept).strip() == ("So long! " * 1_200).strip()
    closed = ada.post("/stories/mill/comments", data={"text": "One last word.", "parent": ""})
    assert closed.status_code == 403
    assert "One last word." in closed.text


def test_a_reply_from_a_form_stands_below_its_parent(town: Town) -> None:
    ada, ben = town.reader(), town.reader()
    number = ada.said("What do you say?")
    answer = fill_in(ben, f"/comments/{number}/reply", "/stories/ferry/comments", text="I say yes.")
    assert "I say yes." in follow(ben, answer)
    page = town.reader().get(f"/comments/{number}").text
    assert page.index("What do you say?") < page.index("I say yes.")
    reply = ben.get(f"/api/v1/comments/{_sent(answer)}").json()
    assert reply["parent"] == number


def test_a_reply_to_what_has_gone_keeps_its_text(town: Town) -> None:
    ada, ben = town.reader(), town.reader()
    number = ada.said("Gone soon.")
    ada.ask("DELETE", f"/api/v1/comments/{number}")
    form = {"text": "I had an answer.", "parent": number, "nonce": "1"}
    answer = ben.post("/stories/ferry/comments", data=form)
    assert answer.status_code == 409
    assert "I had an answer." in answer.text


def test_a_name_is_set_and_stands_on_ones_comments(town: Town) -> None:
    ada = town.reader()
    ada.said("Hello there.")
    answer = fill_in(ada, "/name?next=/stories/ferry", "/name", name="Ada Lund")
    assert answer.headers["location"] == "/stories/ferry"
    assert "Ada Lund" in follow(ada, answer)
    refused = fill_in(ada, "/name", "/name", name="http://shop.example")
    assert refused.status_code == 422
    assert "A name cannot be a link" in refused.text
    assert "http://shop.example" in refused.text


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_setting_a_name_never_leads_away(town: Town, where: str) -> None:
    answer = town.reader().post("/name", data={"name": "Ada", "next": where})
    assert answer.headers["location"] == "/"


def test_ones_own_comment_is_edited_and_deleted(town: Town) -> None:
    ada, ben = town.reader(), town.reader()
    number = ada.said("Late agian.")
    edit = f"/comments/{number}/edit"
    assert "Late again." in follow(ada, fill_in(ada, edit, edit, text="Late again."))
    refused = fill_in(ada, edit, edit, text=" ")
    assert refused.status_code == 422
    assert ben.get(edit).status_code == 403
    assert ben.post(edit, data={"text": "Not mine."}).status_code == 403
    delete = f"/comments/{number}/delete"
    assert ben.get(delete).status_code == 403
    assert ben.post(delete).status_code == 403
    assert "Late again." not in follow(ada, fill_in(ada, delete, delete))
    assert ada.get("/api/v1/counts?story=ferry").json() == {"ferry": 0}


def test_a_comment_is_reported_and_recommended(town: Town) -> None:
    ada, ben, mona = town.reader(), town.reader(), town.moderator()
    number = ada.said("You fool.")
    path = f"/comments/{number}/report"
    thanks = fill_in(ben, path, path, reason="abuse", note="Rude.")
    assert thanks.status_code in (200, 201)
    assert ben.post(path, data={"reason": "because"}).status_code == 422
    card = mona.get("/api/v1/desk/queue").json()["cards"][0]
    assert (card["comment"]["id"], card["reports"][0]["note"]) == (number, "Rude.")
    for on, expected in (("1", 1), ("1", 1), ("0", 0)):
        answer = ben.post(f"/comments/{number}/recommend", data={"on": on})
        assert answer.status_code == 303
        found = ben.get(f"/api/v1/comments/{number}").json()
        assert found["recommendations"] == expected


def test_forms_from_a_foreign_page_are_refused(town: Town) -> None:
    ada = town.reader()
    number = ada.said("Mine.")
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for path, form in (
        ("/stories/ferry/comments", {"text": "Not mine.", "parent": ""}),
        (f"/comments/{number}/edit", {"text": "Not mine."}),
        (f"/comments/{number}/delete", {}),
        ("/name", {"name": "Nobody"}),
    ):
        assert ada.post(path, data=form, headers=foreign).status_code == 403
    assert ada.get("/api/v1/stories/ferry/comments").json()["comments"][0]["text"] == "Mine."


def test_a_page_for_an_error_is_a_page(town: Town) -> None:
    answer = town.reader().get("/comments/0000000000001")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is no such comment." in answer.text


def test_the_desk_keeps_the_language_that_was_chosen(town: Town) -> None:
    mona = town.moderator()
    number = town.reader().said("Buy now!", "ferry")
    decision = {"comment": number, "revision": "1", "decision": "reject", "reason": "spam"}
    decided = mona.post("/desk/decide?lang=de", data=decision)
    assert decided.status_code == 303
    assert decided.headers["location"].endswith("&lang=de")


def test_every_form_keeps_the_language_that_was_chosen(town: Town) -> None:
    ada, ben = town.reader(), town.reader()
    page, post = "/stories/ferry?lang=de", "/stories/ferry/comments"
    sent = [fill_in(ada, page, post, text="Guten Tag.")]
    comment = re.search(r"sent=(\w{13})", sent[0].headers["location"])[1]  # type: ignore[index]
    for reader, action, values in (
        (ada, "edit", {"text": "Guten Abend."}),
        (ben, "report", {"reason": "spam"}),
        (ada, "delete", {}),
    ):
        if action == "delete":
            sent.append(fill_in(ben, page, f"/comments/{comment}/recommend", on="1"))
        path = f"/comments/{comment}/{action}"
        sent.append(fill_in(reader, f"{path}?lang=de", path, **values))
    link = re.search(r'bl-setname" href="([^"]+)', ada.get(page).text)
    sent.append(fill_in(ada, unescape(link[1] if link else ""), "/name", name="Ada"))
    for answer in sent:
        if answer.status_code == 200:
            assert '<html lang="de"' in answer.text
        else:
            assert "lang=de" in answer.headers["location"], answer.headers["location"]


@pytest.mark.parametrize("language", ["%F0%9F%98%80", "x%0d%0aX-Evil:%201", "de%26a=b"])
def test_a_language_that_there_is_not_leads_nowhere(town: Town, language: str) -> None:
    answer = town.reader().post(f"/stories/ferry/comments?lang={language}", data={"text": "Hello."})
    assert answer.status_code == 303
    assert "lang" not in answer.headers["location"]


def test_a_first_comment_that_is_sent_twice_before_a_cookie_has_come_is_one(town: Town) -> None:
    form = {"text": "My very first.", "parent": ""}
    cookies = set()
    for window in (town.reader(), town.reader()):
        assert window.post("/stories/ferry/comments", data=form).status_code == 303
        cookies.add(window.client.cookies["belowline"])
    assert len(cookies) == 1
    assert town.reader().get("/api/v1/counts?story=ferry").json() == {"ferry": 1}


def test_the_same_words_a_while_later_are_somebody_elses(town: Town) -> None:
    seconds = [100.0]
    town.application.services.newcomers = Newcomers(lambda: seconds[0])
    form = {"text": "Me too.", "parent": ""}
    assert town.reader().post("/stories/ferry/comments", data=form).status_code == 303
    seconds[0] += 60
    assert town.reader().post("/stories/ferry/comments", data=form).status_code == 303
    assert town.reader().get("/api/v1/counts?story=ferry").json() == {"ferry": 2}
