"""The circuit breaker at work: looks at the last minute every few seconds, tightens and loosens.

Looking is a read. Only where something is to be changed is there a write, which looks again, so
that several processes of a site cannot tighten the same story twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

import msgspec

from belowline.actions.record import note
from belowline.actions.site import Site
from belowline.checks.campaigns import is_short
from belowline.checks.repeats import essence
from belowline.domain import breaker
from belowline.domain.breaker import NEWCOMER, Minute, Shares, Tightened
from belowline.domain.events import story_stream
from belowline.domain.stories import Story
from belowline.storage import breaks, comments, stories, streams
from belowline.storage.breaks import Arrival
from belowline.storage.engine import Connection


async def look(site: Site) -> int:
    """Tightens what breaks and loosens what is quiet again; answers how many stories changed."""
    if not await site.storage.read(lambda connection: _is_anything(connection, site)):
        return 0
    return await site.storage.write(lambda connection: _settle(connection, site))


def _is_anything(connection: Connection, site: Site) -> bool:
    return bool(_breaking(connection, site.now()) or breaks.tightened(connection))


def _settle(connection: Connection, site: Site) -> int:
    now = site.now()
    breaking = _breaking(connection, now)
    tightened = breaks.tightened(connection)
    about = stories.many(connection, breaking.keys() | tightened.keys())
    alone = breaks.left_alone(connection, breaking, now)
    changed = 0
    for number, story in about.items():
        kind, minute = breaking.get(number, ("", Minute()))
        before = tightened.get(number)
        if before is not None:
            after = breaker.goes_on(before, kind, minute, now)
        elif number in alone or not story.tightens or story.chosen != story.mode:
            continue
        else:
            after = _begun(connection, story, kind, minute, now)
        if before is None and not after.step:
            continue  # it is as strict as it can be made by itself
        if before is None or after != before:
            breaks.keep(connection, after)
        if after.step != (before.step if before else 0):
            _set(connection, after, now)
            changed += 1
    return changed


def _begun(
    connection: Connection, story: Story, kind: str, minute: Minute, now: datetime
) -> Tightened:
    return Tightened(
        story=story.id,
        step=breaker.first_step(story.mode, story.slow),
        kind=kind,
        minute=minute,
        mode=story.mode,
        slow=story.slow,
        own_mode=story.own_mode,
        own_pace=story.own_pace,
        since=now,
        changed_at=now,
        broke_at=now,
        times=breaks.times_today(connection, story.id, now) + 1,
    )


def _set(connection: Connection, one: Tightened, now: datetime) -> None:
    """Makes the story as strict as the step says, tells open pages, and writes it down."""
    mode, slow = breaker.setting(one.step, one.mode, one.slow)
    stories.change(
        connection,
        one.story,
        mode=mode,
        slow=slow,
        own_mode=True if one.step else one.own_mode,
        own_pace=True if one.step else one.own_pace,
        tightened=breaker.words(one),
    )
    if not one.step:
        _release(connection, one, keep=one.kind != "recommendations")
    elif one.since == now:
        _hold_back(connection, one.story, now)
    streams.append(connection, story_stream(one.story), "mode", now=now)
    detail = f"{mode} {slow} {breaker.words(one)}".strip()
    note(
        connection,
        None,
        "tightened" if one.step else "loosened",
        now,
        subject=one.story,
        detail=detail,
    )


def _hold_back(connection: Connection, story: int, now: datetime) -> None:
    """What newcomers recommended in the last minute waits too: it may be what broke."""
    found = breaks.recommendations(connection, story, now - breaker.MINUTE, NEWCOMER)
    for comment, user in found:
        comments.quarantine(connection, comment, user, on=True)
    _tell(connection, story, found)


def _release(connection: Connection, one: Tightened, *, keep: bool) -> None:
    """Lets the recommendations count that have waited, or throws them away."""
    found = breaks.recommendations(connection, one.story, one.since - breaker.MINUTE)
    for comment, user in found:
        if keep:
            comments.quarantine(connection, comment, user, on=False)
        else:
            comments.unrecommend(connection, comment, user)
    _tell(connection, one.story, found)


def _tell(connection: Connection, story: int, changed: list[tuple[int, int]]) -> None:
    for comment, found in comments.many(connection, {one for one, _ in changed}).items():
        streams.tally(connection, story, comment, found.recommendations)


def over(connection: Connection, story: Story, now: datetime) -> None:
    """Staff set the mode by hand: theirs holds, everything else is as it was, and the breaker
    leaves the story alone for a while."""
    found = breaks.tightened(connection).get(story.id)
    if found is None:
        return
    breaks.leave(connection, story.id, now + breaker.DISMISSED)
    stories.change(
        connection,
        story.id,
        mode=found.mode,
        slow=found.slow,
        own_mode=found.own_mode,
        own_pace=found.own_pace,
        tightened="",
    )
    _release(connection, found, keep=found.kind != "recommendations")


# -- looking -------------------------------------------------------------------------------


def _breaking(connection: Connection, now: datetime) -> dict[int, tuple[str, Minute]]:
    """Story -> why its last minute, or what has gathered before, is a break, and that minute."""
    found = {}
    last = minutes(connection, now)
    suspected = {story for story, minute in last.items() if breaker.kind_of(minute)}
    for number, story in stories.many(connection, suspected).items():
        usual = breaks.usual(connection, number, story.created_at, now)
        minute = msgspec.structs.replace(last[number], usual=usual)
        if kind := breaker.kind_of(minute):
            found[number] = kind, minute
    for number, (a_minute, signs) in breaks.signs(connection, now).items():
        # Most stories are done with here: nothing is more suspicious than these shares.
        if number in found or not breaker.gathers(signs, a_minute, Shares(), now):
            continue
        shares = breaks.shares(connection, number, now)
        if count := breaker.gathers(signs, a_minute, shares, now):
            minute = last.get(number, Minute())
            found[number] = "gathering", msgspec.structs.replace(minute, gathered=count)
    return found


def minutes(connection: Connection, now: datetime) -> dict[int, Minute]:
    """Story -> what happened there in the last minute, for those where anything did."""
    came: dict[int, list[Arrival]] = defaultdict(list)
    for arrival in breaks.arrivals(connection, now):
        came[arrival.story].append(arrival)
    reports = breaks.reports(connection, now, NEWCOMER)
    recommended = breaks.recommended(connection, now, NEWCOMER)
    return {
        story: _minute(
            came.get(story, []), reports.get(story, (0, 0)), recommended.get(story, (0, 0)), now
        )
        for story in {*came, *reports, *recommended}
    }


def _minute(
    came: list[Arrival], reports: tuple[int, int], recommended: tuple[int, int], now: datetime
) -> Minute:
    new = [one for one in came if now - one.first_seen < NEWCOMER]
    copies = _copies(came)
    bad = {one for one in new if one.suspect} | set(copies)
    return Minute(
        arrivals=len(came),
        through=sum(one.published for one in bad),
        copies=len(copies),
        newcomers=len(new),
        suspect=sum(one.suspect for one in new),
        reports=reports[0],
        reports_by_newcomers=reports[1],
        recommendations=recommended[0],
        recommendations_by_newcomers=recommended[1],
    )


def _copies(came: list[Arrival]) -> list[Arrival]:
    """Those that say the same as somebody else."""
    authors: Mapping[int, set[int]] = defaultdict(set)
    said = [(essence(one.text), one) for one in came if one.suspect or not is_short(one.text)]
    for what, one in said:
        authors[what].add(one.author)
    return [one for what, one in said if len(authors[what]) > 1]
