"""The sites of one installation: publications that share a desk, a policy and their readers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from belowline.domain.errors import Refused

FIRST = 1
"""The id of the site that every installation has."""

MOST = 50
LONGEST_NAME = 100
_LONGEST_ADDRESS = 500
_MOST_ADDRESSES = 20
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SCHEMES = ("http", "https")


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """One of the sites. ``key`` is how addresses and commands name it.

    ``addresses`` are where its pages stand, as ``https://paper.example`` or with a path: a story
    whose own address lies below one of them is this site's.
    """

    id: int
    key: str
    name: str
    addresses: tuple[str, ...]
    created_at: datetime


def site_key(raw: str) -> str:
    """``raw`` when it can name a site; raises Refused("site_key")."""
    if not _KEY.fullmatch(raw) or raw in _SCHEMES:
        raise Refused("site_key", field="key")
    return raw


def site_name(raw: str) -> str:
    """A site's name without the space around it; raises Refused("site_name")."""
    name = raw.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Refused("site_name", field="name", limit=LONGEST_NAME)
    return name


def site_addresses(raw: Sequence[str]) -> tuple[str, ...]:
    """Addresses as they are compared; raises Refused("site_address")."""
    found = dict.fromkeys(_normal(one.strip()) for one in raw if one.strip())
    if "" in found or len(found) > _MOST_ADDRESSES:
        raise Refused("site_address", field="addresses")
    return tuple(found)


def site_of(sites: Sequence[Publication], key: str, url: str) -> int:
    """The site of a new story with that key and address.

    A key that begins with a site's and a colon names it; otherwise the longest of the addresses
    that ``url`` lies below decides, and what lies below none belongs to the first site.
    """
    prefix, colon, _ = key.partition(":")
    named = next((one.id for one in sites if colon and one.key == prefix), 0)
    if named:
        return named
    address = _normal(url)
    below = [
        (len(place), one.id)
        for one in sites
        for place in one.addresses
        if address == place or address.startswith(f"{place}/")
    ]
    return max(below, key=lambda found: found[0])[1] if below else FIRST


def _normal(address: str) -> str:
    """An address without what does not tell places apart, "" for what is none."""
    if len(address) > _LONGEST_ADDRESS:
        return ""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _SCHEMES or not parts.hostname:
        return ""
    standard = {"http": 80, "https": 443}[parts.scheme]
    where = parts.hostname if port in (None, standard) else f"{parts.hostname}:{port}"
    return f"{parts.scheme}://{where}{parts.path.rstrip('/')}"
