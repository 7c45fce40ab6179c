"""Users, their roles, and the one table of what each may do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from belowline.domain.bans import LONGEST_BY_MODERATORS, Ban
from belowline.domain.comments import Comment
from belowline.domain.errors import Refused

ROLES = ("reader", "moderator", "editor", "administrator")
STAFF = ROLES[1:]
DESK = 2**63 - 1
"""The id under which staff write in the name of the desk; its role is "desk", which nobody has."""


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Anyone, by role. ``name`` is empty until it is set; a guest has no account behind it.

    ``address`` is from where they act right now, "" when nobody needs to know; it is never stored
    in the clear. ``ban`` is what stops them now, as far as that was looked up. ``sites`` are those
    that a member of the staff works for, None for all of them.
    """

    id: int
    name: str
    role: str
    created_at: datetime
    address: str = ""
    ban: Ban | None = None
    sites: frozenset[int] | None = None

    @property
    def is_staff(self) -> bool:
        """True for every role above reader."""
        return self.role in STAFF


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to act upon, as far as permissions ask.

    ``length`` is how long a measure against ``user`` lasts, None when it has no end. ``site`` is
    the site that it belongs to (a ``comment`` says that itself), 0 when that is not said: then only
    those may act on it as staff who work for all. ``confined`` says that whatever is read or
    changed stays within the sites of whoever acts, by the query itself, or is nobody's but theirs.
    """

    comment: Comment | None = None
    mode: str = "open"
    edit_window: timedelta = timedelta(0)
    now: datetime | None = None
    user: User | None = None
    length: timedelta | None = None
    site: int = 0
    confined: bool = False


CONFINED = Thing(confined=True)


def _staff(user: User, thing: Thing) -> str:
    return "" if user.is_staff else "not_allowed"


def _editor(user: User, thing: Thing) -> str:
    return "" if user.role in STAFF[1:] else "not_allowed"


def _administrator(user: User, thing: Thing) -> str:
    return "" if user.role == "administrator" else "not_allowed"


def _of_ones_sites(user: User, thing: Thing) -> str:
    site = thing.comment.site if thing.comment is not None else thing.site
    is_ones = user.sites is None or thing.confined or site in user.sites
    return "" if is_ones else "not_allowed"


def _of_all_sites(user: User, thing: Thing) -> str:
    return "" if user.sites is None else "not_allowed"


def _not_banned(user: User, thing: Thing) -> str:
    return "banned" if user.ban is not None and user.ban.kind == "ban" else ""


def _not_stopped(user: User, thing: Thing) -> str:
    return "" if user.ban is None else "banned"


def _about_a_reader(user: User, thing: Thing) -> str:
    return "not_allowed" if thing.user is not None and thing.user.role != "reader" else ""


def _short_or_editor(user: User, thing: Thing) -> str:
    is_short = thing.length is not None and thing.length <= LONGEST_BY_MODERATORS
    return "" if is_short else _editor(user, thing)


def _where_open(user: User, thing: Thing) -> str:
    is_open = thing.mode != "closed" or (user.is_staff and not _of_ones_sites(user, thing))
    return "" if is_open else "closed"


def _author(user: User, thing: Thing) -> str:
    comment = thing.comment
    if comment is None or not comment.is_by(user.id):
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
    return "own_comment" if comment.is_by(user.id) else ""


PERMISSIONS: dict[str, tuple[Callable[[User, Thing], str], ...]] = {
    "post": (_not_stopped, _where_open),
    "edit": (_not_stopped, _where_open, _author_in_time),
    "withdraw": (_author,),
    "recommend": (_not_banned, _others_published),
    "report": (_not_banned, _others_published),
    "name": (_not_banned,),
    "speak_for_desk": (_staff, _of_all_sites),
    "moderate": (_staff, _of_ones_sites),
    "change_story": (_staff, _of_ones_sites),
    "read_record": (_staff, _of_all_sites),
    "warning": (_staff, _of_ones_sites, _about_a_reader),
    "mute": (_staff, _of_ones_sites, _about_a_reader),
    "ban": (_staff, _of_ones_sites, _about_a_reader, _short_or_editor),
    "remove_all": (_staff, _of_ones_sites, _about_a_reader),
    "decide_appeal": (_staff, _of_ones_sites),
    "answer_notice": (_editor, _of_ones_sites),
    "change_rules": (_editor, _of_all_sites),
    "manage_staff": (_administrator, _of_all_sites),
    "change_policy": (_editor, _of_ones_sites),
    "oversee": (_staff, _of_all_sites),
}
"""Action -> the rules that all have to agree. A rule answers "" or the code of its refusal.

What concerns every site is for those who work for all; elsewhere staff who are limited to some
have to name the site of what they act on, so that what forgets to is refused to them.
"""


def may(user: User, action: str, thing: Thing) -> bool:
    """Whether ``user`` may do ``action`` to ``thing``."""
    return not _refusal(user, action, thing)


def demand(user: User, action: str, thing: Thing) -> None:
    """Raises Refused with the first rule's code when ``user`` may not do ``action``."""
    refusal = _refusal(user, action, thing)
    if refusal == "banned" and user.ban is not None:
        raise banned(user.ban)
    if refusal:
        raise Refused(refusal)


def banned(ban: Ban) -> Refused:
    """The refusal that tells somebody what stops them, until when and why.

    The values are codes and an ISO moment, which whoever shows the sentence puts into words.
    """
    until = ban.until.isoformat() if ban.until else ""
    return Refused("banned", until=until, why=ban.reason, link=ban.link)


def _refusal(user: User, action: str, thing: Thing) -> str:
    for rule in PERMISSIONS[action]:
        refusal = rule(user, thing)
        if refusal:
            return refusal
    return ""
