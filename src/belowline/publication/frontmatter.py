"""The head of a story's file: YAML between two lines of three hyphens, read with line numbers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, tzinfo

import msgspec
import yaml

_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)

Value = str | list[str]


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong with a story's file: where, what, and what would be right.

    ``file`` is relative to the folder of stories, ``line`` counts from 1. ``fatal`` says that the
    file could not be shown because of it.
    """

    file: str
    line: int
    wrong: str
    right: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.wrong}. {self.right}."


class Wrong(Exception):
    """A file cannot be read as a story; becomes a `Problem` where the file's name is known."""

    def __init__(self, line: int, wrong: str, right: str) -> None:
        self.line = line
        self.wrong = wrong
        self.right = right
        super().__init__(wrong)


class Field(msgspec.Struct, frozen=True):
    """One value of the head and the line it stands on."""

    value: Value
    line: int


class Head(msgspec.Struct, frozen=True):
    """A file taken apart. ``body_line`` is the line on which the body begins."""

    fields: dict[str, Field]
    body: str
    body_line: int


def split(source: str) -> Head:
    """The head's fields and the body of ``source``. Raises `Wrong`.

    Every scalar is read as the text that was written: YAML's own ideas of what is a date, a
    number or a truth (``tags: [no]``) help nobody here.
    """
    if not source.startswith("---"):
        raise Wrong(1, "the file does not begin with its front matter", "Begin it with a line ---")
    fences = list(_FENCE.finditer(source))
    if len(fences) < 2 or fences[0].start() != 0:
        raise Wrong(1, "the front matter has no end", "Close it with a line --- before the text")
    head, body = source[fences[0].end() : fences[1].start()], source[fences[1].end() :]
    return Head(
        fields=_fields(head),
        body=body.removeprefix("\n"),
        body_line=source.count("\n", 0, fences[1].end()) + 2,
    )


def _fields(head: str) -> dict[str, Field]:
    try:
        node = yaml.compose(head, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise Wrong(
            mark.line + 1 if mark else 1,
            f"the front matter is not YAML: {error.problem}",
            'Write each line as "name: value", and put a value with a colon in quotes',
        ) from error
    except yaml.YAMLError as error:
        raise Wrong(
            1, "the front matter holds a character that YAML forbids", "Take it out"
        ) from error
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise Wrong(2, "the front matter is not a list of names and values", "Write headline: …")
    fields: dict[str, Field] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in fields:
            raise Wrong(line, f"{name} is given twice", "Keep one of the two lines")
        fields[name] = Field(_value(name, value), line)
    return fields


def _value(name: str, node: yaml.Node) -> Value:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value).strip()
    if isinstance(node, yaml.SequenceNode) and all(
        isinstance(item, yaml.ScalarNode) for item in node.value
    ):
        return [str(item.value).strip() for item in node.value]
    raise Wrong(
        node.start_mark.line + 1,
        f"{name} has parts of its own",
        f"Write {name}: value, or {name}: [one, two]",
    )


def text_of(fields: dict[str, Field], name: str) -> str:
    """The one value of ``name``, "" when it is absent. Raises `Wrong` for a list."""
    field = fields.get(name)
    if field is None:
        return ""
    if isinstance(field.value, list):
        raise Wrong(field.line, f"{name} is a list", f"Write one value: {name}: …")
    return " ".join(field.value.split())


def texts_of(fields: dict[str, Field], name: str) -> tuple[str, ...]:
    """The values of ``name``, a list or one value; doubles and empty ones left out."""
    field = fields.get(name)
    if field is None:
        return ()
    values = field.value if isinstance(field.value, list) else [field.value]
    return tuple(dict.fromkeys(" ".join(value.split()) for value in values if value.strip()))


def moment_of(fields: dict[str, Field], name: str, zone: tzinfo) -> datetime | None:
    """The moment that ``name`` says, in UTC; in ``zone`` where it names no zone of its own.

    A day alone means its first minute. None when absent, raises `Wrong` when it cannot be read.
    """
    raw = text_of(fields, name)
    if not raw:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw):
            moment = datetime.combine(date.fromisoformat(raw), time())
        else:
            moment = datetime.fromisoformat(raw)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Wrong(
            fields[name].line,
            f"{name} is not a date: {raw}",
            f"Write {name}: 2026-01-08, or {name}: 2026-01-08 14:30",
        ) from error


def nearest(name: str, known: Sequence[str]) -> str:
    """What somebody who wrote ``name`` probably meant, as half a sentence."""
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"Perhaps {close[0]} is meant"
    return "Known are " + ", ".join(known)
