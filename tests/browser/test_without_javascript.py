"""Everything a reader and a moderator need, in a browser that runs no scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.reading import Reader, Site, reading, remarks

HELD = "Your comment will appear once approved by a moderator."
THANKS = "Thank you! Your comment has been received."


@pytest.fixture
def ada(browser: Browser) -> Iterator[Reader]:
    """A reader whose browser runs no scripts."""
    with reading(browser, java_script_enabled=False) as reader:
        yield reader


def press(reader: Reader, name: str) -> None:
    """Presses the one button of this name in the page's own form."""
    reader.find(".bl-page").get_by_role("button", name=name, exact=True).click()


def follow(reader: Reader, text: str, action: str) -> None:
    """Opens a comment's menu and follows one of its links."""
    reader.chooses(text, action)
    reader.page.wait_for_load_state()


def bodies(reader: Reader) -> Locator:
    """The texts of the comments on the page."""
    return reader.find(".bl-comments .bl-text")


def test_pages_of_comments_follow_one_another(site: Site, story: str, ada: Reader) -> None:
    chidi = site.guest("Chidi")
    said = remarks(45)
    for text in said:
        chidi.says(story, text)
    ada.open(site.page_of(story))
    seen = bodies(ada).all_inner_texts()
    for _ in range(2):
        ada.find(".bl-more").click()
        seen += bodies(ada).all_inner_texts()
    expect(ada.find(".bl-more")).to_have_count(0)
    assert [text.strip() for text in seen] == said[::-1]


def test_pages_of_replies_follow_one_another(site: Site, story: str, ada: Reader) -> None:
    chidi = site.guest("Chidi")
    thread = chidi.says(story, "A long thread")
    said = remarks(30)
    for text in said:
        chidi.says(story, text, thread)
    ada.open(site.page_of(story))
    seen = ada.find(".bl-replies .bl-text").all_inner_texts()
    for _ in range(2):
        ada.find(".bl-more-replies").click()
        seen += ada.find(".bl-replies .bl-text").all_inner_texts()
    expect(ada.find(".bl-more-replies")).to_have_count(0)
    assert [text.strip() for text in seen] == said


def test_orders_are_links(site: Site, story: str, ada: Reader) -> None:
    chidi = site.guest("Chidi")
    for text in ("First of all", "Last of all"):
        chidi.says(story, text)
    ada.open(site.page_of(story))
    expect(bodies(ada)).to_have_text(["Last of all", "First of all"])
    ada.find(".bl-orders").get_by_role("link", name="Oldest").click()
    expect(bodies(ada)).to_have_text(["First of all", "Last of all"])


def test_a_comment_and_a_reply_are_posted_by_forms(site: Site, story: str, ada: Reader) -> None:
    ada.open(site.page_of(story))
    ada.says("No scripts here\nand two lines")
    expect(ada.find("main")).to_contain_text(THANKS)
    expect(ada.comment("No scripts here")).to_be_visible()
    ada.part("No scripts here", ".bl-reply").click()
    expect(ada.find("main blockquote")).to_contain_text("No scripts here")
    ada.says("An answer to myself")
    expect(ada.comment("No scripts here").locator(".bl-replies")).to_contain_text("An answer")
    expect(ada.count).to_have_text("2 Comments")
    assert site.count(story) == 2


def test_a_double_click_on_the_forms_button_makes_one_comment(
    site: Site, story: str, ada: Reader
) -> None:
    ada.open(site.page_of(story))
    ada.says("My first comment")
    expect(ada.comment("My first comment")).to_be_visible()
    ada.box.fill("Sent with a nervous hand")
    ada.sends.dblclick()
    expect(ada.comment("Sent with a nervous hand")).to_have_count(1)
    ada.open(site.page_of(story))
    expect(ada.count).to_have_text("2 Comments")
    expect(ada.comment("Sent with a nervous hand")).to_have_count(1)


def test_a_name_is_set_by_a_form_and_a_look_alike_refused(
    site: Site, story: str, ada: Reader
) -> None:
    site.staff_link("Mona")
    ada.open(site.page_of(story))
    ada.find(".bl-setname").click()
    ada.find("input[name=name]").fill("M0na")
    press(ada, "Save")
    expect(ada.find(".bl-problem")).not_to_be_empty()
    expect(ada.find("input[name=name]")).to_have_value("M0na")
    ada.find("input[name=name]").fill("Ada")
    press(ada, "Save")
    expect(ada.find(".bl-myname")).to_have_text("Ada")
    ada.says("Now with a name")
    expect(ada.part("Now with a name", ".bl-name")).to_have_text("Ada")


def test_a_comment_is_edited_and_deleted_by_forms(site: Site, story: str, ada: Reader) -> None:
    ada.open(site.page_of(story))
    ada.says("The fery is late")
    follow(ada, "The fery is late", "bl-edit")
    expect(ada.box).to_have_value("The fery is late")
    ada.box.fill("The ferry is late")
    press(ada, "Save")
    expect(ada.part("The ferry is late", ".bl-edited")).to_have_text("(Edited)")
    follow(ada, "The ferry is late", "bl-delete")
    press(ada, "Delete")
    ada.open(site.page_of(story))
    expect(ada.find(".bl-empty")).to_be_visible()
    assert site.count(story) == 0


def test_a_report_is_made_by_a_form(site: Site, story: str, ada: Reader) -> None:
    site.guest("Chidi").says(story, "Buy my cheap ferries")
    ada.open(site.page_of(story))
    follow(ada, "Buy my cheap ferries", "bl-report")
    ada.find("input[value=spam]").check()
    press(ada, "Report")
    expect(ada.find("main")).to_contain_text("Thank you. A moderator will look at it.")


def test_a_recommendation_is_made_and_taken_back_by_a_button(
    site: Site, story: str, ada: Reader
) -> None:
    site.guest("Chidi").says(story, "The ferry is fine")
    ada.open(site.page_of(story))
    button = ada.part("The ferry is fine", ".bl-recommend")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_contain_text("1")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(button).not_to_contain_text("1")


def test_a_held_comment_is_shown_to_its_author_only(site: Site, ada: Reader, ben: Reader) -> None:
    key = site.new_story("reviewed")
    ada.open(site.page_of(key))
    ada.says("Waiting for Mona")
    expect(ada.part("Waiting for Mona", ".bl-notice")).to_contain_text(HELD)
    ada.open(site.page_of(key))
    expect(ada.part("Waiting for Mona", ".bl-notice")).to_contain_text(HELD)
    expect(ada.count).to_have_text("0 Comments")
    ben.open(site.page_of(key))
    expect(ben.find(".bl-comment")).to_have_count(0)
    expect(ben.find(".bl-empty")).to_be_visible()


def test_a_refused_text_is_kept_beside_the_reason(site: Site, story: str, ada: Reader) -> None:
    ada.open(site.page_of(story))
    text = "ferry " * 1_700
    ada.says(text)
    expect(ada.find(".bl-problem")).not_to_be_empty()
    expect(ada.box).to_have_value(text)
    ada.says("ferry, in short")
    expect(ada.comment("ferry, in short")).to_be_visible()


def test_the_desk_is_worked_by_forms(site: Site, browser: Browser, ada: Reader) -> None:
    key = site.new_story("reviewed")
    ada.open(site.page_of(key))
    ada.says("Approve this by a form")
    ada.says("Reject this by a form")
    with reading(browser, java_script_enabled=False) as mona:
        mona.open(site.staff_link("Mona"))
        mona.find(".dk-entry", has_text="Approve this").locator(".dk-pick").click()
        expect(mona.find(".dk-text")).to_have_text("Approve this by a form")
        mona.find(".dk-yes").click()
        expect(mona.find(".dk-done")).to_have_text("Approved")
        mona.find(".dk-entry", has_text="Reject this").locator(".dk-pick").click()
        expect(mona.find(".dk-text")).to_have_text("Reject this by a form")
        mona.find(".dk-reject summary").click()
        mona.find(".dk-reasons button[value=off_topic]").click()
        expect(mona.find(".dk-done")).to_have_text(re.compile("^Rejected: "))
    ada.open(site.page_of(key))
    expect(ada.count).to_have_text("1 Comment")
    expect(ada.part("Approve this", ".bl-notice")).to_have_count(0)
    expect(ada.part("Reject this", ".bl-notice")).to_contain_text("Removed by a moderator: ")
