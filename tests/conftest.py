"""What every test may ask for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from tests.cast import lay_schema, open_storage
from tests.support.chromium import chromium_path as find_chromium
from tests.support.chromium import running_browser
from tests.support.postgres import PostgresServer, postgres_server

# How long an example takes says more about the machine than about the code.
settings.register_profile(
    "belowline", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("belowline")
# With the frames' variables, as it draws them by itself, one logged exception takes a second.
_plainly = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(
    wrapper_class=structlog.make_filtering_bound_logger("warning"),
    processors=[structlog.processors.add_log_level, _plainly],
)


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """Lets a test set up the log and takes that back."""
    root, configured = logging.getLogger(), structlog.get_config()
    handlers, level, hook = root.handlers[:], root.level, threading.excepthook
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    threading.excepthook = hook
    structlog.configure(**configured)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL server."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The address of a fresh, empty PostgreSQL database."""
    with postgres.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'belowline.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, empty database of each kind that Belowline runs on."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture(scope="session")
def postgres_model(postgres: PostgresServer) -> str:
    """The name of a PostgreSQL database with this release's schema and nothing in it, to copy."""
    name = postgres.new_database()
    open_storage(postgres.url(name)).close()
    return name


@pytest.fixture
def sqlite_ready_url(sqlite_url: str, tmp_path: Path) -> str:
    """The address of a SQLite database with this release's schema and nothing in it."""
    lay_schema(tmp_path / "belowline.sqlite")
    return sqlite_url


@pytest.fixture
def postgres_ready_url(postgres: PostgresServer, postgres_model: str) -> Iterator[str]:
    """The same on PostgreSQL."""
    with postgres.fresh_database(template=postgres_model) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database of each kind, with this release's schema.

    They are copies: the way through all migrations takes longer than most tests do.
    """
    fixture = {"sqlite": "sqlite_ready_url", "postgresql": "postgres_ready_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The Chromium that the browser tests drive."""
    return find_chromium()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium. Make a context of it for each reader: ``browser.new_context()``.

    One for each module rather than for the whole run: see `running_browser`.
    """
    with running_browser() as running:
        yield running
