"""Encryption at rest of what the hub must be able to read again: connectors' secrets, signing keys.

AES-256-GCM under keys that stand in the settings and never in the database. What is sealed is bound to its place,
so that it does not open in another row. The first key seals, all open; each sealed text names its key, so that
keys can be exchanged one after the other (docs/secrets.md).
Sources: NIST SP 800-38D; RFC 5869 (HKDF).
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MINIMUM_CHARACTERS = 32
_MARK = "sealed-1"
_NONCE_BYTES = 12


class Unsealable(Exception):
    """A sealed text does not open: with none of the keys that are set, or not in this place."""


class NoSealingKey(Exception):
    """No key is set, so nothing is kept."""

    def __init__(self) -> None:
        super().__init__(
            "The hub has no key to encrypt secrets with. Set JIYI_SECRET_KEY or JIYI_SECRET_KEY_FILE "
            "(`openssl rand -base64 32` makes one)."
        )


class Sealer:
    """``keys`` are texts of at least 32 random characters, the one that seals first. Prints none of them."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._ciphers = dict(map(_cipher, keys))
        self._newest = next(iter(self._ciphers), None)

    @property
    def can_seal(self) -> bool:
        return self._newest is not None

    def seal(self, text: str, place: str) -> str:
        """Raises :class:`NoSealingKey`."""
        if self._newest is None:
            raise NoSealingKey
        nonce = secrets.token_bytes(_NONCE_BYTES)
        content = self._ciphers[self._newest].encrypt(nonce, text.encode(), place.encode())
        return f"{_MARK}.{self._newest}.{base64.urlsafe_b64encode(nonce + content).decode()}"

    def unseal(self, sealed: str, place: str) -> str:
        """Raises :class:`Unsealable`."""
        mark, _, rest = sealed.partition(".")
        key_id, _, content = rest.partition(".")
        cipher = self._ciphers.get(key_id)
        if mark != _MARK or cipher is None:
            raise Unsealable("it was sealed with a key that is not set")
        try:
            raw = base64.urlsafe_b64decode(content)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise Unsealable("it was changed, or belongs elsewhere") from None

    def is_current(self, sealed: str) -> bool:
        """Whether the key that seals now has sealed it."""
        return self._newest is not None and sealed.startswith(f"{_MARK}.{self._newest}.")


def is_sealed(text: str) -> bool:
    """Whether a text is what :meth:`Sealer.seal` made, with whatever key."""
    return text.startswith(f"{_MARK}.")


def _cipher(key: str) -> tuple[str, AESGCM]:
    """The cipher of a key, under a name that tells nothing of it."""
    made = HKDF(hashes.SHA256(), 40, salt=None, info=b"jiyi sealing 1").derive(key.encode())
    return made[32:].hex()[:12], AESGCM(made[:32])
