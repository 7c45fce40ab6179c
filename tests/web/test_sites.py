"""Several sites in one desk: somebody who works for one of them, let loose on every address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, select

from belowline.actions import sites, stories
from belowline.domain import ids
from belowline.domain.users import User
from belowline.storage import schema, users
from belowline.web.routes import routed
from tests.web.conftest import Reader, Town
from tests.web.test_permissions import _ACTS, _filled

SECRET = "wombat"
_PUBLIC = {
    "/",
    "/alerts/{token}/stop",
    "/api/v1/comments/{comment}",
    "/api/v1/comments/{comment}/recommendation",
    "/api/v1/comments/{comment}/replies",
    "/api/v1/comments/{comment}/reports",
    "/api/v1/comments/{comment}/statement",
    "/api/v1/counts",
    "/api/v1/guests",
    "/api/v1/me",
    "/api/v1/me/standing",
    "/api/v1/notices",
    "/api/v1/notices/{token}",
    "/api/v1/rules",
    "/api/v1/statements/{token}",
    "/api/v1/statements/{token}/appeal",
    "/api/v1/stories",
    "/api/v1/stories/{story}/comments",
    "/api/v1/stories/{story}/live",
    "/api/v1/stories/{story}/typing",
    "/api/v1/users/{user}/mute",
    "/assets/{name}",
    "/authors/{slug}",
    "/comments.atom",
    "/comments.json",
    "/comments.rss",
    "/comments/{comment}",
    "/comments/{comment}/delete",
    "/comments/{comment}/edit",
    "/comments/{comment}/recommend",
    "/comments/{comment}/reply",
    "/comments/{comment}/report",
    "/embed.js",
    "/feed.atom",
    "/feed.json",
    "/feed.rss",
    "/fragments/comments/{comment}",
    "/fragments/comments/{comment}/replies",
    "/fragments/stories/{story}",
    "/fragments/stories/{story}/comments",
    "/fragments/stories/{story}/mine",
    "/healthz",
    "/media/{name}",
    "/metrics",
    "/name",
    "/notices/{token}",
    "/numbers",
    "/openapi",
    "/openapi.json",
    "/openapi/openapi.json",
    "/openapi/v1.json",
    "/openapi/{path}",
    "/readyz",
    "/report-illegal",
    "/robots.txt",
    "/rules",
    "/rules/{reason}",
    "/sitemap-{part:int}.xml",
    "/sitemap.xml",
    "/statements/{token}",
    "/statements/{token}/appeal",
    "/stories/{story}",
    "/stories/{story}/comments",
    "/stories/{story}/comments.atom",
    "/stories/{story}/comments.json",
    "/stories/{story}/comments.rss",
    "/tags/{slug}",
}
"""What readers use, the same for everybody. Every other address is attacked below."""

_ELSEWHERE = {
    "/api/v1/desk/live",  # never ends; below
    "/desk/leave",  # would end the attack
    "/desk/enter",
    "/desk/account/sessions",
}

_GUARDED = (
    schema.comments,
    schema.stories,
    schema.decisions,
    schema.bans,
    schema.author_notes,
    schema.desk_notes,
    schema.desk_assignments,
    schema.desk_locks,
    schema.desk_replies,
    schema.statements,
    schema.appeals,
    schema.notices,
    schema.rule_texts,
    schema.policies,
    schema.rehearsals,
    schema.campaigns,
    schema.campaign_members,
    schema.second_looks,
    schema.reports,
    schema.alerts,
    schema.users,
    schema.sites,
    schema.staff_sites,
    schema.sign_in_links,
    schema.distrusted,
)


class Attack:
    """A town with two sites, something of every kind on the main one, and names for all of it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.chief = town.moderator("Chief", "administrator")
        self.run(sites.add, None, "regional", "The Regional", [])
        mona = town.moderator("Mona")
        ada, ben = town.reader(), town.reader()
        ben.said("A kind word.")
        held = ada.said(f"The {SECRET} waits.", "budget")
        gone = ada.said(f"The {SECRET} spams.", "budget")
        shown = ada.said(f"The {SECRET} is seen.")
        report = {"reason": "abuse", "note": SECRET}
        assert ben.post(f"/api/v1/comments/{shown}/reports", json=report).status_code == 201
        user = str(ada.get("/api/v1/me").json()["id"])
        for copier in (town.reader(), town.reader(), town.reader()):
            copier.said(f"Everybody buys the same {SECRET} boats at the harbour today", "budget")
        body: dict[str, Any] = {
            "comments": [{"id": gone, "revision": 1}],
            "decision": "reject",
            "reason": "spam",
            "note": SECRET,
        }
        made = mona.post("/api/v1/desk/decisions", json=body)
        token = ada.get(f"/api/v1/comments/{gone}/statement").json()["token"]
        appeal = {"text": f"My {SECRET} is honest."}
        assert ada.post(f"/api/v1/statements/{token}/appeal", json=appeal).status_code == 201
        notice = {"address": f"http://post.example/comments/{shown}", "explanation": SECRET}
        told = town.reader().post("/api/v1/notices", json=notice | {"sure": True})
        assert told.status_code == 201, told.text
        measure = mona.post(
            f"/api/v1/desk/authors/{user}/measures",
            json={"kind": "warning", "reason": "spam", "note": SECRET},
        )
        note = mona.post(f"/api/v1/desk/authors/{user}/notes", json={"text": SECRET})
        assert note.status_code == 201
        for path, data in (
            ("/desk/note", {"note": SECRET}),
            ("/desk/assign", {"story": "budget", "to": "me"}),
        ):
            assert mona.post(path, data=data).status_code in (200, 303)
        self.run(stories.put, town.application.site, self.user("Mona"), "budget", title=SECRET)
        campaigns = mona.get("/api/v1/desk/campaigns").json()["campaigns"]
        appeals = mona.get("/api/v1/desk/appeals").json()["appeals"]
        notices = mona.get("/api/v1/desk/notices").json()["notices"]
        self.names = {
            "comment": held,
            "story": "budget",
            "user": user,
            "reason": "spam",
            "decision": made.json()["decisions"][0]["id"],
            "measure": measure.json()["id"],
            "campaign": campaigns[0]["id"] if campaigns else "0" * 13,
            "statement": appeals[0]["id"],
            "notice": notices[0]["id"],
            "act": "0" * 13,
            "alert": "0" * 13,
            "rehearsal": "0" * 13,
            "number": "1",
            "name": "arrivals",
            "member": ids.encode(self.user("Mona").id),
            "site": "main",
        }
        self.shown = shown

    def run(self, action: Any, *values: Any, **more: Any) -> Any:
        site = self.town.application.site
        given = values if values and values[0] is site else (site, *values)
        return self.town.portal.call(lambda: action(*given, **more))

    def read(self, work: Any) -> Any:
        return self.town.application.site.storage.read_now(work)

    def user(self, name: str) -> User:
        found: list[User] = self.read(users.staff)
        return next(one for one in found if one.name == name)

    def limited(self, name: str, role: str) -> Reader:
        """Somebody who has come in and works for the regional site alone."""
        somebody = self.town.moderator(name, role)
        self.run(sites.limit, None, self.user(name).id, ["regional"])
        return somebody

    def state(self) -> dict[str, set[str]]:
        """Everything that only its own staff may change."""

        def dump(connection: Connection) -> dict[str, set[str]]:
            return {
                table.name: {repr(row) for row in connection.execute(select(table))}
                for table in _GUARDED
            }

        found: dict[str, set[str]] = self.read(dump)
        return found

    def routes(self) -> Iterator[tuple[str, str]]:
        """Method and path of everything that is for staff."""
        for route in routed(self.town.application.services).routes:
            path = route.path_format
            if path in _PUBLIC and path != "/api/v1/stories/{story}":
                continue
            for method in sorted(getattr(route, "methods", set()) - {"OPTIONS"}):
                if path not in _ELSEWHERE:
                    yield method, path

    def questions(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Each as a request about the main site's things."""
        for method, path in self.routes():
            where = _filled(path, **self.names)
            if path.startswith("/api/v1/"):
                known = _ACTS.get((method.lower(), path.removeprefix("/api/v1")))
                body = _filled(known[1], **self.names) if known and known[1] else None
                if path.endswith("/removal") and method == "GET":
                    where += "?since=2026-05-01T00:00:00Z"
                yield method, where, {} if body is None else {"json": body}
            elif method == "POST":
                yield method, where, {"data": self._form()}
            else:
                yield method, where, {}
                for query in ("?status=all", "?site=main", f"?comment={self.names['comment']}"):
                    if path in ("/desk", "/desk/bulk", "/fragments/desk/queue"):
                        yield method, where + query, {}

    def _form(self) -> dict[str, str]:
        names = self.names
        return {
            "comment": names["comment"],
            f"c-{names['comment']}": "1",
            "revision": "1",
            "decision": names["decision"],
            "decisions": names["decision"],
            "number": names["decision"],
            "reason": "spam",
            "kind": "warning",
            "ban": names["measure"],
            "measure": names["measure"],
            "story": names["story"],
            "to": "me",
            "mode": "open",
            "was_mode": "closed",
            "where": "desk",
            "note": "Hello.",
            "text": "Hello.",
            "answer": "Yes.",
            "upheld": "1",
            "acted": "1",
            "name": "Eve",
            "role": "administrator",
            "key": "main",
            "site": "main",
            "query": "status=all",
            "before": "7ZZZZZZZZZZZZ",
            "after": "",
            "since": "2026-05-01",
            "expected": "99",
            "waiting": "1",
            "minutes": "1",
            "target": "eve@post.example",
            "kept": "1",
        }


@pytest.fixture
def attack(town: Town) -> Attack:
    return Attack(town)


def test_whoever_works_for_another_site_sees_and_changes_nothing_of_this_one(
    attack: Attack,
) -> None:
    lena = attack.limited("Lena", "administrator")
    before = attack.state()
    leaked, failed = [], []
    for method, path, more in attack.questions():
        answer = lena.ask(method, path, **more)
        if SECRET in answer.text and path.split("?")[0] != "/api/v1/stories/budget":
            leaked.append((method, path, answer.status_code))
        if answer.status_code >= 500 or answer.status_code == 405:
            failed.append((method, path, answer.status_code, answer.text[:200]))
    assert leaked == []
    assert failed == []
    after = attack.state()
    assert {name: after[name] ^ before[name] for name in after if after[name] != before[name]} == {}


def test_the_same_attack_by_somebody_without_limits_finds_and_changes_much(
    attack: Attack,
) -> None:
    before = attack.state()
    seen = set()
    reading_first = sorted(attack.questions(), key=lambda one: one[0] != "GET")
    for method, path, more in reading_first:
        answer = attack.chief.ask(method, path, **more)
        assert answer.status_code < 500, (method, path, answer.text[:200])
        if SECRET in answer.text:
            seen.add(path.split("?")[0])
    names = attack.names
    assert {
        "/desk",
        "/desk/bulk",
        "/desk/morning",
        "/desk/settings",
        "/desk/appeals",
        "/desk/notices",
        f"/desk/authors/{names['user']}",
        f"/desk/threat/{names['comment']}",
        "/api/v1/desk/queue",
        "/api/v1/desk/decisions",
        f"/api/v1/desk/comments/{names['comment']}",
        f"/api/v1/desk/authors/{names['user']}",
        "/api/v1/desk/appeals",
        "/api/v1/desk/notices",
        "/fragments/desk/queue",
        f"/fragments/desk/cards/{names['comment']}",
        f"/fragments/desk/thread/{names['comment']}",
    } <= seen
    after = attack.state()
    changed = {name for name in after if after[name] != before[name]}
    assert {"comments", "decisions", "stories", "appeals", "notices", "author_notes"} <= changed


def test_who_was_let_go_and_foreign_pages_see_and_change_nothing(attack: Attack) -> None:
    gone = attack.town.moderator("Gus", "administrator")
    number = ids.encode(attack.user("Gus").id)
    session = str(gone.client.cookies["belowline_staff"])
    attack.chief.post(f"/desk/staff/{number}/role", data={"role": "reader"})
    before = attack.state()
    leaked = []
    foreign = {"Origin": "https://other.example", "Sec-Fetch-Site": "cross-site"}
    for method, path, more in attack.questions():
        gone.client.cookies.set("belowline_staff", session)
        answer = gone.ask(method, path, **more)
        if SECRET in answer.text and path.split("?")[0] != "/api/v1/stories/budget":
            leaked.append((method, path, answer.status_code))
        if method != "GET":
            answer = attack.chief.ask(method, path, **more, headers=foreign)
            assert answer.status_code in (403, 404), (method, path, answer.status_code)
    assert leaked == []
    assert attack.state() == before


def test_numbers_are_those_of_the_sites_that_one_works_for(attack: Attack) -> None:
    lena = attack.limited("Lena", "moderator")

    def came(who: Reader, site: str = "") -> int:
        table = who.get(f"/desk/numbers/arrivals.csv?days=7&site={site}").text
        return int(table.splitlines()[-1].split(",")[1])

    assert came(attack.chief) == came(attack.chief, "main") > 0
    assert [came(attack.chief, "regional"), came(lena), came(lena, "main")] == [0, 0, 0]
    page = attack.chief.get("/desk/numbers?site=regional").text
    assert '<a class="of-more" href="/desk/numbers?days=30&amp;site=main">' in page
    assert "/desk/numbers" in lena.get("/desk/morning").text


def test_every_address_is_either_the_readers_or_attacked(attack: Attack) -> None:
    paths = {route.path_format for route in routed(attack.town.application.services).routes}
    staff = {path for _, path in attack.routes()} | _ELSEWHERE
    assert paths - staff - _PUBLIC == set()
    assert [path for path in _PUBLIC if "/desk" in path] == []
    assert json.dumps(sorted(staff)).count("/desk") > 60
