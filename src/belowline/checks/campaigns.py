"""Near-identical comments by several accounts."""

from __future__ import annotations

from belowline.checks.context import CheckContext
from belowline.domain import ids
from belowline.domain.decisions import Finding
from belowline.domain.marking import _
from belowline.risk import features

VERSION = "3"

_FEWEST_WORDS = 8

_CAMPAIGN = _("Near-identical comments came from several accounts.")
_DECIDED = _("A moderator has decided this campaign and, for a time, the copies that come.")
_COPY = _("Another comment says nearly the same.")
_NOT_KEPT = _("What this comment is a copy of could not be kept: copies of it may not be found.")


def is_short(text: str) -> bool:
    """Whether many people may say ``text`` by themselves; signs of Chinese and the like are
    words."""
    return len(features.words(text)) < _FEWEST_WORDS


def look(context: CheckContext) -> list[Finding]:
    """campaign_copies (hold; note where staff let it through) or campaign_copy, with its id.

    ``campaign_copy`` (note) is one that is no campaign: too few, all by one author, or so short
    that many people say it by themselves ("May they rest in peace.").
    """
    arrival = context.arrival
    if arrival is None or arrival.closest is None or arrival.group is None:
        return []
    known = arrival.group
    copies = known.copies + 1
    accounts = known.accounts + (context.author not in known.authors)
    is_campaign = copies >= context.campaign_copies and accounts >= 2 and not is_short(context.text)
    decided = known.standing == "reject"
    weight = "hold" if decided or (is_campaign and known.standing != "publish") else "note"
    start, end = arrival.place
    return [
        Finding(
            check="campaigns",
            version=VERSION,
            code="campaign_copies" if is_campaign or decided else "campaign_copy",
            weight=weight,
            sentence=_DECIDED if decided else _CAMPAIGN if is_campaign else _COPY,
            start=start,
            end=end,
            evidence=ids.encode(arrival.closest.subject),
        )
    ]


def not_remembered(error: str) -> Finding:
    """campaign_unkept (note), with the ``error``'s name: keeping a comment's place among copies
    failed after it was judged.
    """
    return Finding(
        check="campaigns",
        version=VERSION,
        code="campaign_unkept",
        weight="note",
        sentence=_NOT_KEPT,
        evidence=error,
    )
