"""Spam: advertising, fraud and requests to follow, by signs that anybody can read.

It guesses, so it holds or notes and never refuses. Whatever leads to an allowed domain is no sign.
"""

from __future__ import annotations

from belowline.checks.context import CheckContext
from belowline.checks.links import within
from belowline.domain.decisions import Finding
from belowline.domain.marking import _
from belowline.domain.spam import Sign, overlap, probability, signs
from belowline.domain.text import plain_links

VERSION = "3"

HOLD = 0.4
NOTE = 0.15
"""Likelihoods from which a comment is held, and from which staff see a note beside it."""

_MOST_SIGNS = 4
_LONGEST = 200

_LIKELY = _("It reads like advertising or fraud.")
_MAYBE = _("It reads a little like advertising.")

_BEGS = _("It asks readers to visit or follow somebody.")
_IN_TOUCH = _("A way to get in touch elsewhere.")
_LINKED = _("A link, as spam has.")
_LURE = _("A word that lures.")

SENTENCES = {
    "link": _LINKED,
    "bare": _LINKED,
    "shortener": _("A link that hides where it leads, or leads to a messenger."),
    "phone": _IN_TOUCH,
    "mail": _IN_TOUCH,
    "handle": _IN_TOUCH,
    "messenger": _IN_TOUCH,
    "profile": _BEGS,
    "begging": _BEGS,
    "own": _BEGS,
    "testimony": _("It tells of somebody who made money or worked wonders."),
    "chain": _("It asks to be passed on, as chain letters do."),
    "praise": _("Praise that fits under any article."),
    "ware": _("Something that spam often sells."),
    "earning": _("It promises money."),
    "prize": _("It promises something for nothing."),
    "lure": _LURE,
    "lures": _LURE,
    "pointing": _("Pictures with which advertising points at itself."),
    "money": _("An amount of money."),
    "action": _("It asks readers to do something at once."),
    "hidden": _("A telling word, written to get past a filter."),
}
"""What a sign is, by its name."""


def look(context: CheckContext) -> list[Finding]:
    """spam_likely (hold) or spam_maybe (note), with spam_sign (note) for each place.

    How it was sent makes signs weigh more, and is none by itself.
    """
    found = signs(_without_allowed(context.text, context.allowed_domains))
    likelihood = probability(found, context.sender.odds) if found else 0.0
    if likelihood < NOTE:
        return []
    held = likelihood >= HOLD
    whole = Finding(
        check="spam",
        version=VERSION,
        code="spam_likely" if held else "spam_maybe",
        weight="hold" if held else "note",
        sentence=_LIKELY if held else _MAYBE,
        score=round(likelihood, 4),
    )
    return [whole, *(_placed(context.text, sign) for sign in _apart(found)[:_MOST_SIGNS])]


def _apart(found: list[Sign]) -> list[Sign]:
    """The signs that have a place, of those in the same place the heaviest."""
    apart: list[Sign] = []
    for sign in found:
        if sign.start >= 0 and not any(overlap(sign, other) for other in apart):
            apart.append(sign)
    return apart


def _without_allowed(text: str, domains: tuple[str, ...]) -> str:
    """``text`` with spaces in place of links to ``domains``."""
    if not domains:
        return text
    for link in plain_links(text):
        if within(link, domains):
            text = text[: link.start] + " " * (link.end - link.start) + text[link.end :]
    return text


def _placed(text: str, sign: Sign) -> Finding:
    return Finding(
        check="spam",
        version=VERSION,
        code="spam_sign",
        weight="note",
        sentence=SENTENCES[sign.name],
        start=sign.start,
        end=sign.end,
        evidence=text[sign.start : sign.end][:_LONGEST],
    )
