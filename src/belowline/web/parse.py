"""From the text of a request to what actions take."""

from __future__ import annotations

from belowline.domain import ids
from belowline.domain.errors import Refused
from belowline.domain.stories import story_key

SLASH = "\ue000"
"""Stands for ``%2F`` inside a path segment, which the framework would take for a slash.

A private-use character is not printable, so no key can hold it.
"""


def key_of(segment: str) -> str:
    """A story's key from its segment of the path; raises Refused("story_key")."""
    return story_key(segment.replace(SLASH, "/"))


def comment_number(text: str) -> int:
    """A comment's number; raises Refused("comment_unknown") for what cannot be one."""
    return _number(text, "comment_unknown")


def campaign_number(text: str) -> int:
    """A campaign's number; raises Refused("campaign_unknown") for what cannot be one."""
    return _number(text, "campaign_unknown")


def user_number(text: str) -> int:
    """A user's number; raises Refused("user_unknown") for what cannot be one."""
    return _number(text, "user_unknown")


def decision_number(text: str) -> int:
    """A decision's number; raises Refused("decision_unknown") for what cannot be one."""
    return _number(text, "decision_unknown")


def measure_number(text: str) -> int:
    """A warning's, mute's or ban's number; raises Refused("measure_unknown")."""
    return _number(text, "measure_unknown")


def statement_number(text: str) -> int:
    """A statement's number; raises Refused("statement_unknown") for what cannot be one."""
    return _number(text, "statement_unknown")


def notice_number(text: str) -> int:
    """A notice's number; raises Refused("notice_unknown") for what cannot be one."""
    return _number(text, "notice_unknown")


def act_number(text: str) -> int:
    """The number of what staff did; raises Refused("decision_unknown") for what cannot be one."""
    return _number(text, "decision_unknown")


def rehearsal_number(text: str) -> int:
    """A rehearsal's number; raises Refused("rehearsal_unknown") for what cannot be one."""
    return _number(text, "rehearsal_unknown")


def alert_number(text: str) -> int:
    """An alert's number; raises Refused("alert_unknown") for what cannot be one."""
    return _number(text, "alert_unknown")


def whole(text: str, otherwise: int = -1) -> int:
    """The whole number below ten thousand million that ``text`` is, or ``otherwise``."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else otherwise


def cursor_number(text: str) -> int:
    """The id after which a page goes on; raises Refused("cursor_bad")."""
    return _number(text, "cursor_bad")


def parent_number(text: str | None) -> int | None:
    """The number of the comment that is replied to; raises Refused("parent_unknown")."""
    return _number(text, "parent_unknown") if text else None


def _number(text: str, refusal: str) -> int:
    try:
        return ids.decode(text)
    except ValueError as error:
        raise Refused(refusal) from error
