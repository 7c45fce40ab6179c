"""Statements of reasons, their appeals, the rules they name, and notices of illegal content."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

import msgspec

from belowline.domain import ids

RULES: dict[str, str] = {
    "personal_attack": "Argue with what somebody says, not with who they are. Insults are removed.",
    "hate": "Nobody is treated as less because of origin, skin, faith, sex, sexuality, disability "
    "or age. Comments that do so are removed.",
    "threat": "Nobody threatens anybody here, not even as a joke.",
    "harassment": "Do not follow people from thread to thread, and do not call on others to.",
    "off_topic": "Write about the story or about what you reply to.",
    "spam": "No advertising, no copied campaigns, no links whose purpose is to sell.",
    "misinformation": "Do not state as a fact what is shown to be false and can do harm.",
    "personal_data": "No addresses, telephone numbers, workplaces or pictures of private people.",
    "illegal": "What the law forbids is removed.",
    "copyright": "Quote a few sentences and name where they are from. Do not paste whole texts.",
    "other": "Keep to the spirit of these rules, also where none of them says it word by word.",
}
"""Reason -> the rule that stands behind it, as it is delivered: version 1, in English."""

FIRST_VERSION = 1
LONGEST_RULE = 2_000
LONGEST_APPEAL = 5_000
APPEAL_WITHIN = timedelta(days=183)
"""For so long a statement can be objected to."""
BLIND_AFTER = timedelta(days=1)
"""How long somebody has to wait who must judge an appeal against their own decision."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it stands in one version. ``text`` is "" for the delivered wording."""

    reason: str
    version: int
    text: str
    created_at: datetime | None = None
    actor_name: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """Why a comment was taken down or a measure taken: to whom, by which rule, what took part.

    One of ``decision`` and ``ban`` is set. ``machine`` says that a check had marked the comment.
    """

    id: int
    user: int
    comment: int | None
    decision: int | None
    ban: int | None
    language: str
    reason: str
    version: int
    machine: bool
    created_at: datetime


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What led to a decision that a statement explains.

    ``source`` is ``notice`` (of illegal content), ``report`` (a reader's), or "" for the
    newsroom's own looking. ``applied`` says that a program found a copy and applied what a person
    had decided for copies. ``was_shown`` is whether the comment was public before.
    """

    source: str = ""
    applied: bool = False
    was_shown: bool = False


STATEMENT = "statement"
"""The kind of a statement's token."""


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """An author's objection; ``upheld`` is None until it is decided.

    ``email`` is where the author wants to be told of the answer, "" for nowhere and from the moment
    on when they were.
    """

    statement: int
    text: str
    created_at: datetime
    upheld: bool | None = None
    answer: str = ""
    decided_at: datetime | None = None
    decided_by: int | None = None
    email: str = ""
    language: str = "en"


NOTICE = "notice"
"""The kind of a notice's token."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody holds to be illegal, and what was decided about it (Article 16 of the DSA).

    ``acted`` is None until it is decided. ``name`` and ``email`` are the notifier's, for staff.
    """

    id: int
    address: str
    comment: int | None
    explanation: str
    law: str
    name: str
    email: str
    language: str
    created_at: datetime
    acted: bool | None = None
    answer: str = ""
    decided_at: datetime | None = None
    decided_by: int | None = None


def token(secret: str, kind: str, number: int) -> str:
    """What opens the page of a statement or a notice: nobody can guess it, nothing is stored."""
    made = hmac.new(secret.encode(), f"{kind}:{number}".encode(), hashlib.sha256).digest()
    return ids.encode(number) + base64.b32encode(made[:15]).decode()


def read_token(secret: str, kind: str, text: str) -> int | None:
    """The number in a token, None for anything that `token` has not made."""
    try:
        number = ids.decode(text[:13])
    except ValueError:
        return None
    right = token(secret, kind, number)
    return number if hmac.compare_digest(right.encode(), text.encode()) else None
