"""The languages of the interface: which there are, their sentences, which one a reader wants."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LANGUAGES = ("en", "de", "ar")
"""Languages with a complete set of sentences; the first is the one the sentences are written in."""

LOCALES = Path(__file__).with_name("locales")

_SAMPLES = 200  # every plural category of every language occurs below this number


@cache
def translations(language: str) -> Translations:
    """The sentences of a language, read from its ``messages.po`` at first use.

    An unknown language, like English, gives the sentences as they stand in the source.
    """
    source = LOCALES / language / "LC_MESSAGES" / "messages.po"
    if language not in LANGUAGES or not source.exists():
        return Translations()
    with source.open("rb") as lines:
        catalog = read_po(lines, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


@cache
def locale(language: str) -> Locale:
    """Babel's knowledge about a language: how it writes dates, numbers and plurals."""
    return Locale.parse(language if language in LANGUAGES else LANGUAGES[0])


def direction(language: str) -> str:
    """``ltr`` or ``rtl``, as the HTML attribute ``dir`` has it."""
    return locale(language).text_direction


def negotiate(accept_language: str | None) -> str:
    """The best language for a header ``Accept-Language``; English when nothing fits."""
    wanted = sorted(_preferences(accept_language or ""), key=lambda item: -item[1])
    for tag, quality in wanted:
        primary = tag.split("-")[0].lower()
        if quality > 0 and primary in LANGUAGES:
            return primary
    return LANGUAGES[0]


def plural_sentences(language: str, singular: str, plural: str) -> dict[str, str]:
    """A sentence by plural category (``one``, ``few``, ``other``…), for ``Intl.PluralRules``.

    The number's place in each is ``{n}``.
    """
    sentences: dict[str, str] = {}
    category = locale(language).plural_form
    for number in range(_SAMPLES):
        if category(number) not in sentences:
            sentence = translations(language).ungettext(singular, plural, number)
            sentences[category(number)] = sentence.replace("%(num)s", "{n}").replace("%%", "%")
    return sentences


def _preferences(header: str) -> list[tuple[str, float]]:
    """The tags of the header with their quality; what cannot be read counts for nothing."""
    found = []
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            quality = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            quality = 0.0
        if tag.strip():
            found.append((tag.strip(), quality))
    return found
