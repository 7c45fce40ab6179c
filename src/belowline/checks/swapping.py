"""Judging comments with a pair's words in each other's place: rules and model, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from belowline.checks import CHECKS, run
from belowline.checks.replay import RERUN, Case, Side, context_of, judged
from belowline.domain import ids
from belowline.domain.audits import Seen, Swap
from belowline.domain.rulebook import thresholds
from belowline.domain.swaps import Pair, swap
from belowline.domain.text import excerpt
from belowline.risk.judge import Judge
from belowline.risk.model import Unusable

_AGAIN = (*RERUN, "risk")
_CHECKS = tuple(check for check in CHECKS if check.name in _AGAIN)
_BEFORE = 90  # code points of an excerpt that stand before the first changed word
_EXCERPT = 280


class Eyes(msgspec.Struct, frozen=True, kw_only=True):
    """By what comments are judged: the policy, the risk model as it stands, and its thresholds."""

    side: Side
    judge: Judge
    risk_note: float
    risk_hold: float
    risk_hold_in: Mapping[str, float]


def swaps(case: Case, pairs: Sequence[Pair], eyes: Eyes) -> list[Swap]:
    """The case with each pair of which it has a word, judged in both versions.

    What the checks that look at copies and repeats said is taken as it was stored, for both.
    """
    found = []
    written: Seen | None = None
    for place, pair in enumerate(pairs):
        other = swap(case.text, pair)
        if other is None:
            continue
        written = written or _seen(case, eyes)
        before, after = other.places[0]
        found.append(
            Swap(
                place,
                ids.encode(case.comment),
                case.language,
                other.side,
                _around(case.text, before),
                _around(other.text, after),
                written,
                _seen(msgspec.structs.replace(case, text=other.text), eyes),
            )
        )
    return found


def score(text: str, judge: Judge) -> float | None:
    """The risk of a text, None where the model knows too little of the language or is missing."""
    try:
        risk = judge.look(text, explain_from=2.0)
    except Unusable:
        return None
    return round(risk.score, 4) if risk.known else None


def _seen(case: Case, eyes: Eyes) -> Seen:
    side = eyes.side.at(case.site)
    context = msgspec.structs.replace(
        context_of(case, side.policy),
        judge=eyes.judge,
        risk_note=eyes.risk_note,
        risk_hold=eyes.risk_hold,
        risk_hold_in=eyes.risk_hold_in,
        risk_thresholds=thresholds(side.rules),
    )
    kept = [finding for finding in case.findings if finding.check not in _AGAIN]
    findings = [*run(_CHECKS, context, _no_clock), *kept]
    in_open = msgspec.structs.replace(case, mode="open")
    return Seen(
        score(case.text, eyes.judge),
        judged(case, findings, side).status,
        judged(in_open, findings, side).status,
        tuple(dict.fromkeys(finding.code for finding in findings)),
    )


def _no_clock() -> float:
    """A check that was slow once says nothing of the words that it looked at."""
    return 0.0


def _around(text: str, place: int) -> str:
    """An excerpt in which the word at ``place`` stands."""
    if place <= _BEFORE:
        return excerpt(text, _EXCERPT)
    space = text.find(" ", place - _BEFORE, place)
    return "\u2026" + excerpt(text[(space if space >= 0 else place - _BEFORE) :], _EXCERPT)
