"""Two people read the same open story at the same time."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.reading import Reader, Site, remarks

TYPING = "Someone is typing…"
THANKS = "Thank you! Your comment has been received."
LOST = "Something went wrong while sending. Your text is still here."
SENDING = re.compile(r"/comments\?html=")


@pytest.fixture
def both(site: Site, story: str, ada: Reader, ben: Reader) -> str:
    """Both have the story open and hear what happens; its key."""
    for reader in (ada, ben):
        reader.open(site.page_of(story))
    for reader in (ada, ben):
        expect(reader.active).to_have_text("Active: 2")
    return story


def place_of(page: Page, comment: str) -> dict[str, float]:
    """Where a comment is on the screen, and how far the page is scrolled."""
    found: dict[str, float] = page.evaluate(
        """id => {
            const box = document.getElementById(`comment-${id}`).getBoundingClientRect();
            return {x: box.x, y: box.y, width: box.width, height: box.height, scrolled: scrollY};
        }""",
        comment,
    )
    return found


def focused_id(page: Page) -> str:
    """The comment in which the focus is."""
    found: str = page.evaluate("document.activeElement.closest('.bl-comment')?.dataset.id ?? ''")
    return found


def shown_ids(reader: Reader) -> list[str]:
    """The comments on the page from top to bottom."""
    found: list[str] = reader.page.evaluate(
        "Array.from(document.querySelectorAll('.bl-comment'), (one) => one.dataset.id)"
    )
    return found


def test_the_number_of_people_who_have_the_discussion_open_is_shown(both: str, ben: Reader) -> None:
    expect(ben.active).to_have_text("Active: 2")


def test_the_number_of_active_people_sinks_when_one_leaves(
    both: str, ada: Reader, ben: Reader
) -> None:
    ada.page.close()
    expect(ben.active).to_have_text("Active: 1")


def test_a_new_comment_waits_to_be_asked_for_and_moves_nothing(
    site: Site, story: str, ada: Reader, ben: Reader
) -> None:
    chidi = site.guest("Chidi")
    ids = [chidi.says(story, f"Chidi's remark number {n}") for n in range(15)]
    ada.open(site.page_of(story))
    ben.open(site.page_of(story))
    expect(ben.active).to_have_text("Active: 2")
    read = ids[7]
    ben.page.evaluate(f"document.getElementById('comment-{read}').scrollIntoView()")
    before = place_of(ben.page, read)

    ada.says("A word from Ada")

    expect(ben.arrivals).to_have_text("1 new comment")
    assert place_of(ben.page, read) == before
    expect(ben.comment("A word from Ada")).to_have_count(0)


def test_the_new_comment_comes_with_the_focus_when_it_is_asked_for(
    both: str, ada: Reader, ben: Reader
) -> None:
    ada.says("A word from Ada")
    expect(ben.arrivals).to_have_text("1 new comment")
    ben.arrivals.click()

    expect(ben.comment("A word from Ada")).to_be_visible()
    expect(ben.arrivals).to_be_hidden()
    assert focused_id(ben.page) == ben.comment("A word from Ada").get_attribute("data-id")


def test_a_reply_lands_in_its_thread(site: Site, story: str, ada: Reader, ben: Reader) -> None:
    chidi = site.guest("Chidi")
    for text in ("The first thread", "The second thread"):
        chidi.says(story, text)
    for reader in (ada, ben):
        reader.open(site.page_of(story))
    expect(ben.active).to_have_text("Active: 2")

    ada.replies("The first thread", "An answer by Ada")

    expect(ada.comment("The first thread").locator(".bl-replies")).to_contain_text("by Ada")
    expect(ben.arrivals).to_have_text("1 new comment")
    ben.arrivals.click()
    inside = ben.comment("The first thread").locator(".bl-replies > .bl-comment")
    expect(inside).to_have_count(1)
    expect(inside).to_contain_text("An answer by Ada")
    assert focused_id(ben.page) == inside.get_attribute("data-id")


def test_an_edit_arrives_and_is_marked(both: str, ada: Reader, ben: Reader) -> None:
    ada.says("The fery is late")
    expect(ben.arrivals).to_be_visible()
    ben.arrivals.click()
    ada.chooses("The fery is late", "bl-edit")
    ada.find(".bl-edit-form textarea").fill("The ferry is late")
    ada.find(".bl-edit-form").get_by_role("button", name="Save").click()

    for reader in (ada, ben):
        expect(reader.part("The ferry is late", ".bl-edited")).to_have_text("(Edited)")
        expect(reader.comment("The fery is late")).to_have_count(0)
    expect(ben.find(".bl-comment")).to_have_count(1)


def test_a_deleted_comment_with_replies_leaves_a_marker(
    both: str, ada: Reader, ben: Reader
) -> None:
    ada.says("Something rash")
    expect(ben.arrivals).to_be_visible()
    ben.arrivals.click()
    ben.replies("Something rash", "Are you sure?")
    expect(ben.comment("Are you sure?")).to_be_visible()
    ada.chooses("Something rash", "bl-delete")
    ada.find(".bl-inline").get_by_role("button", name="Delete").click()

    for reader in (ada, ben):
        expect(reader.find(".bl-marker > .bl-gone")).to_have_text("Deleted by its author.")
        expect(reader.count).to_have_text("1 Comment")
    expect(ben.find(".bl-marker").locator(".bl-replies")).to_contain_text("Are you sure?")


def test_a_deleted_comment_without_replies_leaves_nothing(
    both: str, ada: Reader, ben: Reader
) -> None:
    ada.says("Something rash")
    expect(ben.arrivals).to_be_visible()
    ben.arrivals.click()
    ada.chooses("Something rash", "bl-delete")
    ada.find(".bl-inline").get_by_role("button", name="Delete").click()

    for reader in (ada, ben):
        expect(reader.find(".bl-comment")).to_have_count(0)
        expect(reader.find(".bl-empty")).to_be_visible()
        expect(reader.count).to_have_text("0 Comments")


def test_the_count_is_the_same_everywhere(both: str, site: Site, ada: Reader, ben: Reader) -> None:
    for number, text in enumerate(("One", "Two", "Three"), start=1):
        ada.says(f"{text} from Ada")
        expect(ada.comment(f"{text} from Ada")).to_be_visible()
        expect(ben.count).to_have_text(re.compile(rf"^{number} Comments?$"))
    for reader in (ada, ben):
        expect(reader.count).to_have_text("3 Comments")
        expect(reader.find(".piece-head a.talk")).to_have_text("3 Comments")
    assert site.count(both) == 3
    ben.page.reload()
    expect(ben.count).to_have_text("3 Comments")
    expect(ben.find(".piece-head a.talk")).to_have_text("3 Comments")


def test_typing_is_told_to_others_without_a_name_and_ends_when_it_stops(
    both: str, ada: Reader, ben: Reader
) -> None:
    ada.box.press_sequentially("Let me think")
    expect(ben.typing()).to_have_text(TYPING)
    expect(ada.typing()).to_have_text("")
    ada.box.fill("")
    expect(ben.typing()).to_have_text("")


def test_typing_is_shown_in_the_thread_where_it_happens(
    site: Site, story: str, ada: Reader, ben: Reader
) -> None:
    thread = site.guest("Chidi").says(story, "Who saw the ferry?")
    for reader in (ada, ben):
        reader.open(site.page_of(story))
    expect(ben.active).to_have_text("Active: 2")
    ada.part("Who saw the ferry?", ".bl-reply").click()
    ada.page.keyboard.type("I did")
    expect(ben.typing(thread)).to_have_text(TYPING)
    expect(ben.typing()).to_have_text("")


def test_typing_ends_when_the_tab_is_closed(both: str, ada: Reader, ben: Reader) -> None:
    ada.box.press_sequentially("Let me think")
    expect(ben.typing()).to_have_text(TYPING)
    ada.page.close()
    expect(ben.typing()).to_have_text("")


def test_a_recommendation_is_counted_on_both_pages_and_can_be_taken_back(
    both: str, ada: Reader, ben: Reader
) -> None:
    ada.says("The ferry is fine")
    expect(ben.arrivals).to_be_visible()
    ben.arrivals.click()
    button = ben.part("The ferry is fine", ".bl-recommend")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button.locator(".bl-n")).to_have_text("1")
    expect(ada.part("The ferry is fine", ".bl-recommended .bl-n")).to_have_text("1")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(ada.part("The ferry is fine", ".bl-recommended")).to_be_hidden()


def test_a_recommendation_is_still_there_after_a_reload(
    site: Site, story: str, ada: Reader
) -> None:
    site.guest("Chidi").says(story, "The ferry is fine")
    ada.open(site.page_of(story))
    with ada.page.expect_response(re.compile("/recommendation$")):
        ada.part("The ferry is fine", ".bl-recommend").click()
    ada.page.reload()
    button = ada.part("The ferry is fine", ".bl-recommend")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button.locator(".bl-n")).to_have_text("1")


def name_box(reader: Reader, name: str) -> None:
    """Opens the box for the name, fills it and saves."""
    reader.find(".bl-setname").click()
    box = reader.find(".bl-who input")
    box.fill(name)
    box.press("Enter")


def test_a_name_is_set_in_place_and_changes_on_both_pages(
    both: str, ada: Reader, ben: Reader
) -> None:
    expect(ada.find(".bl-myname")).to_have_text("No Name")
    ada.says("Who am I?")
    expect(ben.arrivals).to_be_visible()
    ben.arrivals.click()
    expect(ben.part("Who am I?", ".bl-name")).to_have_text("No Name")
    name_box(ada, "Ada")
    expect(ada.find(".bl-myname")).to_have_text("Ada")
    expect(ada.find(".bl-setname")).to_have_text("Change")
    for reader in (ada, ben):
        expect(reader.part("Who am I?", ".bl-name")).to_have_text("Ada")


def test_a_name_that_looks_like_a_moderators_is_refused_with_the_reason(
    both: str, site: Site, ada: Reader
) -> None:
    site.staff_link("Mona")
    name_box(ada, "Моnа")  # noqa: RUF001 -- two letters of it are Cyrillic
    problem = ada.find(".bl-who .bl-problem")
    expect(problem).not_to_be_empty()
    expect(ada.find(".bl-who input")).to_have_value("Моnа")  # noqa: RUF001 -- as above
    ada.find(".bl-who input").fill("Ada")
    ada.find(".bl-who input").press("Enter")
    expect(ada.find(".bl-myname")).to_have_text("Ada")


def test_a_draft_survives_a_closed_tab(site: Site, story: str, ada: Reader) -> None:
    ada.open(site.page_of(story))
    ada.box.fill("Half a thought")
    ada.page.close()
    ada.new_page()
    ada.open(site.page_of(story))
    expect(ada.box).to_have_value("Half a thought")


def test_a_double_click_sends_once(both: str, site: Site, ada: Reader, ben: Reader) -> None:
    ada.box.fill("Only once")
    ada.sends.dblclick()
    expect(ada.status).to_contain_text(THANKS)
    expect(ada.comment("Only once")).to_have_count(1)
    expect(ben.arrivals).to_have_text("1 new comment")
    assert site.texts(both) == ["Only once"]


def test_a_comment_whose_answer_was_lost_exists_once_after_another_try(
    both: str, site: Site, ada: Reader, ben: Reader
) -> None:
    tries = []

    def lose_the_first_answer(route: Route) -> None:
        tries.append(route.request.headers["idempotency-key"])
        route.fetch()
        if len(tries) == 1:
            route.abort()
        else:
            route.continue_()

    ada.page.route(SENDING, lose_the_first_answer)
    ada.says("Did it arrive?")
    expect(ada.status).to_contain_text(LOST)
    expect(ben.arrivals).to_have_text("1 new comment")
    ada.status.get_by_role("button", name="Try again").click()
    expect(ada.status).to_contain_text(THANKS)
    expect(ada.comment("Did it arrive?")).to_have_count(1)
    expect(ada.box).to_have_value("")
    expect(ada.arrivals).to_be_hidden()
    assert site.texts(both) == ["Did it arrive?"]
    assert len(set(tries)) == 1


def test_a_failure_keeps_the_text_and_offers_another_try(
    site: Site, story: str, ada: Reader
) -> None:
    ada.open(site.page_of(story))
    ada.page.route(SENDING, lambda route: route.abort())
    ada.says("Keep me")
    expect(ada.status).to_contain_text(LOST)
    expect(ada.box).to_have_value("Keep me")
    ada.page.unroute(SENDING)
    ada.status.get_by_role("button", name="Try again").click()
    expect(ada.comment("Keep me")).to_be_visible()
    expect(ada.box).to_have_value("")


def test_a_refused_text_stays_with_the_reason(site: Site, story: str, ada: Reader) -> None:
    ada.open(site.page_of(story))
    long = "ferry " * 1_700
    ada.says(long)
    expect(ada.status.locator(".bl-problem")).not_to_be_empty()
    expect(ada.box).to_have_value(long)
    assert site.count(story) == 0


def test_a_very_long_comment_folds_and_opens(site: Site, story: str, ada: Reader) -> None:
    site.guest("Chidi").says(story, f"Begin {'and so on ' * 200}the very end")
    ada.open(site.page_of(story))
    expect(ada.comment("Begin")).to_be_visible()
    expect(ada.find(".bl-comment")).not_to_contain_text("the very end")
    ada.part("Begin", ".bl-fold").click()
    expect(ada.find(".bl-comment")).to_contain_text("the very end")
    expect(ada.part("Begin", ".bl-fold")).to_have_count(0)


def test_a_thread_folds_by_its_line_and_says_how_many_it_hides(
    site: Site, story: str, ada: Reader
) -> None:
    chidi = site.guest("Chidi")
    thread = chidi.says(story, "A question")
    for n in range(2):
        chidi.says(story, f"Answer {n}", thread)
    ada.open(site.page_of(story))
    line = ada.comment("A question").locator(":scope > .bl-line")
    line.click()
    expect(ada.comment("Answer 0")).to_be_hidden()
    expect(line).to_have_text("Show 2 replies")
    line.click()
    expect(ada.comment("Answer 0")).to_be_visible()


def test_load_more_brings_every_comment_once_while_new_ones_arrive(
    site: Site, story: str, ada: Reader
) -> None:
    chidi = site.guest("Chidi")
    ids = [chidi.says(story, text) for text in remarks(45)]
    ada.open(site.page_of(story))
    expect(ada.active).to_have_text("Active: 1")
    for new in ("Meanwhile one", "Meanwhile two"):
        chidi.says(story, new)
        before = len(shown_ids(ada))
        ada.find(".bl-more").click()
        expect(ada.find(".bl-comment")).not_to_have_count(before)
    expect(ada.find(".bl-more")).to_have_count(0)
    expect(ada.arrivals).to_have_text("2 new comments")
    assert shown_ids(ada) == ids[::-1]


def test_load_more_replies_brings_every_reply_once(site: Site, story: str, ada: Reader) -> None:
    chidi = site.guest("Chidi")
    thread = chidi.says(story, "A long thread")
    ids = [chidi.says(story, text, thread) for text in remarks(36)]
    ada.open(site.page_of(story))
    more = ada.comment("A long thread").locator(":scope > .bl-more-replies")
    replies = ada.comment("A long thread").locator(":scope > .bl-replies > .bl-comment")
    expect(more).to_contain_text("Load more replies")
    for _ in range(2):
        before = replies.count()
        more.click()
        expect(replies).not_to_have_count(before)
    expect(more).to_have_count(0)
    assert shown_ids(ada) == [thread, *ids]


def test_orders_are_a_click_away_and_stay_after_a_reload(
    site: Site, story: str, ada: Reader
) -> None:
    chidi = site.guest("Chidi")
    first, second, third = (chidi.says(story, f"Remark {n}") for n in range(3))
    answer = chidi.says(story, "An answer", second)
    ada.open(site.page_of(story))
    assert shown_ids(ada) == [third, second, answer, first]
    for name, wanted in (
        ("Oldest", [first, second, answer, third]),
        ("Most discussed", [second, answer, third, first]),
        ("Newest", [third, second, answer, first]),
        ("Oldest", [first, second, answer, third]),
    ):
        link = ada.find(".bl-orders").get_by_role("link", name=name)
        link.click()
        expect(link).to_have_attribute("aria-current", "true")
        assert shown_ids(ada) == wanted
    ada.page.reload()
    assert shown_ids(ada) == [first, second, answer, third]


def test_a_permalink_opens_the_comment_with_its_context(
    site: Site, story: str, ada: Reader
) -> None:
    chidi = site.guest("Chidi")
    thread = chidi.says(story, "A question")
    reply = chidi.says(story, "An answer", thread)
    chidi.says(story, "Another matter")
    chidi.says(story, "A further thought", reply)
    ada.open(f"{site.url}/comments/{reply}")
    expect(ada.find(".bl-ancestors")).to_contain_text("A question")
    expect(ada.find(".bl-single")).to_contain_text("An answer")
    expect(ada.find(".bl-single")).to_contain_text("A further thought")
    expect(ada.find("main")).not_to_contain_text("Another matter")
    ada.find("main").get_by_role("link", name="See the whole discussion").click()
    expect(ada.comment("Another matter")).to_be_visible()


def test_an_address_with_a_comment_in_it_leads_to_that_comment(
    site: Site, story: str, ada: Reader
) -> None:
    chidi = site.guest("Chidi")
    ids = [chidi.says(story, f"Remark {n}") for n in range(12)]
    ada.open(f"{site.page_of(story)}#comment-{ids[3]}")
    expect(ada.comment("Remark 3")).to_have_class(re.compile("bl-target"))
    expect(ada.comment("Remark 3")).to_be_in_viewport()
    ada.page.keyboard.press("Tab")
    assert focused_id(ada.page) == ids[3]


def test_a_muted_reader_is_hidden_from_the_one_who_muted_only(
    site: Site, story: str, ada: Reader, ben: Reader
) -> None:
    chidi = site.guest("Chidi")
    chidi.says(story, "A loud remark")
    for reader in (ada, ben):
        reader.open(site.page_of(story))
    ben.chooses("A loud remark", "bl-mute")
    expect(ben.part("A loud remark", ".bl-text")).to_be_hidden()
    expect(ada.part("A loud remark", ".bl-text")).to_be_visible()
    ben.page.reload()
    expect(ben.part("A loud remark", ".bl-text")).to_be_hidden()
    chidi.says(story, "A louder remark")
    expect(ada.arrivals).to_have_text("1 new comment")
    expect(ben.count).to_have_text("2 Comments")
    expect(ben.arrivals).to_be_hidden()
    ben.find(".bl-mute-line").get_by_role("button", name="Show").click()
    expect(ben.part("A loud remark", ".bl-text")).to_be_visible()


def test_a_report_is_acknowledged_where_it_was_made(site: Site, story: str, ben: Reader) -> None:
    site.guest("Chidi").says(story, "Buy my cheap ferries")
    ben.open(site.page_of(story))
    ben.chooses("Buy my cheap ferries", "bl-report")
    form = ben.comment("Buy my cheap ferries").locator(":scope > .bl-inline")
    form.locator("input[value=spam]").check()
    form.get_by_role("button", name="Report").click()
    expect(form).to_have_text("Thank you. A moderator will look at it.")
    expect(ben.comment("Buy my cheap ferries")).to_be_visible()


def test_two_new_comments_are_counted_in_one_line(both: str, ada: Reader, ben: Reader) -> None:
    ada.says("The first of two")
    expect(ben.arrivals).to_have_text("1 new comment")
    ada.says("The second of two")
    expect(ben.arrivals).to_have_text("2 new comments")
    ben.arrivals.click()
    expect(ben.find(".bl-comment")).to_have_count(2)


def test_a_reader_writes_with_the_keyboard_only(both: str, ada: Reader, ben: Reader) -> None:
    ada.box.focus()
    ada.page.keyboard.type("Without a mouse")
    ada.page.keyboard.press("Tab")
    ada.page.keyboard.press("Enter")
    expect(ada.comment("Without a mouse")).to_be_visible()
    expect(ben.arrivals).to_be_visible()
    ben.arrivals.focus()
    ben.page.keyboard.press("Enter")
    expect(ben.comment("Without a mouse")).to_be_visible()


def test_every_comment_is_on_the_page_once(site: Site, story: str, ada: Reader) -> None:
    ada.open(site.page_of(story))
    for n in range(5):
        ada.says(f"Quick remark {n}")
        expect(ada.box).to_have_value("")
    expect(ada.find(".bl-comment")).to_have_count(5)
    assert set(Counter(shown_ids(ada)).values()) == {1}
