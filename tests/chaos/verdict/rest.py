"""Whether anything is left lying: in the outbox, in queues, at the cashier, unsigned."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg

from tests.chaos.verdict.findings import Verdict
from tests.chaos.verdict.reading import ask, http, rows

WHAT = "what is left lying"
LEFT = {
    "outbox": "SELECT count(*) FROM outbox WHERE done_at IS NULL",
    "holds that are to be taken or let go": "SELECT count(*) FROM hold_command WHERE state = 'ORDERED'",
    "refunds that are on their way": "SELECT count(*) FROM refund WHERE state = 'ORDERED'",
    "receipts that are due": "SELECT count(*) FROM fee_receipt WHERE number IS NULL",
}
AT_THE_CASHIER = "SELECT (SELECT count(*) FROM payment WHERE paid_at IS NOT NULL) + (SELECT count(*) FROM hold)"
AT_THE_HUB = "SELECT count(*) FROM payment WHERE paid_at IS NOT NULL OR authorised_at IS NOT NULL"
"""Payments that were paid or held."""


def wait_for_rest(facts: dict[str, Any], verdict: Verdict) -> None:
    """Outbox, queues and dead letters are empty, no money and no receipt is on its way: now, or soon, since the
    last answers may be under way."""
    ends = time.monotonic() + facts["rest_within_seconds"]
    while (left := list(lying(facts))) and time.monotonic() < ends:
        time.sleep(0.5)
    verdict.looked_at(WHAT, len(LEFT) + 3)
    for what, number in left:
        verdict.wrong[WHAT].append(f"{what}: {number}")


def lying(facts: dict[str, Any]) -> Iterator[tuple[str, int]]:
    with psycopg.connect(facts["database"]) as connection:
        for what, statement in LEFT.items():
            (number,) = connection.execute(statement).fetchone() or (0,)
            if number:
                yield what, number
        (arrived,) = connection.execute(AT_THE_HUB).fetchone() or (0,)
    ((paid,),) = rows(facts["stores"]["cashier"], AT_THE_CASHIER)
    if paid != arrived:
        yield "payments that only the cashier or only the hub knows of", abs(paid - arrived)
    for queue in http(facts["management"] + "/api/queues"):
        if queue.get("messages", 1):
            yield queue["name"], queue.get("messages", 1)
    answer = ask(facts, facts["hubs"][0], "{ deadLetters { type reason } }")
    if letters := answer["deadLetters"]:
        yield f"dead letters ({letters[0]['type']}: {letters[0]['reason'][:100]})", len(letters)
