"""Names as parts of an address: of authors, of tags."""

from __future__ import annotations

import unicodedata

_APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"  # O'Hara is one word
_KEPT = ("L", "M", "N")  # letters, their marks, numbers


def slug(name: str) -> str:
    """``name`` as a part of a path: lower case, words joined by hyphens, any alphabet kept.

    Letters are not stripped of their accents: Muller and Müller are two people. Whoever writes
    the slug into an address percent-encodes it. A name without letters or numbers is spelled by
    its code points ("⚽" -> "u26bd"), so that it has an address too. Never empty unless ``name``
    is.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower())
    spaced = "".join(
        letter if unicodedata.category(letter)[0] in _KEPT else " "
        for letter in folded
        if letter not in _APOSTROPHES
    )
    words = spaced.split()
    if words:
        return "-".join(words)
    return "-".join(f"u{ord(letter):x}" for letter in name if not letter.isspace())
