"""The log of who read whose data."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from auth.access_log import AccessNotLogged, AccessRecord, log_access

RECORD = AccessRecord(
    reader="statistics",
    client="statistics",
    subject="citizen-1",
    purpose="query",
    fields=("Citizen.name",),
    departments=("public-security",),
    at=datetime(2026, 11, 23, tzinfo=UTC),
    trace="4bf92f3577b34da6a3ce929d0e0e4736",
)


class Broken:
    async def write_access(self, records: Sequence[AccessRecord]) -> None:
        raise OSError("disk full")


async def test_what_cannot_be_logged_is_not_handed_out(caplog: pytest.LogCaptureFixture) -> None:
    """The gateway writes before it answers; a failure is loud and withholds the data."""
    with pytest.raises(AccessNotLogged):
        await log_access(Broken(), [RECORD])
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    assert "citizen-1" not in caplog.text


async def test_nothing_personal_writes_nothing() -> None:
    """The catalogue is read far more often, and by people nobody knows."""
    await log_access(Broken(), [])
