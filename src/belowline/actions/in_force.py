"""The policy that holds: read with each snapshot by its number, made ready once a version."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import structlog

from belowline.checks import words
from belowline.domain import policy as policies
from belowline.domain import rulebook
from belowline.domain.policy import Policy
from belowline.domain.rulebook import Rule, Unreadable
from belowline.domain.rules import Rules
from belowline.domain.stories import MODES
from belowline.storage import policies as stored
from belowline.storage.engine import Connection

_log = structlog.get_logger(__name__)


class PolicyInForce(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the policy with its rules read. Number 0 is what the settings say.

    ``thresholds`` are the rules' for the risk model, as `rulebook.thresholds` has them. ``own``
    is what holds for those sites that have something besides.
    """

    number: int
    policy: Policy
    rules: tuple[Rule, ...]
    thresholds: Mapping[str, float] = {}
    own: Mapping[int, PolicyInForce] = {}

    def at(self, site: int) -> PolicyInForce:
        """What holds for a site."""
        return self.own.get(site, self)


class InForce:
    """The version that holds, as this process last read it. Several processes may each have one.

    Its lists are read when it comes, not when the first comment is looked at.
    """

    def __init__(self) -> None:
        self._ready: PolicyInForce | None = None

    def last(self, settings: Rules) -> PolicyInForce:
        """The version that was read last."""
        return self._ready or self._hold(ready(0, policies.initial(settings)))

    def now(self, connection: Connection, settings: Rules) -> PolicyInForce:
        """The version that holds in the connection's snapshot."""
        number = stored.newest(connection)
        if number != self.last(settings).number:
            found = stored.get(connection, number)
            if found is not None:
                self._hold(ready(number, found.policy))
        return self.last(settings)

    def _hold(self, version: PolicyInForce) -> PolicyInForce:
        for one in (version, *version.own.values()):
            words.prepare(one.policy)
        self._ready = version
        return version


def ready(number: int, policy: Policy) -> PolicyInForce:
    """A version made ready. One that this release cannot read holds everything, and says so."""
    common = _read(number, policy.rules)
    own = {}
    for one in policy.own:
        before = _read(number, one.rules)
        is_read = common is not None and before is not None
        rules = rulebook.ahead(before or (), common or ()) if is_read else ()
        own[one.site] = _made(number, policy.at(one.site), rules)
    return msgspec.structs.replace(_made(number, policy, common or ()), own=own)


def _read(number: int, rules: str) -> tuple[Rule, ...] | None:
    try:
        return rulebook.read(rules, None, MODES)
    except Unreadable as unreadable:
        _log.error("policy.unreadable", number=number, problem=str(unreadable))
        return None


def _made(number: int, policy: Policy, rules: tuple[Rule, ...]) -> PolicyInForce:
    thresholds = rulebook.thresholds(rules)
    return PolicyInForce(number=number, policy=policy, rules=rules, thresholds=thresholds)
