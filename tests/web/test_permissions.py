"""The permission table, attacked by the API and the desk's forms with each role."""

from __future__ import annotations

from typing import Any

import httpx

from tests.web.conftest import Reader, Town

ROLES = ("moderator", "editor", "administrator")
_ACTS: dict[tuple[str, str], tuple[str, dict[str, Any] | None]] = {
    ("put", "/stories/{story}"): ("moderator", {"mode": "open"}),
    ("get", "/desk/queue"): ("moderator", None),
    ("get", "/desk/comments/{comment}"): ("moderator", None),
    ("get", "/desk/decisions"): ("moderator", None),
    ("post", "/desk/decisions"): (
        "moderator",
        {"comments": [{"id": "{comment}", "revision": 1}], "decision": "publish"},
    ),
    ("delete", "/desk/decisions/{decision}"): ("moderator", None),
    ("get", "/desk/live"): ("moderator", None),
    ("get", "/desk/authors/{user}"): ("moderator", None),
    ("post", "/desk/authors/{user}/measures"): (
        "moderator",
        {"kind": "warning", "reason": "spam"},
    ),
    ("delete", "/desk/measures/{measure}"): ("moderator", None),
    ("post", "/desk/authors/{user}/notes"): ("moderator", {"text": "Writes well."}),
    ("get", "/desk/authors/{user}/removal"): ("moderator", None),
    ("post", "/desk/authors/{user}/removal"): (
        "moderator",
        {"since": "2026-05-01T00:00:00Z", "expected": 99, "reason": "spam"},
    ),
    ("delete", "/desk/removals/{act}"): ("moderator", None),
    ("get", "/desk/appeals"): ("moderator", None),
    ("post", "/desk/appeals/{statement}"): ("moderator", {"upheld": True, "answer": "Yes."}),
    ("get", "/desk/notices"): ("moderator", None),
    ("post", "/desk/notices/{notice}"): ("editor", {"acted": True, "answer": "Done."}),
    ("put", "/desk/rules/{reason}"): ("editor", {"texts": {"en": "No boats."}}),
    ("post", "/desk/comments/{comment}/evidence"): ("moderator", {"why": "A threat."}),
    ("get", "/desk/campaigns"): ("moderator", None),
    ("get", "/desk/campaigns/{campaign}"): ("moderator", None),
    ("post", "/desk/campaigns/{campaign}/decisions"): ("moderator", {"decision": "publish"}),
    ("delete", "/desk/campaigns/{campaign}/standing"): ("moderator", None),
}
"""What staff do by the API -> the least role that may, and a body."""

_FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "/desk/staff": ("administrator", {"name": "Ida", "role": "administrator"}),
    "/desk/staff/{user}/role": ("administrator", {"role": "administrator"}),
    "/desk/staff/{user}/reset": ("administrator", {}),
    "/desk/account/codes": ("moderator", {}),
    "/desk/account/sessions": ("moderator", {"session": "0" * 16}),
    "/desk/account/passkeys": ("moderator", {"passkey": "x"}),
    "/desk/passkeys/new": ("moderator", {}),
    "/desk/alerts/browsers": ("moderator", {"waiting": "1"}),
    "/desk/alerts/browsers/renew": ("moderator", {}),
}
"""Accounts are managed by forms alone -> the least role that may, and what is sent."""


def _code(answer: httpx.Response) -> str:
    is_problem = "problem+json" in answer.headers.get("content-type", "")
    return str(answer.json()["code"]) if is_problem else ""


def _filled(value: Any, **names: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, **names) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, **names) for one in value]
    if not isinstance(value, str):
        return value
    for name, one in names.items():
        value = value.replace(f"{{{name}}}", one)
    return value


def _crew(town: Town) -> dict[str, Reader]:
    staff = {role: town.moderator(f"Staff {role}", role) for role in ROLES}
    ben = town.reader()
    ben.said("I was never here.")
    return {"": town.reader(), "reader": ben, **staff}


def _refuses(role: str, least: str) -> bool:
    return role not in ROLES or ROLES.index(role) < ROLES.index(least)


def test_each_act_of_staff_by_the_api_is_refused_to_whoever_may_not(town: Town) -> None:
    described = town.reader().get("/openapi.json").json()["paths"]
    desk = {
        (method, path.removeprefix("/api/v1"))
        for path, operations in described.items()
        for method in operations
        if "/desk/" in path
    }
    assert desk | {("put", "/stories/{story}")} == set(_ACTS)
    crew = _crew(town)
    ada = town.reader()
    comment = ada.said("Who pays?", "budget")
    user = str(ada.get("/api/v1/me").json()["id"])
    zero = "0" * 13
    names = {"comment": comment, "user": user, "story": "ferry", "reason": "spam"} | dict.fromkeys(
        ("decision", "measure", "act", "statement", "notice", "campaign"), zero
    )
    for (method, path), (least, body) in _ACTS.items():
        if path == "/desk/live":
            continue  # never ends for those who may; below
        for role, somebody in crew.items():
            more = {} if body is None else {"json": _filled(body, **names)}
            where = f"/api/v1{_filled(path, **names)}"
            if path.endswith("/removal") and method == "get":
                where += "?since=2026-05-01T00:00:00Z"
            answer = somebody.ask(method.upper(), where, **more)
            told = (role, method, path, answer.status_code, answer.text[:200])
            if _refuses(role, least):
                assert _code(answer) == ("not_allowed" if role else "sign_in"), told
            else:
                assert _code(answer) not in ("not_allowed", "sign_in"), told
                assert answer.status_code not in (400, 405), told
    for role in ("", "reader"):
        answer = crew[role].get("/api/v1/desk/live")
        assert _code(answer) == ("not_allowed" if role else "sign_in")


def test_accounts_are_refused_to_whoever_may_not(town: Town) -> None:
    crew = _crew(town)
    user = str(crew["reader"].get("/api/v1/me").json()["id"])
    for path, (least, data) in _FORMS.items():
        for role, somebody in crew.items():
            answer = somebody.post(_filled(path, user=user), data=data)
            told = (role, path, answer.status_code, answer.text[:200])
            refused = answer.status_code in (401, 403)
            assert refused == _refuses(role, least), told
    found = crew["administrator"].get("/desk/staff").text
    assert [found.count(f"<bdi>Staff {role}</bdi>") for role in ROLES] == [1, 1, 2]
