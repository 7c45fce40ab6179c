"""Network addresses: what can be reached from everywhere, and which belong together."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_NAT64 = IPv6Network("64:ff9b::/96")  # the last 32 bits are an IPv4 address


@lru_cache(maxsize=4096)
def household(address: str) -> str:
    """Who shares this address: one IPv4 address, or the /64 of an IPv6 one. "" as `network`."""
    return _prefix(address, 32, 64)


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """The network that it belongs to, /24 or /48.

    "" for addresses that are not public: behind a proxy that does not say for whom it asks,
    everybody has such a one, and nothing can be counted by it.
    """
    return _prefix(address, 24, 48)


def is_public(address: str) -> bool:
    """Whether it is somebody's on the internet: not this machine, a private network, or none."""
    found = _read(address)
    return found is not None and found.is_global and not found.is_multicast


def _prefix(address: str, bits_of_4: int, bits_of_6: int) -> str:
    found = _read(address)
    if found is None or not is_public(address):
        return ""
    bits = bits_of_4 if found.version == 4 else bits_of_6
    return str(ip_network((found, bits), strict=False))


def _read(address: str) -> IPv4Address | IPv6Address | None:
    """The address; an IPv4 one that is written as IPv6 is taken for what it is."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return found
    if found.sixtofour is not None:
        return found.sixtofour
    if found in _NAT64:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found
