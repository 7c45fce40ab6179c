"""How a comment was sent: a field that only programs fill, haste, a form that is none of ours.

Says nothing of who uses the API, and never refuses.
"""

from __future__ import annotations

from belowline.checks.context import CheckContext
from belowline.domain.decisions import Finding
from belowline.domain.marking import _

VERSION = "1"

_LONGEST = 200

_WEIGHTS = {
    "sender_trap": "hold",
    "sender_hasty": "note",
    "sender_unstamped": "note",
    "sender_crowd": "note",
    "sender_unproved": "hold",
}
SENTENCES = {
    "sender_trap": _("A field was filled that people do not see."),
    "sender_hasty": _("It was sent sooner than anybody can write."),
    "sender_unstamped": _("It did not come from a form of this site."),
    "sender_crowd": _("Many comments come from the same network."),
    "sender_unproved": _("Its sender is suspicious and did not do the work that was asked for."),
}
"""What a sign is, by its code."""


def look(context: CheckContext) -> list[Finding]:
    """sender_trap (hold, with what was filled in); sender_hasty, sender_unstamped and sender_crowd
    (notes)."""
    sender = context.sender
    return [found(sign, sender.trapped if sign == "sender_trap" else "") for sign in sender.signs]


def found(code: str, evidence: str = "") -> Finding:
    """The finding with this code."""
    return Finding(
        check="sender",
        version=VERSION,
        code=code,
        weight=_WEIGHTS[code],
        sentence=SENTENCES[code],
        evidence=evidence[:_LONGEST],
    )
