"""The checks that look at every new or edited comment, in their order.

A check is a function from a `CheckContext` to findings, in a file of its own. It decides nothing:
`belowline.domain.policy` does.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import structlog

from belowline.checks import campaigns, flood, links, repeats, risk, sender, spam, words
from belowline.checks.context import CheckContext
from belowline.checks.watchdog import ENOUGH, CutOff, Watchdog
from belowline.domain.decisions import Finding
from belowline.domain.marking import _

_log = structlog.get_logger(__name__)
_watchdog = Watchdog()

SLOWEST = 0.05
"""Seconds after which a check is too slow to be trusted with the acknowledgement."""


class Check(msgspec.Struct, frozen=True):
    """A check: its name and version are kept with each of its findings."""

    name: str
    version: str
    look: Callable[[CheckContext], list[Finding]]


CHECKS: tuple[Check, ...] = (
    Check("words", words.VERSION, words.look),
    Check("links", links.VERSION, links.look),
    Check("repeats", repeats.VERSION, repeats.look),
    Check("campaigns", campaigns.VERSION, campaigns.look),
    Check("flood", flood.VERSION, flood.look),
    Check("sender", sender.VERSION, sender.look),
    Check("spam", spam.VERSION, spam.look),
    Check("risk", risk.VERSION, risk.look),
)


CODES: dict[str, tuple[str, ...]] = {
    "words": ("word_banned", "word_suspect"),
    "links": (
        "link_banned",
        "link_suspect",
        "link_lookalike",
        "link_userinfo",
        "links_many",
        "link_newcomer",
    ),
    "repeats": ("repeated_text",),
    "campaigns": ("campaign_copies", "campaign_copy", "campaign_unkept"),
    "flood": ("shouting", "character_run", "emoji_flood"),
    "sender": (
        "sender_trap",
        "sender_hasty",
        "sender_unstamped",
        "sender_crowd",
        "sender_unproved",
    ),
    "spam": ("spam_likely", "spam_maybe", "spam_sign"),
    "risk": ("risk_high", "risk_raised", "risk_words", "risk_unsure"),
    "": (
        "check_failed",
        "check_slow",
        "outside_failed",
        "akismet_spam",
        "webhook_hold",
        "webhook_note",
    ),
}
"""What each check can find, what is found when one breaks, and what others find
(`belowline.actions.outside`): the words of the policy's rules."""


def run(
    checks: tuple[Check, ...],
    context: CheckContext,
    clock: Callable[[], float] = time.thread_time,
) -> list[Finding]:
    """All findings of all ``checks``, in their order.

    A check that raises or takes too long does not stop the others: that is a finding too, which
    holds the comment. One that does not end is cut off, where `watchdog` can. ``clock`` counts
    seconds of work.
    """
    findings: list[Finding] = []
    watched = _watchdog.watch()
    with _no_garbage_collected():
        for check in checks:
            began = clock()
            found, is_cut = _look(check, context)
            took = clock() - began
            if is_cut or took > SLOWEST:
                found.append(_slow(check))
            cost = round((max(took, ENOUGH) if is_cut else took) * 1_000_000)
            findings.extend(msgspec.structs.replace(finding, cost=cost) for finding in found)
    if watched:
        _watchdog.rest()
    return findings


@contextmanager
def _no_garbage_collected() -> Iterator[None]:
    """Python looks for garbage later: in a large process that takes longer than a check may, by
    the same clock, and would be put down to whichever check made one object too many."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _look(check: Check, context: CheckContext) -> tuple[list[Finding], bool]:
    """What the check finds, and whether it was cut off."""
    try:
        try:
            _watchdog.began()
            return list(check.look(context)), False
        finally:
            _watchdog.ended()
    except CutOff:
        return [], True
    except Exception as error:
        return [_failed(check, error)], False


def _failed(check: Check, error: Exception) -> Finding:
    _log.error("checks.failed", check=check.name, exc_info=error)
    return Finding(
        check=check.name,
        version=check.version,
        code="check_failed",
        weight="hold",
        sentence=_("A check could not look at this comment."),
        evidence=type(error).__name__,
    )


def _slow(check: Check) -> Finding:
    _log.warning("checks.slow", check=check.name)
    return Finding(
        check=check.name,
        version=check.version,
        code="check_slow",
        weight="hold",
        sentence=_("A check took too long to look at this comment."),
    )
