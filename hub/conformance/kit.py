"""The kit: its checks in their order, tried one after the other, and the report of all.

What comes first gives what the later ones ask for. A check is a function with one signature; a new one is a new
function and a line here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import perf_counter

from hub.conformance.bench import Bench
from hub.conformance.checks import commands, errors, keys, limits, load, pages, reading, schema, streams, types
from hub.conformance.result import CheckResult, Latency, Report

Check = Callable[[Bench], Awaitable[list[CheckResult]]]

BEFORE_LOAD: tuple[Check, ...] = (
    schema.as_stated,
    reading.answers,
    pages.stable,
    reading.samples_found,
    keys.resolve,
    keys.unknown,
    keys.batch,
    limits.page_sizes,
    limits.abandoned,
)
AFTER_LOAD: tuple[Check, ...] = (
    streams.start,
    commands.idempotent,
    types.declared,
    limits.sizes,
    limits.deadline,
    errors.told,
    errors.as_said,
    errors.without_internals,
)


async def examine(bench: Bench, say: Callable[[str], None]) -> Report:
    """``say`` is told which check is tried."""
    results = [result for check in BEFORE_LOAD for result in await _tried(check, bench, say)]
    before = len(bench.asked)
    results += await _tried(load.at_once, bench, say)
    latency: Latency | None = load.latency_of([asked.seconds for asked in bench.asked[before:]])
    results += [result for check in AFTER_LOAD for result in await _tried(check, bench, say)]
    specification = bench.opened.specification
    mask = bench.opened.mask
    told = tuple(replace(result, reason=mask.text(result.reason)) for result in results)
    return Report(specification.name, specification.kind, told, latency)


async def _tried(check: Check, bench: Bench, say: Callable[[str], None]) -> list[CheckResult]:
    say(f"trying {check.__module__.rpartition('.')[2]}: {check.__name__.replace('_', ' ')}")
    began = perf_counter()
    results = await check(bench)
    seconds = (perf_counter() - began) / max(1, len(results))
    return [replace(result, seconds=seconds) for result in results]
