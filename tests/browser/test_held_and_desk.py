"""A reviewed story: Ada writes, Mona decides at the desk, Ben reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.reading import Reader, Site, reading

HELD = "Your comment will appear once approved by a moderator."


@pytest.fixture(scope="module")
def mona(site: Site, browser: Browser) -> Iterator[Reader]:
    """A moderator at her desk."""
    with reading(browser, viewport={"width": 1280, "height": 900}) as moderator:
        moderator.open(site.staff_link("Mona"))
        yield moderator


@pytest.fixture
def reviewed(site: Site, ada: Reader, ben: Reader, mona: Reader) -> str:
    """Ada and Ben have a reviewed story open, Mona her desk; its key."""
    key = site.new_story("reviewed")
    mona.open(f"{site.url}/desk")
    for reader in (ada, ben):
        reader.open(site.page_of(key))
    for reader in (ada, ben):
        expect(reader.active).to_have_text("Active: 2")
    return key


def held(ada: Reader, mona: Reader, text: str) -> None:
    """Ada writes it, and Mona has chosen its card."""
    ada.says(text)
    expect(ada.part(text, ".bl-notice")).to_contain_text(HELD)
    mona.find(".dk-entry", has_text=text).locator(".dk-pick").click()
    expect(mona.find(".dk-place .dk-text")).to_have_text(text)


def saved(mona: Reader) -> None:
    """Mona's decision has reached the server."""
    expect(mona.find(".dk-status")).to_have_text("Saved")


def test_a_held_comment_is_seen_by_its_author_only_and_not_counted(
    reviewed: str, site: Site, ada: Reader, ben: Reader, mona: Reader
) -> None:
    held(ada, mona, "Only Ada sees this")
    # What Ben would have heard had he heard something: an event that is surely later.
    ada.box.press_sequentially("more")
    expect(ben.typing()).to_have_text("Someone is typing…")
    expect(ben.arrivals).to_be_hidden()
    expect(ben.comment("Only Ada sees this")).to_have_count(0)
    for reader in (ada, ben):
        expect(reader.count).to_have_text("0 Comments")
    assert site.count(reviewed) == 0
    assert site.texts(reviewed) == []
    ben.page.reload()
    expect(ben.find(".bl-empty")).to_be_visible()
    ada.page.reload()
    expect(ada.part("Only Ada sees this", ".bl-notice")).to_contain_text(HELD)


def test_an_approved_comment_appears_on_both_pages(
    reviewed: str, site: Site, ada: Reader, ben: Reader, mona: Reader
) -> None:
    held(ada, mona, "Please let me in")
    mona.page.keyboard.press("a")
    saved(mona)
    expect(ben.arrivals).to_have_text("1 new comment")
    ben.arrivals.click()
    expect(ben.comment("Please let me in")).to_be_visible()
    expect(ada.part("Please let me in", ".bl-notice")).to_have_count(0)
    expect(ada.comment("Please let me in")).to_have_count(1)
    for reader in (ada, ben):
        expect(reader.count).to_have_text("1 Comment")
    assert site.count(reviewed) == 1


def test_the_card_arrives_and_goes_by_itself(reviewed: str, ada: Reader, mona: Reader) -> None:
    ada.says("A card that comes and goes")
    entry = mona.find(".dk-entry", has_text="A card that comes and goes")
    expect(entry).to_be_visible()
    ada.chooses("A card that comes and goes", "bl-delete")
    ada.find(".bl-inline").get_by_role("button", name="Delete").click()
    expect(entry.and_(mona.find("[data-waiting=true]"))).to_have_count(0)


def test_an_approval_that_is_taken_back_takes_the_comment_from_open_pages(
    reviewed: str, ada: Reader, ben: Reader, mona: Reader
) -> None:
    held(ada, mona, "In and out again")
    mona.page.keyboard.press("a")
    saved(mona)
    expect(ben.arrivals).to_be_visible()
    ben.arrivals.click()
    expect(ben.comment("In and out again")).to_be_visible()
    mona.page.keyboard.press("z")
    expect(ben.comment("In and out again")).to_have_count(0)
    expect(ada.part("In and out again", ".bl-notice")).to_contain_text(HELD)
    expect(ben.count).to_have_text("0 Comments")
    expect(mona.find(".dk-place .dk-text")).to_have_text("In and out again")


def test_a_rejected_comment_disappears_and_its_author_reads_the_reason(
    reviewed: str, ada: Reader, ben: Reader, mona: Reader
) -> None:
    held(ada, mona, "You are all fools")
    mona.page.keyboard.press("r")
    reason = mona.find(".dk-reasons button").first
    expect(reason).to_be_focused()
    mona.page.keyboard.press(reason.get_attribute("data-key") or "")
    saved(mona)
    expect(mona.find(".dk-done")).to_have_text("Rejected: personal attack")
    expect(ada.part("You are all fools", ".bl-notice")).to_contain_text(
        "Removed by a moderator: personal attack.",
        timeout=60_000,  # what nobody but Ada saw has no live event: her page asks now and then
    )
    expect(ben.find(".bl-comment")).to_have_count(0)
    expect(ben.count).to_have_text("0 Comments")
    mona.page.keyboard.press("z")
    expect(ada.part("You are all fools", ".bl-notice")).to_contain_text(HELD, timeout=60_000)


def test_the_author_of_a_card_is_muted_by_keys_and_one_key_takes_it_back(
    reviewed: str, ada: Reader, mona: Reader
) -> None:
    held(ada, mona, "A mute by keys")
    mona.page.keyboard.press("m")
    expect(mona.find(".dk-measure [name=reason]").first).to_be_focused()
    for key in ("a", "6", "w", "Enter"):  # a slip decides nothing
        mona.page.keyboard.press(key)
    saved(mona)
    expect(mona.find(".dk-done")).to_have_text("Muted: No Name, 7 days")
    expect(mona.find(".dk-place .dk-text")).to_have_text("A mute by keys")
    ada.says("Am I muted?")
    expect(ada.find(".bl-composer")).to_contain_text("spam or advertising")
    mona.page.reload()
    expect(mona.find(".dk-done")).to_have_text("Muted: No Name, 7 days")
    mona.page.keyboard.press("z")
    expect(mona.find(".dk-status")).to_have_text("The measure is taken back.")


def test_a_reported_comment_that_is_rejected_leaves_open_pages(
    site: Site, ada: Reader, ben: Reader, mona: Reader
) -> None:
    key = site.new_story()
    site.guest("Chidi").says(key, "Buy my cheap ferries now")
    mona.open(f"{site.url}/desk")
    for reader in (ada, ben):
        reader.open(site.page_of(key))
        expect(reader.comment("Buy my cheap ferries now")).to_be_visible()
    expect(ada.active).to_have_text("Active: 2")
    ben.chooses("Buy my cheap ferries now", "bl-report")
    form = ben.find(".bl-comment > .bl-inline")
    form.locator("input[value=spam]").check()
    form.get_by_role("button", name="Report").click()
    expect(form).to_contain_text("Thank you.")

    mona.find(".dk-entry", has_text="Buy my cheap ferries now").locator(".dk-pick").click()
    expect(mona.find(".dk-place .dk-text")).to_have_text("Buy my cheap ferries now")
    there = {"key": "ق", "code": "KeyR"}  # on an Arabic keyboard
    mona.page.dispatch_event(".dk-place .dk-card", "keydown", there)
    mona.page.keyboard.press(
        mona.find(".dk-reasons button[value=spam]").get_attribute("data-key") or ""
    )
    saved(mona)
    expect(ada.comment("Buy my cheap ferries now")).to_have_count(0)
    expect(ada.count).to_have_text("0 Comments")


def test_a_decision_on_an_older_text_is_refused_and_the_new_text_shown(
    reviewed: str, ada: Reader, ben: Reader, mona: Reader
) -> None:
    held(ada, mona, "Nice and friendly")
    # The desk does not hear of the edit before Mona decides: its news are held back.
    mona.context.route(re.compile("/fragments/desk/cards/"), lambda route: route.abort())
    ada.chooses("Nice and friendly", "bl-edit")
    ada.find(".bl-edit-form textarea").fill("Not so friendly any more")
    ada.find(".bl-edit-form").get_by_role("button", name="Save").click()
    expect(ada.part("Not so friendly any more", ".bl-notice")).to_contain_text(HELD)
    mona.context.unroute(re.compile("/fragments/desk/cards/"))
    mona.page.keyboard.press("a")
    expect(mona.find(".dk-problem")).not_to_be_empty()
    expect(mona.find(".dk-place .dk-text")).to_have_text("Not so friendly any more")
    expect(ben.count).to_have_text("0 Comments")
    expect(ben.find(".bl-comment")).to_have_count(0)
