"""The policy at the desk: what holds, its versions, and saving a new one."""

from __future__ import annotations

from datetime import datetime

import msgspec

from belowline.actions import record
from belowline.actions.in_force import PolicyInForce
from belowline.actions.plain import plain
from belowline.actions.site import Site
from belowline.checks import CODES
from belowline.domain import policy as rules_of
from belowline.domain import rulebook
from belowline.domain.errors import Refused
from belowline.domain.events import story_stream
from belowline.domain.policy import LIMITS, LISTS, Own, Policy, Version
from belowline.domain.rulebook import BadRule, Unreadable
from belowline.domain.stories import MODES
from belowline.domain.swaps import pair
from belowline.domain.users import CONFINED, Thing, User, demand, may
from belowline.storage import breaks, policies, sites, stories, streams
from belowline.storage.engine import Connection
from belowline.storage.streams import NewEvent

KNOWN_CODES = frozenset(code for codes in CODES.values() for code in codes)
_PER_PAGE = 20
_LONGEST_NOTE = 500
_LONGEST_RULES = 20_000
_MOST_ENTRIES = 5_000
_LONGEST_ENTRY = 200


async def current(site: Site, user: User) -> PolicyInForce:
    """The version that holds. Raises Refused("not_allowed") to readers.

    Whoever works for some sites is not told what others have besides.
    """
    demand(user, "moderate", CONFINED)
    held = await site.storage.read(lambda connection: site.in_force.now(connection, site.rules))
    own = tuple(one for one in held.policy.own if may(user, "moderate", Thing(site=one.site)))
    return msgspec.structs.replace(held, policy=msgspec.structs.replace(held.policy, own=own))


async def refresh(site: Site) -> None:
    """Learns of a version that another process has saved."""
    await site.storage.read(lambda connection: site.in_force.now(connection, site.rules))


async def versions(site: Site, user: User, before: int | None = None) -> list[Version]:
    """A page of versions, the newest first. Raises Refused("not_allowed") to readers."""
    demand(user, "moderate", Thing())
    return await site.storage.read(
        lambda connection: policies.some(connection, before=before, limit=_PER_PAGE)
    )


async def version(site: Site, user: User, number: int) -> tuple[Version, Policy]:
    """A version and what held before it. Raises Refused: not_allowed, policy_unknown."""
    demand(user, "moderate", Thing())

    def read(connection: Connection) -> tuple[Version, Policy]:
        found = policies.get(connection, number)
        if found is None:
            raise Refused("policy_unknown")
        before = policies.get(connection, number - 1)
        return found, before.policy if before else rules_of.initial(site.rules)

    return await site.storage.read(read)


def problems(policy: Policy) -> list[BadRule]:
    """What is wrong with its rules, line by line, and with those of single sites."""
    return [
        bad for rules in (policy.rules, *(one.rules for one in policy.own)) for bad in wrong(rules)
    ]


def wrong(rules: str) -> list[BadRule]:
    """What is wrong with these rules, line by line."""
    try:
        rulebook.read(rules, KNOWN_CODES, MODES)
    except Unreadable as unreadable:
        return unreadable.problems
    return []


def sound(policy: Policy) -> Policy:
    """``policy`` if it can hold, for all sites and for each that has something besides. Raises
    Refused: policy_rules, policy_number, policy_list, policy_pair, story_mode."""
    bad = problems(policy)
    if bad:
        raise Refused("policy_rules", field="rules", why=str(Unreadable(bad)))
    for rules in (policy.rules, *(one.rules for one in policy.own)):
        if len(rules) > _LONGEST_RULES:
            raise Refused("policy_rules", field="rules", why=f"> {_LONGEST_RULES}")
    for one in (policy, *(policy.at(own.site) for own in policy.own)):
        _sound(one)
    return policy


def _sound(policy: Policy) -> None:
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(policy, name) <= most:
            raise Refused("policy_number", field=name, name=name, least=least, most=most)
    for name in LISTS:
        listed = getattr(policy, name)
        if len(listed) > _MOST_ENTRIES or any(len(one) > _LONGEST_ENTRY for one in listed):
            raise Refused(
                "policy_list", field=name, name=name, most=_MOST_ENTRIES, limit=_LONGEST_ENTRY
            )
    bad = next((one for one in policy.swaps if pair(one) is None), None)
    if bad is not None:
        raise Refused("policy_pair", field="swaps", pair=bad)
    if policy.mode not in MODES:
        raise Refused("story_mode", field="mode")


async def save(site: Site, user: User, policy: Policy, *, note: str, base: int) -> int:
    """Makes ``policy`` hold from now on; answers its number.

    ``base`` is the version that it was made from. Stories that follow the site get another mode
    or pace, and open pages hear of it. Raises Refused: not_allowed, note_too_long, outdated, and
    as `sound`.
    """
    demand(user, "change_policy", Thing())
    sound(policy)
    if len(note) > _LONGEST_NOTE:
        raise Refused("note_too_long", field="note", limit=_LONGEST_NOTE)
    return await site.storage.write(
        lambda connection: _save(connection, site, user, policy, plain(note), base)
    )


async def save_own(site: Site, user: User, own: Own, *, note: str, base: int) -> int:
    """A version in which one site has something else besides; all the rest stays as it is.

    Raises Refused as `save` does.
    """
    demand(user, "change_policy", Thing(site=own.site))
    if len(note) > _LONGEST_NOTE:
        raise Refused("note_too_long", field="note", limit=_LONGEST_NOTE)

    def write(connection: Connection) -> int:
        held = site.in_force.now(connection, site.rules)
        policy = sound(held.policy.with_own(own))
        return _save(connection, site, user, policy, plain(note), base, f" site={own.key}")

    return await site.storage.write(write)


def _save(
    connection: Connection,
    site: Site,
    user: User,
    policy: Policy,
    note: str,
    base: int,
    about: str = "",
) -> int:
    before = site.in_force.now(connection, site.rules)
    if before.number != base:
        raise Refused("outdated")
    now = site.now()
    policies.add(connection, base + 1, policy, author=user.id, note=note, now=now)
    record.note(connection, user, "policy_saved", now, detail=f"{base + 1}{about}", note=note)
    _tell_followers(connection, before.policy, policy, now)
    return base + 1


def _tell_followers(connection: Connection, before: Policy, after: Policy, now: datetime) -> None:
    changed: set[int] = set()
    for one in sites.everyone(connection):
        old, new = before.at(one.id), after.at(one.id)
        slow, days = new.slow_seconds, new.close_days
        if new.mode != old.mode:
            changed |= stories.follow_mode(connection, new.mode, one.id)
        if (slow, days) != (old.slow_seconds, old.close_days):
            changed |= stories.follow_pace(connection, slow, days, now, one.id)
        breaks.follow(connection, new.mode, slow, one.id)
    news = [NewEvent(stream=story_stream(one), kind="mode") for one in sorted(changed)]
    if news:
        streams.append_all(connection, news, now)
