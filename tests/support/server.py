"""A running Belowline: the real program, started as a user starts it, in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_TRIES = 2400  # a twentieth of a second each, only ever waited out by a test that fails
_PATIENCE = 60.0
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


@dataclass(frozen=True)
class Server:
    """Where it answers (``url`` has no slash at its end), its process, and what it printed."""

    url: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def output(self) -> str:
        """What the program has printed so far, errors included."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def said(self, pattern: str) -> str:
        """The first group of ``pattern`` in the output, as soon as it is there.

        Raises RuntimeError with the output if the program ends, or goes on and never says it.
        """
        for _ in range(_TRIES):
            if found := re.search(pattern, self.output()):
                return found.group(1)
            if _ended(self.process):
                break
        raise RuntimeError(f"It never said {pattern!r}. It said:\n{self.output()}")

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Asks it to end and waits; kills it when it does not."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def run_server(
    folder: Path,
    *,
    database: str | None = None,
    port: int | None = None,
    workers: int = 1,
    arguments: Sequence[str] = (),
    **settings: str,
) -> Iterator[Server]:
    """``belowline serve FOLDER`` on a free port, ready to answer.

    ``settings`` are given as environment variables: ``edit_minutes="5"`` becomes
    ``BELOWLINE_EDIT_MINUTES=5``. What tests have many people say is no campaign and no raid, unless
    the settings say so. Raises RuntimeError with its output when it does not start.
    """
    named = () if database is None else ("--database", database)
    several = () if workers == 1 else ("--workers", str(workers))
    command = ("serve", str(folder), *named, *several, *arguments)
    settings = {"campaign_copies": "1000000", "breaker": "false"} | settings
    with run_program(command, folder.parent / f"{folder.name}.log", port, settings) as server:
        yield server


@contextmanager
def run_demo(log: Path, *, port: int | None = None, **settings: str) -> Iterator[Server]:
    """``belowline demo`` on a free port, ready to answer; its output goes to ``log``."""
    with run_program(("demo",), log, port, settings) as server:
        yield server


@contextmanager
def run_program(
    command: Sequence[str],
    log: Path,
    port: int | None,
    settings: Mapping[str, str],
    python: Path = Path(sys.executable),
    awaited: str = "/readyz",
    host: str = "127.0.0.1",
    prefix: Sequence[str] = (),
) -> Iterator[Server]:
    """``python -m belowline COMMAND --port PORT``, stopped at the end if it still runs then.

    ``awaited`` is the address that has to answer before anything is asked; "" waits for nothing.
    ``prefix`` is what the command is run by, and ``host`` where it listens there.
    """
    port = free_port() if port is None else port
    variables = {f"BELOWLINE_{name.upper()}": value for name, value in settings.items()}
    listening = ("--host", host, "--port", str(port))
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*prefix, str(python), "-m", "belowline", *command, *listening],
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://{host}:{port}", port, process, log)
    try:
        if awaited:
            wait_until_ready(server, awaited)
        yield server
    finally:
        server.stop()


def wait_until_ready(server: Server, awaited: str = "/readyz") -> None:
    """Returns when ``awaited`` answers. Raises RuntimeError if the program ends before it does."""
    for _ in range(_TRIES):
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            _open(f"{server.url}{awaited}", timeout=30).close()
            return
        if _ended(server.process):
            break
    raise RuntimeError(f"It did not start. It said:\n{server.output()}")


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Gives the program a moment; whether it has ended by then."""
    try:
        process.wait(timeout=0.05)
    except subprocess.TimeoutExpired:
        return False
    return True


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
