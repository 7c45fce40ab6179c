"""A machine of its own for a program, as far as its network goes. For root, on Linux.

It has two cables to this machine: one for those who ask it, and one for the database, which can
be cut: what is sent is lost from then on, and nobody is told, as when a real one is pulled out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

_IP = shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin")
_MOST = 1 << 14  # networks of four addresses in 198.18.0.0/16 (RFC 2544, for such tests)


@dataclass(frozen=True)
class Namespace:
    """``address`` is its own, ``here`` what it knows this machine by, ``database`` the same on
    the other cable."""

    name: str
    address: str
    here: str
    database: str
    cable: str

    @property
    def prefix(self) -> tuple[str, ...]:
        """What comes before a command that is to run there."""
        return (str(_IP), "netns", "exec", self.name)

    def cut(self) -> None:
        """The database's cable is pulled out."""
        _ip("link", "set", "dev", self.cable, "down")

    def mend(self) -> None:
        """It is put in again."""
        _ip("link", "set", "dev", self.cable, "up")


def to_be_had() -> bool:
    """Whether this machine can make any."""
    if _IP is None or os.geteuid() != 0:
        return False
    try:
        with namespace(3) as probe:
            subprocess.run([*probe.prefix, "true"], check=True, capture_output=True)
    except subprocess.CalledProcessError:
        return False
    return True


@contextmanager
def namespace(number: int) -> Iterator[Namespace]:
    """A new one, gone afterwards; ``number`` tells it from the others of this process, 0 to 3."""
    name = f"belowline-{uuid4().hex[:10]}"
    block = (os.getpid() * 4 + number) % _MOST
    _ip("netns", "add", name)
    ends = f"{name[10:]}-r", f"{name[10:]}-d"
    try:
        _ip("-n", name, "link", "set", "dev", "lo", "up")
        here, address = _cable(name, ends[0], "readers", 18, block)
        database, _ = _cable(name, ends[1], "database", 19, block)
        yield Namespace(name, address, here, database, ends[1])
    finally:
        for end in ends:
            subprocess.run([str(_IP), "link", "delete", "dev", end], capture_output=True)
        _ip("netns", "delete", name)


def _cable(name: str, end: str, what: str, network: int, block: int) -> tuple[str, str]:
    """The addresses of ``end``, which is here, and of the other one, there called ``what``."""
    first = block * 4
    here, there = (f"198.{network}.{(first + n) >> 8}.{(first + n) & 255}" for n in (1, 2))
    _ip("link", "add", end, "type", "veth", "peer", "name", what, "netns", name)
    _ip("address", "add", f"{here}/30", "dev", end)
    _ip("link", "set", "dev", end, "up")
    _ip("-n", name, "address", "add", f"{there}/30", "dev", what)
    _ip("-n", name, "link", "set", "dev", what, "up")
    return here, there


def _ip(*words: str) -> None:
    subprocess.run([str(_IP), *words], check=True, capture_output=True)
