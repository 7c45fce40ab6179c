"""The API for programs, as programs meet it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from belowline.actions import people
from belowline.domain.ordering import Cursor, encode_cursor
from tests.web.conftest import Reader, Town

PROBLEM = "application/problem+json"


def code(answer: httpx.Response) -> tuple[int, str]:
    """The status and the problem's code; every problem has all of its members."""
    assert answer.headers["content-type"].startswith(PROBLEM), answer.text
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["detail"]
    assert said["type"].endswith(said["code"])
    return answer.status_code, said["code"]


# -- must not fail 3 and 7: held comments --------------------------------------------------------

SECRET = "The roof will cost four million."


def _everything_public(reader: Reader, number: str) -> Iterator[tuple[str, httpx.Response]]:
    for path in (
        "/api/v1/stories",
        "/api/v1/stories/budget",
        "/api/v1/stories/budget/comments",
        "/api/v1/stories/budget/comments?order=oldest",
        "/api/v1/stories/budget/comments?order=discussed",
        "/api/v1/counts?story=budget",
        f"/api/v1/comments/{number}",
        f"/api/v1/comments/{number}/replies",
        "/api/v1/me",
        "/",
        "/stories/budget",
        f"/stories/budget?sent={number}",
        f"/comments/{number}",
        f"/comments/{number}/reply",
        "/comments.atom",
        "/comments.rss",
        "/comments.json",
        "/stories/budget/comments.atom",
        "/stories/budget/comments.rss",
        "/stories/budget/comments.json",
        "/feed.atom",
        "/feed.rss",
        "/feed.json",
        "/fragments/stories/budget",
        "/fragments/stories/budget/comments",
        "/fragments/stories/budget/mine",
        f"/fragments/comments/{number}",
        f"/fragments/comments/{number}/replies",
        "/sitemap.xml",
    ):
        yield path, reader.get(path)


def test_a_held_comment_is_nowhere_for_anyone_but_its_author(town: Town) -> None:
    ada, ben = town.reader(), town.reader()
    ben.said("I am somebody too.")
    answer = ada.say(SECRET, "budget")
    assert answer.status_code == 201
    assert answer.json()["comment"]["status"] == "held"
    assert answer.json()["message"] == "Your comment will appear once approved by a moderator."
    number = answer.json()["comment"]["id"]
    for reader in (ben, town.reader()):
        for path, seen in _everything_public(reader, number):
            assert "four million" not in seen.text, path
            assert number not in seen.text.replace(path, ""), path
            if number in path and "?" not in path:
                assert seen.status_code == 404, path
    counted = ben.get("/api/v1/stories/budget/comments").json()
    assert (counted["count"], counted["comments"]) == (0, [])
    assert ben.get("/api/v1/counts?story=budget").json() == {"budget": 0}
    assert '"commentCount":0' in ben.get("/stories/budget").text.replace(" ", "")


def test_its_author_sees_a_held_comment_and_why(town: Town) -> None:
    ada = town.reader()
    number = ada.said(SECRET, "budget")
    assert ada.get(f"/api/v1/comments/{number}").json()["status"] == "held"
    for path in ("/stories/budget", f"/comments/{number}"):
        page = ada.get(path).text
        assert "four million" in page
        assert "once approved by a moderator" in page
    mine = ada.get("/fragments/stories/budget/mine").json()
    assert [one["id"] for one in mine["comments"]] == [number]


def test_a_held_comment_shows_at_the_desk_why_it_is_held(town: Town) -> None:
    ada, mona = town.reader(), town.moderator()
    number = ada.said(SECRET, "budget")
    queue = mona.get("/api/v1/desk/queue").json()
    assert [(card["comment"]["id"], card["why"]) for card in queue["cards"]] == [
        (number, "mode_reviewed")
    ]
    assert queue["cards"][0]["comment"]["text"] == SECRET


def test_nobody_can_tell_a_held_comment_from_none(town: Town) -> None:
    ada, ben = town.reader(), town.reader()
    number = ada.said(SECRET, "budget")
    nothing = "0" * 12 + "1"
    for method, path, body in (
        ("PUT", "/api/v1/comments/{}/recommendation", None),
        ("POST", "/api/v1/comments/{}/reports", {"reason": "spam"}),
        ("GET", "/api/v1/comments/{}", None),
    ):
        same = {"X-Request-ID": "the-same"}
        told = [
            ben.ask(method, path.format(one), json=body, headers=same).json()
            for one in (number, nothing)
        ]
        assert told[0] == told[1]


# -- must not fail 6, 8, 12 ----------------------------------------------------------------------


def test_a_decision_on_an_outdated_revision_is_a_conflict(town: Town) -> None:
    ada, mona = town.reader(), town.moderator()
    number = ada.said("Who pays?", "budget")
    edited = ada.ask("PATCH", f"/api/v1/comments/{number}", json={"text": "Buy my boat."})
    assert edited.json()["comment"]["revision"] == 2
    decision = {"comments": [{"id": number, "revision": 1}], "decision": "publish"}
    assert code(mona.post("/api/v1/desk/decisions", json=decision)) == (409, "outdated")
    decision = {"comments": [{"id": number, "revision": 2}], "decision": "publish"}
    assert mona.post("/api/v1/desk/decisions", json=decision).status_code == 201
    assert ada.get("/api/v1/counts?story=budget").json() == {"budget": 1}


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, inner
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


def test_no_answer_holds_an_address_of_a_machine_or_a_person(town: Town) -> None:
    ada, ben, mona = town.reader(), town.reader(), town.moderator()
    number = ada.said("What do you say?")
    ben.said("I say yes.", parent=number)
    held = ada.said("Who pays?", "budget")
    ben.post(f"/api/v1/comments/{number}/reports", json={"reason": "abuse", "note": "Rude."})
    answers = [answer for _, answer in _everything_public(ben, number)]
    answers += [
        mona.get("/api/v1/desk/queue"),
        mona.get(f"/api/v1/desk/comments/{held}"),
        mona.get(f"/api/v1/desk/comments/{number}"),
        mona.get("/api/v1/desk/decisions"),
        mona.get("/api/v1/me"),
        ada.get(f"/api/v1/comments/{held}"),
    ]
    walked = 0
    for answer in answers:
        assert "127.0.0.1" not in answer.text
        if "json" not in answer.headers["content-type"] or answer.status_code != 200:
            continue
        for name, value in _walk(answer.json()):
            walked += 1
            words = set(name.lower().replace("-", "_").split("_"))
            assert not words & {"email", "mail", "ip", "ips", "addr", "address", "secret"}, name
            if isinstance(value, str) and "://" not in value:
                assert "@" not in value
    assert walked > 100


def test_a_name_that_looks_like_somebody_elses_is_refused(town: Town) -> None:
    ada, ben = town.reader(), town.reader()
    town.moderator("Mona")
    assert ada.ask("PATCH", "/api/v1/me", json={"name": "Scarlet"}).json()["name"] == "Scarlet"
    for name in ("Sc\u0430rlet", "Scar1et", "\u0405carlet"):
        assert code(ben.ask("PATCH", "/api/v1/me", json={"name": name})) == (409, "name_taken")
    for name in ("Mona", "M\u043ena", "MONA"):
        assert code(ben.ask("PATCH", "/api/v1/me", json={"name": name}))[0] in (409, 422)
    moderator = ben.ask("PATCH", "/api/v1/me", json={"name": "The Moderator"})
    assert code(moderator) == (422, "name_reserved")
    assert moderator.json()["field"] == "name"


# -- idempotency ---------------------------------------------------------------------------------


def test_the_same_key_twice_is_one_comment_and_one_answer(town: Town) -> None:
    ada = town.reader()
    first, again = ada.say("Only once.", key="k1"), ada.say("Only once.", key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert code(ada.say("Something else.", key="k1")) == (409, "key_reused")
    assert ada.get("/api/v1/counts?story=ferry").json() == {"ferry": 1}


def test_a_comment_needs_a_key(town: Town) -> None:
    answer = town.reader().post("/api/v1/stories/ferry/comments", json={"text": "Hello."})
    assert code(answer) == (400, "body_bad")


# -- what is not there or not allowed ------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/stories/nowhere", (404, "story_unknown")),
        ("GET", "/api/v1/stories/nowhere/comments", (404, "story_unknown")),
        ("GET", "/api/v1/stories/a%00b", (404, "story_key")),
        ("GET", f"/api/v1/stories/{'x' * 501}", (404, "story_key")),
        ("GET", "/api/v1/stories?cursor=zzz", (404, "cursor_bad")),
        ("GET", "/api/v1/stories/ferry/comments?cursor=zzz", (404, "cursor_bad")),
        ("GET", "/api/v1/stories/ferry/comments?order=best", (400, "order_unknown")),
        ("GET", "/api/v1/stories/ferry/comments?limit=0", (400, "body_bad")),
        ("GET", "/api/v1/stories/ferry/comments?limit=101", (400, "body_bad")),
        ("GET", "/api/v1/stories/ferry/comments?limit=x", (400, "body_bad")),
        ("GET", "/api/v1/comments/nonsense", (404, "comment_unknown")),
        ("GET", "/api/v1/comments/0000000000001", (404, "comment_unknown")),
        ("GET", "/api/v1/comments/ZZZZZZZZZZZZZ", (404, "comment_unknown")),
        ("GET", "/api/v1/comments/0000000000001/replies", (404, "comment_unknown")),
        ("GET", "/api/v1/nothing", (404, "not_found")),
        ("PUT", "/api/v1/counts", (405, "method")),
        ("GET", "/api/v1/desk/queue", (401, "sign_in")),
        ("GET", "/api/v1/desk/decisions", (401, "sign_in")),
        ("GET", "/api/v1/desk/live", (401, "sign_in")),
        ("DELETE", "/api/v1/desk/decisions/0000000000001", (401, "sign_in")),
        ("DELETE", "/api/v1/comments/0000000000001", (401, "sign_in")),
    ],
)
def test_what_cannot_be_is_told_as_a_problem(
    town: Town, method: str, path: str, expected: tuple[int, str]
) -> None:
    answer = town.reader().ask(method, path)
    assert code(answer) == expected
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_forged_cursor_for_stories_is_refused(town: Town) -> None:
    forged = encode_cursor(Cursor("stories", 1, (1 << 63) - 1, 0))
    assert code(town.reader().get(f"/api/v1/stories?cursor={forged}")) == (404, "cursor_bad")


def test_stories_are_paged(town: Town) -> None:
    reader = town.reader()
    keys: list[str] = []
    cursor = ""
    for _ in range(5):
        page = reader.get(f"/api/v1/stories?limit=1&cursor={cursor}").json()
        keys += [story["key"] for story in page["stories"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert sorted(keys) == ["budget", "ferry", "mill"]


def test_readers_are_refused_at_the_desk(town: Town) -> None:
    ada = town.reader()
    number = ada.said("Who pays?", "budget")
    decision = {"comments": [{"id": number, "revision": 1}], "decision": "publish"}
    assert code(ada.get("/api/v1/desk/queue")) == (403, "not_allowed")
    assert code(ada.get(f"/api/v1/desk/comments/{number}")) == (403, "not_allowed")
    assert code(ada.post("/api/v1/desk/decisions", json=decision)) == (403, "not_allowed")
    assert code(ada.ask("PUT", "/api/v1/stories/ferry", json={"mode": "closed"})) == (
        403,
        "not_allowed",
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b'{"text": 5}',
        b'{"text": null}',
        b'{"text": "a", "unknown": 1}',
        b'{"text": "\\ud800"}',
        b'{"text": "\xff"}',
        b"{}",
    ],
)
def test_a_body_that_is_not_as_documented_is_refused(town: Town, body: bytes) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = town.reader().post("/api/v1/stories/ferry/comments", content=body, headers=headers)
    assert code(answer)[0] in (400, 422)


def test_a_body_that_is_too_large_is_refused(town: Town) -> None:
    answer = town.reader().say("x" * 600_000)
    assert code(answer) == (413, "body_too_large")


def test_text_that_is_too_long_is_refused_with_the_limit(town: Town) -> None:
    answer = town.reader().say("x" * 10_001)
    assert code(answer) == (422, "text_too_long")
    assert answer.json()["field"] == "text"
    assert "10000" in answer.json()["detail"].replace(",", "").replace("\u202f", "")


def test_problems_are_told_in_the_readers_language(town: Town) -> None:
    english = town.reader().say("", key="k").json()["detail"]
    german = town.reader(**{"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}).say("", key="k")
    arabic = town.reader(**{"Accept-Language": "ar"}).say("", key="k")
    assert english == "Write something first."
    assert len({english, german.json()["detail"], arabic.json()["detail"]}) == 3
    assert german.json()["code"] == "text_empty"


def test_control_and_direction_characters_are_taken_out(town: Town) -> None:
    ada = town.reader()
    number = ada.said("Pay \u202e001\u202c now\x07\x00!", key="k")
    assert ada.get(f"/api/v1/comments/{number}").json()["text"] == "Pay 001 now!"


def test_who_writes_too_fast_is_told_when_to_try_again(town_with: Callable[..., Town]) -> None:
    ada = town_with(posts_per_minute=3).reader()
    ada.post("/api/v1/guests")
    answers = [ada.say(f"Line {letter}.") for letter in "abcd"]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert code(answers[-1]) == (429, "too_fast")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


# -- credentials ---------------------------------------------------------------------------------


def test_forged_tokens_are_refused(town: Town) -> None:
    token = town.reader().post("/api/v1/guests").json()["token"]
    # Not the last letter, of which only some bits count.
    changed = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for forged in ("x", "guest.x", changed, token + "x"):
        answer = town.reader(Authorization=f"Bearer {forged}").get("/api/v1/me")
        assert code(answer) == (401, "token_bad")
    assert town.reader(Authorization=f"Bearer {token}").get("/api/v1/me").json()["id"]


def test_a_stale_cookie_makes_a_passer_by(town: Town) -> None:
    ada = town.reader()
    ada.client.cookies.set("belowline", "guest.stale", domain="post.example")
    assert ada.get("/api/v1/me").json()["id"] is None
    assert ada.say("A new start.").status_code == 201


def test_reading_makes_nobody_known(town: Town) -> None:
    reader = town.reader()
    for path in ("/", "/stories/ferry", "/api/v1/me", "/fragments/stories/ferry/mine"):
        assert "set-cookie" not in reader.get(path).headers


def test_the_first_write_sets_a_cookie_that_the_page_cannot_read(town: Town) -> None:
    answer = town.reader().say("Hello.")
    cookies = answer.headers.get_list("set-cookie")
    credential = next(one for one in cookies if one.startswith("belowline="))
    assert "httponly" in credential.lower()
    assert "samesite=lax" in credential.lower()
    assert any(one.startswith("belowline_known=1") for one in cookies)


def test_a_foreign_page_cannot_write_with_our_cookie(town: Town) -> None:
    ada = town.reader()
    ada.said("Hello.")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        body = {"text": "Not mine."}
        headers["Idempotency-Key"] = "k"
        answer = ada.post("/api/v1/stories/ferry/comments", json=body, headers=headers)
        assert code(answer) == (403, "foreign_origin")
        assert (
            ada.ask("PATCH", "/api/v1/me", json={"name": "X"}, headers=headers).status_code == 403
        )
    assert ada.get("/api/v1/counts?story=ferry").json() == {"ferry": 1}


def test_a_foreign_page_writes_with_a_token_of_its_own(town: Town) -> None:
    page = town.reader(Origin="https://news.example")
    token = page.post("/api/v1/guests")
    assert token.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in token.headers
    headers = {"Authorization": f"Bearer {token.json()['token']}", "Idempotency-Key": "k"}
    page.client.cookies.clear()
    answer = page.post("/api/v1/stories/ferry/comments", json={"text": "Hi."}, headers=headers)
    assert answer.status_code == 201
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in answer.headers


def test_only_the_listed_origins_may_embed(town_with: Callable[..., Town]) -> None:
    town = town_with(embed_origins=("https://news.example",))
    good = town.reader(Origin="https://news.example").get("/api/v1/counts?story=ferry")
    assert good.headers["access-control-allow-origin"] == "https://news.example"
    assert "Origin" in good.headers["vary"]
    bad = town.reader(Origin="https://evil.example")
    assert "access-control-allow-origin" not in bad.get("/api/v1/counts?story=ferry").headers
    assert code(bad.post("/api/v1/guests")) == (403, "foreign_origin")


def test_a_preflight_is_answered(town: Town) -> None:
    answer = town.reader(
        Origin="https://news.example", **{"Access-Control-Request-Method": "PATCH"}
    ).ask("OPTIONS", "/api/v1/comments/0000000000001")
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"]
    assert {"authorization", "content-type", "idempotency-key"} <= set(allowed.split(", "))


def test_a_one_time_link_works_once(town: Town) -> None:
    token = town.portal.call(people.add_staff, town.application.site, "Mona", "moderator")
    mona, thief = town.reader(), town.reader()
    looked = mona.get(f"/desk/enter?token={token}", headers={"Sec-Purpose": "prefetch"})
    assert looked.status_code == 503  # looking ahead does not use it up
    assert mona.get(f"/desk/enter?token={token}").status_code == 303
    assert thief.get(f"/desk/enter?token={token}").status_code == 410
    assert thief.get("/desk/enter?token=guess").status_code == 410
    assert mona.get("/api/v1/me").json()["role"] == "moderator"
    assert thief.get("/api/v1/desk/queue").status_code == 401


def test_leaving_the_desk_ends_the_session_itself(town: Town) -> None:
    mona = town.moderator()
    stolen = mona.client.cookies["belowline_staff"]
    assert mona.post("/desk/leave").status_code == 303
    assert code(town.reader(Authorization=f"Bearer {stolen}").get("/api/v1/me"))[0] == 401


def test_staff_create_and_change_stories(town: Town) -> None:
    mona = town.moderator()
    made = mona.ask("PUT", "/api/v1/stories/new", json={"title": "\u202eNew\x00", "mode": "open"})
    assert (made.status_code, made.json()["title"], made.json()["mode"]) == (200, "New", "open")
    bad = mona.ask("PUT", "/api/v1/stories/new", json={"url": "javascript:alert(1)"})
    assert code(bad) == (422, "story_url")
    changed = mona.ask("PUT", "/api/v1/stories/new", json={"mode": "closed"}).json()
    assert (changed["title"], changed["mode"]) == ("New", "closed")
    assert code(town.reader().say("Too late.", "new")) == (403, "closed")


def test_recommending_muting_and_deleting_by_the_api(town: Town) -> None:
    ada, ben = town.reader(), town.reader()
    number = ada.said("The fare has doubled.")
    author = ada.get("/api/v1/me").json()["id"]
    path = f"/api/v1/comments/{number}/recommendation"
    assert ben.ask("PUT", path).json() == {"recommendations": 1}
    assert ben.ask("PUT", path).json() == {"recommendations": 1}
    assert ben.ask("DELETE", path).json() == {"recommendations": 0}
    assert code(ada.ask("PUT", path)) == (403, "own_comment")
    assert ben.ask("PUT", f"/api/v1/users/{author}/mute").status_code == 204
    assert ben.get("/api/v1/me").json()["muted"] == [author]
    assert ben.ask("PATCH", "/api/v1/me", json={"name": "Ben"}).json()["muted"] == [author]
    assert ben.ask("DELETE", f"/api/v1/users/{author}/mute").status_code == 204
    assert code(ben.ask("DELETE", f"/api/v1/comments/{number}")) == (403, "not_allowed")
    assert ada.ask("DELETE", f"/api/v1/comments/{number}").status_code == 204
    assert ada.get("/api/v1/counts?story=ferry").json() == {"ferry": 0}
