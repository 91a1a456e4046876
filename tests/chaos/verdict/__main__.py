"""Judge, print the table, and end with what became of all that was accepted."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.chaos.verdict.bookings import bookings
from tests.chaos.verdict.cases import graph, receipts
from tests.chaos.verdict.departments import department, sub_cases
from tests.chaos.verdict.findings import Verdict
from tests.chaos.verdict.money import books, money, receipts_of_fees
from tests.chaos.verdict.notices import notices
from tests.chaos.verdict.rest import wait_for_rest
from tests.chaos.verdict.streams import streams


def judge(facts: dict[str, Any]) -> tuple[Verdict, int]:
    """The verdict, and how many cases clients have a receipt for."""
    verdict = Verdict()
    wait_for_rest(facts, verdict)
    accepted = receipts(facts, verdict)
    cases = graph(facts, verdict, accepted)
    department(facts, verdict, cases)
    sub_cases(facts, verdict, cases)
    money(facts, verdict, cases)
    receipts_of_fees(verdict, cases)
    books(facts, verdict)
    bookings(facts, verdict)
    notices(facts, verdict)
    streams(facts, verdict, cases)
    return verdict, len(accepted)


def main() -> int:
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    verdict, accepted = judge(facts)
    for line in verdict.table():
        print(line)
    lost, doubled = verdict.number(verdict.lost), verdict.number(verdict.doubled)
    if not verdict.holds and not lost and not doubled:
        print("chaos: something else is wrong, see the table")
    print(f"chaos: {accepted} accepted, {lost} lost, {doubled} doubled")
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
