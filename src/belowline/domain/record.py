"""The chain that the record is: each line holds the hash of the one before it.

A line's hash is SHA-256 over the hash before it and, as one JSON list, its number, its kind, its
content and the digest of what is personal in it. That digest is SHA-256 over a random salt and
the personal part as a JSON list. Whoever erases a person deletes the salt: from then on nothing
can be guessed from the digest, and the chain still holds.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec

BEGINNING = bytes(32)
"""What stands for the hash before the first line."""

SALT = 16
"""Bytes of a line's salt."""

DECISION, ACT = "decision", "act"
COMMENT = "comment"  # has lines, and is none

_encode = msgspec.json.Encoder().encode


ABOUT_STORIES = frozenset({"story_changed", "tightened", "loosened", "breaker_off", "breaker_on"})
"""Acts whose subject is a story; that of all others is a person, a notice or a rule."""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What staff did that is no decision about a comment: a ban, an invitation, a changed rule.

    ``subject`` is the id of whom or what it was done to, None when there is none, and
    ``subject_name`` the person's name or the story's title; ``detail`` holds
    codes and moments, and nobody's words. ``id`` is 0 until the record has given it its number.
    """

    actor: int | None
    actor_name: str
    action: str
    subject: int | None
    detail: str
    note: str
    created_at: datetime
    subject_name: str = ""
    id: int = 0


class Sealed(msgspec.Struct, frozen=True):
    """What a line is made of: its kind, whom it belongs to, its content, what is personal in it."""

    kind: str
    subject: int
    content: list[Any]
    personal: list[Any]


class Break(msgspec.Struct, frozen=True):
    """The first line that does not hold: its number, why, and the decision or act behind it.

    ``why`` is ``missing`` (a line), ``gone`` (what it is about), ``changed``, ``words_changed``
    (the text, its author or a note), ``unsalted`` (words that nothing proves any more),
    ``status_changed`` (the comment is not what was decided last, or not for that reason),
    ``not_sealed`` (put in past the record) or ``unrecorded`` (a comment without any line), the last
    two without number.
    """

    number: int
    why: str
    kind: str = ""
    subject: int = 0


def digest(salt: bytes, personal: list[Any]) -> bytes:
    """What the chain holds of a line's personal part."""
    return hashlib.sha256(salt + _encode(personal)).digest()


def link(previous: bytes, number: int, kind: str, content: list[Any], personal: bytes) -> bytes:
    """A line's hash, which the next one holds. ``personal`` is what `digest` has made."""
    said = _encode([number, kind, content, personal.hex()])
    return hashlib.sha256(previous + said).digest()
