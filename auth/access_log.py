"""Who read whose data: one record per request and citizen, written before the answer is handed out.

If it cannot be written the data is withheld. Source: domain.md, 9.12 (the log of exchanges).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """``reader`` is the person or service who asked (an agent, where one acts for the party).

    ``subject`` is the citizen read about; no value read is kept. ``fields`` are coordinates of personal types;
    ``departments`` who was asked; ``trace`` finds the request in other logs.
    """

    reader: str
    client: str
    subject: str
    purpose: str
    fields: tuple[str, ...]
    departments: tuple[str, ...]
    at: datetime
    trace: str


class AccessLog(Protocol):
    async def write_access(self, records: Sequence[AccessRecord]) -> None:
        """All of them or none."""
        ...


class AccessNotLogged(Exception):
    """The access log could not be written, so the data is not handed out. Answer SERVICE_UNAVAILABLE."""


async def log_access(log: AccessLog, records: Sequence[AccessRecord]) -> None:
    """Write, then hand out. Raises :class:`AccessNotLogged`, whatever it was that failed."""
    if not records:
        return
    try:
        await log.write_access(records)
    except Exception as error:
        logger.critical("The access log cannot be written; personal data is withheld", exc_info=True)
        raise AccessNotLogged("The access log cannot be written. Nothing is handed out.") from error
