"""Files and the description of the API: what machines ask for."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from belowline.domain.errors import Refused
from belowline.publication.pictures import media_path, media_type
from belowline.web.answers import send
from belowline.web.asking import Asking, Asks
from belowline.web.assets import Asset
from belowline.web.cache import Answer
from belowline.web.description import described

_FOREVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=300"


@get("/assets/{name:str}")
async def asset(asking: Asks, name: FromPath[str], v: FromQuery[str] = "") -> Response[Any]:
    """A static file; for ever when its address names its content."""
    return _file(asking, name, v)


@get("/embed.js")
async def embed(asking: Asks) -> Response[Any]:
    """The widget that other sites load."""
    return _file(asking, "widget.js", "")


@get("/desk/push.js")
async def push_worker(asking: Asks) -> Response[Any]:
    """The service worker that shows staff's alerts; from here it may answer for ``/desk/``."""
    return _file(asking, "push.js", "")


@get("/desk/manifest.webmanifest")
async def manifest(asking: Asks) -> Response[Any]:
    """The desk as an app: an iPhone shows alerts of what is on its Home Screen only."""
    services = asking.services
    said = {
        "name": services.settings.site_name,
        "start_url": "/desk",
        "scope": "/desk",
        "display": "standalone",
        "icons": [
            {"src": services.assets.url("icon.svg"), "sizes": "any", "type": "image/svg+xml"}
        ],
    }
    answer = Answer(msgspec.json.encode(said), "application/manifest+json")
    return send(asking.request, answer, cache=_SHORTLY, known_too=True)


@get("/media/{name:path}")
async def media(asking: Asks, name: FromPath[str]) -> Response[Any]:
    """A story's picture."""
    services = asking.services
    path = media_path(services.folder / services.settings.stories, name.lstrip("/"))
    if path is None:
        raise Refused("not_found")
    answer = send(
        asking.request, Answer(path.read_bytes(), media_type(path)), cache=_SHORTLY, known_too=True
    )
    # A picture may be an SVG, which can hold scripts: none may run in the site's name.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return answer


@get("/openapi.json")
async def openapi(asking: Asks) -> Response[Any]:
    """What this page says, for machines (OpenAPI 3.1)."""
    schema = described(
        asking.request.app.openapi_schema.to_schema(), asking.services.site.rules.max_characters
    )
    answer = Answer(msgspec.json.encode(schema), "application/vnd.oai.openapi+json")
    return send(asking.request, answer, cache=_SHORTLY, known_too=True)


HANDLERS = [asset, embed, push_worker, manifest, media, openapi]


def _file(asking: Asking, name: str, version: str) -> Response[Any]:
    found: Asset | None = asking.services.assets.get(name)
    if found is None:
        raise Refused("not_found")
    cache = _FOREVER if version == found.hash else _SHORTLY
    return send(
        asking.request, found.answer, cache=cache, known_too=True, stream="assets", life=math.inf
    )
