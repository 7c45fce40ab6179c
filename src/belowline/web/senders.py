"""How a comment was sent, as far as the request says, and the work that is asked of a sender."""

from __future__ import annotations

from collections.abc import Mapping

from belowline.domain import ids, networks
from belowline.domain.errors import Refused
from belowline.domain.senders import Sender, signs
from belowline.domain.users import User
from belowline.signin import proofs, stamps
from belowline.web.api import shapes
from belowline.web.asking import Asking
from belowline.web.problems import ProofWanted

TRAP = "homepage"
_CROWDED = 0.5
"""The share of what an address or a network may send from which on many come from there."""
_UNABLE = "unable"


def of_form(asking: Asking, data: Mapping[str, str]) -> Sender:
    """Who sent a form without scripts. It was made with a stamp, so one without is none of ours."""
    return _sender(asking, data.get(TRAP, ""), data.get("stamp", "-"), proof="")


def of_program(asking: Asking, said: shapes.HowSent | None, purpose: str) -> Sender:
    """Who sent it by the API: our own widget, which says how, or any program, which does not.

    ``purpose`` is what a proof has to be for.
    """
    if said is None:
        return _sender(asking, "", "", proof="")
    services = asking.services
    proof = "" if said.proof == _UNABLE else "able"
    if proof and said.proof:
        now = services.now()
        solved = proofs.is_solved(services.signing_key, purpose, said.proof, now)
        proof = "given" if solved else proof
    return _sender(asking, said.homepage, said.stamp, proof=proof)


def purpose_of(author: User, *sent: str) -> str:
    """What a proof is for: this author, and all that they have sent; "" where none is wanted."""
    return proofs.intention(ids.encode(author.id), *sent) if sent else ""


def asked(asking: Asking, refused: Refused, purpose: str) -> Refused:
    """``refused``, with a challenge where one is wanted."""
    if refused.code != "proof_wanted":
        return refused
    services = asking.services
    return ProofWanted(proofs.challenge(services.signing_key, purpose, services.now()))


def _sender(asking: Asking, trapped: str, stamp: str, *, proof: str) -> Sender:
    services = asking.services
    seconds = stamps.age(services.signing_key, stamp, services.now()) if stamp else None
    found = signs(
        trapped=trapped,
        seconds=seconds,
        stamped=not stamp or seconds is not None,
        crowded=_is_crowded(asking),
    )
    return Sender(signs=found, trapped=trapped, proof=proof)


def _is_crowded(asking: Asking) -> bool:
    """Whether many comments come from the same address or network at the moment."""
    network = networks.network(asking.address)
    if not network:
        return False
    share, home = asking.services.pace.share, networks.household(asking.address)
    return max(share("post from", home), share("post from", network)) >= _CROWDED
