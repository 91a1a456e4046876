"""The lead of a joint case: asked once all have answered, it decides the whole and issues its result."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mocks.idempotency import once
from mocks.licences import Licence, LicenceKind, LicenceRegister, today
from mocks.refusal import read_object, text_of
from mocks.store import Store

LEAD_TABLES = """
CREATE TABLE IF NOT EXISTS joint_case (
    reference INTEGER PRIMARY KEY AUTOINCREMENT, receipt_number TEXT NOT NULL UNIQUE, opinions TEXT NOT NULL,
    asked INTEGER NOT NULL DEFAULT 1, decided INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL);
"""

Tell = Callable[[str, str, dict[str, Any]], None]


class LeadDesk:
    """``kinds`` are the licences that a whole case leads to, by their code."""

    def __init__(
        self,
        store: Store,
        tell: Tell,
        register: LicenceRegister,
        prefix: str,
        kinds: dict[str, LicenceKind],
        delay_seconds: float = 0.3,
    ) -> None:
        self._store = store
        self._tell = tell
        self._register = register
        self._prefix = prefix
        self._kinds = kinds
        self._delay_seconds = delay_seconds
        self._wake = asyncio.Event()

    def routes(self) -> tuple[BaseRoute, ...]:
        return (
            Route("/joint-cases", self.ask, methods=["POST"]),
            Route("/joint-cases/licences", self.issue, methods=["POST"]),
        )

    async def ask(self, request: Request) -> Response:
        body = await read_object(request)
        receipt_number = text_of(body, "receiptNumber")
        opinions = json.dumps(body.get("opinions") or [], ensure_ascii=False)
        return once(self._store, request, body, lambda: (202, self._ask(receipt_number, opinions)))

    async def issue(self, request: Request) -> Response:
        body = await read_object(request)
        number, kind, holder = (text_of(body, name) for name in ("receiptNumber", "kind", "holderIdNumber"))
        return once(self._store, request, body, lambda: (201, self._issue(number, kind, holder)))

    def records(self) -> list[dict[str, Any]]:
        rows = self._store.rows("SELECT * FROM joint_case ORDER BY reference")
        return [
            {
                "receiptNumber": row["receipt_number"],
                "asked": row["asked"],
                "decided": row["decided"],
                "opinions": json.loads(row["opinions"]),
            }
            for row in rows
        ]

    async def work(self) -> None:
        """Decide what has been asked, until cancelled."""
        while True:
            self._wake.clear()
            for case in self._store.rows("SELECT * FROM joint_case WHERE due > 0 AND due <= ?", time.time()):
                with self._store.transaction():
                    self._store.execute(
                        "UPDATE joint_case SET due = 0, decided = decided + 1 WHERE reference = ?",
                        case["reference"],
                    )
                    self._tell("jiyi.case.decided", case["receipt_number"], {"decision": "approved"})
            await self._rest()

    def _ask(self, receipt_number: str, opinions: str) -> dict[str, Any]:
        self._store.execute(
            "INSERT INTO joint_case (receipt_number, opinions, due) VALUES (?, ?, ?)"
            " ON CONFLICT (receipt_number) DO UPDATE SET asked = asked + 1",
            receipt_number, opinions, time.time() + self._delay_seconds,
        )  # fmt: skip
        self._wake.set()
        return {"accepted": True, "reference": receipt_number}

    def _issue(self, receipt_number: str, kind: str, holder: str) -> dict[str, Any]:
        licence = self._register.issued_for(receipt_number)
        if licence is None:
            start = today()
            row = self._store.row("SELECT reference FROM joint_case WHERE receipt_number = ?", receipt_number)
            licence = Licence(
                number=f"{self._prefix}{start.year}9{row['reference'] if row else 0:05d}",
                kind=self._kinds.get(kind, LicenceKind(kind, kind, kind)),
                holder_type="Citizen",
                holder=holder,
                valid_from=start,
                valid_until=start.replace(year=start.year + 5, day=min(start.day, 28)) - timedelta(days=1),
                receipt_number=receipt_number,
            )
            self._register.add(licence)
            self._tell("jiyi.licence.issued", receipt_number, {
                "number": licence.number, "issuerCode": self._register.issuer_code, "kind": kind,
                "validUntil": licence.valid_until and licence.valid_until.isoformat(),
            })  # fmt: skip
        return {"accepted": True, "reference": licence.number}

    async def _rest(self) -> None:
        row = self._store.row("SELECT min(due) AS due FROM joint_case WHERE due > 0")
        due = row["due"] if row else None
        try:
            async with asyncio.timeout(None if due is None else max(0.0, due - time.time())):
                await self._wake.wait()
        except TimeoutError:
            return
