"""The check that asks the risk model."""

from __future__ import annotations

import msgspec
import pytest

from belowline.checks import Check, risk, run
from belowline.domain.decisions import Finding
from belowline.domain.policy import Facts, decide, judge
from belowline.domain.rulebook import read
from belowline.domain.urgency import harm
from belowline.risk import model
from belowline.risk.judge import Judge
from tests.checks.test_checks import PLAIN

INSULT = "You are a pathetic little idiot and everybody here knows it."
CHECKS = (Check("risk", risk.VERSION, risk.look),)


def found(text: str, **changes: object) -> list[Finding]:
    return run(CHECKS, msgspec.structs.replace(PLAIN, text=text, **changes), clock=lambda: 0.0)


def test_an_insult_is_held_with_its_score_and_its_words() -> None:
    first, *others = found(INSULT, risk_hold=0.5)
    assert (first.code, first.weight) == ("risk_high", "hold")
    assert first.score is not None
    assert first.score > 0.5
    assert first.version == model.shipped().version
    assert {one.weight for one in others} <= {"note"}
    marked = [INSULT[one.start : one.end] for one in (first, *others)]
    assert [one.evidence for one in (first, *others)] == marked
    assert "idiot" in " ".join(marked)


def test_a_complaint_is_left_alone() -> None:
    assert found("The minister's plan is a terrible mistake and I will vote against her.") == []


def test_below_the_thresholds_of_the_site_it_is_a_note_or_nothing() -> None:
    assert found(INSULT, risk_note=0.1, risk_hold=1.0)[0].weight == "note"
    assert found(INSULT, risk_note=1.0, risk_hold=1.0) == []


def test_a_language_can_have_a_threshold_of_its_own() -> None:
    assert found(INSULT, risk_hold=0.5, risk_hold_in={"en": 1.0})[0].weight == "note"


def test_a_model_alone_never_refuses() -> None:
    findings = found(INSULT * 20, risk_hold=0.0, risk_note=0.0)
    assert decide(findings, mode="open", staff=False).status == "held"
    assert decide(findings, mode="open", staff=True).status == "published"


def test_in_an_unknown_language_it_says_so_and_holds_nothing() -> None:
    text = "Hvor er toget henne og hvorfor kommer det ikke n\u00e5, din idiot og taber?"
    findings = found(text, risk_note=0.0, risk_hold=0.0)
    assert [(one.code, one.weight, one.evidence) for one in findings] == [
        ("risk_unsure", "note", "no")
    ]
    assert harm(findings, 0) == harm([], 0)
    wary = read("hold when risk above 0.01\npublish otherwise", None, ("open",))
    assert judge(wary, findings, Facts(mode="open", staff=False)).status == "published"


def test_the_longest_comment_is_looked_at() -> None:
    assert found(f"{INSULT} " * 160, risk_hold=0.5)[0].weight == "hold"


def test_a_missing_file_holds_for_everybody_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "_FILE", "gone.bin")
    model.shipped.cache_clear()
    try:
        findings = found("Good morning.", judge=Judge())
    finally:
        model.shipped.cache_clear()
    assert [(one.code, one.weight) for one in findings] == [("check_failed", "hold")]
    assert "gone.bin" in findings[0].evidence
    assert decide(findings, mode="open", staff=True).status == "held"
