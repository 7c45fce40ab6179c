"""Browsers that refuse something, devices that offer something, streams that fall silent."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.reading import Reader, Site, reading

NO_STORAGE = """
Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("refused", "SecurityError"); },
});
"""
SHEET = """
window.shared = [];
navigator.share = (what) => { window.shared.push(what); return Promise.resolve(); };
"""


def test_whoever_refuses_cookies_stays_the_same_while_the_page_is_open(
    site: Site, ada: Reader
) -> None:
    def without_cookie(route: Route) -> None:
        made = httpx.post(route.request.url, trust_env=False)
        route.fulfill(status=made.status_code, body=made.content, content_type="application/json")

    ada.page.route("**/api/v1/guests", without_cookie)
    key = site.new_story("reviewed")
    ada.open(site.page_of(key))
    ada.find(".bl-setname").click()
    ada.find(".bl-who input").fill("Ada without cookies")
    ada.find(".bl-who input").press("Enter")
    expect(ada.find(".bl-myname")).to_have_text("Ada without cookies")
    ada.says("Written without a cookie")
    expect(ada.part("Written without a cookie", ".bl-notice")).to_contain_text("once approved")
    expect(ada.part("Written without a cookie", ".bl-name")).to_have_text("Ada without cookies")
    ada.chooses("Written without a cookie", "bl-delete")
    ada.find(".bl-inline").get_by_role("button", name="Delete").click()
    expect(ada.find(".bl-gone")).to_have_text("Deleted by its author.")
    assert ada.context.cookies() == []


def test_whoever_refuses_storage_reads_and_writes(site: Site, story: str, ada: Reader) -> None:
    ada.context.add_init_script(NO_STORAGE)
    ada.open(site.page_of(story))
    ada.says("Nothing is kept here")
    expect(ada.comment("Nothing is kept here")).to_be_visible()
    expect(ada.box).to_have_value("")
    expect(ada.status).to_have_text("Thank you! Your comment has been received.")


@pytest.mark.parametrize("touch", [True, False])
def test_a_phone_shares_by_its_own_sheet_and_a_desk_by_links(
    site: Site, story: str, browser: Browser, touch: bool
) -> None:
    comment = site.guest("Chidi").says(story, "Worth sharing")
    with reading(browser, has_touch=touch, is_mobile=touch) as reader:
        reader.context.add_init_script(SHEET)
        reader.open(site.page_of(story))
        expect(reader.active).to_have_text("Active: 1")
        reader.find("details.share summary").click()
        expect(reader.find("details.share .sheet")).to_be_visible(visible=not touch)
        reader.page.keyboard.press("Escape")
        reader.part("Worth sharing", ".bl-share").click()
        if not touch:
            expect(reader.part("Worth sharing", ".bl-share")).to_have_text("Link copied")
        shared = [one["url"] for one in reader.page.evaluate("window.shared")]
    wanted = [site.page_of(story), f"{site.url}/comments/{comment}"]
    assert shared == (wanted if touch else [])


def test_a_stream_that_falls_silent_is_opened_anew(site: Site, story: str, ada: Reader) -> None:
    ada.page.clock.install()
    ada.open(site.page_of(story))
    expect(ada.active).to_have_text("Active: 1")
    with ada.page.expect_request(lambda request: "/live?" in request.url):
        ada.page.clock.run_for(70_000)
