"""The page of one comment, while things happen to it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.reading import Guest, Reader, Site

LONG = "Word after word after word. " * 60


@pytest.fixture
def chidi(site: Site) -> Guest:
    """Somebody who writes meanwhile."""
    return site.guest("Chidi")


def opens(site: Site, reader: Reader, comment: str) -> None:
    """The comment's page, when it listens."""
    with reader.page.expect_response(lambda answer: "/live" in answer.url):
        reader.open(f"{site.url}/comments/{comment}")


def test_replies_wait_to_be_asked_for_and_others_stay_away(
    site: Site, story: str, ada: Reader, chidi: Guest
) -> None:
    thread = chidi.says(story, "The thread's beginning")
    comment = chidi.says(story, "The comment that was sent around", thread)
    opens(site, ada, comment)
    chidi.says(story, "Another thread")
    chidi.says(story, "Beside it", thread)
    chidi.says(story, "An answer to it", comment)
    expect(ada.arrivals).to_have_text("1 new comment")
    ada.arrivals.click()
    expect(ada.comment("An answer to it")).to_be_visible()
    expect(ada.find(".bl-comment")).to_have_count(3)
    expect(ada.find(".page-head belowline-count")).to_have_text("5")


def test_edits_and_deletions_are_seen(site: Site, story: str, ada: Reader, chidi: Guest) -> None:
    comment = chidi.says(story, LONG)
    opens(site, ada, comment)
    chidi.edits(comment, LONG + "And the end.")
    expect(ada.part("And the end.", ".bl-edited")).to_be_visible()
    expect(ada.find(".bl-fold")).to_have_count(0)
    chidi.deletes(comment)
    expect(ada.find(".bl-single")).to_have_text("This comment is no longer here.")


def test_a_new_name_is_seen_where_somebody_answers_it(
    site: Site, story: str, ada: Reader, chidi: Guest
) -> None:
    above = None
    for text in ("The beginning", "A reply", "Asked"):
        above = chidi.says(story, text, above)
    opens(site, ada, site.guest("Ben").says(story, "Answered", above))
    expect(ada.part("Answered", ".bl-to")).to_have_text("in reply to Chidi")
    chidi.is_called("Chidi A.")
    expect(ada.part("Answered", ".bl-to")).to_have_text("in reply to Chidi A.")


def test_what_was_missed_for_good_is_loaded_with_the_page(
    site: Site, story: str, ada: Reader, chidi: Guest
) -> None:
    comment = chidi.says(story, "Asked")
    ada.open(f"{site.url}/comments/{comment}")
    ada.page.route("**/live?*", lambda route: route.abort())
    chidi.says(story, "Answered", comment)
    ada.page.evaluate("document.querySelector('belowline-discussion').load()")
    expect(ada.comment("Answered")).to_be_visible()
    expect(ada.find(".bl-comment")).to_have_count(2)
