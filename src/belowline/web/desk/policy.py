"""The policy's page: what holds, changing it, and its versions."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from belowline.actions import auditing, policies, sites
from belowline.actions import rehearsal as rehearsing
from belowline.checks import CODES
from belowline.domain import ids
from belowline.domain.errors import Refused
from belowline.domain.policy import (
    LIMITS,
    LISTS,
    OWN_LIMITS,
    OWN_LISTS,
    Own,
    Policy,
    Version,
    changes,
)
from belowline.domain.rulebook import BadRule
from belowline.domain.sites import Publication
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
    own: Own | None = None


@get(_PATH)
async def policy(
    asking: Asks,
    start: FromQuery[int] = 0,
    rehearsal: FromQuery[str] = "",
    before: FromQuery[int] = 0,
    saved: FromQuery[str] = "",
    site: FromQuery[str] = "",
) -> Response[Any]:
    """The policy that holds, or an earlier version or a rehearsed proposal to start from; with
    ``site`` what one of several has besides."""
    user = admitted(asking)
    if user is None:
        return door(asking)
    here = asking.services.site
    of = await _site(asking, user, site)
    held = await policies.current(here, user)
    shown, note = held.policy, ""
    if start:
        found, _ = await policies.version(here, user, start)
        shown = found.policy
    if rehearsal:
        proposed = await rehearsing.get(here, user, rehearsal_number(rehearsal))
        shown, note = proposed.proposal, proposed.note
    view = PolicyView(policy=shown, base=held.number, note=note, saved=bool(saved), site=of)
    if of is not None:
        view = msgspec.structs.replace(view, policy=held.policy, own=_own_in(shown, of))
    return await _page(asking, user, view, before)


@post(_PATH, status_code=303)
async def change(asking: Asks, data: Form) -> Response[Any]:
    """A new version from the form, saved at once or rehearsed before."""
    asking.keeps(data)
    asking.must()
    user = await asking.acting()
    services = asking.services
    of = await _site(asking, user, data.get("site", ""))
    held = await policies.current(services.site, user)
    sent = _sent(data, held.policy, of)
    try:
        if sent.wrong is not None:
            raise sent.wrong
        if data.get("do") != "save":
            number = await services.rehearsals.begin(
                services.site,
                user,
                sent.policy,
                note=sent.note,
                base=sent.base,
                of=of.id if of else 0,
            )
            return _to_rehearsal(asking, number)
        if sent.own is not None:
            await policies.save_own(services.site, user, sent.own, note=sent.note, base=sent.base)
        else:
            await policies.save(services.site, user, sent.policy, note=sent.note, base=sent.base)
    except Refused as refused:
        if refused.code not in _WRONG:
            raise
        return await _again(asking, user, sent, of, refused)
    return back(asking, _PATH, saved="1", **({"site": of.key} if of else {}))


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
    of = await _publication(asking, user, found.site)
    try:
        if of is not None:
            own = _own_in(found.proposal, of)
            await policies.save_own(site, user, own, note=found.note, base=found.base)
        else:
            await policies.save(site, user, found.proposal, note=found.note, base=found.base)
    except Refused as refused:
        if refused.code not in _WRONG:
            raise
        return await _rehearsal(asking, user, rehearsal, refused)
    return back(asking, _PATH, saved="1", **({"site": of.key} if of else {}))


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
    of = await _publication(asking, user, found.site)
    after = held.policy.with_own(_own_in(found.proposal, of)) if of else found.proposal
    may_change = may(user, "change_policy", Thing(site=found.site))
    around = surroundings(asking, f"{_PATH}/rehearsals/{rehearsal}")
    lost = rehearsing.is_lost(found, site.now())
    view = RehearsalView(
        id=rehearsal,
        base=found.base,
        note=found.note,
        done=found.done,
        total=found.total,
        lost=lost,
        changes=tuple(changes(held.policy, after)),
        result=found.result,
        may_save=may_change and held.number == found.base,
        outdated=held.number != found.base,
        problem=problem_of(refused, around),
        site=of.key if of else "",
    )
    answer = private(asking, render_rehearsal(view, around), status=status_of(refused))
    if found.result is None and not lost:
        answer.headers["Refresh"] = _LOOK_AGAIN
    return answer


def _to_rehearsal(asking: Asking, number: int) -> Response[Any]:
    return back(asking, f"{_PATH}/rehearsals/{ids.encode(number)}")


async def _site(asking: Asking, user: User, key: str) -> Publication | None:
    """The site of that key, None for none. Raises Refused: not_allowed, site_unknown."""
    return await sites.named(asking.services.site, user, key) if key else None


async def _publication(asking: Asking, user: User, of: int) -> Publication | None:
    """The site with that id, None for all of them."""
    found = await sites.of_staff(asking.services.site, user) if of else []
    return next((one for one in found if one.id == of), None)


def _own_in(policy: Policy, of: Publication) -> Own:
    return policy.own_of(of.id) or Own(site=of.id, key=of.key)


async def _again(
    asking: Asking, user: User, sent: _Sent, of: Publication | None, refused: Refused
) -> Response[Any]:
    """The form with what was sent and what is wrong with it."""
    around = surroundings(asking, _PATH)
    problems: tuple[BadRule, ...] = ()
    if refused.code == "policy_rules":
        rules = sent.own.rules if sent.own else sent.policy.rules
        problems = tuple(policies.wrong(rules))
    view = PolicyView(
        policy=sent.policy,
        base=sent.base,
        note=sent.note,
        site=of,
        own=sent.own,
        problems=problems,
        problem="" if problems else problem_of(refused, around),
    )
    return await _page(asking, user, view, 0, status_of(refused))


async def _page(
    asking: Asking, user: User, view: PolicyView, before: int, status: int = 200
) -> Response[Any]:
    site = asking.services.site
    sees_all = may(user, "oversee", Thing())
    found = await policies.versions(site, user, before or None) if sees_all else []
    several = await sites.of_staff(site, user)
    of = view.site.id if view.site else 0
    view = msgspec.structs.replace(
        view,
        may_change=may(user, "change_policy", Thing(site=of)),
        sites=tuple(several) if len(several) > 1 or not sees_all else (),
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


def _sent(data: dict[str, str], held: Policy, of: Publication | None) -> _Sent:
    """What the form brought. A number that is none is as wrong as one that is too large.

    What it does not ask for is as it is ``held``: what sites have besides, or all but that.
    """
    if of is not None:
        return _sent_own(data, held, of)
    lists = {name: _lines(data, name) for name in LISTS}
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
            own=held.own,
            **values,
        ),
        base=whole(data.get("base", "")),
        note=data.get("note", "").strip(),
        wrong=wrong,
    )


def _lines(data: dict[str, str], name: str) -> tuple[str, ...]:
    written = (line.strip() for line in data.get(name, "").splitlines())
    return tuple(dict.fromkeys(line for line in written if line))


def _sent_own(data: dict[str, str], held: Policy, of: Publication) -> _Sent:
    """The form of one site: a number that is left out is that of all."""
    wrong: Refused | None = None
    numbers: dict[str, int | None] = {}
    for name in OWN_LIMITS:
        text = data.get(name, "").strip()
        numbers[name] = whole(text) if text else None
        if text and whole(text) < 0:
            least, most = LIMITS[name]
            wrong = wrong or Refused("policy_number", field=name, name=name, least=least, most=most)
    values: dict[str, Any] = {**{name: _lines(data, name) for name in OWN_LISTS}, **numbers}
    rules = "\n".join(data.get("rules", "").splitlines()).strip()
    own = Own(
        site=of.id,
        key=of.key,
        rules=f"{rules}\n" if rules else "",
        mode=data.get("mode", ""),
        **values,
    )
    return _Sent(
        policy=held.with_own(own),
        base=whole(data.get("base", "")),
        note=data.get("note", "").strip(),
        wrong=wrong,
        own=own,
    )
