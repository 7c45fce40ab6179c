"""What those who watch the server ask for: is it alive, can it work, how much does it do."""

from __future__ import annotations

import hmac
import ipaddress
from typing import Any

import msgspec
from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST

from belowline.actions import health
from belowline.domain.errors import Refused
from belowline.web import metrics
from belowline.web.asking import AnyRequest
from belowline.web.services import Services

_UNCACHED = {"Cache-Control": "no-store"}


@get("/healthz")
async def healthz() -> Response[Any]:
    """The process is alive."""
    return _status({"status": "ok"}, 200)


@get("/readyz")
async def readyz(request: AnyRequest) -> Response[Any]:
    """The server can read and store; 503 with the reason when it cannot, or when it is stopping."""
    reason = await services_of(request).readiness.reason()
    if reason:
        return _status({"status": "not ready", "reason": reason}, 503)
    return _status({"status": "ok"}, 200)


@get("/metrics")
async def numbers(request: AnyRequest) -> Response[Any]:
    """Numbers for Prometheus, for programs on this machine or for those who have the token."""
    services = services_of(request)
    _demand_watcher(request, services.settings.metrics_token)
    of_site = metrics.OfSite(
        ready=not await services.readiness.reason(), waiting=await health.waiting(services.site)
    )
    text = metrics.exposition(services, of_site)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST, **_UNCACHED})


HANDLERS = [healthz, readyz, numbers]


def services_of(request: AnyRequest) -> Services:
    """The parts of the running site, without finding out who asks."""
    services: Services = request.app.state.services
    return services


def _demand_watcher(request: AnyRequest, token: str) -> None:
    if token:
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(sent.strip().encode("latin-1", "replace"), token.encode())
        if scheme.lower() != "bearer" or not same:
            raise Refused("token_bad")
    elif not _is_from_here(request):
        raise Refused("not_allowed")


def _is_from_here(request: AnyRequest) -> bool:
    """Whether a program on this machine asks, and no proxy on this machine for somebody else."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


def _status(said: dict[str, str], status: int) -> Response[Any]:
    return Response(
        msgspec.json.encode(said),
        status_code=status,
        media_type="application/json",
        headers=_UNCACHED,
    )
