"""Staff's passkeys: made, used to come in, taken away."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from belowline.actions.accounts import LONGEST_AGENT, SESSION_LIFE, has_factor
from belowline.actions.record import note
from belowline.actions.site import Site
from belowline.domain.errors import Refused
from belowline.domain.users import CONFINED, User, demand
from belowline.signin import links, passkeys
from belowline.signin.passkeys import Place
from belowline.storage import accounts, users
from belowline.storage import passkeys as kept
from belowline.storage.engine import Connection
from belowline.storage.passkeys import Passkey

LONGEST_NAME = 40
_MOST = 20
_CHALLENGE_LIFE = timedelta(minutes=5)


async def ask_for_new(site: Site, user: User, where: Place, site_name: str) -> str:
    """What ``user``'s browser is asked for a new passkey, as JSON.

    Raises Refused: not_allowed, passkey_many.
    """
    demand(user, "moderate", CONFINED)
    challenge, _ = links.new_token()

    def write(connection: Connection) -> list[str]:
        known = kept.of(connection, user.id)
        if len(known) >= _MOST:
            raise Refused("passkey_many", limit=_MOST)
        kept.ask(connection, challenge, user.id, site.now() + _CHALLENGE_LIFE)
        return [one.credential for one in known]

    known = await site.storage.write(write)
    return passkeys.question(challenge, where, site_name, user.id, user.name, known)


async def add(site: Site, user: User, token: str, answer: str, name: str, where: Place) -> None:
    """Keeps the passkey that ``user``'s browser has made, and lets the session ``token`` in.

    Raises Refused: not_allowed, passkey_wrong, passkey_many.
    """
    demand(user, "moderate", CONFINED)
    challenge = passkeys.challenge_of(answer)
    await _use(site, challenge, user.id)
    made = await asyncio.to_thread(passkeys.made, answer, challenge, where)

    def write(connection: Connection) -> None:
        now = site.now()
        number = kept.count(connection, user.id)
        if number >= _MOST:
            raise Refused("passkey_many", limit=_MOST)
        if kept.get(connection, made.credential) is not None:
            raise Refused("passkey_wrong")
        # Who came by a link alone may set their first means of proof, and no more.
        waits = accounts.unconfirmed(connection, links.hashed(token), now) is not None
        if waits and has_factor(connection, user.id):
            raise Refused("not_allowed")
        passkey = Passkey(
            credential=made.credential,
            user=user.id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            name=_clean(name) or str(number + 1),
            created_at=now,
        )
        kept.add(connection, passkey)
        accounts.confirm(connection, links.hashed(token))
        note(connection, user, "passkey_added", now, subject=user.id)

    await site.storage.write(write)


async def ask_to_sign_in(site: Site, where: Place) -> str:
    """What the browser of whoever signs in is asked, as JSON."""
    challenge, _ = links.new_token()
    until = site.now() + _CHALLENGE_LIFE
    await site.storage.write(lambda connection: kept.ask(connection, challenge, None, until))
    return passkeys.sign_in_question(challenge, where)


async def sign_in(site: Site, answer: str, where: Place, agent: str) -> str:
    """A session's token for a passkey's answer. Raises Refused: passkey_wrong, passkey_doubted."""
    challenge = passkeys.challenge_of(answer)
    credential = passkeys.credential_of(answer)
    await _use(site, challenge, None)
    known = await site.storage.read(lambda connection: kept.get(connection, credential))
    if known is None:
        raise Refused("passkey_wrong")
    signed = await asyncio.to_thread(passkeys.count_in, answer, challenge, where, known.public_key)
    session, hashed = links.new_token()

    def write(connection: Connection) -> bool:
        now = site.now()
        passkey = kept.get(connection, credential)
        user = users.get(connection, known.user)
        if passkey is None or user is None or not user.is_staff:
            raise Refused("passkey_wrong")
        if (signed or passkey.sign_count) and signed <= passkey.sign_count:
            kept.doubt(connection, credential, now)
            note(connection, user, "passkey_doubted", now, subject=user.id)
            return False
        kept.used(connection, credential, signed, now)
        users.add_session(
            connection, hashed, user.id, now, SESSION_LIFE, agent=agent[:LONGEST_AGENT]
        )
        note(connection, user, "signed_in", now, subject=user.id)
        return True

    if not await site.storage.write(write):
        raise Refused("passkey_doubted")
    return session


async def remove(site: Site, user: User, credential: str) -> None:
    """Takes one of one's own passkeys away, but not the last means of proof.

    Raises Refused: not_allowed, passkey_unknown, passkey_last.
    """
    demand(user, "moderate", CONFINED)

    def write(connection: Connection) -> None:
        if not kept.remove(connection, user.id, credential):
            raise Refused("passkey_unknown")
        if not has_factor(connection, user.id):
            raise Refused("passkey_last")
        note(connection, user, "passkey_removed", site.now(), subject=user.id)

    await site.storage.write(write)


async def _use(site: Site, challenge: str, user: int | None) -> None:
    """Raises Refused("passkey_wrong") unless this challenge waits; afterwards it does not."""
    now = site.now()
    if not await site.storage.write(
        lambda connection: kept.use_challenge(connection, challenge, user, now)
    ):
        raise Refused("passkey_wrong")


def _clean(name: str) -> str:
    return "".join(one for one in " ".join(name.split()) if one.isprintable())[:LONGEST_NAME]
