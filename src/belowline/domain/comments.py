"""A comment and how its status may change."""

from __future__ import annotations

from datetime import datetime

import msgspec

from belowline.domain.senders import NOBODY, Sender
from belowline.domain.sites import FIRST

STATUSES = ("held", "published", "rejected", "withdrawn")

CHANGES: dict[str, tuple[str, ...]] = {
    "held": ("published", "rejected", "withdrawn"),
    "published": ("held", "rejected", "withdrawn"),
    "rejected": ("held", "published", "withdrawn"),
    "withdrawn": (),
}
"""Status -> the statuses that may follow. A withdrawn comment is its author's last word."""


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """One comment in its present revision.

    ``parent`` is None for the first comment of a thread, whose id is every reply's ``root``.
    ``depth`` is 0 there. ``below`` counts the published comments anywhere under it: with one of
    them, a comment that is not published leaves a marker. ``reason`` is the code of the last
    rejection, "" when there is none. ``waits_since`` is its place in the queue
    (:mod:`belowline.domain.urgency`), None when nobody has to decide it; ``readers`` were active
    on its story when it came or was last reported. ``written_by`` is whoever wrote it in the name
    of the desk, which is its ``author`` then; readers are never told. ``language`` and ``script``
    are those of the text (:mod:`belowline.domain.language`), "" where they are not known. ``site``
    is its story's, as it was stored.
    """

    id: int
    story: int
    parent: int | None
    root: int
    depth: int
    author: int
    author_name: str
    author_role: str
    text: str
    status: str
    reason: str
    revision: int
    created_at: datetime
    edited_at: datetime | None
    recommendations: int
    below: int
    waits_since: datetime | None = None
    readers: int = 0
    written_by: int | None = None
    language: str = ""
    script: str = ""
    site: int = FIRST

    def is_by(self, user: int) -> bool:
        """Whether ``user`` wrote it, in whichever name."""
        return user in (self.author, self.written_by)

    @property
    def shown(self) -> bool:
        """Whether a reader sees it, as itself or as a marker that holds its replies."""
        return self.status == "published" or self.below > 0


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to say, and how it was sent. ``key`` is the Idempotency-Key, unique for
    its author. ``for_desk`` has it stand in the name of the desk.
    """

    story: str
    text: str
    key: str
    parent: int | None = None
    for_desk: bool = False
    sender: Sender = NOBODY
