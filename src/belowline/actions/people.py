"""Users: who somebody is, their display name, whom they mute, and how staff come in."""

from __future__ import annotations

import secrets
from datetime import timedelta

from belowline.actions import accounts
from belowline.actions.bans import meeting
from belowline.actions.record import note
from belowline.actions.site import Site
from belowline.domain import names
from belowline.domain.errors import Refused
from belowline.domain.events import story_stream
from belowline.domain.users import STAFF, Thing, User, demand
from belowline.signin import guests, links
from belowline.storage import bans, meta, streams, users
from belowline.storage.engine import Connection

_LINK_LIFE = timedelta(days=2)
_SESSION_LIFE = timedelta(days=30)


def signing_key(connection: Connection) -> str:
    """The installation's own key, which signs guests' tokens."""
    return meta.secret(connection)


async def new_guest(site: Site, key: str, *sent: str) -> tuple[User, str]:
    """Somebody new and their token. Nothing is stored until they act.

    Who has ``sent`` the same at the same time is the same guest, whichever process is asked.
    """
    now = site.now()
    number = guests.number(key, sent, now) if sent else secrets.randbits(63)
    guest = User(id=number, name="", role="reader", created_at=now)
    return guest, guests.issue(key, guest.id)


async def by_token(site: Site, key: str, token: str) -> User:
    """Whose credential this is, a guest's or a staff session's. Raises Refused("token_bad")."""
    number = guests.read(key, token)
    if number is None:
        hashed = links.hashed(token)
        staff = await site.storage.read(
            lambda connection: users.by_session(connection, hashed, site.now())
        )
        if staff is None:
            raise Refused("token_bad")
        return staff
    stored = await site.storage.read_together(_known, number)
    return stored or User(id=number, name="", role="reader", created_at=site.now())


def _known(connection: Connection, numbers: list[int]) -> list[User | None]:
    found = users.many(connection, numbers)
    return [found.get(number) for number in numbers]


async def set_name(site: Site, user: User, raw: str) -> User:
    """Sets the display name, which all of the user's comments bear from then on.

    Raises Refused: name_empty, name_too_long, name_characters, name_link, name_reserved,
    name_taken.
    """
    name = names.clean_name(raw, reserved=not user.is_staff)
    look, honest = names.look(name), names.honest(name)

    if site.rules.desk_name and look == names.look(site.rules.desk_name):
        raise Refused("name_taken", field="name")

    def write(connection: Connection) -> User:
        demand(meeting(connection, site, user), "name", Thing())
        users.ensure(connection, user)
        if users.name_is_forged(connection, user.id, look=look, honest=honest):
            raise Refused("name_taken", field="name")
        now = site.now()
        before = users.get(connection, user.id)
        if before is not None and before.name not in ("", name):
            bans.add_name(connection, user.id, before.name, now)
        users.rename(connection, user.id, name, look=look, honest=honest)
        for story in sorted(users.stories_written_in(connection, user.id)):
            streams.append(connection, story_stream(story), "renamed", subject=user.id, now=now)
        return User(id=user.id, name=name, role=user.role, created_at=user.created_at)

    return await site.storage.write(write)


async def mute(site: Site, user: User, muted: int, *, on: bool) -> None:
    """Hides another user's comments from this one, or shows them again.

    Raises Refused: user_unknown, own_comment.
    """
    if muted == user.id:
        raise Refused("own_comment")

    def write(connection: Connection) -> None:
        if users.get(connection, muted) is None:
            raise Refused("user_unknown")
        users.ensure(connection, user)
        if on:
            users.mute(connection, user.id, muted)
        else:
            users.unmute(connection, user.id, muted)

    await site.storage.write(write)


async def muted(site: Site, user: User) -> list[int]:
    """Whom the user has hidden."""
    return await site.storage.read(lambda connection: users.muted_by(connection, user.id))


# -- staff ---------------------------------------------------------------------------------


async def staff_member(site: Site, raw_name: str, role: str) -> User:
    """The staff member of that name, added when new.

    Raises Refused as `set_name` does, and "not_allowed" for a role that is not staff's.
    """
    if role not in STAFF:
        raise Refused("not_allowed", field="role")
    name = names.clean_name(raw_name, reserved=False)
    return await site.storage.write(lambda connection: _member(connection, site, name, role))


async def add_staff(site: Site, raw_name: str, role: str) -> str:
    """A one-time sign-in token for a staff member, who is added when new. Raises as above."""
    member = await staff_member(site, raw_name, role)
    token, hashed = links.new_token()

    def write(connection: Connection) -> None:
        now = site.now()
        users.add_link(connection, hashed, member.id, now + _LINK_LIFE)
        note(connection, None, "staff_linked", now, subject=member.id)

    await site.storage.write(write)
    return token


def _member(connection: Connection, site: Site, name: str, role: str) -> User:
    now = site.now()
    member = users.member(connection, name, role, now)
    if member.created_at == now:
        note(connection, None, "staff_added", now, subject=member.id, detail=role)
    return member


async def enter(site: Site, token: str, agent: str = "") -> str:
    """Trades a one-time link's token for a session's. Raises Refused("link_used").

    Where a second factor is required, or the member has one, the session counts for nothing
    until it was given: `actions.accounts`.
    """
    session, hashed = links.new_token()

    def write(connection: Connection) -> None:
        now = site.now()
        member = users.use_link(connection, links.hashed(token), now)
        if member is None:
            raise Refused("link_used")
        has_factor = accounts.has_factor(connection, member)
        confirmed = not (site.rules.require_second_factor or has_factor)
        users.add_session(
            connection, hashed, member, now, _SESSION_LIFE, confirmed=confirmed, agent=agent[:300]
        )
        if confirmed:
            note(connection, users.get(connection, member), "signed_in", now, subject=member)

    await site.storage.write(write)
    return session


async def leave(site: Site, token: str) -> None:
    """Ends a staff session."""

    def write(connection: Connection) -> None:
        now = site.now()
        member = users.by_session(connection, links.hashed(token), now)
        users.end_session(connection, links.hashed(token))
        if member is not None:
            note(connection, member, "signed_out", now, subject=member.id)

    await site.storage.write(write)
