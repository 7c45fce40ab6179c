"""Reading files of JSON values: one a line, several on a line, or one over many lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from json import JSONDecodeError, JSONDecoder

from belowline.importers.files import Text
from belowline.importers.records import Refused, Skipped

_LONGEST_LINE = 1 << 26
_LARGEST_DOCUMENT = 1 << 26
_LINES_TO_JUDGE_BY = 20
_BRACKETS = ("[", "]")  # a list with one value a line
_BLANKS = re.compile(r"[\s,]*")
_DECODER = JSONDecoder(strict=False)  # which lets control characters pass inside of strings

Mapping = dict[str, object]


def values(text: Text) -> Iterator[tuple[int, object]]:
    """Each value with the line it begins in. A line that is none is yielded as a `Skipped`.

    A file none of whose first lines is a value is taken as one document (or several, one after
    another); it must fit into memory. Raises Refused where such a document cannot be read.
    """
    beginnings = islice((line for _, line in _lines(text) if line.strip()), _LINES_TO_JUDGE_BY)
    if any(_is_value(line) for line in beginnings):
        for number, line in _lines(text):
            if line.strip() not in _BRACKETS:
                yield from _values_of_line(number, line)
    else:
        yield from _values_of_document(text)


def _lines(text: Text) -> Iterator[tuple[int, str]]:
    number, waiting = 1, ""
    for piece in text:
        if "\n" not in piece:
            waiting += piece
        else:
            first, *others = piece.split("\n")
            for line in (waiting + first, *others[:-1]):
                yield number, line
                number += 1
            waiting = others[-1]
        if len(waiting) > _LONGEST_LINE:
            raise Refused(f"line {number}: more than {_LONGEST_LINE} characters in one line.")
    if waiting:
        yield number, waiting


def _is_value(line: str) -> bool:
    return line.lstrip()[:1] in ("{", "[") and not isinstance(
        next(_values_of_line(1, line))[1], Skipped
    )


def _values_of_line(number: int, line: str) -> Iterator[tuple[int, object]]:
    at = _after_blanks(line, 0)
    while at < len(line):
        try:
            value, end = _DECODER.raw_decode(line, at)
        except (ValueError, RecursionError) as error:
            yield number, _skipped(number, error)
            return
        yield number, value
        at = _after_blanks(line, end)


def _skipped(number: int, error: Exception) -> Skipped:
    column = f", column {error.colno}" if isinstance(error, JSONDecodeError) else ""
    return Skipped(
        place=f"line {number}",
        what="line",
        key="",
        reason="bad_line",
        sentence=f"This line is not JSON ({_mistake(error)}{column}).",
    )


def _values_of_document(text: Text) -> Iterator[tuple[int, object]]:
    pieces: list[str] = []
    length = 0
    for piece in text:
        pieces.append(piece)
        length += len(piece)
        if length > _LARGEST_DOCUMENT:
            raise Refused("line 1: no line here is JSON, and the file is too large for one value.")
    document = "".join(pieces)
    at = _after_blanks(document, 0)
    line = 1 + document.count("\n", 0, at)
    while at < len(document):
        try:
            value, end = _DECODER.raw_decode(document, at)
        except JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise Refused(f"{place}: this is not JSON ({_mistake(error)}).") from error
        except (ValueError, RecursionError) as error:
            sentence = f"line {line}: what begins here is not JSON ({_mistake(error)})."
            raise Refused(sentence) from error
        yield line, value
        following = _after_blanks(document, end)
        line += document.count("\n", at, following)
        at = following


def _mistake(error: Exception) -> str:
    if isinstance(error, JSONDecodeError):
        return error.msg.lower()
    return "nested too deeply" if isinstance(error, RecursionError) else "an endless number"


def _after_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def text_of(value: object) -> str:
    """A string or a number as text; "" for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def mapping_of(value: object) -> Mapping:
    """``value`` if it is a JSON object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[object]:
    """``value`` if it is a JSON array, otherwise an empty one."""
    return value if isinstance(value, list) else []


def number_of(value: object) -> int:
    """``value`` if it is a whole number, otherwise 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
