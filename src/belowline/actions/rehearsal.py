"""Rehearsing a change of the policy on what was written in the last days, before it is saved.

Comments are read some hundreds at a time and judged in another process, so that the server goes
on serving; how far it has come is stored, so that every process can tell.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import structlog

from belowline.actions.in_force import PolicyInForce, ready
from belowline.actions.plain import plain
from belowline.actions.policies import sound
from belowline.actions.site import Site
from belowline.checks.replay import Case, Side, replay
from belowline.domain.errors import Refused
from belowline.domain.ids import id_at, moment, new_id
from belowline.domain.language import of_comment
from belowline.domain.policy import Policy
from belowline.domain.rehearsals import Result, Tally, seconds_a_decision
from belowline.domain.users import CONFINED, STAFF, Thing, User, demand
from belowline.storage import comments, decisions, rehearsals, stories
from belowline.storage.engine import Connection
from belowline.storage.rehearsals import Rehearsal, Written

DAYS = 30
_AT_ONCE = 500
_LATEST = 20
_DECISIONS = 1_000
_LONGEST_NOTE = 500
_KEPT = timedelta(days=30)
_PATIENCE = timedelta(minutes=10)
_log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
History = dict[int, deque[tuple[str, datetime]]]


def worker() -> Executor:
    """A process of its own that does the judging, and lets everything else go first."""
    return ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn"), initializer=_step_back
    )


def _step_back() -> None:
    os.nice(5)


class Rehearsals:
    """The rehearsals that this process has under way."""

    def __init__(self, make_worker: Callable[[], Executor] = worker) -> None:
        self._make_worker = make_worker
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(
        self, site: Site, user: User, proposal: Policy, *, note: str, base: int, of: int = 0
    ) -> int:
        """Begins one and answers its number. ``of`` is the site whose own part the proposal
        changes: then it is about what was written there.

        Raises Refused: not_allowed, note_too_long, outdated, and as `policies.sound`.
        """
        demand(user, "change_policy", Thing(site=of))
        sound(proposal)
        if len(note) > _LONGEST_NOTE:
            raise Refused("note_too_long", field="note", limit=_LONGEST_NOTE)
        now = site.now()
        since = id_at(now - timedelta(days=DAYS), 0)

        def write(connection: Connection) -> Rehearsal:
            if site.in_force.now(connection, site.rules).number != base:
                raise Refused("outdated")
            new = Rehearsal(
                id=new_id(now),
                author=user.id,
                base=base,
                proposal=proposal,
                note=plain(note),
                done=0,
                total=rehearsals.count_since(connection, since),
                result=None,
                created_at=now,
                site=of,
            )
            rehearsals.begin(connection, new, _KEPT)
            return new

        new = await site.storage.write(write)
        task = asyncio.create_task(self._run(site, new))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return new.id

    async def _run(self, site: Site, new: Rehearsal) -> None:
        executor = self._make_worker()
        try:
            await _follow(site, new, executor)
        except Refused as refused:
            _log.warning("rehearsal.failed", code=refused.code)
        except Exception as error:
            _log.error("rehearsal.failed", exc_info=error)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)

    async def close(self) -> None:
        """Gives up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _follow(site: Site, new: Rehearsal, executor: Executor) -> None:
    done = 0
    async for part in rehearse(site, executor, new.proposal, of=new.site):
        if isinstance(part, Result):
            await site.storage.write(partial(rehearsals.finish, rehearsal=new.id, result=part))
        else:
            done += part
            await site.storage.write(partial(rehearsals.progress, rehearsal=new.id, done=done))


async def get(site: Site, user: User, number: int) -> Rehearsal:
    """A rehearsal as far as it has come. Raises Refused: not_allowed, rehearsal_unknown."""
    demand(user, "moderate", CONFINED)
    found = await site.storage.read(lambda connection: rehearsals.get(connection, number))
    if found is None:
        raise Refused("rehearsal_unknown")
    demand(user, "moderate", Thing(site=found.site))
    return found


def is_lost(rehearsal: Rehearsal, now: datetime) -> bool:
    """Whether nothing will come of it any more: its process has ended."""
    return rehearsal.result is None and now - rehearsal.created_at > _PATIENCE


async def rehearse(
    site: Site, executor: Executor, proposal: Policy, days: int = DAYS, of: int = 0
) -> AsyncIterator[int | Result]:
    """How many comments were looked at, again and again, and at the end what came of all of them,
    or of those of the site ``of``."""
    now = site.now()
    last = id_at(now - timedelta(days=days), 0) - 1
    held = await site.storage.read(lambda connection: site.in_force.now(connection, site.rules))
    sides = side_of(held), side_of(ready(-1, proposal))
    history: History = {}
    tally = Tally()
    loop = asyncio.get_running_loop()
    while True:
        cases = await site.storage.read(partial(cases_after, after=last, history=history))
        if not cases:
            break
        last = cases[-1].comment
        here = [case for case in cases if of in (0, case.site)]
        tally.add(await loop.run_in_executor(executor, replay, here, *sides))
        yield len(cases)
    seconds = await site.storage.read(
        lambda connection: seconds_a_decision(decisions.latest(connection, _DECISIONS))
    )
    yield tally.result(days, seconds)


def side_of(version: PolicyInForce) -> Side:
    """A version as those who judge again take it."""
    return Side(
        policy=version.policy,
        rules=version.rules,
        own={site: side_of(one) for site, one in version.own.items()},
    )


def cases_after(connection: Connection, after: int, history: History) -> list[Case]:
    """The next comments with what was known of their authors, who are remembered in ``history``."""
    written = rehearsals.written_after(connection, after, _AT_ONCE)
    if not written:
        return []
    _remember(connection, written, history)
    about = stories.many(connection, {one.story for one in written})
    findings = comments.findings_of(connection, [one.id for one in written])
    cases = []
    for one in written:
        story = about[one.story]
        mode = story.chosen if story.own_mode and story.chosen != "closed" else None
        when = moment(one.id)
        cases.append(
            Case(
                comment=one.id,
                site=story.site,
                text=one.text,
                language=one.language or of_comment(one.text, story.language).language,
                story_language=story.language,
                mode=mode,
                staff=one.role in STAFF,
                reply=one.reply,
                status=one.status,
                when=when,
                latest=tuple(history[one.author]),
                findings=tuple(findings.get(one.id, ())),
            )
        )
        history[one.author].append((one.status, when))
    return cases


def _remember(connection: Connection, written: list[Written], history: History) -> None:
    """What those had written before who have not been met yet."""
    fresh = {one.author for one in written} - set(history)
    earlier = rehearsals.latest_before(connection, fresh, written[0].id, _LATEST)
    for author, found in earlier.items():
        past = ((status, moment(number)) for number, status in reversed(found))
        history[author] = deque(past, maxlen=_LATEST)
