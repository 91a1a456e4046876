"""The signature of a callback: ``t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">``."""

from __future__ import annotations

import hashlib
import hmac


def signature(secret: bytes, at: int, body: str) -> str:
    """The value of ``Jiyi-Signature`` for ``body``, signed at ``at`` (Unix seconds)."""
    digest = hmac.new(secret, f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
