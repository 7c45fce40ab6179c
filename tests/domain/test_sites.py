"""Which site a new story belongs to, and what a site may be called."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from belowline.domain.sites import Publication, site_addresses, site_key, site_name, site_of
from tests.cast import BEGINNING, refusal_of

SITES = [
    Publication(id=number, key=key, name=key, addresses=addresses, created_at=BEGINNING)
    for number, key, addresses in (
        (1, "main", ("https://paper.example",)),
        (2, "regional", ("https://north.example", "https://paper.example/north")),
        (3, "sport", ()),
    )
]


@pytest.mark.parametrize(
    ("key", "url", "site"),
    [
        ("ferry", "", 1),
        ("ferry", "/stories/ferry", 1),
        ("ferry", "https://elsewhere.example/ferry", 1),
        ("ferry", "https://north.example/ferry", 2),
        ("ferry", "https://NORTH.example:443/ferry?a=b#c", 2),
        ("ferry", "http://north.example/ferry", 1),
        ("ferry", "https://north.example.evil.example/ferry", 1),
        ("ferry", "https://paper.example/north", 2),
        ("ferry", "https://paper.example/north/ferry", 2),
        ("ferry", "https://paper.example/northern-lights", 1),
        ("sport:ferry", "https://north.example/ferry", 3),
        ("https://north.example/ferry", "https://north.example/ferry", 2),
        ("weather:ferry", "", 1),
    ],
)
def test_a_story_belongs_to_the_site_of_its_key_or_address(key: str, url: str, site: int) -> None:
    assert site_of(SITES, key, url) == site


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda: site_key("regional-2"), ""),
        (lambda: site_key("Regional"), "site_key"),
        (lambda: site_key("https"), "site_key"),
        (lambda: site_key(""), "site_key"),
        (lambda: site_name("  "), "site_name"),
        (lambda: site_name("x" * 101), "site_name"),
        (lambda: site_addresses(["", "https://a.example/"]), ""),
        (lambda: site_addresses(["a.example"]), "site_address"),
        (lambda: site_addresses(["javascript:alert(1)"]), "site_address"),
        (lambda: site_addresses(["https://a.example:x"]), "site_address"),
    ],
)
def test_what_a_site_may_be_called(work: Callable[[], object], code: str) -> None:
    assert refusal_of(work) == code
