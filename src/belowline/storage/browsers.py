"""Browsers that alerts go to by web push: each as long as the session that it was set in."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from belowline.domain.alerts import Alert
from belowline.storage.schema import alerts, outbox, sessions


def alert_of(connection: Connection, endpoint: str) -> tuple[int, int] | None:
    """The alert of the browser at this address and whose it is."""
    query = select(alerts.c.id, alerts.c.user_id).where(
        alerts.c.kind == "push", alerts.c.target == endpoint
    )
    row = connection.execute(query).first()
    return None if row is None else (row.id, row.user_id)


def renew(connection: Connection, alert: int, new: Alert) -> None:
    """Gives the alert ``new``'s address, keys, browser and session; the rest stays."""
    connection.execute(
        update(alerts)
        .where(alerts.c.id == alert)
        .values(target=new.target, secret=new.secret, agent=new.agent, session=new.session)
    )


def end_signed_out(connection: Connection) -> None:
    """Ends the alerts of browsers that were signed out; a session that is only too old is not."""
    held = set(connection.execute(select(alerts.c.session)).scalars()) - {""}
    if not held:
        return
    there = select(sessions.c.token_hash).where(sessions.c.token_hash.in_(held))
    gone = held - set(connection.execute(there).scalars())
    ended = select(alerts.c.id).where(alerts.c.session.in_(gone))
    connection.execute(delete(outbox).where(outbox.c.alert_id.in_(ended)))
    connection.execute(delete(alerts).where(alerts.c.session.in_(gone)))
