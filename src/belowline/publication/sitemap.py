"""The sitemap (sitemaps.org, protocol 0.9): every public page with the time of its last change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

import msgspec

from belowline.publication.xml import add, to_bytes

LARGEST = 50_000
"""How many addresses one sitemap may hold."""

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


class SitemapPage(msgspec.Struct, frozen=True):
    """A page's absolute address and when it last changed, None when that is not known."""

    url: str
    changed: datetime | None = None


def sitemap(
    pages: Sequence[SitemapPage],
    *,
    part_url: Callable[[int], str],
    part: int | None = None,
    largest: int = LARGEST,
) -> bytes | None:
    """The document at ``/sitemap.xml`` (``part`` None) or at ``part_url(part)``, counted from 1.

    Up to ``largest`` pages are one sitemap; more are an index of parts. None for a part that does
    not exist.
    """
    parts = [pages[first : first + largest] for first in range(0, len(pages), largest)] or [[]]
    if part is None:
        return _pages(pages) if len(parts) == 1 else _index(parts, part_url)
    return _pages(parts[part - 1]) if 1 <= part <= len(parts) else None


def _pages(pages: Sequence[SitemapPage]) -> bytes:
    root = Element("urlset", {"xmlns": _NAMESPACE})
    for page in pages:
        _place(root, "url", page.url, page.changed)
    return to_bytes(root)


def _index(parts: Sequence[Sequence[SitemapPage]], part_url: Callable[[int], str]) -> bytes:
    root = Element("sitemapindex", {"xmlns": _NAMESPACE})
    for number, pages in enumerate(parts, start=1):
        changes = (page.changed for page in pages if page.changed is not None)
        _place(root, "sitemap", part_url(number), max(changes, default=None))
    return to_bytes(root)


def _place(root: Element, tag: str, url: str, changed: datetime | None) -> None:
    place = add(root, tag)
    add(place, "loc", url)
    if changed is not None:
        moment = changed.astimezone(UTC).isoformat(timespec="seconds")
        add(place, "lastmod", moment.replace("+00:00", "Z"))
