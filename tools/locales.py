"""Collects every sentence of the interface and brings the catalogues up to date.

``python -m tools.locales`` writes ``messages.pot`` and adds what is new to each ``messages.po``
(and takes out what is gone), then lists what is not translated yet and fails if there is any.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from belowline.checks import risk
from belowline.domain.bans import MEASURES
from belowline.domain.decisions import REASONS, REPORT_REASONS
from belowline.domain.errors import SENTENCES, UNREADABLE
from belowline.domain.rulebook import WRONG
from belowline.domain.statements import RULES
from belowline.render import desk, words
from belowline.render.language import LANGUAGES, LOCALES

SOURCE = Path(__file__).parent.parent / "src" / "belowline"
TRANSLATED = LANGUAGES[1:]  # the first is the language that the sentences are written in

_METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "ugettext": None,
    "ungettext": (1, 2),
}
# Babel's form letter, and the moment of extraction, which would change the files each time.
_NOISE = (
    '"POT-Creation-Date',
    '"PO-Revision-Date',
    '"Project-Id-Version',
    '"Report-Msgid-Bugs-To',
    '"Last-Translator',
    '"Language-Team',
    '"Generated-By',
)
_OPTIONS = {"**/templates/**.html": {"silent": "false", "trimmed": "true"}}


def template() -> Catalog:
    """All sentences, in the order of the files they stand in."""
    catalog = Catalog(project="Belowline", charset="utf-8")
    for file, _, sentence, _, _ in extract_from_dir(SOURCE, _METHODS, _OPTIONS, _KEYWORDS):
        catalog.add(sentence, locations=[(f"src/belowline/{file}", 0)])
    for sentence in _in_tables():
        catalog.add(sentence)
    for singular, plural in (*words.COUNTED.values(), *desk._COUNTED.values()):
        catalog.add((singular, plural))
        if plural != singular:
            catalog.delete(plural)
    return catalog


def translation(language: str) -> Catalog:
    """The catalogue of a language as it is."""
    with _file(language).open("rb") as lines:
        return read_po(lines, locale=language)


def untranslated(language: str) -> list[str]:
    """The sentences that a language lacks, wholly or in one of its plural forms."""
    catalog = translation(language)
    return [str(message.id) for message in template() if message.id and not _done(catalog, message)]


def _done(catalog: Catalog, message: Message) -> bool:
    found = catalog.get(message.id if isinstance(message.id, str) else message.id[0])
    if found is None or found.fuzzy:
        return False
    strings = found.string if isinstance(found.string, tuple | list) else (found.string,)
    return all(strings) and (not message.pluralizable or len(strings) == catalog.num_plurals)


def _in_tables() -> Iterator[str]:
    tables = (REASONS, REPORT_REASONS, MEASURES, RULES, SENTENCES, WRONG, risk.SENTENCES)
    for table in tables:
        yield from table.values()
    yield UNREADABLE


def _file(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "messages.po"


def _write(path: Path, catalog: Catalog) -> None:
    catalog.header_comment = "# The sentences of Belowline's interface."
    lines = io.BytesIO()
    write_po(lines, catalog, width=100, include_lineno=False, ignore_obsolete=True)
    text = lines.getvalue().decode()
    kept = [line for line in text.splitlines() if not line.startswith(_NOISE)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(kept) + "\n")


def main() -> int:
    """Writes the files; 1 when a sentence is not translated."""
    sentences = template()
    _write(LOCALES / "messages.pot", sentences)
    missing = 0
    for language in TRANSLATED:
        catalog = translation(language)
        catalog.update(sentences, no_fuzzy_matching=True)
        _write(_file(language), catalog)
        for sentence in untranslated(language):
            print(f"{language}: {sentence}", file=sys.stderr)
            missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
