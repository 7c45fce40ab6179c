"""``belowline doctor``: looks at a site as its operator would, and says what to do.

It changes nothing but one small row, by which it finds out whether the database can store.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import resource
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec

from belowline import settings as settings_module
from belowline.actions import health
from belowline.actions.site import Site, utc_now
from belowline.app import database_url
from belowline.checks import CHECKS
from belowline.domain.errors import Refused
from belowline.publication import library
from belowline.risk.model import Unusable, shipped
from belowline.settings import BadSetting, Settings
from belowline.storage import facts
from belowline.storage.engine import Storage

LEVELS = ("well", "warning", "problem")
_MIB = 1024 * 1024
_LITTLE_ROOM = 1024 * _MIB
_NO_ROOM = 200 * _MIB
_READ_WHOLE = 1024 * _MIB  # larger SQLite files are not read from end to end
_LARGE_WAL = 1024 * _MIB
_FEW_FILES = 4096
_STUCK = 1.0  # seconds
_SLOW_WRITE = 0.1  # seconds
_OFF = timedelta(seconds=2)
_MOST_STORIES = 5
_NETWORK_DISKS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs"}


class Finding(msgspec.Struct, frozen=True):
    """What was found: one of `LEVELS`, what it is about, a sentence, and what to do about it."""

    level: str
    about: str
    sentence: str
    advice: str = ""


def examine(folder: Path) -> Iterator[Finding]:
    """Everything that can be said about the site in ``folder``, as it is found out."""
    try:
        settings = settings_module.load(folder)
    except BadSetting as error:
        yield Finding("problem", "settings", str(error), "Correct it: docs/settings.md.")
        return
    yield from _of_settings(settings, folder)
    yield from _of_stories(settings, folder)
    yield from _of_database(settings, folder)
    yield from _of_disk(settings, folder)
    yield from _of_machine()
    yield from _of_model()
    yield from _of_server(settings)


# -- settings and stories ------------------------------------------------------------------


def _of_settings(settings: Settings, folder: Path) -> Iterator[Finding]:
    path = folder / settings_module.FILE
    if path.exists():
        yield Finding("well", "settings", f"{path} can be read.")
        yield from _of_secrets(settings, path)
    else:
        yield Finding(
            "warning",
            "settings",
            f"{path} is not there; the defaults are used.",
            "Make a site with `belowline init`, or name its folder: `belowline doctor courier`.",
        )
    for name in settings_module.unknown_variables():
        yield Finding(
            "warning",
            "settings",
            f"The variable {name} is not a setting and is overlooked.",
            "Look for a slip of the pen: docs/settings.md.",
        )
    if not settings.base_url:
        yield Finding(
            "warning",
            "settings",
            "base_url is not set, so links take the address of the request.",
            "Set it to the address that readers use.",
        )
    elif settings.base_url.startswith("http://") and not _is_local(settings.base_url):
        yield Finding(
            "warning",
            "settings",
            "base_url begins with http://, so credentials travel in the clear.",
            "Put a proxy with TLS in front: docs/running.md, Behind a proxy.",
        )
    if "*" in settings.trusted_proxies:
        yield Finding(
            "warning",
            "settings",
            "trusted_proxies is *, so anybody can claim any address and write without pause.",
            "Name your proxies' addresses.",
        )


def _of_secrets(settings: Settings, path: Path) -> Iterator[Finding]:
    holds = settings.metrics_token or "@" in settings.database
    if holds and path.stat().st_mode & 0o077:
        yield Finding(
            "warning",
            "settings",
            f"{path} holds a secret, and other users of this machine can read it.",
            f"chmod 600 {path}",
        )


def _is_local(address: str) -> bool:
    host = address.partition("://")[2].partition("/")[0]
    return host.startswith(("127.", "localhost", "[::1]"))


def _of_stories(settings: Settings, folder: Path) -> Iterator[Finding]:
    stories = folder / settings.stories
    if not os.access(stories, os.R_OK | os.X_OK):
        yield Finding(
            "warning",
            "stories",
            f"The folder {stories} is not there or cannot be read.",
            "Make it, if the site has stories of its own; embedded discussions need none.",
        )
        return
    defaults = library.Defaults(language=settings.language, mode=settings.mode, zone=settings.zone)
    found, problems = library.load(stories, defaults)
    yield Finding("well", "stories", f"{len(found.stories)} stories can be read.")
    for problem in problems[:_MOST_STORIES]:
        yield Finding("warning", "stories", str(problem), "Correct the file; it is watched.")
    if len(problems) > _MOST_STORIES:
        yield Finding("warning", "stories", f"{len(problems) - _MOST_STORIES} more have mistakes.")


# -- the database --------------------------------------------------------------------------


def _of_database(settings: Settings, folder: Path) -> Iterator[Finding]:
    url = database_url(settings, folder)
    file = _sqlite_file(url)
    if file is None:
        yield from _of_open_database(url + ("&" if "?" in url else "?") + "connect_timeout=2", file)
        return
    yield from _of_mount(file)
    if not file.exists():
        yield Finding(
            "warning",
            "database",
            f"{file} is not there yet.",
            "`belowline serve` makes it at its first start.",
        )
        return
    troubles = list(_of_permissions(file))
    yield from troubles
    if not troubles:
        yield from _of_open_database(url, file)


def _sqlite_file(url: str) -> Path | None:
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:") else None


def _of_permissions(file: Path) -> Iterator[Finding]:
    owner = file.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        yield Finding(
            "warning",
            "database",
            f"{file} belongs to user {owner}, and this is root; it was not opened.",
            f"Do this as its owner, or files that root makes keep the server out: "
            f"sudo -u '#{owner}' belowline doctor",
        )
        return
    beside = [Path(f"{file}{end}") for end in ("-wal", "-shm", ".lock")]
    closed = [one for one in (file, *beside) if one.exists() and not os.access(one, os.W_OK)]
    if not os.access(file.parent, os.W_OK | os.X_OK):
        closed.append(file.parent)
    for path in closed:
        yield Finding(
            "problem",
            "database",
            f"This user may not write to {path}.",
            "Give it to the user that runs the server (chown), or run this as that user.",
        )


def _of_mount(file: Path) -> Iterator[Finding]:
    kind = _kind_of_disk(file)
    if kind in _NETWORK_DISKS:
        yield Finding(
            "problem",
            "database",
            f"{file} is to lie on a network drive ({kind}), where SQLite's locks do not hold.",
            "Move it to a local disk, or use PostgreSQL.",
        )


def _kind_of_disk(path: Path) -> str:
    """The kind of file system that ``path`` is on, "" where the system does not tell."""
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    mounts = [(point, kind) for _, point, kind, *_ in (line.split(" ") for line in lines)]
    around = {str(one) for one in (path.resolve(), *path.resolve().parents)}
    return max((len(point), kind) for point, kind in mounts if point in around)[1]


def _of_open_database(url: str, file: Path | None) -> Iterator[Finding]:
    storage = Storage(url)
    site = Site(storage=storage, rules=Settings().rules(), checks=CHECKS)
    trouble, seconds = asyncio.run(_try(site))
    if trouble == "database":
        yield Finding(
            "problem",
            "database",
            "The database does not answer.",
            "Is it running, and is the address in the setting `database` right?",
        )
    else:
        yield from _of_facts(storage, file)
    if trouble == "writer":
        yield Finding(
            "problem",
            "database",
            "The database can be read, but nothing can be stored.",
            "Look at the disk's room below and at the server's log; is another program holding "
            "the database's lock?",
        )
    if not trouble:
        yield _of_speed(seconds)
    storage.close()


async def _try(site: Site) -> tuple[str, float]:
    """What keeps the site from storing, and how long it takes once everything is open."""
    file = health.database_file(site)
    trouble = await health.trouble(site, file, stuck=_STUCK)
    began = time.perf_counter()
    return trouble or await health.trouble(site, file, stuck=_STUCK), time.perf_counter() - began


def _of_speed(seconds: float) -> Finding:
    told = f"A comment is on disk within {seconds * 1000:.0f} ms."
    if seconds < _SLOW_WRITE:
        return Finding("well", "database", told)
    return Finding("warning", "database", told, "The disk is slow; readers will notice.")


def _of_facts(storage: Storage, file: Path | None) -> Iterator[Finding]:
    whole = file is not None and file.stat().st_size <= _READ_WHOLE
    try:
        found = storage.read_now(lambda connection: facts.gather(connection, thoroughly=whole))
    except Refused as refused:
        yield Finding("problem", "database", str(refused))
        return
    yield Finding("well", "database", f"{found.release} answers.")
    yield from _of_schema(found)
    yield from _of_clock(found)
    if found.damage:
        yield Finding(
            "problem",
            "database",
            f"The file is damaged: {found.damage}",
            "Stop the server, keep a copy, and go back to the last good backup.",
        )
    if found.standby:
        yield Finding(
            "problem", "database", "It is a standby and takes no writes.", "Name the primary."
        )
    for setting in found.unsafe:
        yield Finding(
            "problem",
            "database",
            f"{setting}: comments that were acknowledged can be lost when the power goes.",
            "Set it back to its default.",
        )


def _of_schema(found: facts.Facts) -> Iterator[Finding]:
    if found.schema == "older":
        yield Finding(
            "warning",
            "database",
            "Its tables are those of an older release.",
            "Make a backup; the next `belowline serve` brings them up to date.",
        )
    elif found.schema == "newer":
        yield Finding(
            "warning",
            "database",
            "Its tables were made by a newer release than this one.",
            "Bring this program up to date.",
        )
    elif not found.staff:
        yield Finding(
            "warning",
            "staff",
            "Nobody can moderate yet.",
            'belowline staff add "Your Name" --role administrator',
        )


def _of_clock(found: facts.Facts) -> Iterator[Finding]:
    now = utc_now()
    if found.newest is not None and found.newest > now + _OFF:
        yield Finding(
            "warning",
            "clock",
            f"The newest comment is from the future ({found.newest:%Y-%m-%d %H:%M:%S} UTC).",
            "Was the clock set back? Let NTP keep it.",
        )
    if found.clock is not None and abs(found.clock - now) > _OFF:
        yield Finding(
            "warning",
            "clock",
            f"The database's clock and this machine's are {abs(found.clock - now)} apart.",
            "Let NTP keep both.",
        )
    else:
        yield Finding("well", "clock", f"It is {now:%Y-%m-%d %H:%M:%S} UTC.")


# -- the machine ---------------------------------------------------------------------------


def _of_disk(settings: Settings, folder: Path) -> Iterator[Finding]:
    file = _sqlite_file(database_url(settings, folder))
    place = file.parent if file is not None and file.parent.exists() else folder
    if not place.exists():
        return
    free = shutil.disk_usage(place).free
    told = f"{free // _MIB:,} MiB are free in {place}."
    if free < _NO_ROOM:
        yield Finding("problem", "disk", told, "Make room now: soon nothing can be stored.")
    elif free < _LITTLE_ROOM:
        yield Finding("warning", "disk", told, "Make room.")
    else:
        yield Finding("well", "disk", told)
    wal = Path(f"{file}-wal")
    if file is not None and wal.exists() and wal.stat().st_size > _LARGE_WAL:
        yield Finding(
            "warning",
            "disk",
            f"{wal} has grown to {wal.stat().st_size // _MIB:,} MiB.",
            "Another program keeps the database open for long; end it.",
        )


def _of_machine() -> Iterator[Finding]:
    most, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    told = f"A process may open {most:,} files, one for each reader with an open page."
    if most < _FEW_FILES:
        yield Finding(
            "warning",
            "limits",
            told,
            f"Raise it: `ulimit -n {min(limit, 65_536)}`, or LimitNOFILE= in a systemd unit.",
        )
    else:
        yield Finding("well", "limits", told)


def _of_model() -> Iterator[Finding]:
    try:
        model = shipped()
    except Unusable as error:
        yield Finding(
            "problem", "risk", f"Every comment waits: {error}.", "Install Belowline again."
        )
    else:
        yield Finding("well", "risk", f"The risk model {model.version} can be used.")


def _of_server(settings: Settings) -> Iterator[Finding]:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    where = f"{settings.host}:{settings.port}"
    connection = http.client.HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        said = json.loads(answer.read())
    except (OSError, http.client.HTTPException):
        yield Finding("well", "server", f"Nothing serves on {where} at the moment.")
        return
    except ValueError:
        said = {}
    finally:
        connection.close()
    if said.get("status") == "ok":
        yield Finding("well", "server", f"It serves on {where} and is ready.")
    elif "reason" in said:
        yield Finding(
            "problem",
            "server",
            f"It serves on {where} and is not ready: {said['reason']}.",
            "What the word means: docs/running.md, Watching it.",
        )
    else:
        yield Finding(
            "problem",
            "server",
            f"Another program serves on {where}.",
            "End it, or choose another `port`.",
        )
