"""How a comment was sent: what counts against its sender, and what does not."""

from __future__ import annotations

import pytest

from belowline.domain.senders import NOBODY, Sender, is_suspicious, of_codes, signs
from tests.checks.test_checks import found, said

TRAPPED = Sender(signs=("sender_trap",), trapped="https://pills.example")
HASTY = Sender(signs=("sender_hasty", "sender_unstamped"))


def test_what_fell_into_the_trap_is_held_with_what_it_was() -> None:
    (finding,) = found("The ferry was late again.", sender=TRAPPED)
    assert (finding.code, finding.weight) == ("sender_trap", "hold")
    assert finding.evidence == "https://pills.example"


def test_haste_is_noted_and_makes_signs_of_spam_weigh_more() -> None:
    assert said("The ferry was late again.", sender=HASTY) == [
        ("sender_hasty", "note"),
        ("sender_unstamped", "note"),
    ]
    offer = "Casino tickets for the ferry, call me."
    alone = [code for code, _ in said(offer)]
    hurried = [code for code, _ in said(offer, sender=HASTY)]
    assert "spam_maybe" not in alone
    assert "spam_maybe" in hurried or "spam_likely" in hurried


def test_a_form_that_took_its_time_has_no_signs() -> None:
    honest = {"trapped": "", "stamped": True, "crowded": False}
    assert signs(seconds=3.0, **honest) == ()  # type: ignore[arg-type]
    assert signs(seconds=None, **honest) == ()  # type: ignore[arg-type]
    assert signs(seconds=2.9, **honest) == ("sender_hasty",)  # type: ignore[arg-type]


def test_a_rehearsal_knows_the_sender_again_by_the_findings() -> None:
    assert of_codes(["shouting", "sender_hasty", "sender_unproved"]).signs == ("sender_hasty",)


@pytest.mark.parametrize(
    ("sender", "against", "asked"),
    [
        (NOBODY, {}, False),
        (NOBODY, {"spam": True}, False),
        (NOBODY, {"spam": True, "tightened": True}, True),
        (NOBODY, {"spam": True, "tightened": True, "newcomer": False}, False),
        (TRAPPED, {}, True),
        (Sender(signs=("sender_hasty",)), {}, False),
        (Sender(signs=("sender_hasty",)), {"spam": True}, True),
    ],
)
def test_work_is_asked_of_newcomers_with_two_reasons_against_them(
    sender: Sender, against: dict[str, bool], asked: bool
) -> None:
    facts = {"newcomer": True, "spam": False, "tightened": False} | against
    assert is_suspicious(sender, **facts) is asked
