"""Every sentence in every language."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog

from belowline.render.language import (
    LANGUAGES,
    direction,
    negotiate,
    plural_sentences,
    translations,
)
from belowline.render.words import widget_sentences
from tools import locales

WIDGET = Path(__file__).parents[2] / "widget" / "src" / "strings.ts"
PLACES = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize("language", locales.TRANSLATED)
def test_no_sentence_is_left_untranslated(language: str) -> None:
    assert locales.untranslated(language) == []


@pytest.mark.parametrize("language", locales.TRANSLATED)
def test_no_translation_is_of_a_sentence_that_is_gone(language: str) -> None:
    wanted = locales.template()
    assert [m.id for m in locales.translation(language) if m.id and wanted.get(m.id) is None] == []


@pytest.mark.parametrize("language", locales.TRANSLATED)
def test_translations_fill_the_same_places(language: str) -> None:
    for message in _sentences(locales.translation(language)):
        original, *others = message
        for translated in others:
            assert _places(translated) <= _places(original), translated
        assert _places(others[-1]) == _places(original), original


def test_arabic_has_its_six_plural_forms() -> None:
    forms = plural_sentences("ar", "%(num)s Comment", "%(num)s Comments")
    assert set(forms) == {"zero", "one", "two", "few", "many", "other"}
    assert len(set(forms.values())) == 6


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "لا تعليقات"), (2, "تعليقان"), (5, "5 تعليقات"), (24, "24 تعليقًا"), (100, "100 تعليق")],
)
def test_arabic_counts_comments_as_arabic_does(number: int, written: str) -> None:
    said = translations("ar").ungettext("%(num)s Comment", "%(num)s Comments", number)
    assert said % {"num": number} == written


def test_an_unknown_language_speaks_english() -> None:
    assert translations("fr").ugettext("Reply") == "Reply"
    assert direction("fr") == "ltr"


def test_arabic_is_written_from_the_right() -> None:
    assert direction("ar") == "rtl"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr,ar;q=0.5,en;q=0.4", "ar"),
        ("en;q=0.2, de;q=0.7", "de"),
        ("de;q=0", "en"),
        ("de;q=high", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_best_language_for_a_header_is_chosen(header: str | None, language: str) -> None:
    assert negotiate(header) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_widget_says_before_it_has_loaded_is_what_the_catalogue_says(
    language: str,
) -> None:
    source = WIDGET.read_text()
    said = widget_sentences(language)
    for name in ("loading", "failed", "retry"):
        assert f'{name}: "{said[name]}"' in source
    counted = said["comments"]
    assert isinstance(counted, dict)
    for category, sentence in counted.items():
        assert f'{category}: "{sentence}"' in source


def _sentences(catalog: Catalog) -> list[list[str]]:
    found = []
    for message in catalog:
        if message.id:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            original = message.id if isinstance(message.id, str) else message.id[1]
            found.append([original, *strings])
    return found


def _places(sentence: str) -> set[str]:
    braces = {name for _, name, _, _ in Formatter().parse(sentence) if name}
    return set(PLACES.findall(sentence)) | braces
