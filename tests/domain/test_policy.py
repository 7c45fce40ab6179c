"""From findings to an outcome."""

from __future__ import annotations

import pytest

from belowline.domain.decisions import Finding
from belowline.domain.policy import decide


def _finding(weight: str, code: str = "a_code") -> Finding:
    return Finding(check="c", version="1", code=code, weight=weight, sentence="Why.")


REFUSE, HOLD, NOTE = _finding("refuse"), _finding("hold"), _finding("note")
FAILED, SLOW = _finding("hold", "check_failed"), _finding("hold", "check_slow")


@pytest.mark.parametrize(
    ("findings", "mode", "staff", "status", "reason"),
    [
        ([], "open", False, "published", "mode_open"),
        ([], "reviewed", False, "held", "mode_reviewed"),
        ([], "closed", False, "held", "mode_closed"),
        ([], "reviewed", True, "published", "staff"),
        ([], "closed", True, "published", "staff"),
        ([NOTE], "open", False, "published", "mode_open"),
        ([NOTE, HOLD], "open", False, "held", "a_code"),
        ([HOLD, REFUSE], "open", False, "refused", "a_code"),
        ([HOLD, REFUSE], "open", True, "published", "mode_open"),
        ([FAILED], "open", False, "held", "check_failed"),
        ([FAILED], "open", True, "held", "check_failed"),
        ([SLOW], "open", True, "held", "check_slow"),
        ([FAILED, REFUSE], "open", False, "refused", "a_code"),
    ],
)
def test_findings_mode_and_role_decide(
    findings: list[Finding], mode: str, staff: bool, status: str, reason: str
) -> None:
    outcome = decide(findings, mode=mode, staff=staff)
    assert (outcome.status, outcome.reason) == (status, reason)


def test_the_outcome_says_why() -> None:
    assert decide([HOLD], mode="open", staff=False).sentence == "Why."
    assert decide([REFUSE], mode="open", staff=False).sentence == "Why."
