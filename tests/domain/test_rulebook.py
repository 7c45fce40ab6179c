"""The policy's rules as people write them, and what they decide."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from belowline.actions.policies import KNOWN_CODES
from belowline.domain import rulebook
from belowline.domain.decisions import Finding
from belowline.domain.policy import Facts, Outcome, Policy, changes, decide, judge
from belowline.domain.rulebook import Unreadable
from belowline.domain.stories import MODES

OPEN = Facts(mode="open")
NO_LANGUAGE = "Line 1: “german” is no language. Write its code, such as de or uk."
ALONE = "Line 1: a model alone refuses nobody. Name what else was found, or hold."


def found(code: str, weight: str = "hold", check: str = "test") -> Finding:
    return Finding(check=check, version="1", code=code, weight=weight, sentence=f"Found {code}.")


def risk(score: float) -> Finding:
    return Finding(
        check="risk", version="1", code="risk_high", weight="note", sentence="Risky.", score=score
    )


def outcome(text: str, findings: list[Finding], facts: Facts = OPEN) -> str:
    return judge(rulebook.read(text, KNOWN_CODES, MODES), findings, facts).status


def wrong(text: str) -> str:
    with pytest.raises(Unreadable) as unreadable:
        rulebook.read(text, KNOWN_CODES, MODES)
    return str(unreadable.value)


# -- the default is what was always done ---------------------------------------------------------


def before_there_were_rules(
    findings: list[Finding], *, mode: str, staff: bool, known: bool
) -> Outcome:
    """The policy as it was written in Python before editors could change it."""

    def holds(finding: Finding) -> bool:
        if finding.code in ("check_failed", "check_slow"):
            return True
        return finding.weight in ("hold", "refuse") and not staff

    refusing = next((one for one in findings if one.weight == "refuse"), None)
    if refusing is not None and not staff:
        return Outcome(status="refused", reason=refusing.code, sentence=refusing.sentence)
    holding = next((one for one in findings if holds(one)), None)
    if holding is not None:
        return Outcome(status="held", reason=holding.code, sentence=holding.sentence)
    if mode == "open" or staff:
        return Outcome(status="published", reason="mode_open" if mode == "open" else "staff")
    if mode == "trusting" and known:
        return Outcome(status="published", reason="trusted")
    return Outcome(status="held", reason=f"mode_{mode}")


def test_the_default_rules_do_exactly_what_was_done_before_there_were_any() -> None:
    pieces = [
        found("word_banned", "refuse"),
        found("links_many"),
        found("shouting", "note"),
        found("check_failed"),
        found("check_slow"),
    ]
    for size in range(4):
        for findings in itertools.permutations(pieces, size):
            for mode, staff, known in itertools.product(MODES, (True, False), (True, False)):
                decided = decide(list(findings), mode=mode, staff=staff, known=known)
                assert msgspec.structs.replace(decided, line=0) == before_there_were_rules(
                    list(findings), mode=mode, staff=staff, known=known
                )


# -- what rules say ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "findings", "facts"),
    [
        ("hold when link_newcomer", [found("link_newcomer")], OPEN),
        ("hold when any of shouting, emoji_flood", [found("emoji_flood", "note")], OPEN),
        ("hold when any finding notes", [found("shouting", "note")], OPEN),
        ("hold when risk above 0.7", [risk(0.71)], OPEN),
        ("hold when risk below 0.2", [risk(0.1)], OPEN),
        ("hold when newcomer and not reply", [], Facts(mode="open", newcomer=True)),
        ("hold when recent above 4", [], Facts(mode="open", recent=5)),
        ("hold when published below 3 and language de", [], Facts(mode="open", language="de")),
        ("hold when mode open and edit", [], Facts(mode="open", edit=True)),
    ],
)
def test_a_rule_decides_where_all_its_conditions_hold(
    rule: str, findings: list[Finding], facts: Facts
) -> None:
    assert outcome(f"{rule}\npublish when mode open", findings, facts) == "held"
    elsewhere = Facts(mode="reviewed", published=9, reply=True)
    assert outcome(f"{rule}\npublish otherwise", [], elsewhere) == "published"


def test_the_first_rule_that_applies_decides_and_its_line_is_told() -> None:
    text = "# ours\n\nhold when shouting  # it is rude\npublish otherwise"
    decided = judge(rulebook.read(text, KNOWN_CODES, MODES), [found("shouting", "note")], OPEN)
    assert (decided.status, decided.reason, decided.line) == ("held", "shouting", 3)
    assert decided.sentence == "Found shouting."


THRESHOLDS = """\
risk holds above 0.8
risk holds above 0.45 in de, nl
hold when any finding holds
publish otherwise
"""


@pytest.mark.parametrize(
    ("score", "language", "status"),
    [
        (0.7, "en", "published"),  # the settings held it, the line without a language does not
        (0.81, "en", "held"),
        (0.5, "de", "held"),
        (0.45, "nl", "published"),
        (0.7, "", "published"),
    ],
)
def test_a_language_may_have_a_risk_threshold_of_its_own(
    score: float, language: str, status: str
) -> None:
    finding = msgspec.structs.replace(risk(score), weight="hold" if score > 0.6 else "note")
    further = msgspec.structs.replace(finding, code="risk_words", weight="note")
    facts = Facts(mode="open", language=language)
    assert outcome(THRESHOLDS, [finding, further], facts) == status


def test_without_a_line_for_its_language_a_comment_goes_by_the_settings() -> None:
    text = "risk holds above 1 in de\nhold when any finding holds\npublish otherwise"
    held = msgspec.structs.replace(risk(0.7), weight="hold")
    assert outcome(text, [held], Facts(mode="open", language="en")) == "held"
    assert outcome(text, [held], Facts(mode="open", language="de")) == "published"


def test_a_threshold_moves_nothing_but_the_risk_models_finding() -> None:
    text = "risk holds above 0.9\nhold when any finding holds\npublish otherwise"
    assert outcome(text, [found("spam_likely", check="spam")]) == "held"


def test_a_rule_may_ask_for_the_comments_language_and_for_its_storys() -> None:
    facts = Facts(mode="open", language="tr", story_language="de-AT")
    for rule, status in (
        ("hold when language tr", "held"),
        ("hold when language de", "published"),
        ("hold when story language de", "held"),
        ("hold when language und", "published"),
    ):
        assert outcome(f"{rule}\npublish otherwise", [], facts) == status


def test_what_no_rule_speaks_of_is_held() -> None:
    assert outcome("", []) == "held"
    assert outcome("publish when staff", []) == "held"


def test_what_a_broken_check_has_not_seen_is_never_published() -> None:
    assert outcome("publish otherwise", [found("check_failed")]) == "held"


def test_what_only_a_model_says_refuses_nobody() -> None:
    guess = Finding(check="risk", version="1", code="risk_high", weight="refuse", sentence="!")
    assert outcome("refuse when any finding refuses\nhold otherwise", [guess]) == "held"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "allow when staff",
            "Line 1: a rule begins with publish, hold or refuse, not with “allow”.",
        ),
        ("hold staff", "Line 1: after the outcome comes “when” or “otherwise”."),
        ("hold when staff and", "Line 1: a condition is missing."),
        (
            "hold when links_newcomer",
            "Line 1: “links_newcomer” is not known. Did you mean “link_newcomer”?",
        ),
        ("\nhold when zzzzzzzz", "Line 2: no check finds “zzzzzzzz”."),
        ("hold when mode opne", "Line 1: “opne” is no mode."),
        ("hold when risk over 0.7", "Line 1: “risk over 0.7” is no condition."),
        ("hold when risk", "Line 1: “risk” needs above or below and a number."),
        ("hold when risk above much", "Line 1: “risk” needs above or below and a number."),
        ("hold when language german", NO_LANGUAGE),
        ("risk holds above 0.7 in german", NO_LANGUAGE),
        ("risk holds above 70", "Line 1: a risk is a number from 0 to 1, not 70."),
        (
            "risk holds over 0.7",
            "Line 1: write “risk holds above 0.7” or “risk holds above 0.7 in de, uk”.",
        ),
        (
            "risk holds above 0.7 in de\nrisk holds above 0.8 in uk, de",
            "Line 2: there is a risk threshold for “de” already.",
        ),
        ("refuse when risk above 0.9", ALONE),
        ("refuse when newcomer and risk above 0.9", ALONE),
        ("refuse when not word_banned", ALONE),
        ("refuse otherwise", ALONE),
        ("hold otherwise\nhold when staff", "Line 2: nothing after “otherwise” is ever reached."),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, sentence: str) -> None:
    assert wrong(text) == sentence


def test_a_model_may_refuse_together_with_a_sure_finding() -> None:
    text = "refuse when word_banned and risk above 0.9\npublish otherwise"
    banned = found("word_banned", "hold", check="words")
    assert outcome(text, [banned, risk(0.95)]) == "refused"
    assert outcome(text, [banned, risk(0.5)]) == "published"
    assert outcome(text, [risk(0.95)]) == "published"


def test_the_difference_of_two_versions_is_shown_line_by_line() -> None:
    before = Policy(banned_words=("mud",), max_links=3)
    after = Policy(banned_words=("mud", "slime"), max_links=1)
    signs = [change for change in changes(before, after) if change[0] != " "]
    assert signs == [
        ("-", "max_links = 3"),
        ("+", "banned_words: slime"),
        ("+", "max_links = 1"),
    ]
