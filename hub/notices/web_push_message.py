"""A push message as a browser's push service takes it: encrypted for that browser alone, signed by this hub.

The push service sees how long it is and when it comes, never what it says. Sources: RFC 8291 (encryption), RFC
8188 (aes128gcm), RFC 8292 (VAPID).
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

RECORD_BYTES = 4096
_LAST_RECORD = b"\x02"
_POINT_BYTES = 65
_SIGNED_FOR_SECONDS = 12 * 3600


class NoSubscription(ValueError):
    """What a browser said is no subscription."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a browser listens, and the keys that it reads with. Prints neither."""

    endpoint: str
    public_key: bytes
    secret: bytes

    def __repr__(self) -> str:
        return f"Subscription({urlsplit(self.endpoint).hostname})"

    def to_json(self) -> str:
        return json.dumps(
            {"endpoint": self.endpoint, "p256dh": to_base64url(self.public_key), "auth": to_base64url(self.secret)}
        )


def read_subscription(endpoint: str, p256dh: str, auth: str) -> Subscription:
    """Raises :class:`NoSubscription`."""
    try:
        public_key, secret = from_base64url(p256dh), from_base64url(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    except ValueError as error:
        raise NoSubscription("`p256dh` and `auth` are what the browser gave, in base64url.") from error
    if len(secret) != 16 or len(public_key) != _POINT_BYTES:
        raise NoSubscription("`p256dh` has 65 bytes, `auth` has 16.")
    return Subscription(endpoint, public_key, secret)


def encrypt(
    subscription: Subscription,
    content: bytes,
    salt: bytes | None = None,
    private_key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The body to post, one record. Salt and key pair are of this message alone; tests give those of the RFC."""
    salt = salt or secrets.token_bytes(16)
    ours = private_key or ec.generate_private_key(ec.SECP256R1())
    our_point = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), subscription.public_key)
    shared = ours.exchange(ec.ECDH(), theirs)
    whose = b"WebPush: info\x00" + subscription.public_key + our_point
    material = _derive(subscription.secret, shared, whose, 32)
    key = _derive(salt, material, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(salt, material, b"Content-Encoding: nonce\x00", 12)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(our_point)]) + our_point
    return header + AESGCM(key).encrypt(nonce, content + _LAST_RECORD, None)


def authorization(endpoint: str, key: ECKey, contact: str, now: float | None = None) -> str:
    """Who sends: the hub's key, and whom the push service may write to."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(now if now is not None else time.time()) + _SIGNED_FOR_SECONDS,
        "sub": contact,
    }
    token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, key, algorithms=["ES256"])
    return f"vapid t={token}, k={server_key(key)}"


def server_key(key: ECKey) -> str:
    """What a browser is given as ``applicationServerKey``: the public point, in base64url."""
    point = key.as_dict(private=False)
    x, y = (from_base64url(str(point[name])) for name in ("x", "y"))
    return to_base64url(b"\x04" + x.rjust(32, b"\x00") + y.rjust(32, b"\x00"))


def to_base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    """Raises ``ValueError``."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _derive(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)
