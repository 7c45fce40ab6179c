"""The whole discussion without a mouse: nobody loses their place by what they do."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.reading import Reader, Site, remarks

FOCUSED = """() => {
    const one = document.activeElement;
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    return {
        where: one === document.body ? "lost" : one.className || one.tagName,
        top: box.top + scrollY,
        seen: box.bottom > 0 && box.top < innerHeight,
        marked: style.outlineStyle !== "none",
    };
}"""
SAME_LINE = 25  # controls of one line differ by so many pixels


def focus_on(reader: Reader, text: str, selector: str) -> None:
    reader.part(text, selector).focus()


def chooses(reader: Reader, text: str, action: str) -> None:
    """As `Reader.chooses`, with the keyboard."""
    focus_on(reader, text, ".bl-menu summary")
    reader.page.keyboard.press("Enter")
    focus_on(reader, text, action)
    reader.page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_focus_is_seen_and_follows_the_order_of_reading(
    site: Site, story: str, ada: Reader, width: int
) -> None:
    chidi = site.guest("Chidi")
    for text in remarks(3):
        chidi.says(story, f"{text} again", chidi.says(story, text))
    ada.page.set_viewport_size({"width": width, "height": 800})
    ada.open(site.page_of(story))
    expect(ada.active).to_have_text("Active: 1")
    ada.find(".bl-orders a").first.focus()
    before = ada.page.evaluate(FOCUSED)["top"]
    for _ in range(30):
        ada.page.keyboard.press("Tab")
        now = ada.page.evaluate(FOCUSED)
        assert now["seen"], now
        assert now["marked"], now
        assert now["top"] > before - SAME_LINE, now
        before = now["top"]


def test_the_focus_is_on_the_thanks_for_a_report(site: Site, story: str, ada: Reader) -> None:
    site.guest("Chidi").says(story, "Reported by key")
    ada.open(site.page_of(story))
    chooses(ada, "Reported by key", ".bl-report")
    ada.page.keyboard.press("Space")
    ada.find(".bl-inline textarea").press("Tab")
    ada.page.keyboard.press("Enter")
    expect(ada.find(".bl-inline > p:focus")).to_have_text("Thank you. A moderator will look at it.")
    expect(ada.find(".bl-announce")).to_have_text("Thank you. A moderator will look at it.")


def test_the_focus_stays_where_somebody_was_muted_and_heard_again(
    site: Site, story: str, ada: Reader
) -> None:
    site.guest("Chidi").says(story, "Muted by key")
    ada.open(site.page_of(story))
    chooses(ada, "Muted by key", ".bl-mute")
    expect(ada.part("Muted by key", ".bl-mute-line button")).to_be_focused()
    ada.page.keyboard.press("Enter")
    chooses(ada, "Muted by key", ".bl-mute")
    expect(ada.part("Muted by key", ".bl-menu summary")).to_be_focused()


def test_an_open_menu_and_its_focus_survive_a_change_of_their_comment(
    site: Site, story: str, ada: Reader
) -> None:
    chidi = site.guest("Chidi")
    comment = chidi.says(story, "The first text")
    ada.open(site.page_of(story))
    expect(ada.active).to_have_text("Active: 1")
    focus_on(ada, "The first text", ".bl-menu summary")
    ada.page.keyboard.press("Enter")
    focus_on(ada, "The first text", ".bl-report")
    chidi.edits(comment, "The second text")
    expect(ada.part("The second text", ".bl-report")).to_be_focused()
    ada.page.keyboard.press("Escape")
    expect(ada.part("The second text", ".bl-menu summary")).to_be_focused()


def test_the_focus_stays_when_the_whole_discussion_is_loaded_anew(
    site: Site, story: str, ada: Reader
) -> None:
    site.guest("Chidi").says(story, "Read by key")
    ada.open(site.page_of(story))
    focus_on(ada, "Read by key", ".bl-reply")
    ada.page.evaluate("document.querySelector('belowline-discussion').load()")
    expect(ada.part("Read by key", ".bl-reply")).to_be_focused()
    ada.find(".bl-orders a").last.press("Enter")
    expect(ada.find(".bl-orders a").last).to_have_attribute("aria-current", "true")
    expect(ada.find(".bl-orders a").last).to_be_focused()
