"""Browsers by their names, as people know them from where they are signed in."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
"""What a User-Agent header holds -> whose it is; the first that is found, since browsers name
those that they want to be taken for as well."""


def browser_name(agent: str) -> str:
    """``Firefox, Windows`` for a User-Agent header; itself where nothing in it is known."""
    found = [_first(table, agent) for table in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found)) or agent


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for mark, name in table if mark in agent), "")
