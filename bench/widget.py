"""What a discussion costs the page it stands in: bytes, requests, time, and what is there without.

A story with 100 comments in Chromium, with an empty cache, on a processor slowed four times and a
connection of 10 Mbit/s with 40 ms to the server. The rivals' clients are sent compressed by the
page's own server, as a CDN would; what their servers send goes as they send it.
"""

from __future__ import annotations

import mimetypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import brotli
from playwright.sync_api import Browser, Page, Response

from bench.read import key_of, said_in, seed
from bench.rivals import Rival, rivals
from bench.support import Missing, Result, Row, Session, serve_belowline
from tests.support.chromium import running_browser

_COMMENTS = 100
_STORY = f"story-{_COMMENTS}"
_COMMENT = ".bl-comment, .isso-comment, .wl-card-item"
_SLOWER = 4
_LATENCY, _BYTES_A_SECOND = 40, 10_000_000 / 8
_PATIENCE = 60_000
# Usable: a comment can be read and there is a field to write one.
_WATCH = """
const look = () => {
  const embedded = [...document.querySelectorAll("belowline-discussion")];
  const roots = [document, ...embedded.map((one) => one.shadowRoot).filter(Boolean)];
  const has = (wanted) => roots.some((root) => root.querySelector(wanted));
  if (has("COMMENT") && has("textarea, [contenteditable=true]")) window.usable = performance.now();
  else requestAnimationFrame(look);
};
look();
""".replace("COMMENT", _COMMENT)
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>The ferry</title>
<link rel="icon" href="data:,"><h1>The ferry</h1><p>It runs on Sundays.</p>
{0}"""


@dataclass
class _Cost:
    """What one showing of a page took. Bytes are those of all bodies, each compressed by brotli."""

    script: int = 0
    other: int = 0
    requests: int = 0
    usable: float = 0.0


def run(session: Session) -> Result:
    """Our story page, our widget in another site's page, and the rivals' clients."""
    notes = [
        "bytes: of every body that came until the discussion was usable, compressed by brotli; the "
        "script's, and all others (page, style, comments)",
        "usable: a comment can be read and there is a field to write one",
        f"processor slowed {_SLOWER} times, {_LATENCY} ms, 10 Mbit/s, empty cache",
        "comments without JavaScript: how many can be read then; an embedded discussion of ours "
        "shows a link to the page where all can",
    ]
    folder = session.folder / "widget-site"
    folder.mkdir()
    seed(folder, _COMMENTS)
    with (
        _pages() as (port, pages, files),
        serve_belowline(folder, embed_origins=f"http://127.0.0.1:{port}") as ours,
        rivals(session, notes, port) as others,
    ):
        sides = {
            "Belowline, story page": f"{ours.url}/stories/{key_of(_COMMENTS)}",
            "Belowline, embedded": f"http://127.0.0.1:{port}/ours",
        }
        pages["/ours"] = _ours(ours.url)
        for rival in others:
            rival.fill(_STORY, said_in(_COMMENTS))
            kind = rival.name.partition(" ")[0].lower()
            pages[f"/{kind}"] = _isso(rival) if kind == "isso" else _waline(rival)
            if rival.script:
                files[f"/{kind}/"] = rival.script
            sides[rival.name] = f"http://127.0.0.1:{port}/{kind}"
        try:
            with running_browser() as browser:
                table = _measured(session, browser, sides)
        except RuntimeError as error:
            raise Missing(str(error)) from error
    return Result("widget", table, notes)


def _measured(session: Session, browser: Browser, sides: dict[str, str]) -> list[Row]:
    last: dict[str, _Cost] = {}

    def side(name: str, url: str) -> Callable[[], float]:
        def measure() -> float:
            last[name] = _shown(browser, url)
            return last[name].usable

        return measure

    figures = session.alternate({name: side(name, url) for name, url in sides.items()})
    ours = figures["Belowline, embedded"]
    return [
        {
            "side": name,
            "script bytes": last[name].script,
            "other bytes": last[name].other,
            "requests": last[name].requests,
            "usable after ms": round(found.median),
            "low": round(found.low),
            "high": round(found.high),
            "over ours embedded": round(found.over(ours), 2),
            "comments without JavaScript": _without(browser, sides[name]),
        }
        for name, found in figures.items()
    ]


def _shown(browser: Browser, url: str) -> _Cost:
    cost = _Cost()
    context = browser.new_context()
    try:
        page = context.new_page()
        _slow(page)
        page.add_init_script(_WATCH)
        came: list[Response] = []
        page.on("response", lambda response: came.append(response))
        page.goto(url)
        page.wait_for_function("window.usable", timeout=_PATIENCE)
        cost.usable = page.evaluate("window.usable")
        for response in came:
            media = response.headers.get("content-type", "")
            if response.url.startswith("data:") or media.startswith("text/event-stream"):
                continue
            cost.requests += 1
            size = len(brotli.compress(response.body())) if response.status == 200 else 0
            if "javascript" in media:
                cost.script += size
            else:
                cost.other += size
    finally:
        context.close()
    return cost


def _slow(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    speed = {"downloadThroughput": _BYTES_A_SECOND, "uploadThroughput": _BYTES_A_SECOND}
    devtools.send("Network.enable")
    devtools.send(
        "Network.emulateNetworkConditions", {"offline": False, "latency": _LATENCY, **speed}
    )


def _without(browser: Browser, url: str) -> int:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(url)
        return page.locator(_COMMENT).count()
    finally:
        context.close()


# -- the pages that discussions stand in ---------------------------------------------------


def _ours(url: str) -> str:
    return _PAGE.format(
        f'<script type="module" src="{url}/embed.js"></script>'
        f'<belowline-discussion story="{key_of(_COMMENTS)}">'
        f'<a href="{url}/stories/{key_of(_COMMENTS)}">Comments</a></belowline-discussion>'
    )


def _isso(rival: Rival) -> str:
    return _PAGE.format(
        f'<script data-isso="http://127.0.0.1:{rival.port}/" src="/isso/embed.min.js"></script>'
        f'<section id="isso-thread" data-isso-id="/{_STORY}/" data-title="The ferry"></section>'
    )


def _waline(rival: Rival) -> str:
    server = f"http://127.0.0.1:{rival.port}"
    return _PAGE.format(
        '<link rel="stylesheet" href="/waline/waline.css"><div id="waline"></div>'
        '<script type="module">import { init } from "/waline/waline.js"; '
        f'init({{ el: "#waline", serverURL: "{server}", path: "/{_STORY}/", lang: "en-US", '
        "emoji: false });</script>"
    )


@contextmanager
def _pages() -> Iterator[tuple[int, dict[str, str], dict[str, Path]]]:
    """A server for pages by path, and for the files of folders by prefix."""
    pages: dict[str, str] = {}
    files: dict[str, Path] = {}

    class _Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = _found(pages, files, self.path)
            self.send_response(200 if found else 404)
            media, body = found or ("text/plain", b"")
            self.send_header("Content-Type", media)
            self.send_header("Content-Encoding", "br")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], pages, files
    finally:
        server.shutdown()
        server.server_close()


def _found(pages: dict[str, str], files: dict[str, Path], path: str) -> tuple[str, bytes] | None:
    if path in pages:
        return "text/html; charset=utf-8", brotli.compress(pages[path].encode())
    for prefix, folder in files.items():
        file = folder / path.removeprefix(prefix)
        if path.startswith(prefix) and file.is_file():
            media = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return media, _compressed(file)
    return None


@cache
def _compressed(file: Path) -> bytes:
    compressed: bytes = brotli.compress(file.read_bytes())
    return compressed
