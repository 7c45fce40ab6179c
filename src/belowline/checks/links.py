"""Links: too many, from somebody new, or to a host that only looks like another."""

from __future__ import annotations

from belowline.checks.context import CheckContext
from belowline.domain.decisions import Finding
from belowline.domain.marking import _
from belowline.domain.text import Link, plain_links

VERSION = "2"

_WARNINGS = {
    "lookalike": _("A link leads to a host that looks like another."),
    "userinfo": _("An address looks like that of one host and leads to another."),
}


def look(context: CheckContext) -> list[Finding]:
    """link_banned (refuse); link_suspect, link_lookalike, link_userinfo, links_many and
    link_newcomer, all of which hold. Links to allowed domains are overlooked."""
    links = [
        link for link in plain_links(context.text) if not within(link, context.allowed_domains)
    ]
    findings = [
        _finding(code, sentence, link, weight)
        for code, sentence, weight, domains in (
            (
                "link_banned",
                _("Links to this site are not allowed here."),
                "refuse",
                context.banned_domains,
            ),
            (
                "link_suspect",
                _("A link to a site that a moderator looks at first."),
                "hold",
                context.suspect_domains,
            ),
        )
        for link in links
        if within(link, domains)
    ]
    findings += [
        _finding(f"link_{link.warning}", _WARNINGS[link.warning], link)
        for link in links[: context.max_links + 1]
        if link.warning
    ]
    if len(links) > context.max_links:
        first_too_many = links[context.max_links]
        findings.append(
            _finding("links_many", _("It holds more links than are usual here."), first_too_many)
        )
    if links and context.published < context.newcomer_until:
        findings.append(
            _finding("link_newcomer", _("A link in somebody's first comments."), links[0])
        )
    return findings


def within(link: Link, domains: tuple[str, ...]) -> bool:
    """Whether the link leads to one of ``domains`` or to what lies below it."""
    host = "." + link.host.lower().rstrip(".")
    return any(host.endswith("." + domain.lower().strip(". ")) for domain in domains if domain)


def _finding(code: str, sentence: str, link: Link, weight: str = "hold") -> Finding:
    return Finding(
        check="links",
        version=VERSION,
        code=code,
        weight=weight,
        sentence=sentence,
        start=link.start,
        end=link.end,
        evidence=link.host[:200],
    )
