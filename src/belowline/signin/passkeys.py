"""Passkeys (WebAuthn): what a browser is asked, and whether its answer holds.

The library and its cryptography are imported when the first passkey is used: they would cost every
process memory, and many sites have none.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import msgspec

from belowline.domain.errors import Refused

_PATIENCE = 120_000  # milliseconds that a browser waits for its user


class Place(msgspec.Struct, frozen=True):
    """What passkeys are bound to: the host's name, and the origin of the site's pages."""

    host: str
    origin: str


class Made(msgspec.Struct, frozen=True):
    """A new passkey: its id and public key in base64url, and how often it has signed."""

    credential: str
    public_key: str
    sign_count: int


def place(base_url: str) -> Place:
    """The place of a site with this public address."""
    parts = urlsplit(base_url)
    return Place(host=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}")


def question(
    challenge: str, where: Place, site: str, user: int, name: str, known: list[str]
) -> str:
    """What a browser is asked for a new passkey, as JSON; none is made where one is ``known``."""
    from webauthn import base64url_to_bytes, generate_registration_options, options_to_json
    from webauthn.helpers import structs

    options = generate_registration_options(
        rp_id=where.host,
        rp_name=site,
        user_id=user.to_bytes(8, "big"),
        user_name=name,
        challenge=base64url_to_bytes(challenge),
        timeout=_PATIENCE,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known
        ],
    )
    return options_to_json(options)


def sign_in_question(challenge: str, where: Place) -> str:
    """What a browser is asked by whoever signs in, as JSON: any passkey of this site."""
    from webauthn import base64url_to_bytes, generate_authentication_options, options_to_json
    from webauthn.helpers import structs

    options = generate_authentication_options(
        rp_id=where.host,
        challenge=base64url_to_bytes(challenge),
        timeout=_PATIENCE,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def challenge_of(answer: str) -> str:
    """The challenge that an answer names, in base64url. Raises Refused("passkey_wrong")."""
    from webauthn.helpers import base64url_to_bytes

    try:
        data = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
        return str(data["challenge"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused("passkey_wrong") from None


def credential_of(answer: str) -> str:
    """The id of the passkey that answers, in base64url. Raises Refused("passkey_wrong")."""
    try:
        return str(json.loads(answer)["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused("passkey_wrong") from None


def made(answer: str, challenge: str, where: Place) -> Made:
    """The passkey that a browser has made. Raises Refused("passkey_wrong")."""
    from webauthn import base64url_to_bytes, verify_registration_response
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=where.host,
            expected_origin=where.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise Refused("passkey_wrong") from None
    return Made(
        bytes_to_base64url(found.credential_id),
        bytes_to_base64url(found.credential_public_key),
        found.sign_count,
    )


def count_in(answer: str, challenge: str, where: Place, public_key: str) -> int:
    """How often the passkey says that it has signed, 0 when it does not count; its signature holds.

    Raises Refused("passkey_wrong").
    """
    from webauthn import base64url_to_bytes, verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=where.host,
            expected_origin=where.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=0,  # compared by the caller, who keeps the doubt
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise Refused("passkey_wrong") from None
    return found.new_sign_count
