"""What changed between two versions of a text, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import msgspec

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_MANY = 2_000  # tokens beyond which frequent ones are no longer worth comparing exactly


class Run(msgspec.Struct, frozen=True):
    """A run of text that is "same", "gone" or "new"."""

    kind: str
    text: str


def changes(before: str, after: str) -> list[Run]:
    """The two texts as one: what stayed, what went, what came, in the order of reading."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > _MANY)
    runs: list[Run] = []
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            runs.append(Run("same", "".join(old[first:last])))
            continue
        runs += [
            Run(name, "".join(part))
            for name, part in (("gone", old[first:last]), ("new", new[start:end]))
            if part
        ]
    return runs
