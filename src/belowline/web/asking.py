"""Who is asking, from where, how fast, in which language: what handlers need injected."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request
from litestar.datastructures import Cookie, State
from litestar.di import NamedDependency, Provide

from belowline.actions import people
from belowline.domain import ids, networks
from belowline.domain.errors import Refused
from belowline.domain.users import User
from belowline.render.language import LANGUAGES
from belowline.web.problems import Sent, TooFast
from belowline.web.services import Services

COOKIE = "belowline"
HINT = "belowline_known"
STAFF_COOKIE = "belowline_staff"
_YEAR = 365 * 24 * 3600

AnyRequest = Request[Any, Any, State]


class Asking(msgspec.Struct):
    """The one who asks. ``user`` is None for a passer-by; ``token`` is how they are known.

    ``fresh`` holds the token of a guest who was made by this request, for the answer to hand over.
    ``outage`` is why it could not be found out who asks; then they are treated as a passer-by who
    cannot write.
    """

    services: Services
    request: AnyRequest
    user: User | None = None
    token: str = ""
    fresh: str = ""
    outage: Refused | None = None

    def must(self) -> User:
        """The user; raises Refused: sign_in for a passer-by, unavailable."""
        self._demand_storage()
        if self.user is None:
            raise Refused("sign_in")
        return self.user

    @property
    def here(self) -> User | None:
        """The user with the address that they ask from, None for a passer-by."""
        if self.user is None:
            return None
        return msgspec.structs.replace(self.user, address=self.address)

    async def acting(self, *sent: str) -> User:
        """The user, made a guest of if they are nobody yet. For everything that writes.

        Nobody who has ``sent`` the same a moment ago is the guest that was made then.
        Raises Refused: foreign_origin, unavailable.
        """
        _demand_origin(self)
        self._demand_storage()
        if self.user is None:
            self.user, self.token = await self._guest(sent)
            self.fresh = self.token
        return msgspec.structs.replace(self.user, address=self.address)

    async def _guest(self, sent: tuple[str, ...]) -> tuple[User, str]:
        services = self.services
        known_by = (self.address, self.request.headers.get("user-agent", ""), *sent)
        guest = services.newcomers.same(*known_by) if sent else None
        if guest is None:
            alike = known_by if sent and not services.newcomers.are_known(*known_by) else ()
            guest = await people.new_guest(services.site, services.signing_key, *alike)
            if sent:
                services.newcomers.remember(guest, *known_by)
        return guest

    def demand_own_origin(self) -> None:
        """For forms that nobody has to be known for. Raises Refused: foreign_origin."""
        if not own_origin(self.request):
            raise Refused("foreign_origin")

    def _demand_storage(self) -> None:
        if self.outage is not None:
            raise self.outage

    def keeps(self, fields: dict[str, str]) -> None:
        """Has what a form brought stand in the page if nothing can be stored.

        Not what another's page sent in somebody's name, who would be offered to send it again.
        """
        with contextlib.suppress(Refused):
            _demand_origin(self)
            self.request.state.sent = Sent(fields=fields, cookies=self.cookies)

    def keep_pace(self, what: str, per_minute: int) -> int:
        """Raises TooFast when this sender does ``what`` too often; staff may hurry.

        Answers how often a minute they may, 0 for whoever may hurry.
        """
        return self._keep(per_minute, [(what, self._who, per_minute)])

    def keep_pace_of(self, what: str, who: str, per_minute: int) -> None:
        """`keep_pace`, also for a name that many may try from many places, and for staff too:
        whoever is signed in may be trying somebody else's password."""
        self._spend([(what, self._who, per_minute), (what, f"name {who}", per_minute)])

    def keep_pace_of_posting(self, story: str) -> int:
        """`keep_pace` for a comment: the writer's, their address's, network's and the story's."""
        per_minute = self.services.site.policy.posts_per_minute
        settings = self.services.settings
        asked = [("post", self._who, per_minute)]
        network = networks.network(self.address)
        if network:
            home = networks.household(self.address)
            asked.append(("post from", home, settings.posts_per_minute_address))
            asked.append(("post from", network, settings.posts_per_minute_network))
        if settings.posts_per_minute_story:
            asked.append(("post under", story, settings.posts_per_minute_story))
        return self._keep(per_minute, asked)

    def _keep(self, per_minute: int, asked: list[tuple[str, str, int]]) -> int:
        if self.user is not None and self.user.is_staff:
            return 0
        self._spend(asked)
        return per_minute

    def _spend(self, asked: list[tuple[str, str, int]]) -> None:
        seconds = self.services.pace.wait_for_all(asked)
        if seconds:
            raise TooFast(seconds)

    @property
    def _who(self) -> str:
        return self.address if self.user is None or self.fresh else ids.encode(self.user.id)

    @property
    def address(self) -> str:
        """The sender's network address: for pace, in memory, never stored."""
        client = self.request.client
        return client.host if client else ""

    @property
    def base_url(self) -> str:
        """The address under which this site was asked, without a slash at its end."""
        return str(self.request.base_url).rstrip("/")

    @property
    def language(self) -> str:
        """The language that ``?lang=`` asks for, "" when it names none of ours.

        It goes into addresses and headers, so that nothing else may come of it.
        """
        primary = self.request.query_params.get("lang", "").split("-")[0].lower()
        return primary if primary in LANGUAGES else ""

    def cookies(self) -> list[Cookie]:
        """The cookies that make a new guest known: one the page cannot read, and a hint."""
        if not self.fresh or _bearer(self.request):
            return []
        secure = self.base_url.startswith("https:")
        return [
            Cookie(COOKIE, value=self.fresh, max_age=_YEAR, httponly=True, secure=secure, **_LAX),
            Cookie(HINT, value="1", max_age=_YEAR, secure=secure, **_LAX),
        ]


_LAX: dict[str, Any] = {"path": "/", "samesite": "lax"}


Asks = NamedDependency[Asking]
"""How a handler asks for it."""


async def provide_asking(request: AnyRequest) -> Asking:
    """Finds out who asks. A credential that is not valid is refused, not overlooked.

    A stale cookie is the browser's, not the reader's, so it makes a passer-by instead.
    """
    services: Services = request.app.state.services
    asking = Asking(services=services, request=request)
    try:
        return await _known(asking)
    except Refused as refused:
        if refused.code != "unavailable":
            raise
        asking.outage = refused
        return asking


async def _known(asking: Asking) -> Asking:
    services, request = asking.services, asking.request
    bearer = _bearer(request)
    if bearer:
        asking.token = bearer
        asking.user = await people.by_token(services.site, services.signing_key, bearer)
        return asking
    for name in (STAFF_COOKIE, COOKIE):
        token = request.cookies.get(name, "")
        if not token:
            continue
        asking.token = token
        try:
            asking.user = await people.by_token(services.site, services.signing_key, token)
        except Refused as refusal:
            if refusal.code != "token_bad":
                raise
            asking.token = ""
            continue
        return asking
    return asking


PROVIDERS = {"asking": Provide(provide_asking)}


def own_origin(request: AnyRequest) -> bool:
    """Whether a browser says that this request comes from one of our own pages, or no browser."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _demand_origin(asking: Asking) -> None:
    request = asking.request
    if own_origin(request):
        return
    # From elsewhere a cookie proves nothing (cross-site request forgery), a bearer token does.
    origin = request.headers.get("origin", "")
    with_cookie = asking.token and not _bearer(request)
    if with_cookie or not asking.services.cross_origin_headers(origin):
        raise Refused("foreign_origin")


def _bearer(request: AnyRequest) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
