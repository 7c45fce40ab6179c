"""The README's pictures, taken from the running demonstration: ``python -m tools.screenshots``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from belowline.demo.running import LEAD_STORY
from tests.support.chromium import running_browser
from tests.support.server import run_demo

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
LARGEST = 400_000

_DESKTOP = (1280, 1400)
_PHONE = (390, 844)
_ABOVE = 560  # pixels of the story that are seen above the discussion


def main() -> int:
    """Takes every picture; exit code 1 when one is larger than a README should load."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, run_demo(Path(folder) / "demo.log") as server:
        desk = server.said(r"The desk:\s+(\S+)")
        with running_browser() as browser:
            taken = [
                _story(browser, server.url),
                _phone(browser, server.url),
                _desk(browser, desk),
            ]
    for picture in taken:
        print(f"{picture.name}  {picture.stat().st_size // 1000} KB")
    too_large = [picture.name for picture in taken if picture.stat().st_size > LARGEST]
    if too_large:
        print(f"Larger than {LARGEST // 1000} KB: {', '.join(too_large)}", file=sys.stderr)
    return 1 if too_large else 0


def _story(browser: Browser, url: str) -> Path:
    """The end of a story and the beginning of its discussion."""
    page = _open(browser, f"{url}/stories/{LEAD_STORY}", _DESKTOP, "light")
    _wait_for_discussion(page)
    page.evaluate(f"scrollTo(0, document.querySelector('.bl-root').offsetTop - {_ABOVE})")
    return _take(page, "page.png")


def _phone(browser: Browser, url: str) -> Path:
    """The discussion on a phone, dark."""
    page = _open(browser, f"{url}/stories/{LEAD_STORY}#comments", _PHONE, "dark", scale=2)
    _wait_for_discussion(page)
    page.evaluate("document.querySelector('.bl-root').scrollIntoView()")
    return _take(page, "page-phone-dark.png")


def _desk(browser: Browser, link: str) -> Path:
    """The desk with its first card."""
    page = _open(browser, link, (1280, 860), "light")
    page.locator(".dk-card").wait_for()
    return _take(page, "desk.png")


def _open(
    browser: Browser,
    url: str,
    size: tuple[int, int],
    colours: Literal["light", "dark"],
    scale: float = 1,
) -> Page:
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=colours,
        device_scale_factor=scale,
        locale="en-GB",
        reduced_motion="reduce",
    )
    answer = page.goto(url)
    if answer is None or not answer.ok:
        raise RuntimeError(f"{url} answered {answer.status if answer else 'nothing'}")
    return page


def _wait_for_discussion(page: Page) -> None:
    page.locator(".bl-root.bl-on").wait_for()
    page.locator(".bl-active:not([hidden])").wait_for()


def _take(page: Page, name: str) -> Path:
    picture = PICTURES / name
    page.evaluate("document.fonts.ready.then(() => true)")
    page.screenshot(path=picture, animations="disabled")
    page.close()
    return picture


if __name__ == "__main__":
    sys.exit(main())
