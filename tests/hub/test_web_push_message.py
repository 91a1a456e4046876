"""Push messages as RFC 8291 and RFC 8292 have them, with the RFC's own example."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from hub.notices.web_push_message import (
    NoSubscription,
    authorization,
    encrypt,
    from_base64url,
    read_subscription,
    server_key,
    to_base64url,
)

BROWSER_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_rfc() -> None:
    """RFC 8291, section 5: the same keys and salt make the same bytes."""
    subscription = read_subscription("https://push.example.net/push/1", BROWSER_KEY, AUTH)
    sender = ec.derive_private_key(int.from_bytes(from_base64url(SENDER_KEY), "big"), ec.SECP256R1())
    content = b"When I grow up, I want to be a watermelon"
    assert to_base64url(encrypt(subscription, content, from_base64url(SALT), sender)) == BODY


def test_no_two_messages_are_alike() -> None:
    """Salt and key pair are new each time."""
    subscription = read_subscription("https://push.example.net/push/1", BROWSER_KEY, AUTH)
    assert encrypt(subscription, b"same") != encrypt(subscription, b"same")


def test_who_sends_is_signed_for_this_push_service() -> None:
    """RFC 8292: audience is the origin, the key is the one that browsers subscribed with."""
    key = ECKey.generate_key("P-256")
    header = authorization("https://push.example.net:8443/push/1", key, "mailto:hub@example.com", now=1_000_000)
    scheme, _, rest = header.partition(" ")
    parts = dict(each.strip().split("=", 1) for each in rest.split(","))
    claims = jwt.decode(parts["t"], key, algorithms=["ES256"]).claims
    assert scheme == "vapid"
    assert claims == {
        "aud": "https://push.example.net:8443",
        "exp": 1_000_000 + 43_200,
        "sub": "mailto:hub@example.com",
    }
    assert parts["k"] == server_key(key)
    assert len(from_base64url(parts["k"])) == 65


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [("", AUTH), (BROWSER_KEY, ""), (BROWSER_KEY[:-3] + "AAA", AUTH), ("?" * 87, AUTH), (AUTH, BROWSER_KEY)],
)
def test_what_is_no_subscription(p256dh: str, auth: str) -> None:
    """A point that is not on the curve, a secret of another length, or no base64url."""
    with pytest.raises(NoSubscription):
        read_subscription("https://push.example.net", p256dh, auth)


def test_a_subscription_prints_no_keys() -> None:
    subscription = read_subscription("https://push.example.net/push/secret", BROWSER_KEY, AUTH)
    assert repr(subscription) == "Subscription(push.example.net)"
    assert json.loads(subscription.to_json())["auth"] == AUTH
