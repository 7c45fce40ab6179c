"""Serving an application with uvicorn until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
import uvicorn

from belowline.app import Application
from belowline.settings import BadSetting, Settings
from belowline.web.board import Board
from belowline.web.patience import Patience
from belowline.web.protocol import protocol_class

_log = structlog.get_logger(__name__)

_GRACE = 5
_UNREAD = 30  # seconds after which a connection is cut whose other end takes nothing
_BACKLOG = 2048
_COLLECT = (10_000, 20, 20)  # gc.set_threshold
_LOOKS = 3  # into so many parts the time is divided that a request may take to arrive


class Post:
    """A worker's place: its number and name, the socket it listens on, how it says it is ready.

    ``left`` can be read from when the supervisor is gone.
    """

    def __init__(self, number: int, listening: socket.socket, left: int, ready: int) -> None:
        self.name = str(number)
        self.listening = listening
        self.left = left
        self._ready = ready

    def is_ready(self) -> None:
        """Tells the supervisor that this worker answers."""
        os.write(self._ready, b".")


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A listening socket; raises BadSetting in one line when the port is taken.

    With ``shared`` others of this user may listen there too, and the system shares out who comes.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: for those who are gone or never read
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD * 1000)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise BadSetting(f"cannot listen on {host}:{port}: {error.strerror}") from error
    made.listen(_BACKLOG)
    return made


def address(host: str, port: int) -> str:
    """The site's own address, with a slash at its end."""
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(
    settings: Settings,
    folder: Path,
    *,
    ready: Callable[[str, Application], None],
    beside: Callable[[Application], Any] | None = None,
    post: Post | None = None,
    board: Board | None = None,
) -> None:
    """Serves the site in ``folder``. ``ready`` is told the address once it answers.

    ``beside`` gives a coroutine that runs as long as the server does. One of several workers has a
    ``post``, and a ``board`` that it shares with the others.
    """
    listening = post.listening if post else bind(settings.host, settings.port)
    application = Application(settings, folder, board)
    application.address = address(settings.host, listening.getsockname()[1])
    config = uvicorn.Config(
        _with_lifespan(application, beside, lambda: ready(application.address, application)),
        http=protocol_class(application.services),
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=_GRACE,
        ws="none",
    )
    _collect_seldom()
    _Server(config, application, post).run(sockets=[listening])


def _collect_seldom() -> None:
    """Has Python look for garbage in circles less often, and never among what is there by now.

    Thousands of open pages are thousands of objects to look through, while every answer waits.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)


class _Server(uvicorn.Server):
    """Cuts requests that never arrive whole; when stopping, ends the open streams first."""

    def __init__(self, config: uvicorn.Config, application: Application, post: Post | None) -> None:
        super().__init__(config)
        self._application = application
        self._post = post
        ticks = application.settings.request_seconds * 10 / _LOOKS  # uvicorn's are 0.1 seconds
        self._patience = Patience(_LOOKS)
        self._ticks_between_looks = max(1, round(ticks))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._post is not None:
            asyncio.get_running_loop().add_reader(self._post.left, self._stop)
        await super().startup(sockets)

    def _stop(self) -> None:
        """The supervisor is gone, and with it whoever would pass on what this worker is told."""
        if self._post is not None:
            asyncio.get_running_loop().remove_reader(self._post.left)
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        if counter % self._ticks_between_looks == 0:
            self._patience.look(self.server_state.connections)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _log.info("server.stopping")
        await self._drain(self._application.settings.drain_seconds)
        self._application.services.hub.close()
        await super().shutdown(sockets)

    async def _drain(self, seconds: int) -> None:
        """Answers as before, but /readyz tells those who share out the readers to look elsewhere.

        Ctrl+C cuts it short.
        """
        self._application.services.readiness.draining = True
        for tick in range(seconds * 10):
            if self.force_exit:
                self.force_exit = False
                return
            await self.on_tick(tick)
            await asyncio.sleep(0.1)


def _with_lifespan(
    application: Application,
    beside: Callable[[Application], Any] | None,
    ready: Callable[[], None],
) -> Any:
    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await application.asgi(scope, receive, send)
            return
        await receive()
        try:
            running = application.running()
            await running.__aenter__()
        except Exception as error:
            _log.error("server.start_failed", exc_info=error)
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        extra = asyncio.create_task(beside(application)) if beside else None
        await send({"type": "lifespan.startup.complete"})
        _log.info("server.started", address=application.address)
        ready()
        await receive()
        if extra is not None:
            extra.cancel()
            await asyncio.gather(extra, return_exceptions=True)
        await running.__aexit__(None, None, None)
        await send({"type": "lifespan.shutdown.complete"})

    return asgi
