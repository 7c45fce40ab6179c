"""What the way in which a comment was sent says of its sender, apart from its text."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

HASTY = 3.0
"""Seconds from a form's making to its sending that nobody needs less than who reads and writes."""

ODDS: dict[str, float] = {
    "sender_trap": 3.0,
    "sender_hasty": 1.5,
    "sender_unstamped": 1.0,
    "sender_crowd": 0.5,
}
"""Sign -> what it adds to the odds (natural logarithm) that a text with signs of spam is spam."""

_POINTS = {"sender_trap": 2, "sender_hasty": 1, "sender_unstamped": 1, "sender_crowd": 1}
_SUSPICIOUS = 2


class Sender(msgspec.Struct, frozen=True):
    """How a comment came. ``signs`` are keys of `ODDS`; ``trapped`` is what the trap caught.

    ``proof`` is ``able`` for one who can be asked for proof of work, ``given`` for one who has
    brought it, and "" for everybody else, who is never asked.
    """

    signs: tuple[str, ...] = ()
    trapped: str = ""
    proof: str = ""

    @property
    def odds(self) -> float:
        """What all signs add to the odds of spam."""
        return sum(ODDS[sign] for sign in self.signs)


NOBODY = Sender()
"""Of whose sending nothing is known, as with every program that uses the API."""


def signs(*, trapped: str, seconds: float | None, stamped: bool, crowded: bool) -> tuple[str, ...]:
    """The signs of a form that took ``seconds`` (None: not known)."""
    found = {
        "sender_trap": bool(trapped),
        "sender_hasty": seconds is not None and seconds < HASTY,
        "sender_unstamped": not stamped,
        "sender_crowd": crowded,
    }
    return tuple(sign for sign, is_there in found.items() if is_there)


def of_codes(codes: Iterable[str]) -> Sender:
    """The sender of whom these findings were kept."""
    return Sender(signs=tuple(code for code in codes if code in ODDS))


def is_suspicious(sender: Sender, *, newcomer: bool, spam: bool, tightened: bool) -> bool:
    """Whether work is worth asking for: of a newcomer with two reasons or more against them.

    ``spam`` is whether the text has signs of it, ``tightened`` whether the circuit breaker has
    made the story stricter.
    """
    points = sum(_POINTS[sign] for sign in sender.signs) + spam + tightened
    return newcomer and points >= _SUSPICIOUS
