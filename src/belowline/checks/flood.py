"""Shouting, one character over and over, and floods of emoji: noted, never held for it."""

from __future__ import annotations

import re

from belowline.checks.context import CheckContext
from belowline.domain.decisions import Finding
from belowline.domain.marking import _

VERSION = "1"

_FEWEST_LETTERS = 20
_SHOUTING = 0.8
_FEWEST_EMOJI = 10

_RUN = re.compile(r"([^\s.\-_=*~])\1{9,}")
_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_AROUND_EMOJI = re.compile("[\\s\u200d\ufe0f\U0001f3fb-\U0001f3ff]")


def look(context: CheckContext) -> list[Finding]:
    """shouting, character_run (with its place) and emoji_flood, all of which are notes."""
    findings = []
    text = context.text
    if _shouts(text):
        findings.append(_note("shouting", _("Almost all of it is in capitals.")))
    run = _RUN.search(text)
    if run is not None:
        sentence = _("One character is repeated many times.")
        findings.append(_note("character_run", sentence, run.start(), run.end()))
    if _is_flooded(text):
        findings.append(_note("emoji_flood", _("Most of it is emoji.")))
    return findings


def _note(code: str, sentence: str, start: int = -1, end: int = -1) -> Finding:
    return Finding(
        check="flood",
        version=VERSION,
        code=code,
        weight="note",
        sentence=sentence,
        start=start,
        end=end,
    )


def _shouts(text: str) -> bool:
    """Scripts without capitals never shout."""
    small = sum(map(str.islower, text))
    if small > (1 - _SHOUTING) * len(text):
        return False  # most texts, seen to at once
    capitals = sum(map(str.isupper, text))
    cased = capitals + small
    return cased >= _FEWEST_LETTERS and capitals >= _SHOUTING * cased


def _is_flooded(text: str) -> bool:
    if text.isascii():
        return False
    drawn = _AROUND_EMOJI.sub("", text)
    emoji = len(_EMOJI.findall(drawn))
    return emoji >= _FEWEST_EMOJI and emoji * 2 > len(drawn)
