"""Messages for one browser, by the example of RFC 8291, and who signs them, by RFC 8292."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from belowline.notifiers import push
from belowline.notifiers.sealed import LONGEST, encoded, packed, reader, seal, unpacked
from tests.support.browsers import Browser

# RFC 8291, appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
OWN = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLoc"
    "InmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLV"
    "WGNWQexSgSxsj_Qulcy4a-fN"
)

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_the_example_of_the_rfc_is_sealed_to_the_same_bytes() -> None:
    own = ec.derive_private_key(int.from_bytes(unpacked(OWN), "big"), ec.SECP256R1())
    sealed = seal(TEXT, reader(POINT, AUTH), salt=unpacked(SALT), own=own)
    assert packed(sealed) == SEALED


def test_each_message_is_sealed_anew_and_only_its_browser_reads_it() -> None:
    ada, ben = Browser("https://push.example/ada"), Browser("https://push.example/ben")
    first, second = (seal(b"Hello", reader(ada.p256dh, ada.auth)) for _ in range(2))
    assert first != second
    assert (ada.read(first), ada.read(second)) == (b"Hello", b"Hello")
    with pytest.raises(InvalidTag):
        ben.read(first)
    longest = b"x" * LONGEST
    sealed = seal(longest, reader(ada.p256dh, ada.auth))
    assert (len(sealed), ada.read(sealed)) == (4096, longest)
    with pytest.raises(ValueError, match="too long"):
        seal(longest + b"x", reader(ada.p256dh, ada.auth))


@pytest.mark.parametrize(
    ("point", "auth"),
    [
        ("", AUTH),
        ("BA", AUTH),
        ("B" + "A" * 86, AUTH),
        (POINT, "short"),
        (POINT, "+!"),
        ("é", AUTH),
    ],
)
def test_what_is_no_key_of_a_browser_is_a_value_error(point: str, auth: str) -> None:
    with pytest.raises(ValueError, match="no key of a browser"):
        reader(point, auth)


def test_the_site_says_who_it_is_in_a_token_that_its_public_key_proves() -> None:
    sender = push.Sender(key=push.new_key(), contact="mailto:desk@post.example")
    said = push.token(sender, "https://push.example:8443/wake/ada?x=1", NOW)
    head, claims, signature = said.split(".")
    assert msgspec.json.decode(unpacked(head)) == {"typ": "JWT", "alg": "ES256"}
    assert msgspec.json.decode(unpacked(claims)) == {
        "aud": "https://push.example:8443",
        "exp": int(NOW.timestamp()) + 12 * 3600,
        "sub": "mailto:desk@post.example",
    }
    raw = unpacked(signature)
    halves = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    point = unpacked(push.public_key(sender.key))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    public.verify(halves, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(halves, f"{head}.{claims}x".encode(), ec.ECDSA(SHA256()))
    assert encoded(public) == point
