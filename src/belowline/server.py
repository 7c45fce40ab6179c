"""Serving an application with uvicorn until it is told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
import uvicorn

from belowline.app import Application
from belowline.settings import BadSetting, Settings
from belowline.web.patience import Patience
from belowline.web.protocol import protocol_class

_log = structlog.get_logger(__name__)

_GRACE = 5
_UNREAD = 30  # seconds after which a connection is cut whose other end takes nothing
_BACKLOG = 2048
_LOOKS = 3  # into so many parts the time is divided that a request may take to arrive


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; raises BadSetting in one line when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: for those who are gone or never read
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD * 1000)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise BadSetting(f"cannot listen on {host}:{port}: {error.strerror}") from error
    made.listen(_BACKLOG)
    return made


def serve(
    settings: Settings,
    folder: Path,
    *,
    ready: Callable[[str, Application], None],
    beside: Callable[[Application], Any] | None = None,
) -> None:
    """Serves the site in ``folder``. ``ready`` is told the address once it answers.

    ``beside`` gives a coroutine that runs as long as the server does.
    """
    listening = bind(settings.host, settings.port)
    port = listening.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    application = Application(settings, folder)
    application.address = f"http://{host}:{port}/"
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
    _Server(config, application).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Cuts requests that never arrive whole; when stopping, ends the open streams first."""

    def __init__(self, config: uvicorn.Config, application: Application) -> None:
        super().__init__(config)
        self._application = application
        ticks = application.settings.request_seconds * 10 / _LOOKS  # uvicorn's are 0.1 seconds
        self._patience = Patience(_LOOKS)
        self._ticks_between_looks = max(1, round(ticks))

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
