"""The policy's page: what holds, changing it, and its versions."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from belowline.actions import auditing, policies
from belowline.actions import rehearsal as rehearsing
from belowline.checks import CODES
from belowline.domain import ids
from belowline.domain.errors import Refused
from belowline.domain.policy import LIMITS, LISTS, Policy, Version, changes
from belowline.domain.rulebook import BadRule
from belowline.domain.users import Thing, User, may
from belowline.render.audits import AuditView, render_audit
from belowline.render.policy import (
    PolicyVersionView,
    PolicyView,
    RehearsalView,
    VersionView,
    render_policy,
    render_policy_version,
    render_rehearsal,
)
from belowline.web.answers import private
from belowline.web.asking import Asking, Asks
from belowline.web.desk.frame import (
    Form,
    admitted,
    back,
    door,
    problem_of,
    status_of,
    surroundings,
)
from belowline.web.parse import rehearsal_number, whole

_PATH = "/desk/policy"
_MOST_VERSIONS = 20
_LOOK_AGAIN = "2"  # seconds
_WRONG = (
    "policy_rules",
    "policy_number",
    "policy_list",
    "policy_pair",
    "story_mode",
    "note_too_long",
    "outdated",
)


class _Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What the form brought: the policy, the version that it was made from, and why."""

    policy: Policy
    base: int
    note: str
    wrong: Refused | None = None


@get(_PATH)
async def policy(
    asking: Asks,
    start: FromQuery[int] = 0,
    rehearsal: FromQuery[str] = "",
    before: FromQuery[int] = 0,
    saved: FromQuery[str] = "",
) -> Response[Any]:
    """The policy that holds, or an earlier version or a rehearsed proposal to start from."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    site = asking.services.site
    held = await policies.current(site, user)
    shown = held.policy
    if start:
        found, _ = await policies.version(site, user, start)
        shown = found.policy
    note = ""
    if rehearsal:
        proposed = await rehearsing.get(site, user, rehearsal_number(rehearsal))
        shown, note = proposed.proposal, proposed.note
    view = PolicyView(policy=shown, base=held.number, note=note, saved=bool(saved))
    return await _page(asking, user, view, before)


@post(_PATH, status_code=303)
async def change(asking: Asks, data: Form) -> Response[Any]:
    """A new version from the form, saved at once or rehearsed before."""
    asking.keeps(data)
    asking.must()
    user = await asking.acting()
    services = asking.services
    sent = _sent(data)
    try:
        if sent.wrong is not None:
            raise sent.wrong
        if data.get("do") != "save":
            number = await services.rehearsals.begin(
                services.site, user, sent.policy, note=sent.note, base=sent.base
            )
            return _to_rehearsal(asking, number)
        await policies.save(services.site, user, sent.policy, note=sent.note, base=sent.base)
    except Refused as refused:
        if refused.code not in _WRONG:
            raise
        return await _again(asking, user, sent, refused)
    return back(asking, _PATH, saved="1")


@get("/desk/policy/versions/{number:int}")
async def version(asking: Asks, number: FromPath[int]) -> Response[Any]:
    """One version and what it changed."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    found, before = await policies.version(asking.services.site, user, number)
    view = PolicyVersionView(version=_version(found), changes=tuple(changes(before, found.policy)))
    around = surroundings(asking, f"{_PATH}/versions/{number}")
    return private(asking, render_policy_version(view, around))


@get("/desk/policy/rehearsals/{rehearsal:str}")
async def rehearsed(asking: Asks, rehearsal: FromPath[str]) -> Response[Any]:
    """How far a rehearsal has come, and what came of it."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    return await _rehearsal(asking, user, rehearsal)


@post("/desk/policy/rehearsals/{rehearsal:str}", status_code=303)
async def save_rehearsed(asking: Asks, rehearsal: FromPath[str]) -> Response[Any]:
    """Saves what was rehearsed."""
    asking.must()
    user = await asking.acting()
    site = asking.services.site
    found = await rehearsing.get(site, user, rehearsal_number(rehearsal))
    try:
        await policies.save(site, user, found.proposal, note=found.note, base=found.base)
    except Refused as refused:
        if refused.code not in _WRONG:
            raise
        return await _rehearsal(asking, user, rehearsal, refused)
    return back(asking, _PATH, saved="1")


@get("/desk/policy/audit")
async def audit(asking: Asks) -> Response[Any]:
    """The latest audit of even hands."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    site = asking.services.site
    report = await auditing.latest(site, user)
    held = await policies.current(site, user)
    lost = report is not None and report.is_lost(site.now())
    view = AuditView(
        audit=report.audit if report else None,
        pairs=len(held.policy.swaps),
        is_under_way=report is not None and report.audit is None and not lost,
        is_lost=lost,
    )
    answer = private(asking, render_audit(view, surroundings(asking, "/desk/policy/audit")))
    if view.is_under_way:
        answer.headers["Refresh"] = _LOOK_AGAIN
    return answer


@post("/desk/policy/audit", status_code=303)
async def begin_audit(asking: Asks) -> Response[Any]:
    """Begins one."""
    asking.must()
    user = await asking.acting()
    await asking.services.audits.begin(asking.services.site, user)
    return back(asking, "/desk/policy/audit")


HANDLERS = [policy, change, version, rehearsed, save_rehearsed, audit, begin_audit]


async def _rehearsal(
    asking: Asking, user: User, rehearsal: str, refused: Refused | None = None
) -> Response[Any]:
    site = asking.services.site
    found = await rehearsing.get(site, user, rehearsal_number(rehearsal))
    held = await policies.current(site, user)
    around = surroundings(asking, f"{_PATH}/rehearsals/{rehearsal}")
    lost = rehearsing.is_lost(found, site.now())
    view = RehearsalView(
        id=rehearsal,
        base=found.base,
        note=found.note,
        done=found.done,
        total=found.total,
        lost=lost,
        changes=tuple(changes(held.policy, found.proposal)),
        result=found.result,
        may_save=may(user, "change_policy", Thing()) and held.number == found.base,
        outdated=held.number != found.base,
        problem=problem_of(refused, around),
    )
    answer = private(asking, render_rehearsal(view, around), status=status_of(refused))
    if found.result is None and not lost:
        answer.headers["Refresh"] = _LOOK_AGAIN
    return answer


def _to_rehearsal(asking: Asking, number: int) -> Response[Any]:
    return back(asking, f"{_PATH}/rehearsals/{ids.encode(number)}")


async def _again(asking: Asking, user: User, sent: _Sent, refused: Refused) -> Response[Any]:
    """The form with what was sent and what is wrong with it."""
    around = surroundings(asking, _PATH)
    problems: tuple[BadRule, ...] = ()
    if refused.code == "policy_rules":
        problems = tuple(policies.problems(sent.policy))
    view = PolicyView(
        policy=sent.policy,
        base=sent.base,
        note=sent.note,
        problems=problems,
        problem="" if problems else problem_of(refused, around),
    )
    return await _page(asking, user, view, 0, status_of(refused))


async def _page(
    asking: Asking, user: User, view: PolicyView, before: int, status: int = 200
) -> Response[Any]:
    found = await policies.versions(asking.services.site, user, before or None)
    view = msgspec.structs.replace(
        view,
        may_change=may(user, "change_policy", Thing()),
        codes=tuple(CODES.items()),
        versions=tuple(_version(one) for one in found),
        more=len(found) == _MOST_VERSIONS and found[-1].number > 1,
    )
    return private(asking, render_policy(view, surroundings(asking, _PATH)), status=status)


def _version(found: Version) -> VersionView:
    return VersionView(
        number=found.number,
        author=found.author_name,
        note=found.note,
        created_at=found.created_at,
    )


def _sent(data: dict[str, str]) -> _Sent:
    """What the form brought. A number that is none is as wrong as one that is too large."""
    lists = {
        name: tuple(
            dict.fromkeys(line.strip() for line in data.get(name, "").splitlines() if line.strip())
        )
        for name in LISTS
    }
    wrong: Refused | None = None
    numbers: dict[str, int] = {}
    for name, (least, most) in LIMITS.items():
        numbers[name] = whole(data.get(name, "").strip())
        if numbers[name] < 0:
            wrong = wrong or Refused("policy_number", field=name, name=name, least=least, most=most)
    values: dict[str, Any] = {**lists, **numbers}
    return _Sent(
        policy=Policy(
            rules="\n".join(data.get("rules", "").splitlines()).strip() + "\n",
            mode=data.get("mode", ""),
            **values,
        ),
        base=whole(data.get("base", "")),
        note=data.get("note", "").strip(),
        wrong=wrong,
    )
