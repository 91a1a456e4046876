"""民政's case files, and the clerk who takes each one step further when its time has come.

Nothing is decided inside a submission: a case lies, is accepted, is reviewed, is decided. Each step and
the event that tells of it are kept in one transaction.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mocks.store import Store

CASE_TABLES = """
CREATE TABLE IF NOT EXISTS case_file (
    reference INTEGER PRIMARY KEY AUTOINCREMENT, receipt_number TEXT NOT NULL UNIQUE, item_code TEXT NOT NULL,
    applicant TEXT NOT NULL, form TEXT NOT NULL, submitted_at TEXT NOT NULL, state TEXT NOT NULL,
    due REAL NOT NULL, reason TEXT, remedy TEXT);
CREATE TABLE IF NOT EXISTS decision (
    receipt_number TEXT PRIMARY KEY, decision TEXT NOT NULL, reason TEXT, remedy TEXT);
"""
STEPS_UNTIL_DECISION = 3
DECISIONS = ("approved", "denied", "not-accepted", "silent")
_REASON = "申请材料与登记信息不一致。The application does not agree with the register."
_REMEDY = "可在60日内申请行政复议。You may apply for administrative review within 60 days."

Tell = Callable[[str, str, dict[str, Any]], None]
"""Keep an event: its type, the case's receipt number, its data."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a case will come to. A refusal always has a reason and a remedy; ``silent`` is reviewed for ever."""

    decision: str = "approved"
    reason: str | None = None
    remedy: str | None = None

    def explained(self) -> Decision:
        if self.decision in {"approved", "silent"}:
            return self
        return Decision(self.decision, self.reason or _REASON, self.remedy or _REMEDY)


class CaseFiles:
    """Received cases. ``delay_seconds`` is the time from submission to decision."""

    def __init__(self, store: Store, tell: Tell, delay_seconds: float) -> None:
        self._store = store
        self._tell = tell
        self.delay_seconds = delay_seconds
        self._wake = asyncio.Event()

    def receive(self, submission: dict[str, Any]) -> str:
        """Open a file, or find the one that this receipt number has. Returns the department's reference."""
        self._store.execute(
            "INSERT INTO case_file (receipt_number, item_code, applicant, form, submitted_at, state, due)"
            " VALUES (?, ?, ?, ?, ?, 'RECEIVED', ?) ON CONFLICT (receipt_number) DO NOTHING",
            submission["receiptNumber"], submission["itemCode"], submission["applicantIdNumber"],
            json.dumps(submission.get("form"), ensure_ascii=False), submission["submittedAt"], self._next(),
        )  # fmt: skip
        self._wake.set()
        found = self.find(submission["receiptNumber"])
        return f"MZ-{found['reference']:06d}" if found else ""

    def find(self, receipt_number: str) -> dict[str, Any] | None:
        return self._store.row("SELECT * FROM case_file WHERE receipt_number = ?", receipt_number)

    def all(self) -> list[dict[str, Any]]:
        return self._store.rows("SELECT * FROM case_file ORDER BY reference")

    def close(self, receipt_number: str) -> None:
        """The licence is out: nothing more will happen to this case."""
        self._store.execute("UPDATE case_file SET state = 'ISSUED' WHERE receipt_number = ?", receipt_number)

    def instruct(self, receipt_number: str, decision: Decision) -> None:
        """Say how one case will end, or, with an empty receipt number, all that are not named."""
        self._store.execute(
            "INSERT OR REPLACE INTO decision VALUES (?, ?, ?, ?)",
            receipt_number, decision.decision, decision.reason, decision.remedy,
        )  # fmt: skip

    async def work(self) -> None:
        """Take every case whose time has come one step further, until cancelled."""
        while True:
            self._wake.clear()
            for case in self._store.rows("SELECT * FROM case_file WHERE due > 0 AND due <= ?", time.time()):
                self._take_step(case)
            await self._rest()

    def _take_step(self, case: dict[str, Any]) -> None:
        decision = self._decision_of(case)
        receipt_number = case["receipt_number"]
        explanation = {"reason": decision.reason, "remedy": decision.remedy}
        with self._store.transaction():
            if case["state"] == "RECEIVED" and decision.decision == "not-accepted":
                self._move(case, "NOT_ACCEPTED", decision)
                self._tell("jiyi.case.not-accepted", receipt_number, explanation)
            elif case["state"] == "RECEIVED":
                self._move(case, "ACCEPTED")
                self._tell("jiyi.case.accepted", receipt_number, {})
            elif case["state"] == "ACCEPTED":
                self._move(case, "IN_REVIEW")
                self._tell("jiyi.case.review-started", receipt_number, {})
            elif decision.decision == "silent":
                self._move(case, "IN_REVIEW", decision)
            else:
                outcome = "denied" if decision.decision == "not-accepted" else decision.decision
                self._move(case, outcome.upper(), decision)
                self._tell("jiyi.case.decided", receipt_number, {"decision": outcome} | explanation)

    def _move(self, case: dict[str, Any], state: str, final: Decision | None = None) -> None:
        """A case with a final decision is due no more."""
        self._store.execute(
            "UPDATE case_file SET state = ?, due = ?, reason = ?, remedy = ? WHERE reference = ?",
            state, 0 if final else self._next(), final and final.reason, final and final.remedy, case["reference"],
        )  # fmt: skip

    def _decision_of(self, case: dict[str, Any]) -> Decision:
        """What the officer was told for this case, what the form asks for, or the rule for all cases."""
        form = json.loads(case["form"])
        told = self._told(case["receipt_number"])
        if told is None and isinstance(form, dict) and form.get("decision") in DECISIONS:
            told = Decision(form["decision"])
        return (told or self._told("") or Decision()).explained()

    def _told(self, receipt_number: str) -> Decision | None:
        row = self._store.row("SELECT * FROM decision WHERE receipt_number = ?", receipt_number)
        return Decision(row["decision"], row["reason"], row["remedy"]) if row else None

    def _next(self) -> float:
        return time.time() + self.delay_seconds / STEPS_UNTIL_DECISION

    async def _rest(self) -> None:
        row = self._store.row("SELECT min(due) AS due FROM case_file WHERE due > 0")
        due = row["due"] if row else None
        try:
            async with asyncio.timeout(None if due is None else max(0.0, due - time.time())):
                await self._wake.wait()
        except TimeoutError:
            return
