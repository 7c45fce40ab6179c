"""Links: too many, from somebody new, or to a host that only looks like another."""

from __future__ import annotations

from belowline.checks.context import CheckContext
from belowline.domain.decisions import Finding
from belowline.domain.text import Link, plain_links

VERSION = "2"

_WARNINGS = {
    "lookalike": "A link leads to a host that looks like another.",
    "userinfo": "An address looks like that of one host and leads to another.",
}


def look(context: CheckContext) -> list[Finding]:
    """link_lookalike, link_userinfo, links_many and link_newcomer, all of which hold."""
    links = plain_links(context.text)
    findings = [
        _finding(f"link_{link.warning}", _WARNINGS[link.warning], link)
        for link in links[: context.max_links + 1]
        if link.warning
    ]
    if len(links) > context.max_links:
        first_too_many = links[context.max_links]
        findings.append(
            _finding("links_many", "It holds more links than are usual here.", first_too_many)
        )
    if links and context.published == 0:
        findings.append(_finding("link_newcomer", "A link in somebody's first comments.", links[0]))
    return findings


def _finding(code: str, sentence: str, link: Link) -> Finding:
    return Finding(
        check="links",
        version=VERSION,
        code=code,
        weight="hold",
        sentence=sentence,
        start=link.start,
        end=link.end,
        evidence=link.host[:200],
    )
