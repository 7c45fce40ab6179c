"""The policy that holds: read with each snapshot by its number, made ready once a version."""

from __future__ import annotations

import msgspec
import structlog

from belowline.domain import policy as policies
from belowline.domain import rulebook
from belowline.domain.policy import Policy
from belowline.domain.rulebook import Rule, Unreadable
from belowline.domain.rules import Rules
from belowline.domain.stories import MODES
from belowline.storage import policies as stored
from belowline.storage.engine import Connection

_log = structlog.get_logger(__name__)


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the policy with its rules read. Number 0 is what the settings say."""

    number: int
    policy: Policy
    rules: tuple[Rule, ...]


class Standing:
    """The version that holds, as this process last read it. Several processes may each have one."""

    def __init__(self) -> None:
        self._ready: Ready | None = None

    def last(self, settings: Rules) -> Ready:
        """The version that was read last."""
        if self._ready is None:
            self._ready = ready(0, policies.initial(settings))
        return self._ready

    def now(self, connection: Connection, settings: Rules) -> Ready:
        """The version that holds in the connection's snapshot."""
        number = stored.newest(connection)
        if number != self.last(settings).number:
            found = stored.get(connection, number)
            if found is not None:
                self._ready = ready(number, found.policy)
        return self.last(settings)


class _Anything:
    """What holds every word: a rule about a check that is gone just never applies."""

    def __contains__(self, word: object) -> bool:
        return True

    def __iter__(self) -> None:
        raise TypeError

    def __len__(self) -> int:
        raise TypeError


def ready(number: int, policy: Policy) -> Ready:
    """A version made ready. One that this release cannot read holds everything, and says so."""
    try:
        rules = rulebook.read(policy.rules, _Anything(), MODES)  # type: ignore[arg-type]
    except Unreadable as unreadable:
        _log.error("policy.unreadable", number=number, problem=str(unreadable))
        rules = ()
    return Ready(number=number, policy=policy, rules=rules)
