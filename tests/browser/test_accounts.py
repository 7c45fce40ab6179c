"""Edgar proves himself by a passkey; axe finds nothing wrong with the pages of accounts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.reading import Reader, Site, reading, running_site
from tests.browser.test_pages import overflow, violations

_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that wants more than a link of its staff."""
    folder = tmp_path_factory.mktemp("strict") / "courier"
    with running_site(folder, require_second_factor="true") as running:
        yield running


def _with_device(reader: Reader) -> None:
    devtools = reader.context.new_cdp_session(reader.page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})


def _here(site: Site, path: str) -> str:
    """Under a host name, for passkeys belong to no bare address."""
    return f"http://localhost:{urlsplit(site.url).port}{path}"


def _link(site: Site, name: str, role: str) -> str:
    parts = urlsplit(site.staff_link(name, role))
    return _here(site, f"{parts.path}?{parts.query}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edgar_makes_a_passkey_leaves_and_comes_back_with_it(
    strict: Site, browser: Browser, scheme: str
) -> None:
    narrow = {"width": 390, "height": 844}
    wide = {"width": 1280, "height": 900}
    with reading(browser, color_scheme=scheme, viewport=wide) as edgar:
        page = edgar.open(_link(strict, f"Edgar {scheme}", "administrator"))

        def looks_right() -> None:
            for size in (narrow, wide):
                page.set_viewport_size(size)  # type: ignore[arg-type]
                assert overflow(page) == 0
                assert violations(page) == []

        _with_device(edgar)
        expect(page).to_have_url(_here(strict, "/desk/setup"))
        expect(edgar.find(".dk-qr")).to_be_visible()
        looks_right()
        page.get_by_label("A name for it").fill("work laptop")
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_text("The passkey is kept.")).to_be_visible()
        expect(edgar.find("#dk-main")).to_contain_text("not used yet")
        looks_right()
        page.get_by_role("button", name="Remove the passkey").click()
        expect(page.get_by_role("alert").first).to_contain_text("your last way")
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_role("alert").last).to_contain_text("has a passkey for this site")
        page.goto(_here(strict, "/desk/staff"))
        page.get_by_label("Name", exact=True).fill("Ida")
        page.get_by_role("button", name="Make a link").click()
        expect(edgar.find("code.dk-secret")).to_contain_text("/desk/enter?token=")
        looks_right()
        page.get_by_role("button", name="Leave").click()
        page.goto(_here(strict, "/desk/sign-in"))
        looks_right()
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page).to_have_url(_here(strict, "/desk"))
        page.goto(_here(strict, "/desk/account"))
        expect(edgar.find("#dk-main")).to_contain_text("last used")
