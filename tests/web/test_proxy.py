"""Behind nginx with the configuration that the docs give: HTTP/2, shared caching, streams."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.server import Server, free_port, run_server

NGINX, OPENSSL = (
    shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin"),
    shutil.which("openssl"),
)
CONFIGURATION = Path(__file__).parents[2] / "docs/proxy/nginx.conf"
STORY = "---\nheadline: The ferry\ndate: 2026-05-01\ndiscussion: open\n---\nIt sails.\n"

pytestmark = pytest.mark.skipif(not (NGINX and OPENSSL), reason="nginx or openssl is not here")


class Edge:
    """nginx in front of a site."""

    def __init__(self, server: Server, port: int, certificate: Path) -> None:
        self.server = server
        self.port = port
        self.trusted = ssl.create_default_context(cafile=str(certificate))
        self.client = httpx.Client(
            base_url=f"https://talk.example.org:{port}",
            verify=self.trusted,
            transport=_Resolved(port, self.trusted),
        )


class _Resolved(httpx.HTTPTransport):
    """Finds talk.example.org on this machine."""

    def __init__(self, port: int, trusted: ssl.SSLContext) -> None:
        super().__init__(verify=trusted)
        self._port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(host="127.0.0.1")
        request.extensions["sni_hostname"] = "talk.example.org"
        return super().handle_request(request)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """A site, and nginx in front of it."""
    folder = tmp_path_factory.mktemp("edge")
    (folder / "site/stories").mkdir(parents=True)
    (folder / "site/stories/ferry.md").write_text(STORY, encoding="utf-8")
    subprocess.run(
        [
            str(OPENSSL), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=talk.example.org", "-addext", "subjectAltName=DNS:talk.example.org",
            "-keyout", folder / "key.pem", "-out", folder / "certificate.pem",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    port, plain = free_port(), free_port()
    with run_server(folder / "site") as server:
        (folder / "nginx.conf").write_text(_configured(folder, server, port, plain))
        nginx = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", folder / "nginx.conf"])
        try:
            _wait_for(port, nginx)
            at_the_edge = Edge(server, port, folder / "certificate.pem")
            with at_the_edge.client:
                yield at_the_edge
        finally:
            nginx.terminate()
            nginx.wait()


def _configured(folder: Path, server: Server, port: int, plain: int) -> str:
    text = CONFIGURATION.read_text(encoding="utf-8")
    for documented, here in (
        ("127.0.0.1:8000", f"127.0.0.1:{server.port}"),
        ("listen [::]:443 ssl http2;", ""),
        ("listen [::]:80;", ""),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("/etc/ssl/talk.example.org.pem", str(folder / "certificate.pem")),
        ("/etc/ssl/talk.example.org.key", str(folder / "key.pem")),
        ("/var/cache/nginx/belowline", str(folder / "cache")),
    ):
        assert documented in text, documented
        text = text.replace(documented, here)
    temporary = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if os.geteuid() == 0 else ""  # who else may not enter the test's folder
    return (
        f"{user}daemon off; pid {folder / 'pid'}; error_log {folder / 'error.log'};\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{text}\n}}\n"
    )


def _wait_for(port: int, nginx: subprocess.Popen[bytes]) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except ConnectionRefusedError:
            assert nginx.poll() is None, "nginx has ended"


def test_http_2_is_spoken_at_the_edge(edge: Edge) -> None:
    context = ssl.create_default_context(cafile=None)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", edge.port), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname="talk.example.org") as spoken,
    ):
        assert spoken.selected_alpn_protocol() == "h2"


def test_a_page_is_kept_at_the_edge_for_those_who_are_not_known(edge: Edge) -> None:
    seen = {edge.client.get("/stories/ferry").headers["x-cache"] for _ in range(20)}
    assert "HIT" in seen or "STALE" in seen or "UPDATING" in seen
    page = edge.client.get("/stories/ferry")
    assert page.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert page.headers["content-encoding"] in ("br", "zstd", "gzip")
    assert "https://talk.example.org" in page.text


def test_a_cookie_of_somebody_elses_gets_what_is_kept(edge: Edge) -> None:
    edge.client.cookies.clear()
    edge.client.get("/stories/ferry?order=oldest")
    page = edge.client.get("/stories/ferry?order=oldest", headers={"Cookie": "measured=1"})
    assert page.headers["x-cache"] in ("HIT", "STALE", "UPDATING")


def test_each_coding_is_kept_for_itself(edge: Edge) -> None:
    for _ in range(2):
        for coding in ("br", "gzip"):
            page = edge.client.get("/stories/ferry", headers={"Accept-Encoding": coding})
            assert page.headers["content-encoding"] == coding


def test_somebody_known_is_never_answered_from_what_is_kept(edge: Edge) -> None:
    edge.client.get("/stories/ferry")
    token = edge.client.post("/api/v1/guests").json()["token"]
    edge.client.cookies.clear()
    for header in ({"Cookie": f"belowline={token}"}, {"Authorization": f"Bearer {token}"}):
        page = edge.client.get("/stories/ferry", headers=header)
        assert page.headers["x-cache"] == "BYPASS"
        assert page.headers["cache-control"] == "private, no-store"


def test_a_comment_comes_through_to_a_reader_who_listens(edge: Edge) -> None:
    token = edge.client.post("/api/v1/guests").json()["token"]
    path = "/api/v1/stories/ferry"
    with edge.client.stream("GET", f"{path}/live", timeout=30) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry:")
        posted = edge.client.post(
            f"{path}/comments",
            json={"text": "Through the edge."},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"},
        )
        assert posted.status_code == 201
        assert any("Through the edge." in line for line in lines)


def test_a_slash_in_a_storys_key_comes_through(edge: Edge) -> None:
    answer = edge.client.get("/api/v1/stories/news%2Fferry")
    assert (answer.status_code, answer.json()["code"]) == (404, "story_unknown")
