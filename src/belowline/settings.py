"""Every setting: name, type, default and one line of help.

They come from ``belowline.toml``, then ``BELOWLINE_…`` environment variables, then flags.
docs/settings.md has a heading for each; a test compares.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import time, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from belowline.domain.rules import Rules
from belowline.domain.stories import MODES, MOST_DAYS, SLOWEST
from belowline.logs import FORMS

FILE = "belowline.toml"
SMTP_SECURITY = ("starttls", "tls", "none")
LOG_LEVELS = ("debug", "info", "warning", "error")
_PREFIX = "BELOWLINE_"
_SHORTEST_SECRET = 16
_LONGEST_CHECK = 10.0  # seconds that an outside check may have


class BadSetting(ValueError):
    """A setting that cannot be used; the message is the one line that says which and why."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the publisher has set."""

    site_name: str = "Belowline"
    tagline: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    base_url: str = ""
    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    stories: str = "stories"
    accent: str = ""
    serif_font: str = ""
    sans_font: str = ""
    mode: str = "reviewed"
    slow_seconds: int = 0
    close_days: int = 0
    max_characters: int = 10_000
    edit_minutes: int = 15
    threads_per_page: int = 20
    second_looks: int = 2
    breaker: bool = True
    banned_words: tuple[str, ...] = ()
    suspect_words: tuple[str, ...] = ()
    max_links: int = 3
    risk_note: float = 0.3
    risk_hold: float = 0.6
    risk_hold_in: tuple[str, ...] = ()
    desk_hours: str = ""
    desk_name: str = ""
    require_second_factor: bool = False
    posts_per_minute: int = 12
    posts_per_minute_address: int = 60
    posts_per_minute_network: int = 240
    posts_per_minute_story: int = 0
    proof_of_work: bool = True
    akismet_key: str = ""
    akismet_url: str = ""
    check_webhook: str = ""
    check_webhook_secret: str = ""
    check_seconds: float = 2.0
    outgoing_hosts: tuple[str, ...] = ()
    campaign_copies: int = 3
    campaign_days: int = 14
    embed_origins: tuple[str, ...] = ("*",)
    smallest_crowd: int = 1
    public_numbers: bool = False
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_security: str = "starttls"
    mail_from: str = ""
    keep_events_days: int = 7
    request_seconds: int = 30
    trusted_proxies: str = "127.0.0.1"
    drain_seconds: int = 0
    log_level: str = "warning"
    log_format: str = "auto"
    access_log: bool = False
    metrics_token: str = ""

    @property
    def zone(self) -> tzinfo:
        """The time zone in which dates are written."""
        return ZoneInfo(self.time_zone)

    def rules(self) -> Rules:
        """The part that rules ask for."""
        return Rules(
            default_mode=self.mode,
            slow_seconds=self.slow_seconds,
            close_days=self.close_days,
            max_characters=self.max_characters,
            edit_window=timedelta(minutes=self.edit_minutes),
            banned_words=self.banned_words,
            suspect_words=self.suspect_words,
            max_links=self.max_links,
            risk_note=self.risk_note,
            risk_hold=self.risk_hold,
            risk_hold_in=dict(_threshold(one) for one in self.risk_hold_in),
            posts_per_minute=self.posts_per_minute,
            proof_of_work=self.proof_of_work,
            campaign_copies=self.campaign_copies,
            campaign_memory=timedelta(days=self.campaign_days),
            threads_per_page=self.threads_per_page,
            second_looks=self.second_looks,
            desk_hours=_hours(self.desk_hours),
            zone=self.zone,
            base_url=self.base_url.rstrip("/"),
            require_second_factor=self.require_second_factor,
            desk_name=" ".join(self.desk_name.split()),
        )


def _hours(text: str) -> tuple[time, time] | None:
    """``07:00-22:00`` as two times, None when nothing is set. Raises BadSetting."""
    if not text:
        return None
    try:
        opens, closes = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise BadSetting("desk_hours must be two times such as 07:00-22:00") from error
    return opens, closes


def load(folder: Path, flags: Mapping[str, Any] | None = None) -> Settings:
    """The settings of the site in ``folder``. Raises BadSetting."""
    values = _from_file(folder / FILE) | _from_environment() | dict(flags or {})
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise BadSetting(f"settings: {error}") from error
    _check(settings)
    return settings


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path.name} cannot be read: {error}") from error


def unknown_variables() -> list[str]:
    """Variables of the environment that look like settings and are none."""
    known = {_PREFIX + field.name.upper() for field in msgspec.structs.fields(Settings)}
    return sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)


def _from_environment() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        value = os.environ.get(_PREFIX + field.name.upper())
        if value is not None:
            is_list = isinstance(field.default, tuple)
            found[field.name] = [part.strip() for part in value.split(",")] if is_list else value
    return found


def _threshold(said: str) -> tuple[str, float]:
    """``de=0.7`` as language and threshold."""
    language, _, value = said.partition("=")
    try:
        return language.strip(), float(value)
    except ValueError:
        raise BadSetting(f"risk_hold_in has {said!r}; it takes entries like 'de=0.7'") from None


def _check(settings: Settings) -> None:
    for name in ("risk_note", "risk_hold"):
        if not 0 <= getattr(settings, name) <= 1:
            raise BadSetting(f"{name} must be between 0 and 1")
    for one in settings.risk_hold_in:
        _threshold(one)
    if settings.mode not in MODES:
        raise BadSetting(f"mode is {settings.mode!r}; it can be {', '.join(MODES)}")
    if settings.log_level not in LOG_LEVELS:
        raise BadSetting(f"log_level is {settings.log_level!r}; it can be {', '.join(LOG_LEVELS)}")
    if settings.log_format not in FORMS:
        raise BadSetting(f"log_format is {settings.log_format!r}; it can be {', '.join(FORMS)}")
    if settings.metrics_token and not re.fullmatch(r"[!-~]{8,}", settings.metrics_token):
        raise BadSetting("metrics_token must have at least 8 characters, ASCII without spaces")
    if not 0 <= settings.second_looks <= 100:
        raise BadSetting("second_looks must be a share from 0 to 100 percent")
    if settings.smtp_security not in SMTP_SECURITY:
        choices = ", ".join(SMTP_SECURITY)
        raise BadSetting(f"smtp_security is {settings.smtp_security!r}; it can be {choices}")
    if settings.smtp_host and "@" not in settings.mail_from:
        raise BadSetting("mail_from must be an address of mail when smtp_host is set")
    if settings.base_url and not re.match(r"https?://[^/]+", settings.base_url):
        raise BadSetting("base_url must begin with http:// or https://")
    for name in ("check_webhook", "akismet_url"):
        if getattr(settings, name) and not re.match(r"https?://[^/]+", getattr(settings, name)):
            raise BadSetting(f"{name} must begin with http:// or https://")
    if settings.check_webhook and len(settings.check_webhook_secret) < _SHORTEST_SECRET:
        raise BadSetting("check_webhook_secret must have at least 16 characters")
    if settings.akismet_key and not settings.base_url:
        raise BadSetting("base_url must be set when akismet_key is: Akismet asks for it")
    if not 0 < settings.check_seconds <= _LONGEST_CHECK:
        raise BadSetting("check_seconds must be more than 0 and at most 10")
    if settings.accent and not re.fullmatch(r"#[0-9a-fA-F]{6}", settings.accent):
        raise BadSetting("accent must be a colour such as #8a1c1c")
    _hours(settings.desk_hours)
    if len(settings.desk_name) > 50:
        raise BadSetting("desk_name has at most 50 characters")
    for name in ("serif_font", "sans_font"):
        if re.search(r"[;{}<>\\]", getattr(settings, name)):
            raise BadSetting(f"{name} must be a list of font families")
    for name, least in (
        ("max_characters", 1),
        ("threads_per_page", 1),
        ("port", 0),
        ("campaign_copies", 2),
        ("campaign_days", 0),
        ("workers", 1),
        ("drain_seconds", 0),
        ("request_seconds", 1),
        ("slow_seconds", 0),
        ("close_days", 0),
        ("posts_per_minute_address", 0),
        ("posts_per_minute_network", 0),
        ("posts_per_minute_story", 0),
    ):
        if getattr(settings, name) < least:
            raise BadSetting(f"{name} must be at least {least}")
    for name, most in (("slow_seconds", SLOWEST), ("close_days", MOST_DAYS)):
        if getattr(settings, name) > most:
            raise BadSetting(f"{name} must be at most {most}")
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSetting(f"time_zone {settings.time_zone!r} is not known here") from error
