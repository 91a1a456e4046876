"""A department's part of joint cases: a file for each sub-case, and the clerk who takes it a step further.

A file lies, is accepted, is decided; each step and the event that tells of it are kept in one transaction.
What was begun can be undone, also before it came: then it is not begun any more. How a file ends is said on
demand.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mocks.idempotency import once
from mocks.licences import Licence, LicenceKind, LicenceRegister, today
from mocks.refusal import Refused, read_object, text_of
from mocks.store import Store

SUB_CASE_TABLES = """
CREATE TABLE IF NOT EXISTS sub_case_file (
    reference INTEGER PRIMARY KEY AUTOINCREMENT, receipt_number TEXT NOT NULL, sub_case TEXT NOT NULL,
    applicant TEXT NOT NULL DEFAULT '', told TEXT NOT NULL DEFAULT '{}', state TEXT NOT NULL, due REAL NOT NULL,
    begun INTEGER NOT NULL DEFAULT 0, undone INTEGER NOT NULL DEFAULT 0, supplements INTEGER NOT NULL DEFAULT 0,
    reason TEXT, licence_number TEXT, UNIQUE (receipt_number, sub_case));
CREATE TABLE IF NOT EXISTS sub_case_decision (
    receipt_number TEXT NOT NULL, sub_case TEXT NOT NULL, decision TEXT NOT NULL, reason TEXT, remedy TEXT,
    PRIMARY KEY (receipt_number, sub_case));
"""
DECISIONS = ("approved", "denied", "not-accepted", "supplement", "waiting", "silent", "refuse-undoing")
_REASON = "现场与申报不一致。What was found is not what was declared."
_REMEDY = "可在60日内申请行政复议。You may apply for administrative review within 60 days."
_NOTICE = "请补正平面图。Please supply a complete floor plan."

Tell = Callable[[str, str, dict[str, Any]], None]
"""Keep an event: its type, the case's receipt number, its data."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How a file ends. ``supplement`` asks for more first and approves then; ``waiting`` accepts and decides
    nothing until another decision is said; ``silent`` never answers."""

    decision: str = "approved"
    reason: str | None = None
    remedy: str | None = None


class SubCaseDesk:
    """``kinds`` are the licences that approvals issue, by sub-case; ``delay_seconds`` until the decision."""

    def __init__(
        self,
        store: Store,
        tell: Tell,
        register: LicenceRegister | None,
        prefix: str,
        kinds: Mapping[str, LicenceKind],
        delay_seconds: float = 0.6,
    ) -> None:
        self._store = store
        self._tell = tell
        self._register = register
        self._prefix = prefix
        self._kinds = kinds
        self.delay_seconds = delay_seconds
        self._wake = asyncio.Event()

    def routes(self) -> tuple[BaseRoute, ...]:
        return (
            Route("/sub-cases", self.receive, methods=["POST"]),
            Route("/sub-cases/supplement", self.supplement, methods=["POST"]),
            Route("/sub-cases/undo", self.undo, methods=["POST"]),
            Route("/__sub-case-decisions", self.instruct, methods=["POST"]),
            Route("/__sub-case-delay", self.set_delay, methods=["POST"]),
        )

    async def receive(self, request: Request) -> Response:
        body = await read_object(request)
        return once(self._store, request, body, lambda: (202, self.begin(body)))

    async def supplement(self, request: Request) -> Response:
        body = await read_object(request)
        return once(self._store, request, body, lambda: (200, self.take_supplement(body)))

    async def undo(self, request: Request) -> Response:
        body = await read_object(request)
        return once(self._store, request, body, lambda: (200, self.take_back(body)))

    async def instruct(self, request: Request) -> Response:
        """How files will end: of one case or all, of one sub-case or all."""
        body = await read_object(request)
        if body.get("decision") not in DECISIONS:
            raise Refused(400, "WRONG_DECISION", f'"decision" must be one of {", ".join(DECISIONS)}.')
        self._store.execute(
            "INSERT OR REPLACE INTO sub_case_decision VALUES (?, ?, ?, ?, ?)",
            body.get("receiptNumber") or "", body.get("subCase") or "", body["decision"], body.get("reason"),
            body.get("remedy"),
        )  # fmt: skip
        return JSONResponse(body)

    async def set_delay(self, request: Request) -> Response:
        """For files that wait already, too: they wait anew."""
        self.delay_seconds = float((await read_object(request))["seconds"])
        self._store.execute("UPDATE sub_case_file SET due = ? WHERE due > 0", self._next())
        self._wake.set()
        return JSONResponse({"seconds": self.delay_seconds})

    def begin(self, order: dict[str, Any]) -> dict[str, Any]:
        """Open a file, or find the one that this sub-case has. One that was undone before stays undone."""
        receipt_number, sub_case = text_of(order, "receiptNumber"), text_of(order, "subCase")
        self._store.execute(
            "INSERT INTO sub_case_file (receipt_number, sub_case, applicant, told, state, due, begun)"
            " VALUES (?, ?, ?, ?, 'RECEIVED', ?, 1) ON CONFLICT (receipt_number, sub_case)"
            " DO UPDATE SET begun = begun + 1",
            receipt_number, sub_case, text_of(order, "applicantIdNumber"), json.dumps(order, ensure_ascii=False),
            self._next(),
        )  # fmt: skip
        self._wake.set()
        return self._receipt(receipt_number, sub_case)

    def take_supplement(self, order: dict[str, Any]) -> dict[str, Any]:
        """The applicant's answer to what was asked; the file goes on."""
        receipt_number, sub_case = text_of(order, "receiptNumber"), text_of(order, "subCase")
        self._store.execute(
            "UPDATE sub_case_file SET state = 'SUPPLEMENTED', due = ?, supplements = supplements + 1"
            " WHERE receipt_number = ? AND sub_case = ? AND state = 'SUPPLEMENT_REQUESTED'",
            self._next(), receipt_number, sub_case,
        )  # fmt: skip
        self._wake.set()
        return self._receipt(receipt_number, sub_case)

    def take_back(self, order: dict[str, Any]) -> dict[str, Any]:
        """Undo what was begun and revoke what was issued; again has no further effect."""
        receipt_number, sub_case = text_of(order, "receiptNumber"), text_of(order, "subCase")
        if self._decision(receipt_number, sub_case).decision == "refuse-undoing":
            return {"accepted": False, "reference": None}
        found = self._find(receipt_number, sub_case)
        if found and found["licence_number"] and self._register:
            self._register.revoke(found["licence_number"])
        self._store.execute(
            "INSERT INTO sub_case_file (receipt_number, sub_case, state, due, undone)"
            " VALUES (?, ?, 'UNDONE', 0, 1)"
            " ON CONFLICT (receipt_number, sub_case) DO UPDATE SET state = 'UNDONE', due = 0, undone = undone + 1",
            receipt_number, sub_case,
        )  # fmt: skip
        return self._receipt(receipt_number, sub_case)

    def records(self) -> list[dict[str, Any]]:
        """What the department itself believes of its sub-cases."""
        rows = self._store.rows("SELECT * FROM sub_case_file ORDER BY reference")
        return [
            {
                "receiptNumber": row["receipt_number"],
                "subCase": row["sub_case"],
                "state": row["state"],
                "begun": row["begun"],
                "undone": row["undone"],
                "supplements": row["supplements"],
                "licenceNumber": row["licence_number"],
                "told": json.loads(row["told"]),
            }
            for row in rows
        ]

    async def work(self) -> None:
        """Take every file whose time has come one step further, until cancelled."""
        while True:
            self._wake.clear()
            for file in self._store.rows("SELECT * FROM sub_case_file WHERE due > 0 AND due <= ?", time.time()):
                with self._store.transaction():
                    self._take_step(file)
            await self._rest()

    def _take_step(self, file: dict[str, Any]) -> None:
        decision = self._decision(file["receipt_number"], file["sub_case"])
        named = {"subCase": file["sub_case"]}
        refusal = {"reason": decision.reason or _REASON, "remedy": decision.remedy or _REMEDY}
        if decision.decision == "silent":
            self._move(file, file["state"], ends=True)
        elif file["state"] == "RECEIVED" and decision.decision == "supplement":
            self._move(file, "SUPPLEMENT_REQUESTED", ends=True)
            notice = {"notice": decision.reason or _NOTICE}
            self._tell("jiyi.sub-case.supplement-requested", file["receipt_number"], named | notice)
        elif file["state"] in {"RECEIVED", "SUPPLEMENTED"} and decision.decision == "not-accepted":
            self._move(file, "NOT_ACCEPTED", ends=True)
            self._tell("jiyi.sub-case.not-accepted", file["receipt_number"], named | refusal)
        elif file["state"] in {"RECEIVED", "SUPPLEMENTED"}:
            self._move(file, "ACCEPTED")
            self._tell("jiyi.sub-case.accepted", file["receipt_number"], named)
        elif decision.decision == "waiting":
            self._move(file, file["state"])
        elif decision.decision in {"denied", "not-accepted"}:
            self._move(file, "DENIED", ends=True)
            told = named | refusal | {"decision": "denied"}
            self._tell("jiyi.sub-case.decided", file["receipt_number"], told)
        else:
            self._approve(file, named)

    def _approve(self, file: dict[str, Any], named: dict[str, Any]) -> None:
        told: dict[str, Any] = named | {"decision": "approved", "opinion": "符合要求。In order."}
        kind = self._kinds.get(file["sub_case"])
        if kind is not None and self._register is not None:
            licence = self._issue(file, kind, self._register)
            until = licence.valid_until and licence.valid_until.isoformat()
            told["licence"] = {
                "number": licence.number, "issuerCode": self._register.issuer_code, "validUntil": until,
            }  # fmt: skip
        self._move(file, "APPROVED", ends=True)
        self._tell("jiyi.sub-case.decided", file["receipt_number"], told)

    def _issue(self, file: dict[str, Any], kind: LicenceKind, register: LicenceRegister) -> Licence:
        start = today()
        licence = Licence(
            number=f"{self._prefix}{start.year}{file['reference']:06d}",
            kind=kind,
            holder_type="Citizen",
            holder=file["applicant"],
            valid_from=start,
            # The 28th exists in every month.
            valid_until=start.replace(year=start.year + 5, day=min(start.day, 28)) - timedelta(days=1),
            receipt_number=f"{file['receipt_number']}/{file['sub_case']}",
        )
        register.add(licence)
        self._store.execute(
            "UPDATE sub_case_file SET licence_number = ? WHERE reference = ?", licence.number, file["reference"]
        )
        return licence

    def _move(self, file: dict[str, Any], state: str, *, ends: bool = False) -> None:
        due = 0 if ends else self._next()
        self._store.execute(
            "UPDATE sub_case_file SET state = ?, due = ? WHERE reference = ?", state, due, file["reference"]
        )

    def _decision(self, receipt_number: str, sub_case: str) -> Decision:
        """What was said of this file, of its case, of its step, or of all."""
        for case, step in ((receipt_number, sub_case), (receipt_number, ""), ("", sub_case), ("", "")):
            row = self._store.row(
                "SELECT * FROM sub_case_decision WHERE receipt_number = ? AND sub_case = ?", case, step
            )
            if row is not None:
                return Decision(row["decision"], row["reason"], row["remedy"])
        return Decision()

    def _find(self, receipt_number: str, sub_case: str) -> dict[str, Any] | None:
        sql = "SELECT * FROM sub_case_file WHERE receipt_number = ? AND sub_case = ?"
        return self._store.row(sql, receipt_number, sub_case)

    def _receipt(self, receipt_number: str, sub_case: str) -> dict[str, Any]:
        found = self._find(receipt_number, sub_case)
        return {"accepted": True, "reference": f"{self._prefix}-{found['reference']:06d}" if found else None}

    def _next(self) -> float:
        return time.time() + self.delay_seconds / 2

    async def _rest(self) -> None:
        row = self._store.row("SELECT min(due) AS due FROM sub_case_file WHERE due > 0")
        due = row["due"] if row else None
        try:
            async with asyncio.timeout(None if due is None else max(0.0, due - time.time())):
                await self._wake.wait()
        except TimeoutError:
            return
