"""The risk model: how likely the moderators of this site are to reject a text like this one.

It holds or notes by the publisher's thresholds and never refuses. In a language of which it has
learned nothing it says so and holds nothing.
"""

from __future__ import annotations

from belowline.checks.context import CheckContext
from belowline.domain.decisions import Finding
from belowline.domain.language import UNKNOWN, of_comment
from belowline.risk.judge import Risk
from belowline.risk.model import Span, Unusable

VERSION = "1"

_LONGEST = 200


def look(context: CheckContext) -> list[Finding]:
    """risk_high (hold) or risk_raised (note), with risk_words (note) for further places; or
    risk_unsure (note) where the language is unknown to the model."""
    try:
        note = _noted_from(context)
        lowest = min(note, context.risk_hold, *context.risk_hold_in.values())
        risk = context.judge.look(context.text, explain_from=lowest)
    except Unusable as error:
        return [_missing(error)]
    if not risk.known:
        return [_unsure(risk)] if risk.score >= note else []
    if risk.score >= context.risk_hold_in.get(risk.language, context.risk_hold):
        return _marked(context.text, risk, "risk_high", "hold")
    if risk.score >= note:
        return _marked(context.text, risk, "risk_raised", "note")
    return []


def _noted_from(context: CheckContext) -> float:
    """From which score on something is said: lower where the policy's rules hold from a lower one.

    What holds is the policy's to say; the weight of the finding is the one by the settings.
    """
    said = context.risk_thresholds
    if not said:
        return context.risk_note
    language = of_comment(context.text, context.language).language or UNKNOWN
    return min(context.risk_note, said.get(language, said.get("", 1.0)))


SENTENCES = {
    "risk_high": "It reads like comments that were rejected.",
    "risk_raised": "It reads a little like comments that were rejected.",
    "risk_words": "This raised the risk score too.",
    "risk_unsure": "The risk model knows too little of this language to judge.",
    "check_failed": "The risk model\u2019s file is missing or damaged.",
}
"""What the findings say, by their code; the interface translates it."""


def _marked(text: str, risk: Risk, code: str, weight: str) -> list[Finding]:
    first, *others = risk.spans or (Span(-1, -1, 0.0),)
    return [
        _finding(risk, code, weight, text, first),
        *(_finding(risk, "risk_words", "note", text, span) for span in others),
    ]


def _finding(risk: Risk, code: str, weight: str, text: str, span: Span) -> Finding:
    return Finding(
        check="risk",
        version=risk.version,
        code=code,
        weight=weight,
        sentence=SENTENCES[code],
        start=span.start,
        end=span.end,
        evidence=text[span.start : span.end][:_LONGEST] if span.start >= 0 else "",
        score=round(risk.score, 4),
    )


def _unsure(risk: Risk) -> Finding:
    return Finding(
        check="risk",
        version=risk.version,
        code="risk_unsure",
        weight="note",
        sentence=SENTENCES["risk_unsure"],
        evidence=risk.language,
        score=0.0,  # what the model guesses here counts nowhere: no rule, no place in the queue
    )


def _missing(error: Unusable) -> Finding:
    return Finding(
        check="risk",
        version=VERSION,
        code="check_failed",
        weight="hold",
        sentence=SENTENCES["check_failed"],
        evidence=str(error)[:_LONGEST],
    )
