"""Three processes of one site, each with cables of its own to PostgreSQL, and one door to all.

Each has a network of its own where that is to be had (root on Linux), and a port of this machine
otherwise. The door is nginx where that is installed, with the configuration that the docs give;
otherwise a forwarder that takes them in turn.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.faults.town import make_town, session
from tests.support.forwarder import Forwarder, running_forwarder
from tests.support.namespace import Namespace, namespace, to_be_had
from tests.support.postgres import PostgresServer
from tests.support.server import Server, free_port, run_program, wait_until_ready

COUNT = 3
CONFIGURATION = Path(__file__).parents[2] / "docs/proxy/nginx-nodes.conf"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")


@dataclass
class Node:
    """A process, its port, and its cables to the database's hosts."""

    port: int
    command: tuple[str, ...]
    log: Path
    settings: dict[str, str]
    cables: list[Forwarder]
    own: Namespace | None
    _running: ExitStack = field(default_factory=ExitStack)
    server: Server = field(init=False)

    @property
    def host(self) -> str:
        """Where it listens."""
        return self.own.address if self.own else "127.0.0.1"

    @property
    def _to_the_database(self) -> Sequence[Namespace | Forwarder]:
        return [self.own] if self.own else self.cables

    def start(self) -> None:
        """Starts it without waiting until it answers."""
        run = run_program(
            self.command,
            self.log,
            self.port,
            self.settings,
            awaited="",
            host=self.host,
            prefix=self.own.prefix if self.own else (),
        )
        self.server = self._running.enter_context(run)

    def becomes_ready(self) -> None:
        """Returns when it can read and store."""
        wait_until_ready(self.server)
        with suppress(httpx.TransportError):
            while httpx.get(f"{self.server.url}/readyz", trust_env=False).status_code != 200:
                time.sleep(0.05)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.server.kill()

    def stop(self) -> None:
        """Ends it in order."""
        self._running.close()

    def is_cut_off(self) -> None:
        """Neither it nor the database hears anything more of the other."""
        for cable in self._to_the_database:
            cable.cut()

    def is_back(self) -> None:
        """They hear each other again."""
        for cable in self._to_the_database:
            cable.mend()


@dataclass(frozen=True)
class Field:
    """The nodes, the port of the door to all of them, and a moderator's credential."""

    nodes: Sequence[Node]
    door: int
    moderator: str

    @property
    def place(self) -> str:
        """Where the nodes are, in words."""
        return "networks of their own" if self.nodes[0].own else "ports"


@contextmanager
def run_field(
    folder: Path, databases: Sequence[PostgresServer], name: str, **settings: str
) -> Iterator[Field]:
    """Three nodes on the database ``name``, of which the others of ``databases`` are replicas."""
    make_town(folder)
    moderator = session(folder, databases[0].url(name))
    with ExitStack() as closing:
        is_networked = to_be_had()
        nodes = []
        for number in range(COUNT):
            own = closing.enter_context(namespace(number)) if is_networked else None
            here = own.database if own else "127.0.0.1"
            cables = [
                closing.enter_context(running_forwarder(str(one.socket), host=here))
                for one in databases
            ]
            hosts = ",".join(f"{here}:{cable.port}" for cable in cables)
            address = f"postgresql://postgres@{hosts}/{name}?target_session_attrs=read-write"
            log = folder.parent / f"node-{number}.log"
            command = ("serve", str(folder), "--database", address)
            trusted = {"trusted_proxies": own.here} if own else {}
            nodes.append(Node(free_port(), command, log, settings | trusted, cables, own))
        for node in nodes:
            closing.callback(node.stop)
            node.start()
        for node in nodes:
            node.becomes_ready()
        yield Field(nodes, closing.enter_context(_door(folder, nodes)), moderator)
    for node in nodes:
        assert "Traceback" not in node.log.read_text()


@contextmanager
def _door(folder: Path, nodes: Sequence[Node]) -> Iterator[int]:
    if NGINX is None:
        with running_forwarder(*(f"{node.host}:{node.port}" for node in nodes)) as forwarder:
            yield forwarder.port
        return
    port = free_port()
    place = folder.parent / "nginx"
    place.mkdir()
    (place / "nginx.conf").write_text(_configured(place, port, nodes), encoding="utf-8")
    command = [NGINX, "-p", str(place), "-c", str(place / "nginx.conf"), "-e", str(place / "log")]
    with subprocess.Popen(command) as nginx:
        try:
            while True:
                with suppress(httpx.ConnectError):
                    httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
                    break
                assert nginx.poll() is None, (place / "log").read_text()
            yield port
        finally:
            nginx.terminate()


def _configured(place: Path, port: int, nodes: Sequence[Node]) -> str:
    upstream = CONFIGURATION.read_text(encoding="utf-8")
    documented = re.findall(r"10\.0\.0\.\d:8000", upstream)
    for address, node in zip(documented, nodes, strict=True):
        upstream = upstream.replace(address, f"{node.host}:{node.port}")
    temporary = "".join(
        f"{kind}_temp_path {place / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if os.geteuid() == 0 else ""  # who else may not enter the test's folder
    return (
        f"{user}daemon off; pid {place / 'pid'}; error_log {place / 'log'};\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{upstream}\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://belowline; "
        'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; '
        "proxy_set_header X-Forwarded-For $remote_addr; proxy_read_timeout 1h; } }\n}\n"
    )
