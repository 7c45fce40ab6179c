"""Users, their roles, and the one table of what each may do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from belowline.domain.comments import Comment
from belowline.domain.errors import Refused

ROLES = ("reader", "moderator", "editor", "administrator")
STAFF = ROLES[1:]


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Anyone, by role. ``name`` is empty until it is set; a guest has no account behind it."""

    id: int
    name: str
    role: str
    created_at: datetime

    @property
    def is_staff(self) -> bool:
        """True for every role above reader."""
        return self.role in STAFF


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to act upon, as far as permissions ask."""

    comment: Comment | None = None
    mode: str = "open"
    edit_window: timedelta = timedelta(0)
    now: datetime | None = None


def _anyone(user: User, thing: Thing) -> str:
    return ""


def _staff(user: User, thing: Thing) -> str:
    return "" if user.is_staff else "not_allowed"


def _editor(user: User, thing: Thing) -> str:
    return "" if user.role in STAFF[1:] else "not_allowed"


def _administrator(user: User, thing: Thing) -> str:
    return "" if user.role == "administrator" else "not_allowed"


def _where_open(user: User, thing: Thing) -> str:
    return "closed" if thing.mode == "closed" and not user.is_staff else ""


def _author(user: User, thing: Thing) -> str:
    comment = thing.comment
    if comment is None or comment.author != user.id:
        return "not_allowed"
    return "withdrawn" if comment.status == "withdrawn" else ""


def _author_in_time(user: User, thing: Thing) -> str:
    comment = thing.comment
    refusal = _author(user, thing)
    if refusal or comment is None or thing.now is None:
        return refusal
    if comment.status == "rejected":
        return "not_allowed"
    return "edit_window" if thing.now - comment.created_at > thing.edit_window else ""


def _others_published(user: User, thing: Thing) -> str:
    comment = thing.comment
    if comment is None or comment.status != "published":
        return "not_published"
    return "own_comment" if comment.author == user.id else ""


PERMISSIONS: dict[str, tuple[Callable[[User, Thing], str], ...]] = {
    "post": (_where_open,),
    "edit": (_where_open, _author_in_time),
    "withdraw": (_author,),
    "recommend": (_others_published,),
    "report": (_others_published,),
    "name": (_anyone,),
    "moderate": (_staff,),
    "change_story": (_staff,),
    "read_record": (_staff,),
    "manage_staff": (_administrator,),
    "change_policy": (_editor,),
}
"""Action -> the rules that all have to agree. A rule answers "" or the code of its refusal."""


def may(user: User, action: str, thing: Thing) -> bool:
    """Whether ``user`` may do ``action`` to ``thing``."""
    return not _refusal(user, action, thing)


def demand(user: User, action: str, thing: Thing) -> None:
    """Raises Refused with the first rule's code when ``user`` may not do ``action``."""
    refusal = _refusal(user, action, thing)
    if refusal:
        raise Refused(refusal)


def _refusal(user: User, action: str, thing: Thing) -> str:
    for rule in PERMISSIONS[action]:
        refusal = rule(user, thing)
        if refusal:
            return refusal
    return ""
