"""A database's address, and how a connection to it behaves when the network does not."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.engine import URL, make_url

_SEVERAL = re.compile(
    r"(?P<before>postgresql[^/]*://(?:[^@/]*@)?)(?P<hosts>[^/?@]*,[^/?@]*)(?P<after>(?:[/?].*)?)"
)

# Nobody says goodbye when a machine dies or a cable is cut: it has to be noticed. libpq's own
# defaults are two hours until a silent connection is asked, and a quarter of an hour until what
# was sent is given up.
_MANNERS: dict[str, Any] = {
    "application_name": "belowline",
    "connect_timeout": 5,  # seconds, for each host
    "keepalives_idle": 5,  # seconds
    "keepalives_interval": 3,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}


def parse(address: str) -> URL:
    """The address. Several hosts with ports are understood as libpq writes them:

    ``postgresql://one:5432,other:5432/name?target_session_attrs=read-write``
    """
    found = _SEVERAL.fullmatch(address)
    if found is None or "host=" in found["after"]:
        return make_url(address)
    url = make_url(found["before"] + found["after"])
    return url.update_query_pairs([("host", host) for host in found["hosts"].split(",")])


def manners(url: URL) -> dict[str, Any]:
    """What a connection is told besides its address; what the address says itself stands."""
    return {name: value for name, value in _MANNERS.items() if name not in url.query}


def parameters(url: URL) -> dict[str, Any]:
    """What ``psycopg.connect`` needs to reach the database as the engines do."""
    dialect = url.get_dialect()()
    _, named = dialect.create_connect_args(url)
    named.pop("context", None)
    return {**named, **manners(url)}
