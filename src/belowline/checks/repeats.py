"""The same text again from the same author."""

from __future__ import annotations

from belowline.checks.context import CheckContext
from belowline.domain.confusables import WORD, fold
from belowline.domain.decisions import Finding
from belowline.domain.marking import _

VERSION = "2"


def look(context: CheckContext) -> list[Finding]:
    """repeated_text (hold) when more of the author's recent texts read the same than may."""
    if not context.recent_texts:
        return []
    said = essence(context.text)
    if sum(essence(text) == said for text in context.recent_texts) <= context.repeats_allowed:
        return []
    return [
        Finding(
            check="repeats",
            version=VERSION,
            code="repeated_text",
            weight="hold",
            sentence=_("The same author has written this before."),
        )
    ]


_known: dict[int, int] = {}
_MOST_KNOWN = 50_000


def essence(text: str) -> int:
    """A number that texts have in common when they read the same.

    Remembered, because an author's recent texts were looked at when they were new. Both text and
    essence by their hashes, whose key is this process's own, so that it stays small.
    """
    key = hash(text)
    known = _known.get(key)
    if known is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        known = _known[key] = hash(_read(text))
    return known


def _read(text: str) -> str:
    """The words alone, folded; the whole text where there are none, as in a row of emoji."""
    folded = fold(text, squeeze=True)
    return " ".join(WORD.findall(folded)) or "".join(folded.split())
