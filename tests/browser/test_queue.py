"""The desk's queue, worked with the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.reading import Reader, Site, reading


@pytest.fixture
def mona(site: Site, browser: Browser) -> Iterator[Reader]:
    """A moderator."""
    with reading(browser, viewport={"width": 1280, "height": 900}) as moderator:
        moderator.open(site.staff_link("Mona"))
        yield moderator


def test_a_queue_longer_than_its_page_is_decided_to_its_end_without_a_mouse(
    site: Site, mona: Reader
) -> None:
    story = site.new_story("reviewed")
    for name in ("Ada", "Ben", "Chidi"):
        guest = site.guest(name)
        for number in range(20):
            guest.says(story, f"{name} asks question {number}")
    mona.open(f"{site.url}/desk")
    expect(mona.find(".dk-count")).to_have_text("60 wait")
    for left in range(60, 0, -1):
        expect(mona.find(".dk-place .dk-card")).to_be_visible()
        mona.page.keyboard.press("a")
        if left > 1:
            expect(mona.find(".dk-empty")).to_be_hidden()
    expect(mona.find(".dk-empty")).to_be_visible()
    expect(mona.find(".dk-status")).to_have_text("Saved")
    expect(mona.find(".dk-count")).to_have_text("0 wait")
    assert site.count(story) == 60
    for _ in range(3):
        mona.page.keyboard.press("z")
    expect(mona.find(".dk-count")).to_have_text("3 wait")
    expect(mona.find(".dk-status")).to_have_text("Taken back. It waits again.")
    mona.open(f"{site.url}/desk")
    expect(mona.find(".dk-helper")).to_be_visible()
    expect(mona.find(".dk-entry")).to_have_count(3)
    mona.page.keyboard.press("*")
    mona.page.keyboard.press("a")
    expect(mona.find(".dk-selected")).to_have_text("Approve 3 comments? Press once more.")
    mona.page.keyboard.press("a")
    expect(mona.find(".dk-status")).to_have_text("Saved")
    mona.open(f"{site.url}/desk")
    expect(mona.find(".dk-done")).to_have_text("3 approved")
    mona.page.keyboard.press("z")
    expect(mona.find(".dk-count")).to_have_text("3 wait")


def test_the_others_see_which_card_somebody_has_open(
    site: Site, browser: Browser, mona: Reader
) -> None:
    site.guest("Ada").says(site.new_story("reviewed"), "Who has this one open?")
    mona.open(f"{site.url}/desk?words=open")
    expect(mona.find(".dk-place .dk-text")).to_have_text("Who has this one open?")
    with reading(browser, viewport={"width": 1280, "height": 900}) as edgar:
        edgar.open(site.staff_link("Edgar", "editor"))
        edgar.open(f"{site.url}/desk?words=open")
        expect(edgar.find(".dk-locked")).to_have_text("Mona is looking at this")
        edgar.page.keyboard.press("a")
        expect(edgar.find(".dk-problem")).to_have_text("Mona is looking at this comment.")
        expect(edgar.find(".dk-entry")).to_have_count(1)
