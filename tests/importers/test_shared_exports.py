"""The exports in the shared folder come out with the numbers that stand beside them.

They are other people's, so the repository holds none of them: where the folder is absent these
tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from belowline.importers import IMPORTERS, Refused
from tests.importers.samples import Reading

_BESIDE = Path(__file__).resolve().parents[3] / "shared"
EXPORTS = Path(os.environ.get("BELOWLINE_SHARED", _BESIDE)) / "data" / "imports"


def _expected() -> Iterator[Any]:
    """Each export that an importer reads, with what is expected of it."""
    numbers = EXPORTS / "expect.json"
    if not numbers.is_file():
        absent = pytest.mark.skip(reason=f"no shared exports in {EXPORTS}")
        yield pytest.param("", {}, marks=absent, id="absent")
        return
    for name, expected in json.loads(numbers.read_bytes()).items():
        if name.partition("/")[0] in IMPORTERS:
            yield pytest.param(name, expected, id=name)


EXPECTED = list(_expected())


def _read(name: str) -> Reading:
    return Reading(IMPORTERS[name.partition("/")[0]](EXPORTS / name))


@pytest.mark.parametrize(("name", "expected"), EXPECTED)
def test_a_shared_export_has_its_numbers(name: str, expected: dict[str, Any]) -> None:
    if expected.get("refuse"):
        line = re.search(r"line \d+", expected["error"])
        assert line
        with pytest.raises(Refused, match=f"^{line[0]}, column"):
            _read(name)
        return
    read = _read(name)
    numbers = read.summary.numbers()
    assert {key: numbers[key] for key in expected} == expected
    assert len(read.comments) + len(read.skipped) == expected["comments"]


@pytest.mark.parametrize(("name", "expected"), EXPECTED)
def test_a_shared_export_keeps_its_promises(name: str, expected: dict[str, Any]) -> None:
    if expected.get("refuse"):
        return
    read = _read(name)
    keys = {comment.key for comment in read.comments}
    stories = {story.key for story in read.stories}
    assert len(keys) == len(read.comments)
    assert all(comment.story_key in stories for comment in read.comments)
    assert all(comment.parent_key in {None, *keys} for comment in read.comments)
    assert read.records == _read(name).records
    shown = " ".join(f"{comment.author.key} {comment.author.name}" for comment in read.comments)
    assert not re.search(r"[\w.]+@\w+\.\w+", shown)
    assert not any("<p>" in comment.text for comment in read.comments)
