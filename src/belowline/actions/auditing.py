"""The audit of even hands: comments of the last days judged with a pair's words exchanged.

From the desk it runs in a process of its own, so that the server goes on serving; the latest
report is stored, so that every process can show it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog

from belowline.actions.learning import catch_up
from belowline.actions.rehearsal import History, cases_after, side_of, worker
from belowline.actions.site import Site
from belowline.checks import CHECKS
from belowline.checks.replay import Case
from belowline.checks.swapping import Eyes, score, swaps
from belowline.domain import ids
from belowline.domain.audits import Audit, Comment, Tally
from belowline.domain.comments import Comment as Written
from belowline.domain.decisions import Decision
from belowline.domain.errors import Refused
from belowline.domain.rules import Rules
from belowline.domain.swaps import pairs
from belowline.domain.users import Thing, User, demand
from belowline.risk.judge import Judge
from belowline.risk.model import Unusable
from belowline.storage import comments, decisions, meta
from belowline.storage.engine import URL, Connection, Storage

DAYS = 30
_KEY = "audit"
_KEPT = timedelta(days=30)
_PATIENCE = timedelta(minutes=30)
_log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The latest audit that was begun at the desk; ``audit`` is None while it is under way."""

    begun_at: datetime
    audit: Audit | None = None
    failed: bool = False

    def is_lost(self, now: datetime) -> bool:
        """Whether nothing will come of it any more: its process has ended."""
        return self.failed or (self.audit is None and now - self.begun_at > _PATIENCE)


class Audits:
    """The audit that this process has under way."""

    def __init__(self, make_worker: Callable[[], Executor] = worker) -> None:
        self._make_worker = make_worker
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, site: Site, user: User) -> None:
        """Begins one in place of the last report, unless one is under way.

        Raises Refused("not_allowed").
        """
        demand(user, "change_policy", Thing())
        now = site.now()

        def write(connection: Connection) -> bool:
            found = _kept(connection)
            if found is not None and found.audit is None and not found.is_lost(now):
                return False
            _keep(connection, Report(begun_at=now))
            return True

        if await site.storage.write(write):
            task = asyncio.create_task(self._run(site, now))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, site: Site, now: datetime) -> None:
        executor = self._make_worker()
        try:
            report = await self._report(site, executor, now)
            await site.storage.write(partial(_keep, report=report))
        except Refused as refused:
            _log.warning("audit.failed", code=refused.code)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)

    async def _report(self, site: Site, executor: Executor, now: datetime) -> Report:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(executor, _apart, site.storage.url, site.rules, now)
        except Exception as error:
            _log.error("audit.failed", exc_info=error)
            return Report(begun_at=now, failed=True)
        return Report(begun_at=now, audit=found)

    async def close(self) -> None:
        """Gives up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def latest(site: Site, user: User) -> Report | None:
    """The latest report, for 30 days, without what its author has deleted or changed since.

    Raises Refused("not_allowed").
    """
    demand(user, "change_policy", Thing())

    def read(connection: Connection) -> Report | None:
        found = _kept(connection)
        if found is None or site.now() - found.begun_at > _KEPT:
            return None
        return _without_withdrawn(connection, found)

    return await site.storage.read(read)


def _apart(url: URL, rules: Rules, now: datetime) -> Audit:
    """The audit in a process of its own, with connections and a model of its own."""
    storage = Storage(url)
    try:
        site = Site(storage=storage, rules=rules, checks=CHECKS, now=lambda: now)
        return asyncio.run(audit(site, DAYS))
    finally:
        storage.close()


def _kept(connection: Connection) -> Report | None:
    found = meta.value(connection, _KEY)
    return None if found is None else msgspec.json.decode(found, type=Report)


def _keep(connection: Connection, report: Report) -> None:
    meta.keep(connection, _KEY, msgspec.json.encode(report).decode())


def _without_withdrawn(connection: Connection, report: Report) -> Report:
    if report.audit is None:
        return report
    shown = {ids.decode(one.comment) for pair in report.audit.pairs for one in pair.examples}
    there = comments.many(connection, shown)
    pairs_ = []
    for pair in report.audit.pairs:
        examples = [
            one
            for one in pair.examples
            if _is_as_it_was(there.get(ids.decode(one.comment)), report)
        ]
        pairs_.append(msgspec.structs.replace(pair, examples=examples))
    return msgspec.structs.replace(
        report, audit=msgspec.structs.replace(report.audit, pairs=pairs_)
    )


def _is_as_it_was(comment: Written | None, report: Report) -> bool:
    if comment is None or comment.status == "withdrawn":
        return False
    return comment.edited_at is None or comment.edited_at <= report.begun_at


async def audit(site: Site, days: int, tell: Progress | None = None) -> Audit:
    """Judges what was written in the last ``days`` days by the policy that holds and the model
    with all that the site has taught it, and adds up. Nothing is stored.

    For the operator's command: it takes the processor for as long as it needs. ``tell`` hears
    how many comments have been looked at.
    """
    now = site.now()
    await catch_up(site)
    held = await site.storage.read(lambda connection: site.in_force.now(connection, site.rules))
    eyes = Eyes(
        side=side_of(held),
        judge=site.judge,
        risk_note=site.rules.risk_note,
        risk_hold=site.rules.risk_hold,
        risk_hold_in=site.rules.risk_hold_in,
    )
    listed = pairs(held.policy.swaps)
    tally = Tally(listed)
    history: History = {}
    last = ids.id_at(now - timedelta(days=days), 0) - 1
    done = 0
    while True:
        cases, said = await site.storage.read(partial(_next, after=last, history=history))
        if not cases:
            break
        last = cases[-1].comment
        for case in cases:
            became = _became(case, said.get(case.comment, ()), site.judge)
            tally.add(swaps(case, listed, eyes), [became])
        done += len(cases)
        if tell is not None:
            tell(done, 0)
    return Audit(
        made_at=now,
        days=days,
        comments=done,
        policy=held.number,
        model=_version(site.judge),
        pairs=tally.treated(),
        languages=tally.languages(),
    )


def _next(
    connection: Connection, after: int, history: History
) -> tuple[list[Case], dict[int, list[Decision]]]:
    cases = cases_after(connection, after, history)
    return cases, decisions.of_comments(connection, [case.comment for case in cases])


def _became(case: Case, said: Sequence[Decision], judge: Judge) -> Comment:
    came = next((line for line in said if line.action == "post"), None)
    decided = next(
        (
            line
            for line in said
            if line.actor is not None
            and line.before == "held"
            and line.action in ("publish", "reject")
        ),
        None,
    )
    waited = (decided.created_at - case.when).total_seconds() / 60 if decided else 0.0
    return Comment(
        case.language,
        came.after if came else "",
        decided.after == "published" if decided else None,
        max(0.0, waited),
        score(case.text, judge),
    )


def _version(judge: Judge) -> str:
    try:
        return judge.version
    except Unusable:
        return ""
