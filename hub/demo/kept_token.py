"""The token that ``jiyi demo --token`` printed, for as long as it is good.

Each sign-in takes one of the few codes that a person may be sent in ten minutes, and whoever tries one thing after
the other asks for a token with each.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path

LEAST_LEFT = timedelta(minutes=5)
"""Less than this is no time to work with."""


def kept_token(file: Path, now: datetime) -> str | None:
    try:
        token = file.read_text()
    except OSError:
        return None
    return token if _end_of(token) - now >= LEAST_LEFT else None


def keep_token(file: Path, token: str) -> None:
    """Readable by this user alone."""
    file.touch(mode=0o600)
    file.write_text(token)


def _end_of(token: str) -> datetime:
    payload = token.split(".")[1]
    claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return datetime.fromtimestamp(claims["exp"], UTC)
