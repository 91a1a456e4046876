"""A token is asked for once, not with each thing that somebody tries."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.demo.kept_token import keep_token, kept_token

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(("minutes", "is_kept"), [(15, True), (5, True), (4, False), (-1, False)])
def test_a_token_serves_again_while_five_minutes_are_left(minutes: int, is_kept: bool, tmp_path: Path) -> None:
    """Sign-ins are few in ten minutes; a token that ends while it is used helps nobody."""
    claims = {"exp": int((NOW + timedelta(minutes=minutes)).timestamp())}
    token = f"e30.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.x"
    file = tmp_path / "resident.token"
    assert kept_token(file, NOW) is None
    keep_token(file, token)
    assert kept_token(file, NOW) == (token if is_kept else None)
    assert file.stat().st_mode & 0o777 == 0o600
