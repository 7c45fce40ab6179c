"""The documents' pictures, from the running demonstration: ``python -m tools.screenshots``."""

from __future__ import annotations

import os
import sys
import tempfile
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from belowline.demo.running import LEAD_STORY, MODERATOR
from tests.support.chromium import running_browser
from tests.support.server import run_demo
from tools import scenery

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
LARGEST = 150_000

_WIDE = scenery.WIDE
_PHONE = ViewportSize(width=390, height=844)
_MODERATORS = {
    "desk-search": "/desk?status=all&words=bridge",
    "desk-many": "/desk/bulk?status=held",
    "desk-campaigns": "/desk/campaigns",
    "desk-sitting": "/desk/sitting",
    "desk-morning": "/desk/morning",
    "desk-discussions": "/desk/settings",
    "desk-alerts": "/desk/alerts",
    "desk-record": "/desk/record?verify=1",
    "desk-account": "/desk/account",
}
_EDITORS = {
    "desk-appeals": "/desk/appeals",
    "desk-notices": "/desk/notices",
    "desk-rules": "/desk/rules",
    "desk-lessons": "/desk/policy/lessons",
    "desk-numbers": "/desk/numbers?days=7",
}
_ADMINISTRATORS = {
    "desk-staff": "/desk/staff",
    "desk-sites": "/desk/sites",
    "desk-policy-site": "/desk/policy?site=ridge",
}
_AS_WEBP = """async png => {
    const image = new Image();
    image.src = "data:image/png;base64," + png;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.85).split(",")[1];
}"""
_ABOVE = 40  # pixels of the page that are seen above the discussion


def main() -> int:
    """Takes every picture; exit code 1 when one is larger than a page should load."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder  # the demonstration's own folder is found there
        with run_demo(Path(folder) / "demo.log") as server, running_browser() as browser:
            (site,) = Path(folder).glob("belowline-demo-*")
            taken = [
                _story(browser, server.url),
                _discussion(browser, server.url),
                _phone(browser, server.url),
                *_desk_pages(browser, site, server.url),
            ]
    for picture in taken:
        print(f"{picture.name}  {picture.stat().st_size // 1000} KB")
    too_large = [picture.name for picture in taken if picture.stat().st_size > LARGEST]
    if too_large:
        print(f"Larger than {LARGEST // 1000} KB: {', '.join(too_large)}", file=sys.stderr)
    return 1 if too_large else 0


def _story(browser: Browser, url: str) -> Path:
    """The head of a story."""
    return _take(_open(browser, f"{url}/stories/{LEAD_STORY}", _WIDE), "story.png")


def _discussion(browser: Browser, url: str) -> Path:
    """The discussion below it."""
    page = _open(browser, f"{url}/stories/{LEAD_STORY}", _WIDE)
    _go_to_discussion(page)
    return _take(page, "page.png")


def _phone(browser: Browser, url: str) -> Path:
    """The discussion on a phone, dark."""
    page = _open(browser, f"{url}/stories/{LEAD_STORY}", _PHONE, "dark", scale=2)
    _go_to_discussion(page)
    return _take(page, "page-phone-dark")


def _desk_pages(browser: Browser, site: Path, url: str) -> list[Path]:
    """The desk and the pages beside it: a moderator's, and those that need an administrator."""
    mona = scenery.enter(browser, site, url, MODERATOR, "moderator")
    ann = scenery.enter(browser, site, url, "Ann Oduya", "administrator")
    edgar = scenery.enter(browser, site, url, "Edgar Holt", "editor")
    entered = mona.pages[0]
    telling = entered.locator(".dk-entry:has(.dk-flag)").first
    author, comment = telling.get_attribute("data-author"), telling.get_attribute("data-id")
    taken = [*_desk(entered)]
    scenery.spread(browser, url)
    statement = scenery.object_to_a_rejection(browser, url, mona)
    scenery.report_as_illegal(browser, url, comment or "")
    scenery.change_rule(ann, url)
    taken += [
        *_of_the_policy(ann, url),
        *(_at(mona, name, url + path) for name, path in _MODERATORS.items()),
        _at(mona, "desk-author", f"{url}/desk/authors/{author}"),
        *(_at(edgar, name, url + path) for name, path in _EDITORS.items()),
        _at(edgar, "desk-threat", f"{url}/desk/threat/{comment}"),
        _campaign(mona, url),
        _at(scenery.newcomer(browser), "desk-sign-in", f"{url}/desk/sign-in"),
        _at(scenery.newcomer(browser), "statement", statement),
        _at(scenery.newcomer(browser), "rule-versions", f"{url}/rules/spam"),
        _at(scenery.newcomer(browser), "report-illegal", f"{url}/report-illegal"),
    ]
    set_up, codes = scenery.set_up(edgar, url)
    taken += [_take(set_up, "desk-set-up"), _take(codes, "desk-codes")]
    scenery.make_a_site(ann, url)
    return taken + [_at(ann, name, url + path) for name, path in _ADMINISTRATORS.items()]


def _of_the_policy(administrator: BrowserContext, url: str) -> list[Path]:
    """A change while it is rehearsed, saved and looked at, and the audit by its pairs."""
    rehearsed = scenery.rehearse(administrator, url)
    taken = [_keep(rehearsed, "desk-rehearsal")]
    rehearsed.locator(".of-strong").click()
    rehearsed.wait_for_url("**/desk/policy?**")
    rehearsed.close()
    return [
        *taken,
        _at(administrator, "desk-policy", f"{url}/desk/policy"),
        _at(administrator, "desk-policy-version", f"{url}/desk/policy/versions/1"),
        _take(scenery.audit(administrator, url), "desk-audit"),
    ]


def _campaign(context: BrowserContext, url: str) -> Path:
    """The first campaign that waits."""
    page = context.new_page()
    page.goto(f"{url}/desk/campaigns")
    first = page.locator("main a[href*='/desk/campaigns/']").first.get_attribute("href")
    page.close()
    return _at(context, "desk-campaign", f"{url}{first}")


def _at(context: BrowserContext, name: str, address: str) -> Path:
    """A page by its address."""
    page = context.new_page()
    answer = page.goto(address)
    if answer is None or answer.status >= 500:
        raise RuntimeError(f"{address} answered {answer.status if answer else 'nothing'}")
    if page.locator(".dk-dose").count():
        page.locator(".dk-helper:visible").wait_for()
    return _take(page, name)


def _desk(page: Page) -> list[Path]:
    """The desk while a comment is rejected, one with a finding or report if there is any; while
    its author is muted; and on a phone.
    """
    page.locator(".dk-card").wait_for()
    telling = page.locator(".dk-entry:has(.dk-flag) .dk-pick")
    if telling.count():
        telling.first.click()
    page.keyboard.press("r")
    page.locator(".dk-reasons").wait_for()
    taken = [_keep(page, "desk")]
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    taken.append(_keep(page, "desk-mute"))
    page.keyboard.press("Escape")
    page.set_viewport_size(_PHONE)
    taken.append(_keep(page, "desk-phone"))
    page.close()
    return taken


def _open(
    browser: Browser,
    url: str,
    size: ViewportSize,
    colours: Literal["light", "dark"] = "light",
    scale: float = 1,
) -> Page:
    page = browser.new_page(
        viewport=size,
        color_scheme=colours,
        device_scale_factor=scale,
        locale="en-GB",
        reduced_motion="reduce",
    )
    answer = page.goto(url)
    if answer is None or not answer.ok:
        raise RuntimeError(f"{url} answered {answer.status if answer else 'nothing'}")
    return page


def _go_to_discussion(page: Page) -> None:
    page.locator(".bl-root.bl-on").wait_for()
    page.locator(".bl-active:not([hidden])").wait_for()
    page.locator(".bl-comment").first.wait_for()  # the demonstration answers before all is there
    page.evaluate(
        "above => scrollBy(0, document.querySelector('.bl-root').getBoundingClientRect().top"
        " - above)",
        _ABOVE,
    )


def _take(page: Page, name: str) -> Path:
    picture = _keep(page, name)
    page.close()
    return picture


def _keep(page: Page, name: str) -> Path:
    """A picture of the page, as WebP unless its name says PNG."""
    page.evaluate("document.fonts.ready.then(() => true)")
    png = page.screenshot(animations="disabled")
    picture = PICTURES / (name if name.endswith(".png") else f"{name}.webp")
    if name.endswith(".png"):
        picture.write_bytes(png)
    else:
        browser = page.context.browser
        blank = browser.new_page() if browser else page
        picture.write_bytes(b64decode(blank.evaluate(_AS_WEBP, b64encode(png).decode())))
        blank.close()
    return picture


if __name__ == "__main__":
    sys.exit(main())
