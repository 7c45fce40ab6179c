"""The public pages about rules, statements, appeals and illegal content."""

from __future__ import annotations

from typing import Any

from belowline.domain import ids
from belowline.domain import text as texts
from belowline.domain.bans import MEASURES
from belowline.domain.statements import RULES, Rule
from belowline.render.environment import render
from belowline.render.language import translations
from belowline.render.pages import PageContext


def render_public(name: str, page: PageContext, **values: Any) -> str:
    """One of them: ``rules``, ``rule``, ``statement``, ``illegal``, ``notice``."""
    words = translations(page.language)
    return render(
        f"law/{name}.html",
        page,
        rule_text=lambda rule: rule_text(rule, page.language),
        measure_name=lambda code: words.ugettext(MEASURES[code]),
        to_html=texts.to_html,
        encode=ids.encode,
        **values,
    )


def rule_text(rule: Rule, language: str) -> str:
    """A rule's words: the site's own, or the delivered ones in ``language``."""
    return rule.text or translations(language).ugettext(RULES[rule.reason])
