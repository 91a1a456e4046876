"""Several at once are answered like one alone; how fast is measured here."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import quantiles

from connectors.connector import JSON
from hub.conformance.bench import ENTITIES, Bench, side_by_side
from hub.conformance.result import CheckResult, Latency, failed, not_applicable, passed

_CHECK = "concurrency"
_ROUNDS = 5


async def at_once(bench: Bench) -> list[CheckResult]:
    """Reads of lists and look-ups in turn, as many at once as the bench allows, five times over."""
    available = list(readings(bench))
    if not available:
        return [not_applicable(_CHECK, "There is nothing to ask.")]
    count = bench.concurrency * _ROUNDS
    work = [available[number % len(available)] for number in range(count)]
    asked = await side_by_side(bench, work)
    troubled = [each for each in asked if not each.is_well]
    if troubled:
        reason = f"{len(troubled)} of {count} failed, {bench.concurrency} at once: {troubled[0].trouble}"
        mend = "The hub asks for many people at once; take them, or let them wait within the deadline."
        return [failed(_CHECK, reason, mend)]
    return [passed(_CHECK, f"{count} reads, {bench.concurrency} at once, all answered")]


def readings(bench: Bench) -> Iterator[tuple[str, dict[str, JSON]]]:
    """Operations without effects that were answered well before."""
    well = {asked.query for asked in bench.asked if asked.is_well}
    for root in bench.reads():
        if (query := bench.query_of(root)) in well:
            yield query, {}
    for type_name, entities in bench.found.items():
        query = ENTITIES.format(type_name, bench.selecting.of(type_name)) if type_name in bench.keyed_types else ""
        if query in well:
            for entity in entities[:3]:
                key = {"__typename": type_name, **bench.keys_of(type_name, entity)[0]}
                yield query, {"representations": [key]}


def latency_of(seconds: list[float]) -> Latency | None:
    """Of reads under load."""
    if len(seconds) < 2:
        return None
    cuts = quantiles(seconds, n=100, method="inclusive")
    return Latency(len(seconds), cuts[49] * 1000, cuts[94] * 1000)
