"""From findings to an outcome: pure, so that it can be replayed over history."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from belowline.domain.decisions import Finding


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a new or edited comment and the code of why.

    ``status`` is ``published``, ``held`` or ``refused``; a refused one is not stored, its author
    is told ``sentence`` and keeps the text.
    """

    status: str
    reason: str
    sentence: str = ""


def decide(findings: Sequence[Finding], *, mode: str, staff: bool, known: bool = False) -> Outcome:
    """The outcome for a comment with ``findings`` in a story of ``mode``.

    ``known`` is whether the author has earned trust, which counts in trusting stories.

    Staff are trusted to publish in every mode, but what a broken check has not seen is held for
    them too (the publisher's name is under it). Nothing here rejects: only people do.
    """
    refusing = next((finding for finding in findings if finding.weight == "refuse"), None)
    if refusing is not None and not staff:
        return Outcome(status="refused", reason=refusing.code, sentence=refusing.sentence)
    holding = next((finding for finding in findings if _holds(finding, staff=staff)), None)
    if holding is not None:
        return Outcome(status="held", reason=holding.code, sentence=holding.sentence)
    if mode == "open" or staff:
        return Outcome(status="published", reason="mode_open" if mode == "open" else "staff")
    if mode == "trusting" and known:
        return Outcome(status="published", reason="trusted")
    return Outcome(status="held", reason=f"mode_{mode}")


def _holds(finding: Finding, *, staff: bool) -> bool:
    if finding.code in ("check_failed", "check_slow"):
        return True
    return finding.weight in ("hold", "refuse") and not staff
