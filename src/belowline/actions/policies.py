"""The policy at the desk: what holds, its versions, and saving a new one."""

from __future__ import annotations

from datetime import datetime

from belowline.actions import record
from belowline.actions.in_force import PolicyInForce
from belowline.actions.plain import plain
from belowline.actions.site import Site
from belowline.checks import CODES
from belowline.domain import policy as rules_of
from belowline.domain import rulebook
from belowline.domain.errors import Refused
from belowline.domain.events import story_stream
from belowline.domain.policy import LIMITS, LISTS, Policy, Version
from belowline.domain.rulebook import BadRule, Unreadable
from belowline.domain.stories import MODES
from belowline.domain.swaps import pair
from belowline.domain.users import Thing, User, demand
from belowline.storage import breaks, policies, stories, streams
from belowline.storage.engine import Connection
from belowline.storage.streams import NewEvent

KNOWN_CODES = frozenset(code for codes in CODES.values() for code in codes)
_PER_PAGE = 20
_LONGEST_NOTE = 500
_LONGEST_RULES = 20_000
_MOST_ENTRIES = 5_000
_LONGEST_ENTRY = 200


async def current(site: Site, user: User) -> PolicyInForce:
    """The version that holds. Raises Refused("not_allowed") to readers."""
    demand(user, "moderate", Thing())
    return await site.storage.read(lambda connection: site.in_force.now(connection, site.rules))


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
    """What is wrong with its rules, line by line."""
    try:
        rulebook.read(policy.rules, KNOWN_CODES, MODES)
    except Unreadable as unreadable:
        return unreadable.problems
    return []


def sound(policy: Policy) -> Policy:
    """``policy`` if it can hold. Raises Refused: policy_rules, policy_number, policy_list,
    policy_pair, story_mode."""
    if len(policy.rules) > _LONGEST_RULES:
        raise Refused("policy_rules", field="rules", why=f"> {_LONGEST_RULES}")
    wrong = problems(policy)
    if wrong:
        raise Refused("policy_rules", field="rules", why=str(Unreadable(wrong)))
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
    return policy


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


def _save(
    connection: Connection, site: Site, user: User, policy: Policy, note: str, base: int
) -> int:
    before = site.in_force.now(connection, site.rules)
    if before.number != base:
        raise Refused("outdated")
    now = site.now()
    policies.add(connection, base + 1, policy, author=user.id, note=note, now=now)
    record.note(connection, user, "policy_saved", now, detail=str(base + 1), note=note)
    _tell_followers(connection, before.policy, policy, now)
    return base + 1


def _tell_followers(connection: Connection, before: Policy, after: Policy, now: datetime) -> None:
    changed: set[int] = set()
    if after.mode != before.mode:
        changed |= stories.follow_mode(connection, after.mode)
    if (after.slow_seconds, after.close_days) != (before.slow_seconds, before.close_days):
        changed |= stories.follow_pace(connection, after.slow_seconds, after.close_days, now)
    breaks.follow(connection, after.mode, after.slow_seconds)
    news = [NewEvent(stream=story_stream(one), kind="mode") for one in sorted(changed)]
    if news:
        streams.append_all(connection, news, now)
