"""A statement of reasons as the DSA Transparency Database takes it, version 2 of its schema.

Version 2 is in force since July 2025. The schema is the European Commission's; only platforms
with more than 50 people or 10 million euros have to send anything, and nothing is sent from here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from belowline.domain.statements import RULES, Circumstances, Statement

SCHEMA_VERSION = 2

CATEGORIES: dict[str, tuple[str, str]] = {
    "personal_attack": ("CYBER_VIOLENCE", "CYBER_BULLYING_INTIMIDATION"),
    "hate": ("ILLEGAL_OR_HARMFUL_SPEECH", "HATE_SPEECH"),
    "threat": ("VIOLENCE", "INCITEMENT_VIOLENCE_HATRED"),
    "harassment": ("CYBER_VIOLENCE", "CYBER_HARASSMENT"),
    "off_topic": ("OTHER_VIOLATION_TC", "OTHER"),
    "spam": ("OTHER_VIOLATION_TC", "OTHER"),
    "misinformation": (
        "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        "MISINFORMATION_DISINFORMATION",
    ),
    "personal_data": ("DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", "OTHER"),
    "illegal": ("ILLEGAL_OR_HARMFUL_SPEECH", "OTHER"),
    "copyright": ("INTELLECTUAL_PROPERTY_INFRINGEMENTS", "COPYRIGHT_INFRINGEMENT"),
    "other": ("OTHER_VIOLATION_TC", "OTHER"),
}
"""Reason -> category and keyword of the schema, without their prefixes."""


_SOURCES = {
    "notice": "SOURCE_ARTICLE_16",
    "report": "SOURCE_TYPE_OTHER_NOTIFICATION",
    "": "SOURCE_VOLUNTARY",
}


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A statement and what the schema asks for besides."""

    statement: Statement
    circumstances: Circumstances
    written_at: datetime | None
    language: str
    measure: str
    until: datetime | None
    rules_url: str


def record_of(fact: Fact) -> dict[str, Any]:
    """The fields of the schema. Warnings restrict nothing and are not for the database."""
    statement = fact.statement
    category, keyword = CATEGORIES[statement.reason]
    found: dict[str, Any] = {
        "puid": f"belowline-{statement.id}",
        "content_type": ["CONTENT_TYPE_TEXT"],
        "category": f"STATEMENT_CATEGORY_{category}",
        "category_specification": [f"KEYWORD_{keyword}"],
        "territorial_scope": ["EU"],
        "application_date": statement.created_at.date().isoformat(),
        "content_date": (fact.written_at or statement.created_at).date().isoformat(),
        "source_type": _SOURCES[fact.circumstances.source],
        "automated_detection": "Yes" if statement.machine else "No",
        **_how(fact.circumstances),
        **_restriction(fact),
        **_ground(fact),
    }
    if len(fact.language) >= 2:
        found["content_language"] = fact.language[:2].upper()
    return found


def _how(led: Circumstances) -> dict[str, Any]:
    if led.applied:
        return {
            "decision_facts": "A moderator of the newsroom had decided about near-identical "
            "comments and those to come for a time; a program found that this one is a copy.",
            "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
        }
    return {
        "decision_facts": "A moderator of the newsroom read the text and decided.",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }


def _restriction(fact: Fact) -> dict[str, Any]:
    if not fact.measure:
        return {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]}
    ended = fact.until is not None
    kind = "SUSPENDED" if ended else "TERMINATED"
    found: dict[str, Any] = {
        "decision_account": f"DECISION_ACCOUNT_{kind}",
        "account_type": "ACCOUNT_TYPE_PRIVATE",
    }
    if fact.until is not None:
        found["end_date_account_restriction"] = fact.until.date().isoformat()
    return found


def _ground(fact: Fact) -> dict[str, Any]:
    rule = RULES[fact.statement.reason]
    named = f"{fact.rules_url}#{fact.statement.reason}"
    if fact.statement.reason == "illegal":
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "decision_ground_reference_url": named,
            "illegal_content_legal_ground": "The law of the country where the newsroom sits.",
            "illegal_content_explanation": rule,
        }
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "decision_ground_reference_url": named,
        "incompatible_content_ground": f"Rule {fact.statement.reason}, version "
        f"{fact.statement.version}",
        "incompatible_content_explanation": rule,
        "incompatible_content_illegal": "No",
    }
