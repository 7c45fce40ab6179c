"""Belowline as an ordinary ASGI application on stock uvicorn, as on any other server.

``python -m bench.ordinary FOLDER`` prints its port once it answers, and serves until it is ended.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
import uvloop

from belowline import logs
from belowline import settings as settings_module
from belowline.app import Application
from belowline.server import bind


async def _serve(folder: Path) -> None:
    application = Application(settings_module.load(folder), folder)
    listening = bind("127.0.0.1", 0)
    config = uvicorn.Config(
        application.asgi,
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    async with application.running():
        print(listening.getsockname()[1], flush=True)
        await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    logs.configure("warning")
    uvloop.run(_serve(Path(sys.argv[1])))
