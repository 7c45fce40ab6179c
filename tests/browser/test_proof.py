"""Work that a suspicious sender's browser does by itself."""

from __future__ import annotations

from playwright.sync_api import Response, expect

from tests.browser.reading import Reader, Site

HELD = "Your comment will appear once approved by a moderator."
TOLD = "Your browser is checked. This takes a few seconds…"
NOTES_EVERYTHING_SAID = """
    window.said = [];
    const status = document.querySelector(".bl-root > .bl-composer .bl-status");
    new MutationObserver(() => said.push(status.textContent)).observe(
        status, {childList: true, subtree: true});
    const form = document.querySelector(".bl-root > .bl-composer");
    form.querySelector("[name=homepage]").value = "https://pills.example";
"""


def test_the_browser_works_says_so_and_sends_again(site: Site, story: str, ada: Reader) -> None:
    answers: list[tuple[int, str]] = []

    def note(answer: Response) -> None:
        if answer.request.method == "POST" and "/comments" in answer.url:
            answers.append((answer.status, answer.request.headers["idempotency-key"]))

    ada.open(site.page_of(story))
    ada.page.on("response", note)
    expect(ada.find(".bl-trap").first).to_be_hidden()
    ada.box.focus()
    ada.page.keyboard.press("Tab")  # past the trap
    assert ada.page.evaluate("document.activeElement.className") == "bl-send"
    ada.page.evaluate(NOTES_EVERYTHING_SAID)
    ada.says("The ferry was late again.")
    expect(ada.status).to_contain_text(HELD)
    expect(ada.box).to_have_value("")
    assert TOLD in ada.page.evaluate("said")
    assert [status for status, _ in answers] == [403, 201]
    assert answers[0][1] == answers[1][1]
    expect(ada.comment("The ferry was late again.")).to_be_visible()
