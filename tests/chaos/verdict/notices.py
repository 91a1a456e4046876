"""Each decision is told once: what the hub noted of deliveries against what the gateways gave to phones."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from typing import Any

import psycopg

from tests.chaos.verdict.findings import Verdict
from tests.chaos.verdict.reading import rows

WHAT = "decisions told by SMS"
DELIVERIES = "SELECT id, case_id, kind, state, may_be_double FROM notice_delivery"
DECISIONS = "SELECT case_id FROM case_event WHERE type IN ('approved', 'denied', 'not-accepted')"
UNDER_WAY = "SELECT count(*) FROM notice_delivery WHERE next_at IS NOT NULL"
MESSAGES = "SELECT key FROM message WHERE key NOT LIKE '%.code'"


def notices(facts: dict[str, Any], verdict: Verdict) -> None:
    """Once nothing is under way any more, or the time for that is over."""
    ends = time.monotonic() + facts["rest_within_seconds"]
    with psycopg.connect(facts["database"], autocommit=True) as connection:
        while (found := connection.execute(UNDER_WAY).fetchone()) and found[0] and time.monotonic() < ends:
            time.sleep(0.5)
        deliveries = connection.execute(DELIVERIES).fetchall()
        decisions = [row[0] for row in connection.execute(DECISIONS).fetchall()]
    check_notices(
        verdict, decisions, deliveries, [row[0] for row in rows(facts["stores"]["messengers"], MESSAGES)]
    )


def check_notices(
    verdict: Verdict, decisions: list[str], deliveries: list[tuple[Any, ...]], messages: list[str]
) -> None:
    """A decision has one delivery, a delivery one message and its proof; ``messages`` are the gateways' keys."""
    verdict.looked_at(WHAT, len(decisions))
    given: dict[str, list[str]] = defaultdict(list)
    for key in messages:
        given[key.partition(".")[0]].append(key)
    told = Counter(case for _, case, kind, _, _ in deliveries if kind == "DECIDED")
    decided = Counter(decisions)
    for case in decided:
        if told[case] < decided[case]:
            verdict.lost[WHAT].append(f"{case} was decided, nobody is told")
    for case in told:
        if told[case] > decided[case]:
            verdict.doubled[WHAT].append(f"{case} is told {told[case]} times")
    for key, _, _, state, may_be_double in deliveries:
        if state != "DELIVERED" or not given[key]:
            verdict.lost[WHAT].append(f"{key} is {state}, the gateways have {given[key]}")
        if len(given[key]) > 1 and not may_be_double:
            verdict.doubled[WHAT].append(f"{key} was given as {given[key]}")
    known = {key for key, *_ in deliveries}
    verdict.doubled[WHAT] += [f"{key} was given, and is not there" for key in given if key not in known]
