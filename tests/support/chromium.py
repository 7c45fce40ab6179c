"""Where Chromium is, and how it gets there. ``python -m tests.support.chromium`` makes it so.

nginx, which some tests stand behind, comes along where it can; without it they do without.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_CHROMIUM_PACKAGES = (
    "chromium",
    "fonts-dejavu-core",
    "fonts-noto-core",  # Arabic, Hebrew and most others
    "fonts-wqy-microhei",  # Chinese, Japanese and Korean, in 2 MB
)
_DRIVER_PACKAGES = ("libatomic1",)
_PROXY_PROGRAMS = ("nginx", "openssl")  # each in the package of its name
_WHERE = "/usr/sbin:/usr/bin:/sbin:/bin"
_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A headless Chromium, driven by Playwright's synchronous interface.

    Playwright keeps an event loop running in this thread meanwhile, so ``asyncio.run`` fails here
    until it is closed.
    """
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses root.
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=_ARGUMENTS, chromium_sandbox=os.geteuid() != 0
        )
        try:
            yield browser
        finally:
            browser.close()


def chromium_path() -> str:
    """The program to start. Raises RuntimeError with what to do when there is none."""
    found = _find()
    if found is None:
        raise RuntimeError(
            "The browser tests need Chromium: install it (on Debian: apt-get install "
            f"{' '.join(_CHROMIUM_PACKAGES)}) or name it with BELOWLINE_CHROMIUM=/path/to/chromium."
        )
    return found


def _find() -> str | None:
    named = os.environ.get("BELOWLINE_CHROMIUM")
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, _NAMES)), None)


def _missing_packages() -> list[str]:
    """What a Debian system would have to install before the browser tests can run."""
    missing = [] if _find() is not None or _is_named() else list(_CHROMIUM_PACKAGES)
    return missing if _driver_starts() else [*missing, *_DRIVER_PACKAGES]


def _is_named() -> bool:
    return bool(os.environ.get("BELOWLINE_CHROMIUM"))


def _driver_starts() -> bool:
    """Playwright's own Node is in its wheel, but a library that it needs may not be here."""
    started = subprocess.run(
        [sys.executable, "-m", "playwright", "--version"], capture_output=True, check=False
    )
    return started.returncode == 0


def _install(packages: list[str]) -> None:
    """Raises RuntimeError with what to do when that is not possible."""
    by_hand = f"run `apt-get install {' '.join(packages)}` as root, then make again."
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise RuntimeError(f"The browser tests need {', '.join(packages)}: on Debian, {by_hand}")
    print(f"Installing {', '.join(packages)}", flush=True)
    # At that run level nothing that comes along is started as a service of this machine.
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-qq"], install):
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
            raise RuntimeError(f"`{' '.join(command)}` failed ({last}): {by_hand}")


def _install_proxy() -> None:
    """Installs what is missing behind which tests may stand, where that is possible."""
    missing = [name for name in _PROXY_PROGRAMS if shutil.which(name, path=_WHERE) is None]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        try:
            _install(missing)
        except RuntimeError as error:
            print(f"The tests go on without {', '.join(missing)}: {error}", flush=True)


def main() -> int:
    """Exit code 0 when Chromium is there by now, otherwise 1 and one line that says what to do."""
    try:
        if missing := _missing_packages():
            _install(missing)
        _install_proxy()
        chromium_path()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
