"""What subscribers heard: each version of each case, in order."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from tests.chaos.verdict.findings import Verdict
from tests.chaos.verdict.reading import lines


def streams(facts: dict[str, Any], verdict: Verdict, cases: dict[str, dict[str, Any]]) -> None:
    """Each subscriber heard each version of each of its cases in order; twice only where it had to resume."""
    what = "events heard by subscribers"
    heard: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    connections: Counter[str] = Counter()
    number = 0
    for line in lines(facts["events"]):
        stream = line["stream"]
        if line.get("begins"):
            connections[stream] += 1
            continue
        number += 1
        heard[stream, line["receiptNumber"]].append((connections[stream], line["version"]))
        if line["gap"]:
            verdict.lost[what].append(f"{stream} was told of a gap")
    verdict.looked_at(what, number)
    verdict.looked_at("times that subscribers (re)connected", connections.total())
    for (stream, receipt), versions in heard.items():
        if receipt in cases:
            check_stream(verdict, what, stream, cases[receipt], versions)
    followed = {receipt for _, receipt in heard}
    for receipt in set(cases) - followed:
        verdict.lost[what].append(f"nobody heard of {receipt}")


def check_stream(
    verdict: Verdict, what: str, stream: str, case: dict[str, Any], heard: list[tuple[int, int]]
) -> None:
    """``heard`` are versions, each with the connection that told it."""
    versions = [version for _, version in heard]
    told = f"{stream}: {case['receiptNumber']} as {versions}"
    first = list(dict.fromkeys(versions))
    if len(heard) != len(set(heard)):
        verdict.doubled[what].append(told)
    if sorted(first) != list(range(1, case["version"] + 1)):
        verdict.lost[what].append(f"{told}, the case has {case['version']}")
    elif first != sorted(first):
        verdict.wrong[what].append(f"{told}, out of order")
