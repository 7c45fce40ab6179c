"""What alerts arrive at: mail, web and push servers, small and real, on ports of their own."""

from __future__ import annotations

import datetime
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail by SMTP (RFC 5321) and keeps it."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.busy = 0  # so many are turned away first

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Smtp(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        """One session."""
        self._say("220 post.example")
        to: list[str] = []
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word in ("EHLO", "HELO"):
                self._say("250 post.example")
            elif word == "MAIL":
                if self.server.busy:
                    self.server.busy -= 1
                    self._say("451 try later")
                else:
                    self._say("250 ok")
            elif word == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
                self._say("250 ok")
            elif word == "DATA":
                self._say("354 go on")
                self.server.taken.append((to, self._message()))
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        found: Any = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class WebServer(ThreadingHTTPServer):
    """Takes what is posted and keeps it: (headers, body), and where to. Answers with ``status``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Http)
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.status = 204
        self.answer = b""
        self.open = threading.Event()  # closed, it lets whoever asks wait
        self.open.set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class PushServer(WebServer):
    """A push service: a web server over TLS. Who trusts ``certificate`` (PEM) may ask it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.certificate = folder / "push.pem"
        self.certificate.write_bytes(_certificate())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def endpoint(self, name: str) -> str:
        """Where the browser called ``name`` is woken."""
        return f"https://127.0.0.1:{self.server_address[1]}/wake/{name}"


def _certificate() -> bytes:
    """A key and a certificate for 127.0.0.1 that it has signed itself, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "push.example")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(identifier, False)
        .sign(key, SHA256())
    )
    form = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return form + made.public_bytes(Encoding.PEM)


class _Http(BaseHTTPRequestHandler):
    server: WebServer

    def do_POST(self) -> None:
        """Takes one request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        self.server.taken.append((dict(self.headers), body))
        self.server.open.wait(10)
        self.send_response(self.server.status)
        if self.server.status in (301, 302, 307):
            self.send_header("Location", self.server.url)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        """Nothing."""


S = TypeVar("S", MailServer, WebServer, PushServer)


@contextmanager
def listening(server: S) -> Iterator[S]:
    """``server``, until the end."""
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
