"""After a cut network or a restarted server a page catches up: nothing missing, nothing twice."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.reading import Reader, Site, running_site

SAID = ["The first while away", "The second while away", "The third while away"]


def test_what_was_said_while_the_network_was_cut_arrives_once(
    site: Site, story: str, ada: Reader, ben: Reader
) -> None:
    for reader in (ada, ben):
        reader.open(site.page_of(story))
    expect(ben.active).to_have_text("Active: 2")
    ben.context.set_offline(True)
    expect(ben.find(".bl-offline")).to_have_text(
        "You are offline. New comments will appear when you are back."
    )
    for text in SAID:
        ada.says(text)
        expect(ada.comment(text)).to_be_visible()
    ben.context.set_offline(False)
    expect(ben.arrivals).to_have_text("3 new comments")
    expect(ben.find(".bl-offline")).to_be_hidden()
    ben.arrivals.click()
    expect(ben.find(".bl-comment")).to_have_count(3)
    for text in SAID:
        expect(ben.comment(text)).to_have_count(1)
    expect(ben.count).to_have_text("3 Comments")


def test_a_page_goes_on_after_the_server_was_killed_and_came_back(
    tmp_path: Path, ada: Reader, ben: Reader
) -> None:
    folder = tmp_path / "courier"
    with running_site(folder) as first:
        key = first.new_story()
        page = first.page_of(key)
        for reader in (ada, ben):
            reader.open(page)
        expect(ben.active).to_have_text("Active: 2")
        ada.says("Before the cut")
        expect(ben.arrivals).to_have_text("1 new comment")
        ben.arrivals.click()
        expect(ben.comment("Before the cut")).to_be_visible()
        ben.box.fill("A thought that must not be lost")
        first.server.kill()
        port = first.server.port

    with running_site(folder, port=port) as second:
        chidi = second.guest("Chidi")
        for text in SAID:
            chidi.says(key, text)
        expect(ben.arrivals).to_have_text("3 new comments")
        ben.arrivals.click()
        expect(ben.find(".bl-comment")).to_have_count(4)
        expect(ben.comment("Before the cut")).to_have_count(1)
        expect(ben.count).to_have_text("4 Comments")
        expect(ben.box).to_have_value("A thought that must not be lost")
        ben.sends.click()
        expect(ada.comment("A thought")).to_have_count(0)
        expect(ada.arrivals).to_have_text("4 new comments")
        assert second.count(key) == 5


def test_a_comment_that_was_removed_meanwhile_is_gone_when_the_page_is_back(
    site: Site, story: str, ben: Reader
) -> None:
    chidi = site.guest("Chidi")
    kept, gone = (chidi.says(story, text) for text in ("This stays here", "This will go away"))
    ben.open(site.page_of(story))
    expect(ben.active).to_have_text("Active: 1")
    ben.context.set_offline(True)
    expect(ben.find(".bl-offline")).to_be_visible()
    chidi.deletes(gone)
    chidi.edits(kept, "This stays, but differently")
    ben.context.set_offline(False)
    expect(ben.comment("This stays, but differently")).to_be_visible()
    expect(ben.find(".bl-comment")).to_have_count(1)
    expect(ben.count).to_have_text("1 Comment")
