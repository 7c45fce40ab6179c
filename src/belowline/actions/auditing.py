"""The audit of even hands: comments of the last days judged with a pair's words exchanged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from belowline.actions.learning import catch_up
from belowline.actions.rehearsal import History, cases_after, side_of
from belowline.actions.site import Site
from belowline.checks.replay import Case
from belowline.checks.swapping import Eyes, score, swaps
from belowline.domain import language as languages
from belowline.domain.audits import Audit, Comment, Tally
from belowline.domain.decisions import Decision
from belowline.domain.ids import id_at
from belowline.domain.swaps import pairs
from belowline.risk.judge import Judge
from belowline.risk.model import Unusable
from belowline.storage import decisions
from belowline.storage.engine import Connection

DAYS = 30

Progress = Callable[[int, int], None]


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
    last = id_at(now - timedelta(days=days), 0) - 1
    done = 0
    while True:
        cases, said = await site.storage.read(partial(_next, after=last, history=history))
        if not cases:
            break
        last = cases[-1].comment
        for case in cases:
            language = languages.guess(case.text) or case.language.split("-")[0]
            became = _became(case, language, said.get(case.comment, ()), site.judge)
            tally.add(swaps(case, language, listed, eyes), [became])
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


def _became(case: Case, language: str, said: Sequence[Decision], judge: Judge) -> Comment:
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
        language,
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
