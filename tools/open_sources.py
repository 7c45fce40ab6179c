"""Turns files of openly licensed repositories into files of the data folder.

python -m tools.open_sources CHECKOUTS DATA

CHECKOUTS has, for each repository of `LISTED`, a folder OWNER+NAME with its working tree or its Git
directory. What is read must have the SHA-256 that the list gives, so that it is the same data.
DATA gets toxic/NAME.jsonl.gz and an entry in SOURCES.json for each; what is there already stays.
Texts that DATA has already are thrown out, and those that resemble one that is only measured with.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import re
import subprocess
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree
from zlib import crc32

from belowline.risk import features

LISTED = Path(__file__).parent / "corpus" / "open.json"
"""The repositories: source, repository, commit, files with their SHA-256, languages, licence, the
SHA-256 of the lines made from them, and what the card says of them."""

_RUN = 6
"""Words in a row by which a text is recognised in another."""

_ALIKE = 0.3
"""The share of such runs found in texts that are only measured from which on a text is left out."""


_REMOVED = ("[deleted]", "[removed]")


class Line(NamedTuple):
    """A labelled text: ``label`` is 1 for what its source would not have."""

    language: str
    label: int
    text: str


class Changed(ValueError):
    """A file is not the one that was used; its message says which."""


def main() -> None:
    """Reads the repositories and writes the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("data", type=Path)
    chosen = parser.parse_args()
    for said in add(chosen.checkouts, chosen.data):
        print(said)


def listed() -> list[dict[str, object]]:
    """The sources that are not in the data folder as it is handed out."""
    found: list[dict[str, object]] = json.loads(LISTED.read_text(encoding="utf-8"))
    return found


@cache
def names() -> frozenset[str]:
    """The listed sources' names."""
    return frozenset(str(entry["source"]) for entry in listed())


def add(checkouts: Path, data: Path) -> Iterator[str]:
    """Adds all listed sources to ``data``; yields a sentence on each. Raises `Changed` where a file
    or what comes out of it differs from what was learned from."""
    path = data / "SOURCES.json"
    sources = json.loads(path.read_text(encoding="utf-8"))
    seen = _Seen(data, sources)
    for entry in listed():
        name = str(entry["source"])
        lines = [line for line in _lines(entry, checkouts) if seen.is_new(line.text, name)]
        content = "".join(
            json.dumps(
                {"label": line.label, "lang": line.language, "source": name, "text": line.text},
                ensure_ascii=False,
            )
            + "\n"
            for line in lines
        ).encode()
        _same(f"what was made of {name}", content, str(entry["made"]))
        with (data / "toxic" / f"{name}.jsonl.gz").open("wb") as file:
            file.write(gzip.compress(content, mtime=0))
        sources = [one for one in sources if one["source"] != name]
        sources.append(_entry(entry, lines))
        thrown = ", ".join(f"{count} {why}" for why, count in sorted(seen.thrown.items()))
        yield f"{name}: {len(lines)} texts; left out: {thrown or 'none'}"
        seen.thrown.clear()
    path.write_text(json.dumps(sources, indent=1, ensure_ascii=False), encoding="utf-8")


def _entry(entry: Mapping[str, object], lines: list[Line]) -> dict[str, object]:
    kept = ("source", "repository", "commit", "language", "genre", "licence")
    return {
        "task": "toxic",
        **{key: entry[key] for key in kept},
        "class": "open",
        "dev": len(lines),
        "dev_positive": sum(line.label for line in lines),
        "use": "train; attribution",
    }


def _same(what: str, content: bytes, expected: str) -> None:
    found = sha256(content).hexdigest()
    if found != expected:
        raise Changed(f"{what} has the SHA-256 {found} and not {expected}")


# -- what is left out ----------------------------------------------------------------------


class _Seen:
    """What is in the data folder: all texts, and runs of words of those only measured with."""

    def __init__(self, data: Path, sources: Iterable[Mapping[str, str]]) -> None:
        self.thrown: Counter[str] = Counter()
        self._texts: dict[str, str] = {}
        self._runs: set[int] = set()
        for source in sources:
            name = source["source"]
            if source["task"] != "toxic" or name in names():
                continue
            with gzip.open(data / "toxic" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as rows:
                for row in rows:
                    words = _words(json.loads(row)["text"])
                    self._texts.setdefault(" ".join(words), name)
                    if source["class"] != "open":
                        self._runs.update(_runs(words))

    def is_new(self, text: str, source: str) -> bool:
        """Whether the text may be learned; from then on it is no more new."""
        words = _words(text)
        if not words:
            self.thrown["without words"] += 1
            return False
        known = self._texts.setdefault(" ".join(words), "")
        if known:
            self.thrown[f"as in {known}"] += 1
            return False
        self._texts[" ".join(words)] = source
        runs = _runs(words)
        if runs and sum(run in self._runs for run in runs) >= _ALIKE * len(runs):
            self.thrown["like one that is only measured"] += 1
            return False
        return True


def _words(text: str) -> list[str]:
    return [word.text for word in features.words(text)]


def _runs(words: list[str]) -> list[int]:
    return [
        crc32(" ".join(words[start : start + _RUN]).encode())
        for start in range(len(words) - _RUN + 1)
    ]


# -- reading -------------------------------------------------------------------------------


def _lines(entry: Mapping[str, object], checkouts: Path) -> Iterator[Line]:
    files = entry["files"]
    assert isinstance(files, dict)
    folder = checkouts / str(entry["repository"]).replace("/", "+")
    contents = []
    for name, expected in files.items():
        content = _content(folder, str(entry["commit"]), name)
        _same(f"{name} of {entry['repository']}", content, expected)
        contents.append(content)
    met: set[str] = set()
    for language, label, text in READERS[str(entry["source"])](contents):
        short = text.strip()
        if len(short) < 3 or short in _REMOVED or short.lower() in met:
            continue
        met.add(short.lower())
        yield Line(language, int(label), short)


def _content(folder: Path, commit: str, name: str) -> bytes:
    """A file of a checkout: of the working tree, or else of the Git directory."""
    if (folder / name).is_file():
        return (folder / name).read_bytes()
    inner = [one for one in (folder, folder / "repo", folder / "repo" / ".git") if one.is_dir()]
    for git in [one for one in (*inner, folder / ".git") if (one / "HEAD").is_file()]:
        show = ["git", f"--git-dir={git}", "show", f"{commit}:{name}"]
        return subprocess.run(show, check=True, capture_output=True).stdout
    raise FileNotFoundError(f"no checkout of it under {folder}")


def _table(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=delimiter))


def _sheet(content: bytes) -> list[dict[str, str]]:
    """The rows of a workbook's first sheet, by the column's letter."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    book = zipfile.ZipFile(io.BytesIO(content))
    shared = [
        "".join(part.text or "" for part in item.iter(space + "t"))
        for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter(space + "si")
    ]
    first = min(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
    rows = []
    for row in ElementTree.fromstring(book.read(first)).iter(space + "row"):
        cells = {}
        for cell in row.iter(space + "c"):
            value = cell.find(space + "v")
            column = re.match("[A-Z]+", cell.get("r") or "")
            if value is not None and value.text and column:
                by_number = cell.get("t") == "s"
                cells[column.group()] = shared[int(value.text)] if by_number else value.text
        rows.append(cells)
    return rows


_Rows = Iterator[tuple[str, bool, str]]


def _mpold(contents: list[bytes]) -> _Rows:
    head, *rows = _sheet(contents[0])
    column = {title: letter for letter, title in head.items()}
    for row in rows:
        label = row.get(column["Majority_Label"], "")
        if label:
            yield "ar", "Non" not in label, row.get(column["Comment"], "")


def _curse(contents: list[bytes]) -> _Rows:
    for line in contents[0].decode().splitlines():
        text, bar, label = line.rpartition("|")
        if bar:
            yield "ko", label.strip() == "1", text


def _vk(contents: list[bytes]) -> _Rows:
    for row in _table(contents[0], "\t"):
        if row["toxicity"] in ("0", "1") and "ИНОСТРАННЫМ" not in row["comments"]:
            named = re.sub(r"\[id\d+\|([^\]]*)\]", r"\1", row["comments"])
            yield "ru", row["toxicity"] == "1", named


def _tupy(contents: list[bytes]) -> _Rows:
    for row in _table(contents[0]):
        yield "pt", row["hate"] == "1", row["text"]


def _goldes(contents: list[bytes]) -> _Rows:
    for content in contents:
        for row in _table(content):
            if row["coder_1"] == row["coder_2"]:
                yield "es", row["coder_1"] == "1", row["text"]


def _cmv(contents: list[bytes]) -> _Rows:
    """Comments of threads; rule 2 of the forum forbids rudeness and hostility."""
    with tarfile.open(fileobj=io.BytesIO(contents[0]), mode="r:bz2") as archive:
        threads = {
            member.name: file.read().decode()
            for member in archive
            if member.name.endswith(".json") and (file := archive.extractfile(member))
        }
    for name in sorted(threads):
        for line in threads[name].splitlines():
            row = json.loads(line)
            if row["violated_rule"] in (0, 2):
                own = [part for part in row["body"].split("\n") if not part.startswith(">")]
                yield "en", row["violated_rule"] == 2, "\n".join(own)


READERS: dict[str, Callable[[list[bytes]], _Rows]] = {
    "mpold": _mpold,
    "curse": _curse,
    "vk": _vk,
    "tupy": _tupy,
    "goldes": _goldes,
    "cmv": _cmv,
}
"""How each source's files are read."""


if __name__ == "__main__":
    main()
