"""Staff's own accounts: proving oneself, sessions, and who works here."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec

from belowline.actions.record import note
from belowline.actions.site import Site
from belowline.domain import names
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM, STAFF_CHANGED
from belowline.domain.secondfactor import (
    RECOVERY_CODES,
    clean_password,
    matching_step,
)
from belowline.domain.users import CONFINED, STAFF, Thing, User, demand
from belowline.signin import links, passwords
from belowline.storage import accounts, alerts, campaigns, streams, users
from belowline.storage import passkeys as keys
from belowline.storage.accounts import Session
from belowline.storage.engine import Connection
from belowline.storage.passkeys import Passkey

SESSION_LIFE = timedelta(days=30)
_LINK_LIFE = timedelta(days=2)
LONGEST_AGENT = 300


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One's own account: whether it is set up, recovery codes left, where one is signed in."""

    has_password: bool
    passkeys: list[Passkey]
    codes_left: int
    sessions: list[Session]


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who came by a link and has not proved themselves yet."""

    user: User
    has_password: bool
    has_passkey: bool

    @property
    def has_factor(self) -> bool:
        """Whether they have something to prove themselves by."""
        return self.has_password or self.has_passkey


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here."""

    user: User
    has_password: bool
    passkeys: int
    sessions: int


def has_factor(connection: Connection, user: int) -> bool:
    """Whether somebody has more than a link to prove themselves by."""
    return accounts.secret_of(connection, user) is not None or keys.count(connection, user) > 0


async def pending(site: Site, token: str) -> Pending | None:
    """Who stands at the door with this session."""

    def read(connection: Connection) -> Pending | None:
        number = accounts.unconfirmed(connection, links.hashed(token), site.now())
        found = None if number is None else users.get(connection, number)
        if found is None:
            return None
        return Pending(
            user=found,
            has_password=accounts.secret_of(connection, found.id) is not None,
            has_passkey=keys.count(connection, found.id) > 0,
        )

    return await site.storage.read(read)


async def set_up(
    site: Site, user: User, token: str, password: str, secret: str, code: str
) -> list[str]:
    """Sets password and second factor and lets the session in; answers new recovery codes.

    Every other session ends. Raises Refused: password_weak, code_wrong.
    """
    clean_password(password, user.name)
    now = site.now()
    step = matching_step(secret, code, now, 0)
    if step is None:
        raise Refused("code_wrong", field="code")
    hashed = await asyncio.to_thread(passwords.hashed, password)
    codes = passwords.new_codes(RECOVERY_CODES)

    def write(connection: Connection) -> None:
        kept = accounts.Secret(user=user.id, hash=hashed, totp_secret=secret, last_step=step)
        accounts.keep_secret(connection, kept, now)
        accounts.replace_codes(connection, user.id, [links.hashed(one) for one in codes])
        accounts.end_all(connection, user.id, but=links.hashed(token))
        accounts.confirm(connection, links.hashed(token))
        note(connection, user, "factor_set", now, subject=user.id)

    await site.storage.write(write)
    return codes


async def confirm(site: Site, token: str, password: str, code: str) -> None:
    """Proves whoever came by a link. Raises Refused: sign_in, sign_in_wrong."""
    found = await pending(site, token)
    if found is None:
        raise Refused("sign_in")
    await _prove(site, found.user, password, code)

    def write(connection: Connection) -> None:
        accounts.confirm(connection, links.hashed(token))
        note(connection, found.user, "signed_in", site.now(), subject=found.user.id)

    await site.storage.write(write)


async def sign_in(site: Site, name: str, password: str, code: str, agent: str) -> str:
    """A session's token for name, password and code (or a recovery code).

    Raises Refused("sign_in_wrong"), the same for whatever was wrong.
    """
    wanted = names.look(name) if name.strip() else ""
    found = await site.storage.read(lambda connection: users.staff_by_look(connection, wanted))
    await _prove(site, found, password, code)
    assert found is not None
    session, hashed = links.new_token()

    def write(connection: Connection) -> None:
        now = site.now()
        users.add_session(
            connection, hashed, found.id, now, SESSION_LIFE, agent=agent[:LONGEST_AGENT]
        )
        note(connection, found, "signed_in", now, subject=found.id)

    await site.storage.write(write)
    return session


async def account(site: Site, user: User, token: str) -> Account:
    """One's own account. Raises Refused("not_allowed")."""
    demand(user, "moderate", CONFINED)
    this = links.hashed(token)

    def read(connection: Connection) -> Account:
        return Account(
            has_password=accounts.secret_of(connection, user.id) is not None,
            passkeys=keys.of(connection, user.id),
            codes_left=accounts.codes_left(connection, user.id),
            sessions=accounts.sessions_of(connection, user.id, this, site.now()),
        )

    return await site.storage.read(read)


async def end_session(site: Site, user: User, session: str) -> None:
    """Signs one of one's own browsers out. Raises Refused: not_allowed, session_unknown."""
    demand(user, "moderate", CONFINED)
    if len(session) != 16:
        raise Refused("session_unknown")

    def write(connection: Connection) -> None:
        if not accounts.end_session(connection, user.id, session):
            raise Refused("session_unknown")
        now = site.now()
        streams.append(connection, DESK_STREAM, STAFF_CHANGED, subject=user.id, now=now)
        note(connection, user, "session_ended", now, subject=user.id)

    await site.storage.write(write)


async def new_codes(site: Site, user: User) -> list[str]:
    """New recovery codes in place of the old ones. Raises Refused("not_allowed")."""
    demand(user, "moderate", CONFINED)
    codes = passwords.new_codes(RECOVERY_CODES)

    def write(connection: Connection) -> None:
        accounts.replace_codes(connection, user.id, [links.hashed(one) for one in codes])
        note(connection, user, "codes_made", site.now(), subject=user.id)

    await site.storage.write(write)
    return codes


# -- who works here ------------------------------------------------------------------------


async def members(site: Site, by: User) -> list[Member]:
    """Everybody who works here. Raises Refused("not_allowed")."""
    demand(by, "manage_staff", Thing())

    def read(connection: Connection) -> list[Member]:
        now = site.now()
        return [
            Member(
                user=one,
                has_password=accounts.secret_of(connection, one.id) is not None,
                passkeys=keys.count(connection, one.id),
                sessions=len(accounts.sessions_of(connection, one.id, "", now)),
            )
            for one in users.staff(connection)
        ]

    return await site.storage.read(read)


async def invite(site: Site, by: User, raw_name: str, role: str) -> str:
    """A one-time sign-in token for somebody, who is added when new; not for who is there already
    with another role. Raises Refused: not_allowed, role_unknown, and as `set_name` does.
    """
    demand(by, "manage_staff", Thing())
    if role not in STAFF:
        raise Refused("role_unknown", field="role")
    name = names.clean_name(raw_name, reserved=False)
    token, hashed = links.new_token()

    def write(connection: Connection) -> None:
        now = site.now()
        member = users.member(connection, name, role, now)
        if member.created_at == now:
            note(connection, by, "staff_added", now, subject=member.id, detail=role)
        users.add_link(connection, hashed, member.id, now + _LINK_LIFE)
        note(connection, by, "staff_linked", now, subject=member.id)

    await site.storage.write(write)
    return token


async def change_role(site: Site, by: User, member: int, role: str) -> None:
    """Gives somebody another role; ``reader`` lets them go and signs them out everywhere.

    Their alerts end then, and what they decided for coming copies of campaigns is suspended, so
    that those wait again.

    Raises Refused: not_allowed (oneself too: the last administrator must stay), user_unknown,
    role_unknown.
    """
    demand(by, "manage_staff", Thing())
    if role not in ("reader", *STAFF):
        raise Refused("role_unknown", field="role")
    if member == by.id:
        raise Refused("not_allowed")

    def write(connection: Connection) -> None:
        found = users.get(connection, member)
        if found is None or not found.is_staff:
            raise Refused("user_unknown")
        now = site.now()
        accounts.set_role(connection, member, role)
        if role == "reader":
            accounts.end_all(connection, member)
            accounts.forget_secret(connection, member)
            campaigns.suspend(connection, member, now)
            keys.remove_all(connection, member)
            alerts.remove_all(connection, member)
        streams.append(connection, DESK_STREAM, STAFF_CHANGED, subject=member, now=now)
        note(connection, by, "role_changed", now, subject=member, detail=f"{found.role} {role}")

    await site.storage.write(write)


async def reset(site: Site, by: User, member: int) -> None:
    """Takes all that somebody proves themselves by away and signs them out; a new link follows.

    Raises Refused: not_allowed, user_unknown.
    """
    demand(by, "manage_staff", Thing())

    def write(connection: Connection) -> None:
        found = users.get(connection, member)
        if found is None or not found.is_staff:
            raise Refused("user_unknown")
        accounts.forget_secret(connection, member)
        keys.remove_all(connection, member)
        accounts.end_all(connection, member)
        now = site.now()
        streams.append(connection, DESK_STREAM, STAFF_CHANGED, subject=member, now=now)
        note(connection, by, "factor_reset", now, subject=member)

    await site.storage.write(write)


async def _prove(site: Site, user: User | None, password: str, code: str) -> None:
    """Raises Refused("sign_in_wrong") unless password and code are ``user``'s."""
    number = user.id if user else 0
    secret = await site.storage.read(lambda connection: accounts.secret_of(connection, number))
    is_right = await asyncio.to_thread(
        passwords.is_right, secret.hash if secret else None, password
    )
    if secret is None or not is_right:
        raise Refused("sign_in_wrong")
    now = site.now()
    step = matching_step(secret.totp_secret, code, now, secret.last_step)
    recovery = links.hashed(code.strip().lower())

    def write(connection: Connection) -> bool:
        if step is not None:
            return accounts.use_step(connection, number, step)
        return accounts.use_code(connection, number, recovery, now)

    if not await site.storage.write(write):
        raise Refused("sign_in_wrong")
