"""Receipts and decisions mailed to those who have sent in a notice, from an outbox.

They are put out in the transaction that they tell of, wait for a mail server that is down, and are
given up after a week.
"""

from __future__ import annotations

import asyncio
import smtplib
from datetime import timedelta

import structlog

from belowline.actions.alerts import Ways
from belowline.actions.site import Site
from belowline.domain import ids
from belowline.domain.alerts import RETRIES, is_mail
from belowline.domain.statements import NOTICE, Notice, token
from belowline.notifiers import mail
from belowline.render.letters import written
from belowline.storage import letters, meta, statements
from belowline.storage.engine import Connection
from belowline.storage.letters import Letter

RECEIPTS_A_DAY = 10
"""So many receipts go to one address a day: anybody can write anybody's into the form."""

_LEASE = timedelta(minutes=2)
_LIFE = timedelta(days=7)
_AT_ONCE = 20
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
    letters.put_out(
        connection, Letter(id=ids.new_id(now), notice=number, kind=kind, tries=0, due_at=now)
    )


async def deliver(site: Site, ways: Ways) -> int:
    """Sends what is due; answers how many arrived. Without a mail server it waits for one."""
    now = site.now()
    found = await site.storage.read(lambda connection: letters.due(connection, now, _AT_ONCE))
    arrived = await asyncio.gather(*(_deliver_one(site, ways, one) for one in found))
    return sum(arrived)


async def _deliver_one(site: Site, ways: Ways, one: Letter) -> bool:
    def claim(connection: Connection) -> tuple[Notice, str] | None:
        if not letters.claim(connection, one, site.now() + _LEASE):
            return None
        notice = statements.notice(connection, one.notice)
        if notice is None:
            return None
        return notice, token(meta.secret(connection), NOTICE, one.notice)

    claimed = await site.storage.write(claim)
    if claimed is None:
        return False
    notice, opens = claimed
    try:
        await asyncio.to_thread(_send, ways, notice, opens, one.kind)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        _log.warning("letters.not_delivered", kind=one.kind, error=type(error).__name__)
        await site.storage.write(lambda connection: _failed(connection, site, one))
        return False
    await site.storage.write(lambda connection: letters.take_out(connection, one.id))
    return True


def _failed(connection: Connection, site: Site, one: Letter) -> None:
    now = site.now()
    if now - ids.moment(one.id) > _LIFE:
        letters.take_out(connection, one.id)
    else:
        letters.postpone(connection, one.id, now + RETRIES[min(one.tries, len(RETRIES) - 1)])


def _send(ways: Ways, notice: Notice, opens: str, kind: str) -> None:
    if ways.mail is None:
        raise OSError("no mail server is set")
    subject, text = written(
        notice, kind, site_name=ways.site_name, page=f"{ways.address}/notices/{opens}"
    )
    mail.send(ways.mail, to=notice.email, subject=subject, text=text)
