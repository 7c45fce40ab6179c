"""Comments from other systems: a file a source, each a function from a path to records.

See `belowline.importers.records` for what they yield and promise. Importers only read: storing is
`belowline.actions.importing`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from belowline.importers import disqus, remark42
from belowline.importers.records import (
    ImportedComment,
    ImportedStory,
    ImportedUser,
    Record,
    Refused,
    Skipped,
    Summary,
    Warned,
)

__all__ = [
    "IMPORTERS",
    "ImportedComment",
    "ImportedStory",
    "ImportedUser",
    "Importer",
    "Record",
    "Refused",
    "Skipped",
    "Summary",
    "Warned",
]

Importer = Callable[[Path], Iterator[Record]]

IMPORTERS: Mapping[str, Importer] = {
    "disqus": disqus.read,
    "remark42": remark42.read,
}
"""The systems that `belowline import SYSTEM FILE` knows, by the name that stands for SYSTEM."""
