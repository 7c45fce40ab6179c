"""Takes the README's pictures anew from the running demonstration: ``make screenshots``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

from tests.support.chromium import running_browser
from tests.support.server import run_demo

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
_WIDE = ViewportSize(width=1280, height=900)
_NARROW = ViewportSize(width=390, height=844)


def main() -> int:
    """Writes docs/images/story.png, story-phone.png and desk.png."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        run_demo(Path(scratch) / "log") as server,
        running_browser() as browser,
    ):
        story = server.said(r"(https?://\S+/stories/\S+)")
        _take(_open(browser, _WIDE, story), "story.png")
        _take(_open(browser, _NARROW, story), "story-phone.png")
        desk = server.said(r"(https?://\S+/desk/enter\?token=\S+)")
        _take(_open(browser, _WIDE, desk), "desk.png")
    return 0


def _open(browser: Browser, size: ViewportSize, url: str) -> Page:
    page = browser.new_context(viewport=size, locale="en-GB").new_page()
    page.goto(url)
    return page


def _take(page: Page, name: str) -> None:
    page.wait_for_load_state("load")
    page.screenshot(path=FOLDER / name)
    print(f"docs/images/{name}")


if __name__ == "__main__":
    sys.exit(main())
