"""Receipts and decisions mailed to those who have sent in a notice or objected, from an outbox.

They are put out in the transaction that they tell of, wait for a mail server that is down, and are
given up after a week.
"""

from __future__ import annotations

import asyncio
import smtplib
from datetime import timedelta
from typing import NamedTuple

import structlog

from belowline.actions.alerts import Ways
from belowline.actions.site import Site
from belowline.domain import ids
from belowline.domain.alerts import RETRIES, is_mail
from belowline.domain.statements import NOTICE, STATEMENT, Appeal, Notice, token
from belowline.notifiers import mail
from belowline.render.letters import written, written_to_author
from belowline.storage import letters, meta, statements
from belowline.storage.engine import Connection
from belowline.storage.letters import Letter

RECEIPTS_A_DAY = 10
"""So many receipts go to one address a day: anybody can write anybody's into the form."""

_LEASE = timedelta(minutes=2)
_LIFE = timedelta(days=7)
_AT_ONCE = 20


class _Written(NamedTuple):
    to: str
    subject: str
    text: str


_log = structlog.get_logger(__name__)


def put_out(connection: Connection, site: Site, notice: Notice, number: int, kind: str) -> None:
    """Has ``notice``'s sender told, if they gave an address. ``number`` is the notice's."""
    now = site.now()
    if not is_mail(notice.email):
        return
    day_ago = now - timedelta(days=1)
    if kind == "receipt" and (
        letters.written_since(connection, notice.email, day_ago) > RECEIPTS_A_DAY
    ):
        return
    letters.put_out(connection, Letter(id=ids.new_id(now), notice=number, kind=kind, due_at=now))


def put_out_appeal(connection: Connection, site: Site, appeal: Appeal, kind: str) -> None:
    """Has an appeal's author told, if they gave an address."""
    now = site.now()
    if not appeal.email:
        return
    day_ago = now - timedelta(days=1)
    if kind == "receipt" and (
        letters.written_since(connection, appeal.email, day_ago) > RECEIPTS_A_DAY
    ):
        return
    made = Letter(id=ids.new_id(now), statement=appeal.statement, kind=kind, due_at=now)
    letters.put_out(connection, made)


async def deliver(site: Site, ways: Ways) -> int:
    """Sends what is due; answers how many arrived. Without a mail server it waits for one."""
    now = site.now()
    found = await site.storage.read(lambda connection: letters.due(connection, now, _AT_ONCE))
    arrived = await asyncio.gather(*(_deliver_one(site, ways, one) for one in found))
    return sum(arrived)


async def _deliver_one(site: Site, ways: Ways, one: Letter) -> bool:
    def claim(connection: Connection) -> _Written | None:
        if not letters.claim(connection, one, site.now() + _LEASE):
            return None
        return _written(connection, ways, one)

    written = await site.storage.write(claim)
    if written is None:
        return False
    try:
        await asyncio.to_thread(_send, ways, written)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        _log.warning("letters.not_delivered", kind=one.kind, error=type(error).__name__)
        await site.storage.write(lambda connection: _failed(connection, site, one))
        return False
    await site.storage.write(lambda connection: _done(connection, one))
    return True


def _written(connection: Connection, ways: Ways, one: Letter) -> _Written | None:
    secret = meta.secret(connection)
    if one.notice is not None:
        notice = statements.notice(connection, one.notice)
        if notice is None:
            return None
        page = f"{ways.address}/notices/{token(secret, NOTICE, one.notice)}"
        said = written(notice, one.kind, site_name=ways.site_name, page=page)
        return _Written(notice.email, *said)
    number = one.statement or 0
    appeal = statements.appeal_of(connection, number)
    if appeal is None or not appeal.email:
        return None
    page = f"{ways.address}/statements/{token(secret, STATEMENT, number)}"
    said = written_to_author(appeal, one.kind, site_name=ways.site_name, page=page)
    return _Written(appeal.email, *said)


def _done(connection: Connection, one: Letter) -> None:
    """It has arrived or is given up; nobody's address is kept once there is no more to tell."""
    letters.take_out(connection, one.id)
    if one.statement is not None and one.kind == "decision":
        statements.forget_email(connection, one.statement)


def _failed(connection: Connection, site: Site, one: Letter) -> None:
    now = site.now()
    if now - ids.moment(one.id) > _LIFE:
        _done(connection, one)
    else:
        letters.postpone(connection, one.id, now + RETRIES[min(one.tries, len(RETRIES) - 1)])


def _send(ways: Ways, one: _Written) -> None:
    if ways.mail is None:
        raise OSError("no mail server is set")
    mail.send(ways.mail, to=one.to, subject=one.subject, text=one.text)
