"""What every request handler works with. Made once, in :mod:`belowline.app`."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path

from belowline.actions.alerts import Ways
from belowline.actions.auditing import Audits
from belowline.actions.rehearsal import Rehearsals
from belowline.actions.site import Site
from belowline.domain import ids
from belowline.domain.events import RECONNECTED, story_stream, tally_of
from belowline.domain.users import User
from belowline.live.hub import Hub
from belowline.live.presence import Presence
from belowline.live.relay import Relay
from belowline.notifiers.mail import MailServer
from belowline.notifiers.push import Sender
from belowline.publication.library import Library
from belowline.render import LANGUAGES, PageContext, translations
from belowline.render.present import Viewer
from belowline.render.words import waiting_sentence
from belowline.settings import Settings
from belowline.signin import stamps
from belowline.web.assets import Assets
from belowline.web.board import Board
from belowline.web.cache import Cache
from belowline.web.hot import Hot
from belowline.web.newcomers import Newcomers
from belowline.web.pace import Pace
from belowline.web.readiness import Readiness

_SECTIONS = 6
_MOST_TALLIES = 100_000


class Services:
    """The parts of a running site. ``relay`` and ``presence`` are there once it has started."""

    relay: Relay
    presence: Presence

    def __init__(
        self,
        *,
        site: Site,
        settings: Settings,
        folder: Path,
        signing_key: str,
        push_key: str,
        library: Library,
        board: Board | None = None,
    ) -> None:
        self.site = site
        self.settings = settings
        self.folder = folder
        self.signing_key = signing_key
        self.push_key = push_key
        self.library = library
        self.hub = Hub()
        self.assets = Assets(settings)
        self.cache = Cache()
        self.hot = Hot()
        self.pace = Pace(key=signing_key)
        self.newcomers = Newcomers()
        self.readiness = Readiness(site)
        self.board = board or Board()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.rehearsals = Rehearsals()
        self.audits = Audits()
        self._tallies: dict[int, int] = {}
        self._all_tallied = 0
        self._tallied = itertools.count(1)
        site.storage.listen(self._heard)  # last: another thread may call it at once

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock."""
        return self.site.now

    def page(
        self,
        language: str,
        *,
        path: str = "/",
        base_url: str = "",
        explicit: bool = False,
        viewer: Viewer | None = None,
    ) -> PageContext:
        """The surroundings of a page in ``language``."""
        settings = self.settings
        extra = {} if viewer is None else {"viewer": viewer.view()}
        return PageContext(
            language=language,
            explicit_language=explicit,
            site_name=settings.site_name,
            tagline=settings.tagline,
            base_url=settings.base_url.rstrip("/") or base_url,
            path=path,
            now=self.now(),
            zone=settings.zone,
            asset=self.assets.url,
            sections=self._sections(),
            stamp=stamps.issue(self.signing_key, self.now()),
            unkind=self.site.judge.unkind,
            stylesheets=(self.assets.url("theme.css"),) if self.assets.has("theme.css") else (),
            **extra,
        )

    def ways(self, address: str) -> Ways:
        """How alerts leave; ``address`` is where the site is unless a setting says it."""
        settings = self.settings
        server = None
        if settings.smtp_host:
            server = MailServer(
                host=settings.smtp_host,
                port=settings.smtp_port,
                user=settings.smtp_user,
                password=settings.smtp_password,
                security=settings.smtp_security,
                sender=settings.mail_from,
            )
        address = (settings.base_url or address).rstrip("/")
        return Ways(
            site_name=settings.site_name,
            address=address,
            language=self.language(""),
            zone=settings.zone,
            key=self.signing_key,
            mail=server,
            push=Sender(key=self.push_key, contact=_contact(settings.mail_from, address)),
            allowed=settings.outgoing_hosts,
        )

    def language(self, wanted: str, story: str = "") -> str:
        """The language of a page: the one asked for, the story's, or the site's."""
        for language in (wanted, story, self.settings.language):
            primary = language.split("-")[0].lower()
            if primary in LANGUAGES:
                return primary
        return LANGUAGES[0]

    def viewer(self, user: User | None) -> Viewer:
        """Somebody who looks, with nothing personal yet."""
        rules = self.site.rules
        return Viewer(
            now=self.now(), user=user, edit_window=rules.edit_window, desk=rules.desk_name
        )

    def is_unpublished(self, key: str) -> bool:
        """Whether there is such a story in the folder whose date has not come."""
        return self.library.story(key, self.now()) is None and any(
            story.key == key for story in self.library.stories
        )

    def cross_origin_headers(self, origin: str) -> list[tuple[bytes, bytes]]:
        """What lets a page of ``origin`` read an answer; nothing when it may not embed.

        Never with credentials: cookies stay with the site's own pages.
        """
        allowed = self.settings.embed_origins
        if not origin or not ("*" in allowed or origin in allowed):
            return []
        value = b"*" if "*" in allowed else origin.encode("latin-1", "replace")
        return [(b"access-control-allow-origin", value)]

    def embedding_headers(self, origin: str) -> list[tuple[bytes, bytes]]:
        """`cross_origin_headers`, so that a cache may keep the answer for other origins too: what
        every page may read says so to whoever asks, what some may read varies with who asks."""
        if "*" in self.settings.embed_origins:
            return self.cross_origin_headers("*")
        varies = [(b"vary", b"Origin")] if self.settings.embed_origins else []
        return [*self.cross_origin_headers(origin), *varies]

    def tally(self, story: int) -> int:
        """A number that changes with a story's recommendations, which its version does not."""
        return self._tallies.get(story, self._all_tallied)

    def _heard(self, names: frozenset[str]) -> None:
        """Has the next read see what was written, here or by another process; in any thread."""
        found = [tally for tally in map(tally_of, names) if tally]
        if len(self._tallies) > _MOST_TALLIES or RECONNECTED in names:
            self._all_tallied = next(self._tallied)
            self._tallies = {}
        for story, _, _ in found:
            self._tallies[story] = next(self._tallied)
        self.hot.heard([*names, *(story_stream(story) for story, _, _ in found)])
        if found and self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._tell_tallies, found)

    def _tell_tallies(self, found: list[tuple[int, int, int]]) -> None:
        """Tells open pages comments' new numbers of recommendations."""
        for story, comment, recommendations in found:
            self.presence.tally(story_stream(story), ids.encode(comment), recommendations)

    def message(
        self,
        status: str,
        language: str,
        waits: tuple[int, int | None, datetime | None] | None = None,
    ) -> str:
        """What the author of a comment is told when it is stored."""
        sentences = translations(language)
        thanks = sentences.ugettext("Thank you! Your comment has been received.")
        if status == "published":
            return thanks
        held = sentences.ugettext("Your comment will appear once approved by a moderator.")
        return f"{held} {waiting_sentence(waits, language)}".strip() if waits else held

    def _sections(self) -> tuple[tuple[str, str], ...]:
        """The tags with the most stories, by name."""
        listed = self.library.listed(self.now())
        used = Counter(tag for story in listed for tag in story.tags)
        most = sorted(used.most_common(_SECTIONS), key=lambda item: item[0].name)
        return tuple((tag.name, f"/tags/{tag.slug}") for tag, _ in most)


def _contact(mail_from: str, address: str) -> str:
    """Where push services complain: the address of the site's mail, or of the site itself."""
    mail = parseaddr(mail_from)[1]
    if mail:
        return f"mailto:{mail}"
    return address if address.startswith("https://") else ""
