"""The OpenAPI document: what the framework knows of the handlers, and what it cannot know."""

from __future__ import annotations

from typing import Any

import msgspec

from belowline.actions import deciding, reacting
from belowline.actions import law as notices
from belowline.domain.decisions import REASONS, REPORT_REASONS
from belowline.domain.names import LONGEST_NAME
from belowline.domain.statements import LONGEST_APPEAL, LONGEST_RULE
from belowline.render import LANGUAGES
from belowline.web.api import authors, campaigns, law, shapes
from belowline.web.problems import PROBLEM, Problem

_REFUSED = {"$ref": "#/components/responses/Refused"}

# The framework's description forgets that unknown fields are refused.
_TAKEN = (
    shapes.Edit,
    shapes.NewComment,
    shapes.NewDecision,
    shapes.NewName,
    shapes.NewReport,
    shapes.StoryChange,
    shapes.Typing,
    authors.NewMeasure,
    campaigns.NewCampaignDecision,
    authors.NewNote,
    authors.NewRemoval,
    law.Escalation,
    law.NewAnswer,
    law.NewAppeal,
    law.NewNoticeShape,
    law.NewRule,
    law.NewVerdict,
)


_REJECTED_FOR_A_REASON: dict[str, Any] = {
    "if": {"properties": {"decision": {"const": "reject"}}},
    "then": {"required": ["reason"], "properties": {"reason": {"enum": list(REASONS)}}},
}

_MOMENT = (
    r"^(19|20)\d\d-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)"
    r"|02-(0[1-9]|1\d|2[0-8]))T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(Z|[+-](0\d|1[0-3]):[0-5]\d)$"
)
"""RFC 3339, section 5.6, without leap days and parts of seconds, which are taken too."""

_RULE_TEXTS: dict[str, Any] = {
    "minProperties": 1,
    "properties": dict.fromkeys(
        LANGUAGES, {"type": "string", "maxLength": LONGEST_RULE} | shapes.SEEN
    ),
    "additionalProperties": False,
}

_Change = tuple[str, str, dict[str, Any]]


def _nearer(max_characters: int) -> tuple[_Change, ...]:
    """What is refused by a sentence of ours before the outermost limit of a field is met."""
    loosely_true = {"type": ["boolean", "integer", "string"], "enum": [True, False, "1", "0"]}
    return (
        ("NewComment", "text", {"maxLength": max_characters}),
        ("Edit", "text", {"maxLength": max_characters}),
        ("NewName", "name", {"maxLength": LONGEST_NAME}),
        ("NewReport", "reason", {"enum": list(REPORT_REASONS)}),
        ("NewReport", "note", {"maxLength": reacting.LONGEST_NOTE}),
        ("NewDecision", "reason", {"enum": ["", *REASONS]}),
        ("NewDecision", "note", {"maxLength": deciding.LONGEST_NOTE}),
        ("NewCampaignDecision", "reason", {"enum": ["", *REASONS]}),
        ("NewCampaignDecision", "note", {"maxLength": deciding.LONGEST_NOTE}),
        ("Typing", "stop", loosely_true),
        ("NewMeasure", "reason", {"enum": list(REASONS)}),
        ("NewRemoval", "since", {"pattern": _MOMENT}),
        ("NewRemoval", "reason", {"enum": list(REASONS)}),
        ("NewAppeal", "text", shapes.SEEN | {"maxLength": LONGEST_APPEAL}),
        ("NewVerdict", "answer", shapes.SEEN | {"maxLength": LONGEST_APPEAL}),
        ("NewAnswer", "answer", shapes.SEEN | {"maxLength": notices.LONGEST_NOTICE}),
        ("NewNoticeShape", "address", shapes.SEEN | {"maxLength": notices.LONGEST_LINE}),
        ("NewNoticeShape", "explanation", shapes.SEEN | {"maxLength": notices.LONGEST_NOTICE}),
        ("NewNoticeShape", "sure", {"enum": [True]}),
        ("NewNoticeShape", "law", {"maxLength": notices.LONGEST_LINE}),
        ("NewNoticeShape", "name", {"maxLength": notices.LONGEST_LINE}),
        (
            "NewNoticeShape",
            "email",
            {"maxLength": notices.LONGEST_LINE, "pattern": f"^({notices.EMAIL})$"},
        ),
        ("NewRule", "texts", _RULE_TEXTS),
    )


def described(schema: dict[str, Any], max_characters: int) -> dict[str, Any]:
    """``schema`` with the one shape that every refusal has, and with how to be known."""
    _, known = msgspec.json.schema_components(
        [Problem, *_TAKEN], ref_template="#/components/schemas/{name}"
    )
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(known)
    for name, field, change in _nearer(max_characters):
        components["schemas"][name]["properties"][field].update(change)
    for name in ("NewDecision", "NewCampaignDecision"):
        components["schemas"][name] |= _REJECTED_FOR_A_REASON
    components["responses"] = {
        "Refused": {
            "description": "Refused, and why (RFC 9457).",
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
    components["securitySchemes"] = {"credential": {"type": "http", "scheme": "bearer"}}
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("400", None)  # the framework's own, which we never send
            operation["responses"]["default"] = _REFUSED
            operation["security"] = [{}, {"credential": []}]
    return schema
