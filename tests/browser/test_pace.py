"""Mona changes a story's mode and pace on its own page; Ada has it open."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.reading import Reader, Site, reading


@pytest.fixture(scope="module")
def mona(site: Site, browser: Browser) -> Iterator[Reader]:
    """A moderator who reads stories."""
    with reading(browser) as moderator:
        moderator.open(site.staff_link("Mona"))
        yield moderator


def test_open_pages_hear_of_mode_and_pace_and_keep_what_is_written(
    site: Site, story: str, ada: Reader, mona: Reader
) -> None:
    ada.open(site.page_of(story))
    expect(ada.active).to_have_text("Active: 1")
    ada.box.fill("Half a sentence")
    mona.open(site.page_of(story))
    mona.find(".staffbar select[name=slow]").select_option("60")
    mona.find(".staffbar button").click()
    expect(mona.find(".staffbar output")).to_contain_text("Saved")
    expect(ada.find(".bl-below")).to_contain_text("Slow mode: 1 minute between two comments")
    expect(ada.box).to_have_value("Half a sentence")
    ada.sends.click()
    expect(ada.find(".bl-wait")).to_have_text(re.compile(r"You can write again in \d+ seconds?\."))
    ada.says("Too soon")
    expect(ada.status).to_contain_text("This discussion is in slow mode.")
    expect(ada.box).to_have_value("Too soon")

    mona.find(".staffbar select[name=mode]").select_option("closed")
    mona.find(".staffbar button").click()
    expect(ada.find(".bl-closed")).to_have_text("This discussion is closed.")


def test_a_bar_that_stands_open_shows_what_somebody_else_has_set(
    site: Site, story: str, browser: Browser, mona: Reader
) -> None:
    with reading(browser) as edgar:
        edgar.open(site.staff_link("Edgar", "editor"))
        edgar.open(site.page_of(story))
        mona.open(site.page_of(story))
        expect(mona.active).to_have_text("Active: 2")
        edgar.find(".staffbar select[name=mode]").select_option("trusting")
        edgar.find(".staffbar button").click()
        expect(mona.find(".staffbar select[name=mode]")).to_have_value("trusting")
        expect(mona.find(".staffbar input[name=was_mode]")).to_have_value("trusting")
        expect(edgar.find(".staffbar output")).to_contain_text("Saved")
