"""Checks that others make: Akismet, and a webhook of the publisher's own.

They are asked for what the checks here have let through, before and outside the transaction, all
at once and for a short time. One that fails is itself a finding that holds the comment.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import Enum
from urllib.parse import urlencode, urljoin

import msgspec
import structlog

from belowline.domain import ids
from belowline.domain.decisions import Finding
from belowline.domain.marking import _
from belowline.domain.stories import Story
from belowline.domain.users import User
from belowline.notifiers import outward, webhook

VERSION = "1"
AKISMET = "https://rest.akismet.com/1.1/comment-check"
_AT_ONCE = 16
_LONGEST = 200
_THANKS = b"Thanks for making the web a better place"
_SERVER_ERROR = 500
_log = structlog.get_logger(__name__)

_WEIGHTS = {
    "akismet_spam": "hold",
    "webhook_hold": "hold",
    "webhook_note": "note",
    "outside_failed": "hold",
}
SENTENCES = {
    "akismet_spam": _("Akismet takes it for spam."),
    "webhook_hold": _("The publisher's own check asks to hold it."),
    "webhook_note": _("The publisher's own check has noted something."),
    "outside_failed": _("An outside check did not answer as it should."),
}
"""What was found, by its code."""


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asked: Akismet where there is a key, a webhook where there is an address.

    ``seconds`` is how long they have; ``allowed`` are hosts inside the own network that may be
    asked; ``blog`` is the site's own address.
    """

    akismet_key: str = ""
    akismet_url: str = AKISMET
    blog: str = ""
    webhook_url: str = ""
    webhook_secret: str = ""
    seconds: float = 2.0
    allowed: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anybody is to be asked."""
        return bool(self.akismet_key or self.webhook_url)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A new or edited comment, as it is told to others. ``key`` is the same when sent again."""

    text: str
    story: Story
    author: User
    parent: int | None
    key: str
    edit: bool
    codes: tuple[str, ...]
    now: datetime


class _Verdict(msgspec.Struct):
    """What a webhook answers; ``verdict`` is ok, note or hold."""

    verdict: str
    reason: str = ""
    score: float | None = None


class Told(Enum):
    """What came of telling: it was taken, it was refused, or nobody answered."""

    TAKEN = "taken"
    REFUSED = "refused"
    NOT = "not"


class Outside:
    """Asks the services, in threads of their own."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="outside")

    @property
    def asks_akismet(self) -> bool:
        """Whether Akismet is one of them."""
        return bool(self._services.akismet_key)

    def tell_akismet(self, call: str, about: Question) -> Told:
        """Tells Akismet that it was wrong, by ``submit-spam`` or ``submit-ham``. Blocks."""
        try:
            answer = self._call(urljoin(self._services.akismet_url, call), about)
        except (OSError, ValueError):
            return Told.NOT
        if answer.status >= _SERVER_ERROR:
            return Told.NOT
        return Told.TAKEN if answer.status == 200 and _THANKS in answer.body else Told.REFUSED

    async def ask(self, question: Question) -> list[Finding]:
        """All findings of all services; whatever goes wrong is one too."""
        asked: list[tuple[str, Callable[[Question], list[Finding]]]] = []
        if self._services.akismet_key:
            asked.append(("akismet", self._akismet))
        if self._services.webhook_url:
            asked.append(("webhook", self._webhook))
        answers = await asyncio.gather(
            *(self._within_time(name, ask, question) for name, ask in asked)
        )
        return [finding for findings in answers for finding in findings]

    async def _within_time(
        self, name: str, ask: Callable[[Question], list[Finding]], question: Question
    ) -> list[Finding]:
        began = time.monotonic()
        loop = asyncio.get_running_loop()
        try:
            running = loop.run_in_executor(self._threads, ask, question)
            findings = await asyncio.wait_for(running, self._services.seconds)
        except Exception as error:
            _log.warning("outside.failed", check=name, error=type(error).__name__)
            findings = [_found("outside_failed", f"{name}: {type(error).__name__}")]
        cost = round((time.monotonic() - began) * 1_000_000)
        return [msgspec.structs.replace(finding, cost=cost) for finding in findings]

    def _akismet(self, question: Question) -> list[Finding]:
        answer = self._call(self._services.akismet_url, question)
        said = answer.body.strip()
        if answer.status != 200 or said not in (b"true", b"false"):
            raise ValueError("neither true nor false")
        if said == b"false":
            return []
        return [_found("akismet_spam", answer.headers.get("x-akismet-pro-tip", ""))]

    def _call(self, url: str, question: Question) -> outward.Answered:
        """Raises OSError or ValueError where nothing usable comes back."""
        services = self._services
        fields = {
            "api_key": services.akismet_key,
            "blog": services.blog,
            "user_ip": question.author.address,
            "permalink": urljoin(services.blog, question.story.url),
            "comment_type": "reply" if question.parent else "comment",
            "comment_author": question.author.name,
            "comment_content": question.text,
            "comment_date_gmt": question.now.isoformat(),
            "blog_lang": question.story.language,
            "blog_charset": "UTF-8",
        }
        return outward.post(
            url,
            urlencode(fields).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
            seconds=services.seconds,
            allowed=services.allowed,
        )

    def _webhook(self, question: Question) -> list[Finding]:
        services, story, author = self._services, question.story, question.author
        body = {
            "event": "comment.check",
            "text": question.text,
            "edit": question.edit,
            "parent": ids.encode(question.parent) if question.parent else None,
            "story": {"key": story.key, "title": story.title, "url": story.url},
            "language": story.language,
            "author": {"id": ids.encode(author.id), "name": author.name},
            "findings": question.codes,
        }
        answer = webhook.post(
            services.webhook_url,
            msgspec.json.encode(body),
            secret=services.webhook_secret,
            delivery=question.key,
            now=question.now,
            allowed=services.allowed,
            seconds=services.seconds,
        )
        said = msgspec.json.decode(answer, type=_Verdict)
        if said.verdict not in ("ok", "note", "hold"):
            raise ValueError("no verdict")
        if said.verdict == "ok":
            return []
        return [_found(f"webhook_{said.verdict}", said.reason, _score(said.score))]


def codes(findings: Sequence[Finding]) -> tuple[str, ...]:
    """What was found already, each code once."""
    return tuple(dict.fromkeys(finding.code for finding in findings))


def _score(said: float | None) -> float | None:
    if said is not None and not 0 <= said <= 1:
        raise ValueError("a score is from 0 to 1")
    return said


def _found(code: str, evidence: str = "", score: float | None = None) -> Finding:
    return Finding(
        check="outside",
        version=VERSION,
        code=code,
        weight=_WEIGHTS[code],
        sentence=SENTENCES[code],
        evidence=evidence[:_LONGEST],
        score=score,
    )
