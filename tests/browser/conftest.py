"""A fresh site for each file of tests; Ada and Ben, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.reading import Reader, Site, reading, running_site

expect.set_options(timeout=20_000)  # only ever waited out by a test that fails


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site with stories of each mode and no comment yet."""
    with running_site(tmp_path_factory.mktemp("site") / "courier") as running:
        yield running


@pytest.fixture
def ada(browser: Browser) -> Iterator[Reader]:
    """A reader."""
    with reading(browser) as reader:
        yield reader


@pytest.fixture
def ben(browser: Browser) -> Iterator[Reader]:
    """Another reader."""
    with reading(browser) as reader:
        yield reader


@pytest.fixture
def story(site: Site) -> str:
    """An open story, under which nobody has written."""
    return site.new_story()
