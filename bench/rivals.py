"""The rivals: fetched from the registries they are offered by, started, filled and stopped.

They live in a folder of their own outside the repository, ``~/.cache/belowline-bench`` or what
``BENCH_CACHE`` names, and are kept there for the next run. What cannot be had raises Missing.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

from bench.driver import request
from bench.support import Child, Missing, Session, cpu_seconds, free_port, wait_until

CACHE = Path(os.environ.get("BENCH_CACHE", "~/.cache/belowline-bench")).expanduser()
WORKERS = 4
_ISSO = ("isso==0.14.0", "gunicorn==27.0.1")
_WALINE = ("@waline/vercel@1.39.3", "@waline/client@3.15.2")
_JSON = {"Content-Type": "application/json"}
_PATIENCE = 60

_ISSO_SETTINGS = """
[general]
dbpath = {folder}/comments.db
host = http://127.0.0.1:{page}
[moderation]
enabled = false
[guard]
enabled = false
"""
# The columns that Waline reads and writes; its package does not bring a schema.
_WALINE_TABLES = """
create table wl_Comment (
    id integer primary key autoincrement, user_id integer, comment text,
    insertedAt datetime default (datetime('now', 'localtime')), ip text, link text, mail text,
    nick text, rid integer, pid integer, sticky numeric, status text not null, "like" integer,
    ua text, url text, createdAt datetime default (datetime('now', 'localtime')),
    updatedAt datetime default (datetime('now', 'localtime')));
create table wl_Counter (
    id integer primary key autoincrement, time integer, url text,
    reaction0 integer, reaction1 integer, reaction2 integer, reaction3 integer, reaction4 integer,
    reaction5 integer, reaction6 integer, reaction7 integer, reaction8 integer);
create table wl_Users (
    id integer primary key autoincrement, display_name text, email text, password text, type text,
    label text, avatar text, url text);
"""
# Waline asks a service in the internet for its ways of signing in before each answer. Here it is
# told at once that there are none, which saves it all of that time.
_WALINE_OFFLINE = "globalThis.fetch = async () => new Response('{\"services\": []}');\n"


@dataclass(frozen=True)
class Said:
    """A comment to fill a rival with; ``parent`` is the number of an earlier one of them."""

    text: str
    parent: int | None = None


@dataclass(frozen=True)
class Rival:
    """A rival that runs. ``read`` gives the request for a story's comments as its client asks;
    ``post`` the one that adds a comment; ``script`` is its client's folder."""

    name: str
    port: int
    pid: int
    read: Callable[[str], bytes]
    post: Callable[[str, str, int | None], bytes]
    script: Path | None = None

    def cpu_seconds(self) -> float:
        """Of all its processes."""
        return cpu_seconds(self.pid)

    def fill(self, story: str, comments: Sequence[Said]) -> None:
        """Posts ``comments`` one by one. Raises RuntimeError when one is not taken."""
        numbers: list[int] = []
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as client:
            for said in comments:
                parent = None if said.parent is None else numbers[said.parent]
                numbers.append(self._add(client, self.post(story, said.text, parent)))

    def _add(self, client: httpx.Client, raw: bytes) -> int:
        head, _, body = raw.partition(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode()
        client.cookies.clear()  # Isso gives one for each comment
        answer = client.post(path, content=body, headers=_JSON, timeout=_PATIENCE)
        found = answer.json() if answer.is_success else {}
        number = found.get("id") or found.get("data", {}).get("objectId")
        if not number:
            raise RuntimeError(f"{self.name} refused: {answer.status_code} {answer.text[:200]}")
        return int(number)


@contextmanager
def rivals(session: Session, notes: list[str], page: int = 0) -> Iterator[list[Rival]]:
    """Those that can be had here; what is missing is said in ``notes``.

    ``page`` is the port of the page that their clients are shown on, which they have to know.
    """
    with ExitStack() as stack:
        found = []
        for start in (isso, waline):
            try:
                found.append(stack.enter_context(start(session, page)))
            except (Missing, TimeoutError, RuntimeError) as error:
                last = (str(error).strip().splitlines() or ["no reason"])[-1]
                notes.append(f"without {start.__name__.capitalize()}: {last}")
                session.log(f"  {notes[-1]}")
        yield found


@contextmanager
def isso(session: Session, page: int = 0) -> Iterator[Rival]:
    """Isso as its documentation runs it: gunicorn with 4 processes, SQLite.

    Not moderated and without its limits of pace.
    """
    home = _isso_home(session)
    folder = session.folder / "isso"
    folder.mkdir(exist_ok=True)
    (folder / "isso.cfg").write_text(_ISSO_SETTINGS.format(folder=folder, page=page or 80))
    port = free_port()
    run = (home / "bin/gunicorn", "-w", str(WORKERS), "--preload", "-b", f"127.0.0.1:{port}")
    control = ("--no-control-socket",)
    child = Child.start(
        [*run, *control, "isso.run"],
        folder / "log",
        folder=folder,
        ISSO_SETTINGS=str(folder / "isso.cfg"),
    )

    def read(story: str) -> bytes:
        return request("GET", f"/?uri={_uri(story)}", {"Accept-Encoding": "gzip, br"})

    def post(story: str, text: str, parent: int | None = None) -> bytes:
        body = {"text": text, "parent": parent, "author": "Ada", "title": story}
        path = f"/new?uri={_uri(story)}"
        return request("POST", path, _JSON, json.dumps(body).encode())

    try:
        child.answers(f"http://127.0.0.1:{port}/?uri=/none/")
        name = f"Isso {_ISSO[0].rpartition('=')[2]}"
        yield Rival(name, port, child.pid, read, post, next(home.glob("lib/*/*/isso/js")))
    finally:
        child.stop()


@contextmanager
def waline(session: Session, page: int = 0) -> Iterator[Rival]:
    """Waline as its container runs it, with SQLite; without its limit of pace."""
    home = _waline_home(session)
    folder = session.folder / "waline"
    folder.mkdir(exist_ok=True)
    with sqlite3.connect(folder / "waline.sqlite") as database:
        database.executescript(_WALINE_TABLES)
    (folder / "offline.js").write_text(_WALINE_OFFLINE, encoding="utf-8")
    port = free_port()
    server = home / "node_modules/@waline/vercel/vanilla.js"
    child = Child.start(
        ["node", "--require", folder / "offline.js", server, str(port)],
        folder / "log",
        folder=folder,
        SQLITE_PATH=str(folder),
        JWT_TOKEN="a benchmark",
        IPQPS="0",
        AKISMET_KEY="false",
        NODE_ENV="production",
    )

    def read(story: str) -> bytes:
        asked = f"path={_uri(story)}&pageSize=10&page=1&lang=en-US&sortBy=insertedAt_desc"
        return request("GET", f"/api/comment?{asked}", {"Accept-Encoding": "gzip, br"})

    def post(story: str, text: str, parent: int | None = None) -> bytes:
        body = {"comment": text, "nick": "Ada", "mail": "", "link": "", "ua": "Mozilla/5.0"}
        more = {"url": f"/{story}/", "pid": parent, "rid": parent} if parent else {}
        whole = json.dumps({"url": f"/{story}/", **body, **more}).encode()
        return request("POST", "/api/comment?lang=en-US", _JSON, whole)

    try:
        child.answers(f"http://127.0.0.1:{port}/api/comment?path=/none/")
        name = f"Waline {_WALINE[0].rpartition('@')[2]}"
        yield Rival(name, port, child.pid, read, post, home / "node_modules/@waline/client/dist")
    finally:
        child.stop()


def _uri(story: str) -> str:
    return quote(f"/{story}/", safe="")


# -- nginx ---------------------------------------------------------------------------------


@contextmanager
def nginx(folder: Path, servers: str) -> Iterator[int]:
    """nginx with one process and ``servers`` inside its http block; the process's id."""
    program = debian("nginx", "nginx-light")
    folder.mkdir(exist_ok=True)
    temporary = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""  # who else may not enter the folder
    (folder / "nginx.conf").write_text(
        f"{user} worker_processes 1; daemon off; pid {folder / 'pid'}; error_log {folder}/errors;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; {temporary} {servers} }}\n",
        encoding="utf-8",
    )
    child = Child.start([program, "-p", folder, "-c", folder / "nginx.conf"], folder / "log")
    try:
        wait_until(lambda: (folder / "pid").exists(), "nginx")
        yield child.pid
    finally:
        child.stop()


def debian(program: str, package: str) -> str:
    """Where ``program`` is, installed first where that is possible. Raises Missing."""
    path = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    if found := shutil.which(program, path=path):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        for command in (["apt-get", "update", "-qq"], install):
            subprocess.run(command, env=environment, capture_output=True, check=False)
        if found := shutil.which(program, path=path):
            return found
    raise Missing(f"{program} is not here: apt-get install {package} as root")


# -- fetching ------------------------------------------------------------------------------


def _isso_home(session: Session) -> Path:
    def make(home: Path) -> None:
        _run([sys.executable, "-m", "venv", home])
        _run([home / "bin/python", "-m", "pip", "-q", "install", *_ISSO])

    return _fetched(session, "isso", _ISSO, make)


def _waline_home(session: Session) -> Path:
    if not (shutil.which("node") and shutil.which("npm")):
        raise Missing("node and npm are not here: apt-get install nodejs npm as root")

    def make(home: Path) -> None:
        home.mkdir()
        (home / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        _run(["npm", "install", "--no-audit", "--no-fund", "--silent", *_WALINE], folder=home)

    return _fetched(session, "waline", _WALINE, make)


def _fetched(
    session: Session, name: str, packages: Sequence[str], make: Callable[[Path], None]
) -> Path:
    home = CACHE / name
    done = home / "fetched"
    wanted = " ".join(packages)
    if not (done.exists() and done.read_text(encoding="utf-8") == wanted):
        session.log(f"  fetching {wanted} into {home}")
        shutil.rmtree(home, ignore_errors=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        make(home)
        done.write_text(wanted, encoding="utf-8")
    return home


def _run(command: Sequence[str | Path], folder: Path | None = None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise Missing(f"`{' '.join(map(str, command[:4]))} ...` failed: {last}")
