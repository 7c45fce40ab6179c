"""What happens in the demonstration before its pictures are taken, as people do it: over HTTP."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from belowline.domain.secondfactor import code_at, step_at

Form = dict[str, str | float | bool]

WIDE = ViewportSize(width=1280, height=960)
_COPY = (
    "Ask yourself who paid for the new lights on the bridge. The same three families own the "
    "quarry, the ferry and the ridge, and the council will never tell you."
)
_COPIES = (
    _COPY,
    f"{_COPY} Share this before it is gone!",
    f"Nobody dares to say it: {_COPY}",
    _COPY.replace("Ask yourself", "ASK YOURSELF").replace("never", "nev3r"),
    _COPY.replace("council", "coun cil").replace("paid", "pa1d"),
    f"{_COPY} {_COPY}",
)
_STORIES = ("the-bridge-at-tavrin", "harbour-strike", "three-schools-by-september")
_RUDE = "Resign, the whole council, you liars. You could not count the bolts of a bench."
_PAIRS = "Ansbury = Merrow\nferry = train"
_PASSWORD = "lights on the quay"


def enter(browser: Browser, folder: Path, url: str, name: str, role: str) -> BrowserContext:
    """A browser in which somebody has just entered the desk. ``folder`` is the demonstration's."""
    command = ("staff", "add", name, "--role", role, "--site", str(folder))
    added = subprocess.run(
        [sys.executable, "-m", "belowline", *command], capture_output=True, text=True, check=True
    )
    token = re.search(r"token=(\S+)", added.stdout)
    if token is None:
        raise RuntimeError(f"no link in {added.stdout!r}")
    context = newcomer(browser)
    context.new_page().goto(f"{url}/desk/enter?token={token[1]}")
    return context


def newcomer(browser: Browser) -> BrowserContext:
    """A browser of somebody who was never here."""
    return browser.new_context(viewport=WIDE, locale="en-GB", reduced_motion="reduce")


def spread(browser: Browser, url: str) -> None:
    """Twelve accounts say the same thing under three stories."""
    for number in range(12):
        text = _COPIES[number % len(_COPIES)]
        _say(newcomer(browser), url, _STORIES[number % len(_STORIES)], text)


def object_to_a_rejection(browser: Browser, url: str, moderator: BrowserContext) -> str:
    """A guest's comment is rejected, and the guest objects. Answers the statement's address."""
    guest = newcomer(browser)
    comment = _say(guest, url, _STORIES[0], _RUDE)
    decided = {"comments": [{"id": comment, "revision": 1}], "decision": "reject"}
    answer = moderator.request.post(
        f"{url}/api/v1/desk/decisions", data=decided | {"reason": "personal_attack"}
    )
    if not answer.ok:
        raise RuntimeError(answer.text())
    page = guest.new_page()
    page.goto(f"{url}/comments/{comment}")
    page.locator("a[href*='/statements/']").first.click()
    page.locator("textarea[name=text]").fill(
        "The bolts are from the council's own report, page 12. I call nobody a liar who has not "
        "called himself one there."
    )
    page.locator(".bl-send").click()
    page.locator("[role=status]").first.wait_for()
    return page.url


def report_as_illegal(browser: Browser, url: str, comment: str) -> None:
    """Somebody sends in a notice of illegal content."""
    page = newcomer(browser).new_page()
    page.goto(f"{url}/report-illegal?address={url}/comments/{comment}")
    page.locator("[name=explanation]").fill(
        "It names the house of a private person and says what shall be thrown through its window."
    )
    page.locator("[name=name]").fill("Ada Obi")
    page.locator("[name=sure]").check()
    page.locator(".bl-send").click()
    page.locator("[role=status]").first.wait_for()


def rehearse(administrator: BrowserContext, url: str) -> Page:
    """A stricter policy with pairs for the audit, rehearsed and not yet saved."""
    page = administrator.new_page()
    page.goto(f"{url}/desk/policy")
    page.locator("[name=swaps]").fill(_PAIRS)
    page.locator("[name=suspect_words]").fill("drunk\ngot paid\nbridge\nnight shift")
    page.locator("[name=note]").fill("The bridge brings more heat than the rest together.")
    page.locator("button[value=rehearse]").click()
    page.locator(".of-strong").wait_for(timeout=120_000)
    return page


def audit(administrator: BrowserContext, url: str) -> Page:
    """The audit of even hands, when it is done."""
    page = administrator.new_page()
    page.goto(f"{url}/desk/policy/audit")
    page.locator("main form button").click()
    page.locator("table").first.wait_for(timeout=120_000)
    return page


def change_rule(administrator: BrowserContext, url: str) -> None:
    """The rule against advertising gets its second version."""
    text = "No advertising and no copied campaigns. A link to what you have made yourself is fine."
    form: Form = {"en": text}
    administrator.request.post(f"{url}/desk/rules/spam", form=form)


def make_a_site(administrator: BrowserContext, url: str) -> None:
    """A regional edition beside the paper."""
    form: Form = {
        "key": "ridge",
        "name": "The Ridge Edition",
        "addresses": "https://ridge.example.org",
    }
    administrator.request.post(f"{url}/desk/sites", form=form)
    page = administrator.new_page()
    page.goto(f"{url}/desk/policy?site=ridge")
    page.locator("[name=rules]").fill("hold when reply and newcomer")
    page.locator("[name=suspect_words]").fill("quarry\nwind farm")
    page.locator("[name=mode]").select_option("trusting")
    page.locator("button[value=save]").click()
    page.locator(".of-good").wait_for()
    page.close()


def set_up(somebody: BrowserContext, url: str) -> tuple[Page, Page]:
    """The page on which a second factor is made, and the one with the recovery codes."""
    page, codes = somebody.new_page(), somebody.new_page()
    page.goto(f"{url}/desk/setup")
    codes.goto(f"{url}/desk/setup")
    secret = codes.locator("[name=secret]").input_value()
    codes.locator("[name=password]").fill(_PASSWORD)
    codes.locator("[name=code]").fill(code_at(secret, step_at(datetime.now(UTC))))
    codes.locator("[name=code]").press("Enter")
    codes.locator(".dk-codes").wait_for()
    return page, codes


def _say(guest: BrowserContext, url: str, story: str, text: str) -> str:
    guest.request.post(f"{url}/api/v1/guests")
    answer = guest.request.post(
        f"{url}/api/v1/stories/{story}/comments",
        data={"text": text},
        headers={"Idempotency-Key": uuid4().hex},
    )
    if not answer.ok:
        raise RuntimeError(answer.text())
    comment: str = answer.json()["comment"]["id"]
    return comment
