"""Browsers by their names."""

from __future__ import annotations

import pytest

from belowline.render.agents import browser_name

_MOZILLA = "Mozilla/5.0"
_AS_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"{_MOZILLA} (X11; Linux x86_64) {_AS_CHROME} Safari/537.36", "Chrome, Linux"),
        (f"{_MOZILLA} (Windows NT 10.0) {_AS_CHROME} Safari/537.36 Edg/130.0", "Edge, Windows"),
        (f"{_MOZILLA} (Macintosh) AppleWebKit/605.1 Version/18 Safari/605.1", "Safari, macOS"),
        (f"{_MOZILLA} (iPhone; like Mac OS X) CriOS/130.0 Safari/604.1", "Chrome, iPhone"),
        (f"{_MOZILLA} (Android 14; Mobile; rv:130.0) Firefox/130.0", "Firefox, Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent: str, name: str) -> None:
    assert browser_name(agent) == name
