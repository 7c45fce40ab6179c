"""Ready answers: bytes, ETag and compressed forms, one builder at a time for each.

An answer is known by what it shows and by the version of what it was made from, so nothing is
ever flushed: a new version is a new answer. Ages on a page ("2 minutes ago") grow stale, so an
answer lives for a minute at the longest.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

import brotli
import zstandard

from belowline.metrics import counts

LIFE = 60.0
"""Seconds after which the ages on a page are too old."""
_MOST_BYTES = 64 * 1024 * 1024
_WORTH_COMPRESSING = 512


class Answer:
    """A body with its strong ETag (RFC 9110, 8.8.3); compressed forms are made when asked for."""

    def __init__(self, body: bytes, media_type: str) -> None:
        self.body = body
        self.media_type = media_type
        self.etag = hashlib.blake2b(body, digest_size=12).hexdigest()
        self.born = time.monotonic()
        self._encoded: dict[str, bytes] = {}

    def encoded(self, accept: str) -> tuple[str, bytes]:
        """The content coding that suits ``Accept-Encoding`` ("" for none) and its bytes."""
        if len(self.body) < _WORTH_COMPRESSING:
            return "", self.body
        coding = _coding(accept)
        if not coding:
            return "", self.body
        if coding not in self._encoded:
            self._encoded[coding] = _CODINGS[coding](self.body)
        return coding, self._encoded[coding]


class Cache:
    """Answers by key, the least recently used forgotten first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._building: dict[Hashable, asyncio.Future[Answer]] = {}
        self._bytes = 0

    async def get(self, key: Hashable, build: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer for ``key``; ``build`` makes it, once for all who wait."""
        answer = self._answers.get(key)
        if answer is not None and time.monotonic() - answer.born < LIFE:
            self._answers.move_to_end(key)
            counts.cache_hits += 1
            return answer
        under_way = self._building.get(key)
        if under_way is not None:
            return await asyncio.shield(under_way)
        return await self._build(key, build)

    async def _build(self, key: Hashable, build: Callable[[], Awaitable[Answer]]) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._building[key] = future
        counts.cache_builds += 1
        try:
            answer = await build()
        except BaseException as error:
            future.set_exception(error)
            future.exception()  # seen: those who wait raise it, and nobody may be waiting
            raise
        finally:
            del self._building[key]
        future.set_result(answer)
        self._keep(key, answer)
        return answer

    def _keep(self, key: Hashable, answer: Answer) -> None:
        old = self._answers.pop(key, None)
        self._bytes += len(answer.body) - (len(old.body) if old else 0)
        self._answers[key] = answer
        while self._bytes > _MOST_BYTES and len(self._answers) > 1:
            _, forgotten = self._answers.popitem(last=False)
            self._bytes -= len(forgotten.body)


def _brotli(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=5))


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def _zstd(body: bytes) -> bytes:
    return zstandard.compress(body, 9)


_CODINGS: dict[str, Callable[[bytes], bytes]] = {"br": _brotli, "zstd": _zstd, "gzip": _gzip}


def _coding(accept: str) -> str:
    offered = {
        name.strip().lower(): parameter.replace(" ", "")
        for name, _, parameter in (part.partition(";") for part in accept.split(","))
    }
    for coding in _CODINGS:
        if coding in offered and offered[coding] not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            return coding
    return ""
