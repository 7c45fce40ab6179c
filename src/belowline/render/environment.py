"""The templates' environment: one a language, strict about what is missing, escaping by default."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

from babel.lists import format_list
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from belowline.render import dates, words
from belowline.render.bodies import Bodies
from belowline.render.language import direction, locale, translations
from belowline.render.pages import PageContext

TEMPLATES = Path(__file__).with_name("templates")


@cache
def environment(language: str) -> Environment:
    """The environment whose sentences are of ``language``; made once."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    sentences = translations(language)
    # The extension adds this method to the environment, which its type cannot know.
    cast(Any, made).install_gettext_translations(sentences, newstyle=True)
    made.filters.update(
        number=lambda value: format_decimal(value, locale=locale(language)),
        story_path=story_path,
        link=link,
        age=lambda moment, page: dates.age(moment, page.now, language),
        date=lambda moment, page: dates.date(moment, language, page.zone),
        exact=lambda moment, page: dates.exact(moment, language, page.zone),
        machine=dates.machine,
        duration=lambda seconds: dates.duration(timedelta(seconds=seconds), language),
        data=data,
        byline=lambda authors: byline(authors, language),
        absolute=lambda address, page: address if "://" in address else page.base_url + address,
    )
    made.globals.update(
        language=language,
        direction=direction(language),
        reason_name=lambda code: words.reason_name(code, language),
        report_reason_name=lambda code: words.report_reason_name(code, language),
        role_name=lambda code: words.role_name(code, language),
        mode_name=lambda code: words.mode_name(code, language),
        told_sentence=lambda one: words.told_sentence(one.kind, one.reason, one.until, language),
        waiting=lambda waits: words.waiting_sentence(waits, language),
        order_name=lambda code: words.order_name(code, language),
        widget_sentences=cache(lambda: words.widget_sentences(language)),
        body=Bodies(made, language),
        places=[(sentences.ugettext(name), path) for path, name in words.PLACES.items()],
    )
    return made


def render(template: str, page: PageContext, **values: Any) -> str:
    """The page that ``template`` makes of ``values``, in the language of ``page``."""
    return environment(page.language).get_template(template).render(page=page, **values)


def story_path(key: str) -> str:
    """The path of a story's page; slashes and colons of the key do not become parts of it."""
    return f"/stories/{quote(key, safe='')}"


def link(path: str, page: PageContext, /, **parameters: str | int | None) -> str:
    """``path`` with those parameters that have a value, and the language if it was chosen."""
    wanted = {name: value for name, value in parameters.items() if value not in (None, "")}
    if page.explicit_language:
        wanted["lang"] = page.language
    return f"{path}?{urlencode(wanted)}" if wanted else path


def byline(authors: Iterable[tuple[str, str]], language: str) -> Markup:
    """The authors as links, joined as the language joins a list: ``Ada, Ben and Chidi``."""
    names = [
        str(Markup('<a rel="author" href="{}">{}</a>').format(url, name) if url else escape(name))
        for name, url in authors
    ]
    return Markup(format_list(names, locale=locale(language)))


def data(value: Any) -> Markup:
    """JSON that cannot end the ``<script type="application/json">`` that it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
