"""Judging comments again: in a process of its own, so that the server goes on serving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from belowline.checks import CHECKS, run, words
from belowline.checks.context import CheckContext, lists_of
from belowline.domain.decisions import Finding
from belowline.domain.policy import Facts, Outcome, Policy, facts_of, judge
from belowline.domain.rehearsals import Verdict
from belowline.domain.rulebook import Rule
from belowline.domain.senders import of_codes
from belowline.domain.sites import FIRST
from belowline.domain.text import excerpt

RERUN = ("words", "links", "flood", "spam")
"""Checks that need nothing but the text and what is counted: they look again. What the others
said is taken as it was stored."""

_CHECKS = tuple(check for check in CHECKS if check.name in RERUN)
_EXCERPT = 280


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A comment with what was known when it was written.

    ``language`` is its own; ``latest`` are its author's comments before it; ``mode`` is the
    story's own, None where it follows its ``site``'s; ``findings`` are those that were stored.
    """

    comment: int
    site: int = FIRST
    text: str
    language: str
    story_language: str
    mode: str | None
    staff: bool
    reply: bool
    status: str
    when: datetime
    latest: tuple[tuple[str, datetime], ...]
    findings: tuple[Finding, ...]


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two policies, with its rules read; ``own`` for sites that have more than that."""

    policy: Policy
    rules: tuple[Rule, ...]
    own: Mapping[int, Side] = {}

    def at(self, site: int) -> Side:
        """What holds for a site."""
        return self.own.get(site, self)


def replay(cases: Sequence[Case], before: Side, after: Side) -> list[Verdict]:
    """What both sides make of each case."""
    for side in (before, after):
        for one in (side, *side.own.values()):
            words.prepare(one.policy)
    same = {
        site: lists_of(before.at(site).policy) == lists_of(after.at(site).policy)
        for site in {case.site for case in cases}
    }
    return [
        _verdict(case, before.at(case.site), after.at(case.site), same_lists=same[case.site])
        for case in cases
    ]


def _verdict(case: Case, before: Side, after: Side, *, same_lists: bool) -> Verdict:
    findings = _look(case, before.policy)
    old = judged(case, findings, before)
    new = judged(case, findings if same_lists else _look(case, after.policy), after)
    return Verdict(
        case.comment,
        case.language,
        old.status,
        new.status,
        new.reason,
        case.status,
        excerpt(case.text, _EXCERPT) if old.status != new.status else "",
    )


def judged(case: Case, findings: Sequence[Finding], side: Side) -> Outcome:
    """What the policy makes of a case of which the checks found this."""
    return judge(side.rules, findings, _facts(case, side.policy))


def _facts(case: Case, policy: Policy) -> Facts:
    statuses = [status for status, _ in case.latest]
    return facts_of(
        policy,
        case.latest,
        case.when,
        mode=case.mode or policy.mode,
        staff=case.staff,
        language=case.language,
        story_language=case.story_language,
        edit=False,
        reply=case.reply,
        published=statuses.count("published"),
        rejected=statuses.count("rejected"),
    )


def _look(case: Case, policy: Policy) -> list[Finding]:
    kept = [finding for finding in case.findings if finding.check not in RERUN]
    return [*run(_CHECKS, context_of(case, policy)), *kept]


def context_of(case: Case, policy: Policy) -> CheckContext:
    """What checks are told of a case. Of its author's texts and of copies they hear nothing."""
    statuses = [status for status, _ in case.latest]
    return CheckContext(
        text=case.text,
        published=statuses.count("published"),
        rejected=statuses.count("rejected"),
        recent_texts=(),
        mode=case.mode or policy.mode,
        language=case.story_language,
        is_staff=case.staff,
        is_edit=False,
        sender=of_codes(finding.code for finding in case.findings),
        **lists_of(policy),
    )
