"""What is logged and in which form: never what people wrote, nor who they are.

An exception is told by its kind, the database's or the system's code and the places that it went
through. Its message is left out, because it may quote anything: a text, a name, an address. Of
other packages' lines the sentence stays, without what is filled in.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import re
import sys
import threading
import traceback
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote, unquote

import msgspec
import structlog
from structlog.typing import EventDict, Processor

FORMS = ("auto", "json", "text")

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered, "" outside of one."""

_LONGEST_PATH = 300
_FRAMES = 30
_PACKAGES = re.compile(r".*/(?:site-packages|dist-packages|python3\.\d+)/")
_MAIL_LIKE = re.compile(r"[^\s/\"'<>]+(?:@|%40)[^\s/\"'<>]+")
# Who has such an address may do what it is for: it came by mail, and is a credential.
_CREDENTIAL = re.compile(
    r"((?:/api/v1)?/+(?:statements|notices|alerts)/+)[^/]+(/appeal|/stop)?", re.ASCII
)
_LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)


def configure(level: str, form: str = "auto") -> None:
    """Logs from ``level`` upwards on standard error: JSON lines, or readable on a terminal.

    ``form`` is one of `FORMS`. Warnings and errors of other packages, and what ends a thread, come
    out in the same way.
    """
    on_terminal = sys.stderr.isatty()
    is_text = form == "text" or (form == "auto" and on_terminal)
    render: Processor = (
        structlog.dev.ConsoleRenderer(colors=on_terminal)
        if is_text
        else structlog.processors.JSONRenderer(serializer=_encode)
    )
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Logger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_request_id,
            _without_words,
            render,
        ],
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Foreign()], force=True)
    threading.excepthook = _on_thread_end


class _Logger(structlog.PrintLogger):
    """Writes what it can: a log on a disk that is full must not end what it tells of.

    A line is one write, its end included: workers share the file, and where Python does not
    buffer (``PYTHONUNBUFFERED``) another's line would come in between.
    """

    def msg(self, message: str) -> None:
        with contextlib.suppress(OSError), self._lock:
            self._file.write(f"{message}\n")
            self._file.flush()

    log = debug = info = warn = warning = error = critical = fatal = failure = err = exception = msg


def describe(error: BaseException) -> str:
    """An exception's kind with its code, and what brought it about: "DBAPIError < OSError ENOSPC".

    Never its message.
    """
    names: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(names) < 8:
        names.append(" ".join(filter(None, (type(seen).__name__, _code(seen)))))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return " < ".join(names)


def shown_path(path: bytes) -> str:
    """A request's encoded path for the log: no query, no e-mail, no secret address."""
    text = quote(path.split(b"?")[0][:_LONGEST_PATH], safe="/%:,;=+$&!*'()~.-_@")
    if secret := _CREDENTIAL.match(unquote(text)):
        return f"{secret[1]}…{secret[2] or ''}"
    return _MAIL_LIKE.sub("…", text)


def access(method: str, path: bytes, status: int, size: int, seconds: float) -> None:
    """Writes a line of the access log, whatever the level is. ``size`` is the body's, in bytes."""
    _access.info(
        "request",
        method=method[:10],
        path=shown_path(path),
        status=status,
        bytes=size,
        ms=round(seconds * 1000, 2),
    )


_access = structlog.wrap_logger(None, wrapper_class=structlog.make_filtering_bound_logger("info"))


class _Foreign(logging.Handler):
    """What other packages log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Passes the sentence on, with the exception if there is one."""
        level = max((one for one in _LEVELS if one <= record.levelno), default=logging.DEBUG)
        if record.name == "uvicorn.error" and level == logging.WARNING:
            level = logging.DEBUG  # a client that does not speak HTTP: anyone can send thousands
        said = record.msg
        sentence = said.strip().partition("\n")[0] if isinstance(said, str) else _kind(said)
        more: dict[str, Any] = {"exc_info": record.exc_info[1]} if record.exc_info else {}
        structlog.get_logger().log(level, record.name, sentence=sentence, **more)


def _on_thread_end(arguments: threading.ExceptHookArgs) -> None:
    name = arguments.thread.name if arguments.thread else ""
    structlog.get_logger(__name__).error("thread.failed", thread=name, exc_info=arguments.exc_value)


def _with_request_id(_: Any, __: str, event: EventDict) -> EventDict:
    if current := request_id.get():
        event.setdefault("request_id", current)
    return event


def _without_words(_: Any, __: str, event: EventDict) -> EventDict:
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"] = describe(error)
        event["trace"] = _places(error.__traceback__)
    for name, value in event.items():
        if isinstance(value, str) and ("@" in value or "%40" in value):
            event[name] = _MAIL_LIKE.sub("…", value)
    return event


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _place(filename: str) -> str:
    short = _PACKAGES.sub("", filename)
    return short if short != filename else "/".join(Path(filename).parts[-3:])


def _code(error: BaseException) -> str:
    """What the system or a database calls the failure, "" when it has no name for it."""
    if isinstance(error, OSError):
        return errno.errorcode.get(error.errno or 0, "")
    for name in ("sqlite_errorname", "sqlstate"):
        code = getattr(error, name, None)
        if isinstance(code, str):
            return code
    return ""


def _encode(event: Any, **_: Any) -> str:
    first = {name: event[name] for name in ("timestamp", "level", "event")}
    return msgspec.json.encode(first | event, enc_hook=_kind).decode()


def _kind(value: object) -> str:
    return type(value).__name__
