"""The documents' pictures, from the running demonstration: ``python -m tools.screenshots``."""

from __future__ import annotations

import sys
import tempfile
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize

from belowline.demo.running import LEAD_STORY
from tests.support.chromium import running_browser
from tests.support.server import run_demo

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
LARGEST = 200_000

_WIDE = ViewportSize(width=1280, height=960)
_PHONE = ViewportSize(width=390, height=844)
_BESIDE = {
    "desk-search": "/desk?status=all&words=bridge",
    "desk-many": "/desk/bulk?status=held",
    "desk-sitting": "/desk/sitting",
    "desk-morning": "/desk/morning",
    "desk-discussions": "/desk/settings",
    "desk-policy": "/desk/policy",
    "desk-numbers": "/desk/numbers?days=7",
    "desk-alerts": "/desk/alerts",
    "desk-appeals": "/desk/appeals",
    "desk-notices": "/desk/notices",
    "desk-rules": "/desk/rules",
    "desk-record": "/desk/record?verify=1",
    "desk-account": "/desk/account",
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
    with tempfile.TemporaryDirectory() as folder, run_demo(Path(folder) / "demo.log") as server:
        desk = server.said(r"The desk:\s+(\S+)")
        with running_browser() as browser:
            taken = [
                _story(browser, server.url),
                _discussion(browser, server.url),
                _phone(browser, server.url),
                *_desk_pages(browser, desk, server.url),
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
    return _take(page, "page-phone-dark.png")


def _desk_pages(browser: Browser, link: str, url: str) -> list[Path]:
    """The desk and the pages beside it, by somebody who has entered with the link."""
    context = browser.new_context(viewport=_WIDE, locale="en-GB", reduced_motion="reduce")
    entered = context.new_page()
    entered.goto(link)
    author = entered.locator(".dk-entry").first.get_attribute("data-author")
    taken = [*_desk(entered)]
    for name, path in {**_BESIDE, "desk-author": f"/desk/authors/{author}"}.items():
        page = context.new_page()
        page.goto(url + path)
        page.locator("h1").first.wait_for()
        if page.locator(".dk-dose").count():
            page.locator(".dk-helper:visible").wait_for()
        taken.append(_take(page, name))
    context.close()
    return taken


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
        blank = page.context.new_page()
        picture.write_bytes(b64decode(blank.evaluate(_AS_WEBP, b64encode(png).decode())))
        blank.close()
    return picture


if __name__ == "__main__":
    sys.exit(main())
