"""Requests to addresses that people have entered: never into the network that the server is in.

Names are looked up once, here, and the connection goes to the address that was looked at, so that
a name cannot mean one thing while it is judged and another while it is asked. Redirects and
proxies are not followed. Blocks: run it in a thread.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

import msgspec

from belowline.domain.networks import is_public

_LARGEST = 64 * 1024
_PIECE = 8 * 1024


class Inside(OSError):
    """An address that may not be asked: it is this machine's or a private network's."""


class Answered(msgspec.Struct, frozen=True):
    """What came back, of at most 64 KB. ``headers`` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    seconds: float,
    allowed: Collection[str] = (),
) -> Answered:
    """Sends ``body`` within ``seconds``, the looking up of the name apart.

    ``allowed`` are hosts that may be inside. Raises OSError (`Inside`, TimeoutError) or
    ValueError where nothing usable comes back.
    """
    until = time.monotonic() + seconds
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("the address is not of the web")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    pinned = _look_up(host, port, host in allowed)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    sock = _connect(pinned, port, until)
    try:
        if parts.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        connection.sock = sock
        connection.request("POST", path, body=body, headers=_headers(parts.netloc, headers))
        with connection.getresponse() as answer:
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, found, _read(answer, sock, until))
    except http.client.HTTPException as error:
        raise OSError(f"the answer is none: {type(error).__name__}") from error
    finally:
        connection.close()
        sock.close()


def _headers(netloc: str, headers: Mapping[str, str]) -> dict[str, str]:
    host = netloc.rpartition("@")[2]
    return {"User-Agent": "Belowline", "Host": host, "Connection": "close", **headers}


def _look_up(host: str, port: int, inside: bool) -> str:
    """An address of ``host``. One that has any inside is refused, lest the next try finds that."""
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not inside and not all(map(is_public, found)):
        raise Inside("an address of a private network")
    return found[0]


def _connect(address: str, port: int, until: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=_left(until))


def _read(answer: http.client.HTTPResponse, sock: socket.socket, until: float) -> bytes:
    """The body. Who sends it drop by drop is given up in time all the same."""
    body = b""
    while len(body) <= _LARGEST:
        left = _left(until)
        if sock.fileno() >= 0:  # it is closed when all has come
            sock.settimeout(left)
        piece = answer.read1(_PIECE)
        if not piece:
            return body
        body += piece
    raise ValueError("the answer is too large")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left
