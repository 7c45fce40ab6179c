"""Builds the application from settings: the only wiring."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import structlog

from belowline.actions import (
    alerts,
    breaking,
    browsers,
    feedback,
    keeping,
    learning,
    letters,
    looking,
    people,
    policies,
)
from belowline.actions import stories as about_stories
from belowline.actions.outside import AKISMET, Outside
from belowline.actions.outside import Services as OutsideServices
from belowline.actions.site import Site
from belowline.checks import CHECKS
from belowline.domain import spam
from belowline.domain.comments import Comment
from belowline.domain.errors import Refused
from belowline.domain.events import story_stream
from belowline.live.nodes import Nodes
from belowline.live.presence import Presence
from belowline.live.relay import Relay
from belowline.publication import library, watch
from belowline.publication.frontmatter import Problem
from belowline.render import present, render_comment, story_path
from belowline.settings import Settings
from belowline.storage.engine import Storage
from belowline.storage.migrate import migrate
from belowline.web.board import Board
from belowline.web.hot import EVERYTHING
from belowline.web.metrics import numbers_of
from belowline.web.routes import build
from belowline.web.services import Services

_TIDY_EVERY = 3600.0
_CLOSE_EVERY = 10.0
_ALERT_EVERY = 30.0
_BREAK_EVERY = 5.0
_CHOOSE_EVERY = 300.0
_PIN_EVERY = 1.0
_TRY_AGAIN = 10.0  # seconds after which what the database refused is tried again
_PATIENCE = 10.0  # seconds that a request waits for the database
_log = structlog.get_logger(__name__)


def database_url(settings: Settings, folder: Path) -> str:
    """The database named in the settings, or the SQLite file in the site's folder."""
    named = settings.database
    if not named:
        return f"sqlite:///{folder.resolve() / 'data' / 'belowline.sqlite'}"
    for prefix in ("postgresql://", "postgres://"):
        if named.startswith(prefix):
            return "postgresql+psycopg://" + named.removeprefix(prefix)
    return named


def open_site(settings: Settings, folder: Path, patience: float | None = None) -> Site:
    """The site's storage, brought to this release's schema, with its rules and checks.

    ``patience`` is for how long a request waits for it. Raises OSError in one line when the
    database cannot be used.
    """
    storage = Storage(database_url(settings, folder), patience)
    migrate(storage)
    services = _outside(settings)
    outside = Outside(services) if services.any else None
    site = Site(storage=storage, rules=settings.rules(), checks=CHECKS, outside=outside)
    storage.read_now(lambda connection: site.in_force.now(connection, site.rules))
    return site


def _outside(settings: Settings) -> OutsideServices:
    return OutsideServices(
        akismet_key=settings.akismet_key,
        akismet_url=settings.akismet_url or AKISMET,
        blog=settings.base_url,
        webhook_url=settings.check_webhook,
        webhook_secret=settings.check_webhook_secret,
        seconds=settings.check_seconds,
        allowed=settings.outgoing_hosts,
    )


class Application:
    """A running site as an ASGI application with a lifespan.

    ``address`` is where it is served, with a slash at its end, once that is known.
    """

    address = ""

    def __init__(self, settings: Settings, folder: Path, board: Board | None = None) -> None:
        self.settings = settings
        self.folder = folder
        self.site = msgspec.structs.replace(
            open_site(settings, folder, _PATIENCE),
            readers=self._readers,
            story_text=self._story_text,
        )
        defaults = library.Defaults(
            language=settings.language, mode=settings.mode, zone=settings.zone
        )
        self.site.judge.prepare()
        spam.prepare()
        found, problems = library.load(folder / settings.stories, defaults)
        _tell(problems)
        self.services = Services(
            site=self.site,
            settings=settings,
            folder=folder,
            signing_key=self.site.storage.write_now(people.signing_key),
            push_key=self.site.storage.write_now(browsers.key),
            library=found,
            board=board,
        )
        self.asgi = build(self.services)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything that happens beside answering requests."""
        services = self.services
        services.relay = Relay(self.site.storage, services.hub, self._item)
        services.presence = Presence(services.hub, time.monotonic, self.settings.smallest_crowd)
        services.loop = asyncio.get_running_loop()
        published = await self._published(services.library, None)
        tasks = [asyncio.create_task(task) for task in self._beside(published)]
        try:
            yield
        finally:
            services.hub.close()
            await services.rehearsals.close()
            await services.audits.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.site.storage.close()

    def _readers(self, story: int) -> int:
        return self.services.hub.size(story_stream(story))

    def _story_text(self, key: str) -> str:
        found = self.services.library.story(key, self.site.now())
        return library.text(found) if found is not None else ""

    def _beside(self, published: bool) -> list[Coroutine[Any, Any, None]]:
        services = self.services
        beside = [
            lasting(services.relay.run, "relay.failed"),
            lasting(services.presence.run, "presence.failed"),
            lasting(services.hub.keep_alive, "keep_alive.failed"),
            lasting(partial(self._watch, published), "watching.failed"),
            again(self._tidy, _TIDY_EVERY, "tidying.failed"),
            again(self._close, _CLOSE_EVERY, "closing.failed"),
            again(self._alert, _ALERT_EVERY, "alerts.failed"),
            again(self._choose, _CHOOSE_EVERY, "looking.failed", first=_CHOOSE_EVERY),
        ]
        if self.settings.akismet_key:
            beside.append(again(self._feed_back, _ALERT_EVERY, "feedback.failed"))
        if self.settings.breaker:
            beside.append(again(self._break, _BREAK_EVERY, "breaker.failed", first=_BREAK_EVERY))
        beside.append(learning.keep_up(self.site))
        if not self.site.storage.is_sqlite:
            nodes = Nodes(self.site.storage, services.presence, services.pace)
            beside.append(lasting(nodes.run, "nodes.failed"))
        if services.board.is_shared:
            services.board.pin(numbers_of(services))
            beside.append(lasting(self._pin, "pinning.failed"))
        return beside

    def _item(self, comment: Comment, story: str, parent_name: str, language: str) -> str:
        view = present.comment(comment, story, self.services.viewer(None), parent_name=parent_name)
        return render_comment(view, self.services.page(language))

    async def _watch(self, published: bool) -> None:
        folder = self.folder / self.settings.stories
        if not published:
            await self._keep_publishing(self.services.library, None)
        async for newer, problems in watch.watch(folder, self.services.library):
            _tell(problems)
            before, self.services.library = self.services.library, newer
            self.services.hot.heard([EVERYTHING])
            await self._keep_publishing(newer, before)

    async def _keep_publishing(
        self, newer: library.Library, before: library.Library | None
    ) -> None:
        while not await self._published(newer, before):
            await asyncio.sleep(_TRY_AGAIN)

    async def _published(self, newer: library.Library, before: library.Library | None) -> bool:
        """Whether the database took it; while it cannot, everything can still be read."""
        try:
            await self._publish(newer, before)
        except Refused as refused:
            _log.warning("stories.not_published", code=refused.code)
            return False
        return True

    async def _publish(self, newer: library.Library, before: library.Library | None) -> None:
        """Tells the discussion of the stories; a mode is set when the file's own has changed."""
        known = {story.key: story.mode for story in before.stories} if before else {}
        wanted = [
            about_stories.Wanted(
                key=story.key,
                title=story.headline,
                url=story_path(story.key),
                mode=story.mode,
                language=story.language,
                created_at=story.date,
                own_mode=story.own_mode,
            )
            for story in newer.stories
        ]
        if wanted:
            await about_stories.publish(self.site, wanted)
        for story in newer.stories:
            if known.get(story.key, story.mode) != story.mode:
                await about_stories.set_mode(self.site, story.key, story.mode)

    async def _tidy(self) -> None:
        await keeping.forget_events(self.site, timedelta(days=self.settings.keep_events_days))
        await keeping.forget_prints(self.site)

    async def _close(self) -> None:
        """Closes discussions whose time is up, and learns what other processes have changed."""
        await policies.refresh(self.site)
        await about_stories.close_due(self.site)

    async def _break(self) -> None:
        """Tightens what breaks with its own baseline, and loosens it again."""
        await breaking.look(self.site)

    async def _choose(self) -> None:
        """Chooses what somebody should look at once more."""
        await looking.choose(self.site)

    async def _alert(self) -> None:
        """Tells staff when the queue needs somebody, and notifiers what became of their notice."""
        await alerts.check(self.site, self.settings.zone)
        await alerts.deliver(self.site, self._ways())
        await letters.deliver(self.site, self._ways())

    async def _feed_back(self) -> None:
        """Tells Akismet where people have found it wrong."""
        await feedback.deliver(self.site)

    def _ways(self) -> alerts.Ways:
        return self.services.ways(self.address)

    async def _pin(self) -> None:
        while True:
            await asyncio.sleep(_PIN_EVERY)
            self.services.board.pin(numbers_of(self.services))


async def again(
    work: Callable[[], Awaitable[None]], every: float, failed: str, *, first: float = 0.0
) -> None:
    """Does ``work`` after ``first`` seconds and ``every`` so many; what goes wrong is noted as
    ``failed``, and it is tried again the next time."""
    await asyncio.sleep(first)
    while True:
        try:
            await work()
        except Refused as refused:
            _log.warning(failed, code=refused.code)
        except Exception as error:  # nobody would hear that it has ended
            _log.error(failed, exc_info=error)
        await asyncio.sleep(every)


async def lasting(run: Callable[[], Awaitable[None]], failed: str) -> None:
    """Does what never ends by itself; if it fails, that is noted, and it begins anew."""
    await again(run, _TRY_AGAIN, failed)


def _tell(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        _log.warning("stories.problem", problem=str(problem))
