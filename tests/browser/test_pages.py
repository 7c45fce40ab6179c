"""Every kind of page: accessible, narrow enough, in its language, and deaf to hostile text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.reading import Reader, Site, reading, running_site

_SCRIPT = "document.body.dataset.trapped=1,window.trap&&trap(1)"
HOSTILE = [
    f"<script>{_SCRIPT}</script>",
    f"</textarea><script>{_SCRIPT}</script>",
    f"</title></style></script><script>{_SCRIPT}</script>",
    f"<img src=x onerror={_SCRIPT}>",
    f"<svg onload={_SCRIPT}>",
    f"<svg><script>{_SCRIPT}</script></svg>",
    f"<math><mtext></mtext><script>{_SCRIPT}</script></math>",
    f"<iframe srcdoc='<script>parent.{_SCRIPT}</script>'></iframe>",
    "<iframe src='javascript:parent.trap(1)'></iframe>",
    f"<details open ontoggle={_SCRIPT}>",
    f"<video><source onerror={_SCRIPT}></video>",
    f"<body onload={_SCRIPT}>",
    f"<input autofocus onfocus={_SCRIPT}>",
    f"<marquee onstart={_SCRIPT}>",
    f"<style>@import 'x'</style><p style=animation-name:x onanimationstart={_SCRIPT}>",
    "<a href='javascript:trap(1)'>press</a>",
    "<form action=javascript:trap(1)><button>press</button></form>",
    "<meta http-equiv=refresh content='0;url=javascript:trap(1)'>",
    "<base href='javascript:trap(1)//'>",
    "<object data='javascript:trap(1)'></object>",
    "<embed src='javascript:trap(1)'>",
    "<link rel=stylesheet href='javascript:trap(1)'>",
    f'" onmouseover="{_SCRIPT}" x="',
    f"' onfocus='{_SCRIPT}' autofocus='",
    f"`${{{_SCRIPT}}}`",
    "{{constructor.constructor('trap(1)')()}}",
    "{% raw %}{{ 7 * 7 }}{% endraw %}",
    "javascript:trap(1)",
    "java\tscript:trap(1)",
    "data:text/html,<script>trap(1)</script>",
    'http://example.org/"onmouseover=trap(1)//',
    "https://example.org/<svg/onload=trap(1)>",
    "http://example.org/'onclick='trap(1)",
    "[press](javascript:trap(1))",
    '![x](x" onerror="trap(1))',
    f"&lt;script&gt;{_SCRIPT}&lt;/script&gt;",
    f"&#60;script&#62;{_SCRIPT}&#60;/script&#62;",
    f"<!--><script>{_SCRIPT}</script>-->",
    f"<![CDATA[<script>{_SCRIPT}</script>]]>",
    f"<noscript><p title='</noscript><script>{_SCRIPT}</script>'></noscript>",
    f"<template><script>{_SCRIPT}</script></template>",
    "]]></script><script>trap(1)</script>",
    "\\u003cscript\\u003etrap(1)\\u003c/script\\u003e",
    "<x contenteditable onblur=trap(1) tabindex=1 autofocus>x",
]
NAMES = ["<b>Ada</b>", 'Ada"onfocus=trap(1)', "<img src=x>", "{{7*7}}", "Ada</bdi><i>"]
TRAP = """
window.caught = [];
window.trap = (what) => window.caught.push(String(what));
document.addEventListener('securitypolicyviolation', (event) =>
    window.caught.push(`${event.violatedDirective} ${event.blockedURI}`));
"""

RULES = {"resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site; hostile texts have many links, which are no matter here."""
    folder = tmp_path_factory.mktemp("pages") / "courier"
    with running_site(folder, max_links="50") as running:
        yield running


@pytest.fixture(scope="module")
def thread(site: Site) -> str:
    """A comment in a discussion with every kind of comment in it."""
    chidi, priya = site.guest("Chidi"), site.guest()
    key = site.new_story()
    first = chidi.says(key, "The ferry was late again, said Edgar.")
    answer = priya.says(key, "It was not late when I took it.", first)
    deep = answer
    for text in ("Which one was that?", "The one at nine.", "That is never late.", "It was then."):
        deep = chidi.says(key, text, deep)
    gone = priya.says(key, "I take this back.")
    chidi.says(key, "What did it say?", gone)
    priya.deletes(gone)
    edited = priya.says(key, "The fery is fine.")
    priya.edits(edited, "The ferry is fine.")
    chidi.says(key, "Begin " + "and so on " * 200)
    return first


@pytest.fixture(scope="module")
def addresses(site: Site, thread: str) -> dict[str, str]:
    """The address of each kind of page that a reader sees."""
    return {
        "front": "/",
        "tag": "/tags/harbour",
        "author": "/authors/edgar-winter",
        "story": "/stories/open-1",
        "nothing said": "/stories/open-30",
        "reviewed": "/stories/reviewed-1",
        "closed": "/stories/closed-1",
        "permalink": f"/comments/{thread}",
        "reply": f"/comments/{thread}/reply",
        "report": f"/comments/{thread}/report",
        "name": "/name",
        "not found": "/stories/nowhere",
        "door": "/desk",
    }


KINDS = ["front", "tag", "author", "story", "nothing said", "reviewed", "closed", "permalink",
         "reply", "report", "name", "not found", "door"]  # fmt: skip


def violations(page: Page) -> list[str]:
    """What axe finds wrong, one line each."""
    found: dict[str, Any] = Axe().run(page, options=RULES).response
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page can be scrolled sideways."""
    found: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found


@pytest.fixture(scope="module")
def tabs(browser: Browser) -> Iterator[dict[str, Reader]]:
    """A reader who likes it light, and one who likes it dark."""
    with (
        reading(browser, color_scheme="light") as light,
        reading(browser, color_scheme="dark") as dark,
    ):
        yield {"light": light, "dark": dark}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_wrong(
    site: Site, addresses: dict[str, str], tabs: dict[str, Reader], kind: str, scheme: str
) -> None:
    page = tabs[scheme].open(site.url + addresses[kind])
    assert violations(page) == []


@pytest.mark.parametrize("kind", ["front", "story", "permalink", "reply", "name", "door"])
def test_axe_finds_nothing_wrong_from_right_to_left(
    site: Site, addresses: dict[str, str], tabs: dict[str, Reader], kind: str
) -> None:
    page = tabs["light"].open(f"{site.url}{addresses[kind]}?lang=ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_open_menus_and_forms(
    site: Site, thread: str, tabs: dict[str, Reader], scheme: str
) -> None:
    reader = tabs[scheme]
    reader.open(f"{site.url}/stories/open-1")
    reader.part("The ferry was late again", ".bl-menu summary").click()
    assert violations(reader.page) == []
    reader.part("The ferry was late again", ".bl-report").click()
    reader.part("It was not late", ".bl-reply").click()
    reader.find(".bl-root > .bl-composer .bl-setname").click()
    assert violations(reader.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_at_the_desk(site: Site, browser: Browser, scheme: str) -> None:
    site.guest("Chidi").says("reviewed-2", f"A comment that waits in the {scheme}")
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": 1280, "height": 900}}
    with reading(browser, **options) as mona:
        mona.open(site.staff_link("Mona"))
        mona.find(".dk-pick").first.click()
        assert violations(mona.page) == []
        mona.page.keyboard.press("r")
        expect(mona.find(".dk-reasons button").first).to_be_visible()
        assert violations(mona.page) == []


@pytest.mark.parametrize("width", [390, 320])
def test_no_page_scrolls_sideways_on_a_phone(
    site: Site, addresses: dict[str, str], browser: Browser, width: int
) -> None:
    with reading(browser, viewport={"width": width, "height": 700}) as reader:
        wide = {
            f"{kind} {language}": overflow(reader.open(f"{site.url}{address}?lang={language}"))
            for kind, address in addresses.items()
            for language in ("en", "ar")
        }
    assert {kind: by for kind, by in wide.items() if by > 0} == {}


def test_a_long_word_does_not_widen_the_page(site: Site, browser: Browser) -> None:
    key = "open-34"
    chidi = site.guest("W" * 40)
    chidi.says(key, "Rindfleischetikettierung" * 30)
    chidi.says(key, "https://example.org/" + "a" * 400)
    with reading(browser, viewport={"width": 320, "height": 700}) as reader:
        reader.open(site.page_of(key))
        expect(reader.find(".bl-comment").first).to_be_visible()
        assert overflow(reader.page) <= 0


@pytest.mark.parametrize("kind", ["story", "permalink", "reply", "front", "tag"])
def test_a_title_of_one_word_does_not_widen_the_page(
    site: Site, addresses: dict[str, str], browser: Browser, kind: str
) -> None:
    with reading(browser, viewport={"width": 390, "height": 700}) as reader:
        reader.open(site.url + addresses[kind])
        for title in reader.find("h1, h2, .summary").all():
            title.evaluate("one => { one.textContent = 'F'.repeat(300); }")
        assert overflow(reader.page) <= 0


def test_hostile_texts_and_names_run_nothing_and_are_shown_as_typed(
    site: Site, browser: Browser
) -> None:
    key = "open-35"
    chidi = site.guest("Chidi")
    with reading(browser) as ada:
        ada.context.add_init_script(TRAP)
        dialogs: list[str] = []

        def note(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        ada.page.on("dialog", note)
        ada.open(site.page_of(key))
        expect(ada.active).to_be_visible()
        ids = [chidi.says(key, text) for text in HOSTILE]
        for number, name in enumerate(NAMES):
            site.guest(name).says(key, f"My name is strange, {remark(number)}")
        expect(ada.arrivals).to_have_text(f"{len(ids) + len(NAMES)} new comments")
        ada.arrivals.click()  # first by live events, then as whole pages
        last = ada.comment(f"My name is strange, {remark(len(NAMES) - 1)}")
        expect(last).to_be_visible()
        assert caught(ada.page) == []
        for address in (site.page_of(key), f"{site.page_of(key)}?order=oldest"):
            ada.open(address)
            expect(ada.active).to_be_visible()
            assert caught(ada.page) == []
        for comment, text in list(zip(ids, HOSTILE, strict=True))[::4]:
            ada.open(f"{site.url}/comments/{comment}")
            shown = ada.find(f"#comment-{comment} > .bl-body > .bl-text").inner_text()
            assert shown.split() == text.split()
            assert caught(ada.page) == []
        assert dialogs == []
        assert ada.find(".bl-text").locator("script, img, svg, iframe, form").count() == 0


def remark(number: int) -> str:
    """A word for a number."""
    return ("first", "second", "third", "fourth", "fifth")[number]


def caught(page: Page) -> list[str]:
    """What ran, or tried to."""
    found: list[str] = page.evaluate(
        "[...window.caught, ...(document.body.dataset.trapped ? ['trapped'] : [])]"
    )
    return found


def test_hostile_texts_run_nothing_at_the_desk(site: Site, browser: Browser) -> None:
    chidi = site.guest("Chidi")
    for text in HOSTILE[::3]:
        chidi.says("reviewed-9", text)
    with reading(browser, viewport={"width": 1280, "height": 900}) as mona:
        mona.context.add_init_script(TRAP)
        mona.open(site.staff_link("Mona"))
        for entry in mona.find(".dk-pick").all():
            entry.click()
            assert caught(mona.page) == []


def test_no_page_breaks_its_own_content_policy(
    site: Site, addresses: dict[str, str], browser: Browser
) -> None:
    with reading(browser) as reader:
        reader.context.add_init_script(TRAP)
        broken = {kind: caught(reader.open(site.url + at)) for kind, at in addresses.items()}
    assert {kind: what for kind, what in broken.items() if what} == {}


def test_an_arabic_story_is_read_from_right_to_left(site: Site, ada: Reader) -> None:
    ada.open(site.page_of("arabic"))
    expect(ada.find("html")).to_have_attribute("lang", "ar")
    expect(ada.find("html")).to_have_attribute("dir", "rtl")
    expect(ada.find(".bl-root")).to_have_attribute("dir", "rtl")
    ada.says("شكرا")
    expect(ada.comment("شكرا")).to_be_visible()
    expect(ada.status).not_to_contain_text("Thank you")


def test_an_empty_discussion_says_so(site: Site, ada: Reader) -> None:
    ada.open(site.page_of("open-31"))
    expect(ada.find(".bl-empty")).to_have_text("Be the first to leave a comment.")
    expect(ada.count).to_have_text("0 Comments")


def test_a_closed_story_says_so_and_has_no_box(site: Site, ada: Reader) -> None:
    ada.open(site.page_of("closed-1"))
    expect(ada.find(".bl-closed")).to_have_text("This discussion is closed.")
    expect(ada.box).to_have_count(0)


def test_structured_data_of_a_hostile_discussion_is_still_data(site: Site, ada: Reader) -> None:
    site.guest("Chidi").says("open-36", "</script><script>trap(1)</script>")
    ada.open(site.page_of("open-36"))
    told = json.loads(ada.find("script[type='application/ld+json']").inner_text())
    assert told["commentCount"] == 1
