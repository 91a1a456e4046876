"""Receipts in clients' hands, and each accepted case as the graph tells it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from tests.chaos.verdict.findings import Verdict
from tests.chaos.verdict.reading import ask, chunks, lines

AT_A_TIME = 8
CASE = """id receiptNumber state version licenceNumber events { version type state at }
fees { number state amountFen refundedFen payee { code } settlement { receiptNumber } receipts { number amountFen }
refunds { id amountFen state } } subCases { code state decidedAt licence { number } }"""
ONCE = {
    "submitted",
    "accepted",
    "review-started",
    "approved",
    "denied",
    "licence-issued",
    "completed",
    "withdrawn",
    "licence-ordered",
    "joint-handling-began",
    "opinions-complete",
}
"""Events that can happen to a case of these kinds once."""
OUTCOMES = {
    "with fee": {"COMPLETED"},
    "free": {"COMPLETED"},
    "withdrawn": {"WITHDRAWN", "COMPLETED"},
    "joint with fee": {"COMPLETED"},
    "joint": {"COMPLETED"},
    "joint refused": {"DENIED", "COMPLETED"},
    "joint refused once held": {"DENIED", "COMPLETED"},
    "joint refused once paid": {"DENIED", "COMPLETED"},
    "joint withdrawn": {"WITHDRAWN", "COMPLETED"},
}


def receipts(facts: dict[str, Any], verdict: Verdict) -> dict[str, dict[str, Any]]:
    """By receipt number. One key has one receipt, however often it was sent and to whichever hub."""
    by_key: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines(facts["receipts"]):
        by_key[line["key"]].append(line)
    what = "receipts in clients' hands"
    verdict.looked_at(what, len(by_key))
    for key, given in by_key.items():
        numbers = {line["receiptNumber"] for line in given}
        if len(numbers) > 1:
            verdict.doubled[what].append(f"{key} has {sorted(numbers)}")
    if len(by_key) != facts["cases"]:
        verdict.wrong[what].append(f"{facts['cases']} cases were to be filed")
    accepted: dict[str, dict[str, Any]] = {}
    for given in by_key.values():
        for line in given:
            accepted.setdefault(line["receiptNumber"], line).update(line)
    return accepted


def graph(facts: dict[str, Any], verdict: Verdict, accepted: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each accepted case as the graph tells it, asked of the hubs in turns: its outcome, its events in order."""
    what = "cases in the graph"
    cases: dict[str, dict[str, Any]] = {}
    for place, some in enumerate(chunks(list(accepted), AT_A_TIME)):
        asked = " ".join(f'c{number}: case(id: "{each}") {{ {CASE} }}' for number, each in enumerate(some))
        answer = ask(facts, facts["hubs"][place % len(facts["hubs"])], f"{{ {asked} }}")
        cases |= {case["receiptNumber"]: case for case in answer.values() if case}
    counts = ask(facts, facts["hubs"][-1], "{ caseCounts { count } }")["caseCounts"]
    total = sum(each["count"] for each in counts)
    verdict.looked_at(what, total)
    if total > len(accepted):
        verdict.doubled[what].append(f"{total} cases are counted, {len(accepted)} were accepted")
    for number, receipt in accepted.items():
        if number not in cases:
            verdict.lost[what].append(f"{number} ({receipt['key']}) is not there")
            continue
        check_case(verdict, what, cases[number], receipt)
    return cases


def check_case(verdict: Verdict, what: str, case: dict[str, Any], receipt: dict[str, Any]) -> None:
    number, types = case["receiptNumber"], [event["type"] for event in case["events"]]
    if case["state"] not in OUTCOMES[receipt["kind"]]:
        verdict.lost[what].append(f"{number} ({receipt['kind']}) has no outcome: {case['state']}, events {types}")
    if receipt.get("told") == "WITHDRAWN" and case["state"] != "WITHDRAWN":
        verdict.lost[what].append(f"the withdrawal of {number} was promised, it is {case['state']}")
    if [event["version"] for event in case["events"]] != list(range(1, case["version"] + 1)):
        verdict.wrong[what].append(f"versions of {number} have a gap")
    twice = [each for each, times in Counter(types).items() if times > 1 and each in ONCE]
    if twice:
        verdict.doubled[what].append(f"{number} had {twice} twice")
    if "command-failed" in types:
        verdict.wrong[what].append(f"a command of {number} failed")
