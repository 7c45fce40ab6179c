"""The checks and the way they are run."""

from __future__ import annotations

import gc
import re
import signal
from collections.abc import Callable, Iterator
from itertools import count
from time import sleep

import msgspec
import pytest

from belowline import checks
from belowline.checks import CHECKS, Check, run
from belowline.checks.context import CheckContext
from belowline.checks.watchdog import Watchdog
from belowline.domain.decisions import Finding

PLAIN = CheckContext(
    text="The ferry was late again.",
    published=5,
    rejected=0,
    recent_texts=(),
    mode="open",
    language="en",
    is_staff=False,
    is_edit=False,
    banned_words=("scum", "rotten fish", "ass", "спам"),
    suspect_words=("mayor",),
    max_links=2,
)

OF_PLAIN_RULES = tuple(check for check in CHECKS if check.name != "risk")


def said(text: str, **changes: object) -> list[tuple[str, str]]:
    return [(one.code, one.weight) for one in found(text, **changes)]


def found(text: str, **changes: object) -> list[Finding]:
    still = count()
    context = msgspec.structs.replace(PLAIN, text=text, **changes)
    return run(OF_PLAIN_RULES, context, clock=lambda: next(still) * 0.001)


def test_a_plain_comment_has_no_findings() -> None:
    assert found(PLAIN.text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("You scum!", (4, 8)),
        ("You SCUM", (4, 8)),
        ("You s\u0441um there", (4, 8)),
        ("Fie, s c u m!", (5, 12)),
        ("s.c.u.m", (0, 7)),
        ("a rotten  fish", (2, 14)),
        ("\u0421\u043f\u0430\u043c!", (0, 4)),
    ],
)
def test_a_banned_word_is_found_at_its_place(text: str, place: tuple[int, int]) -> None:
    (finding,) = found(text)
    assert (finding.code, finding.weight) == ("word_banned", "refuse")
    assert (finding.start, finding.end) == place


@pytest.mark.parametrize("text", ["You 5cum", "sc.um", "scuuuum", "take the A55"])
def test_a_guessed_word_is_left_to_people(text: str) -> None:
    assert said(text) == [("word_banned", "hold")]


@pytest.mark.parametrize("text", ["The class passed.", "scumble", "rotten, dead fish"])
def test_a_part_of_another_word_is_not_a_listed_word(text: str) -> None:
    assert said(text) == []


def test_a_suspect_word_holds() -> None:
    assert said("Ask the Mayor.") == [("word_suspect", "hold")]


def test_a_newcomers_link_and_too_many_links_hold() -> None:
    links = "https://a.example https://b.example https://c.example"
    assert said(links) == [("links_many", "hold")]
    assert said("https://a.example", published=0) == [("link_newcomer", "hold")]
    assert said("https://a.example") == []


@pytest.mark.parametrize("host", ["\u0430pple.com", "\u0430\u0440\u0440\u04cf\u0435.com"])
def test_a_host_that_looks_like_another_holds(host: str) -> None:
    assert said(f"https://{host}/") == [("link_lookalike", "hold")]
    ascii_host = host.encode("idna").decode()
    assert said(f"https://{ascii_host}/") == [("link_lookalike", "hold")]


def test_an_address_that_hides_its_host_holds() -> None:
    assert said("https://bank.example@evil.example/") == [("link_userinfo", "hold")]


def test_an_honest_foreign_host_passes() -> None:
    assert said("https://b\u00fccher.example/") == []


def test_the_same_text_again_holds() -> None:
    assert said("The FERRY, was late", recent_texts=("the ferry was late!",)) == [
        ("repeated_text", "hold")
    ]
    assert said("Something else", recent_texts=("the ferry was late!",)) == []


def test_floods_are_noted() -> None:
    assert said("WHY IS THE FERRY LATE AGAIN") == [("shouting", "note")]
    assert said("no" + "o" * 20) == [("character_run", "note")]
    assert said("🎉" * 5 + "🚀" * 9) == [("emoji_flood", "note")]


def test_a_check_that_breaks_holds_and_the_others_still_look() -> None:
    def broken(context: CheckContext) -> list[Finding]:
        raise LookupError(context.text)

    context = msgspec.structs.replace(PLAIN, text="You scum!")
    findings = run((Check("broken", "1", broken), *OF_PLAIN_RULES), context, clock=lambda: 0.0)
    assert [(one.code, one.weight) for one in findings] == [
        ("check_failed", "hold"),
        ("word_banned", "refuse"),
    ]
    assert findings[0].evidence == "LookupError"


def test_a_slow_check_holds() -> None:
    ticks = iter([0.0, 0.051])
    findings = run((CHECKS[3],), PLAIN, clock=lambda: next(ticks))
    assert [(one.code, one.weight) for one in findings] == [("check_slow", "hold")]


def test_no_check_pays_for_the_garbage_of_the_whole_process() -> None:
    looked: list[str] = []
    during: list[int] = []

    def heard(phase: str, _: object) -> None:
        looked.append(phase)

    def makes_rings(context: CheckContext) -> list[Finding]:
        before = len(looked)
        for _ in range(200):
            ring: list[object] = []
            ring.append(ring)
        during.append(len(looked) - before)
        return []

    usual = gc.get_threshold()
    gc.callbacks.append(heard)
    gc.set_threshold(10, 1, 1)
    try:
        run((Check("rings", "1", makes_rings),), PLAIN)
        assert gc.isenabled()
    finally:
        gc.set_threshold(*usual)
        gc.callbacks.remove(heard)
    assert during == [0]


@pytest.fixture
def _no_other_alarm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """pytest's own limit of time uses the one alarm that a process has, and gets it back."""
    monkeypatch.setattr(checks, "_watchdog", Watchdog())
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    heard = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGALRM, heard)
    signal.setitimer(signal.ITIMER_REAL, left)


def _turns_for_ever(context: CheckContext) -> list[Finding]:
    while True:
        pass


def _waits_for_ever(context: CheckContext) -> list[Finding]:
    sleep(3_600)
    return []


def _backtracks_for_ever(context: CheckContext) -> list[Finding]:
    re.match(r"(a+)+$", "a" * 60 + "!")
    return []


@pytest.mark.usefixtures("_no_other_alarm")
@pytest.mark.parametrize("look", [_turns_for_ever, _waits_for_ever, _backtracks_for_ever])
def test_a_check_that_hangs_is_cut_off_and_the_others_still_look(
    look: Callable[[CheckContext], list[Finding]],
) -> None:
    context = msgspec.structs.replace(PLAIN, text="You scum!")
    slow, banned = run((Check("hanging", "7", look), CHECKS[0]), context, clock=lambda: 0.0)
    assert (slow.check, slow.version, slow.code, slow.weight) == (
        "hanging",
        "7",
        "check_slow",
        "hold",
    )
    assert slow.cost >= 250_000
    assert banned.code == "word_banned"
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.usefixtures("_no_other_alarm")
def test_an_alarm_that_somebody_else_hears_is_left_alone() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    assert not Watchdog().watch()
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_IGN
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
