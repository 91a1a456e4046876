"""Limits hold: pages no larger than asked, lists and answers of a bounded size, and within the deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

from graphql import GraphQLInt, get_named_type

from connectors.connector import JSON
from hub.conformance.bench import Bench
from hub.conformance.checks import load
from hub.conformance.result import CheckResult, failed, not_applicable, passed
from hub.conformance.selecting import RootField

_LONGEST_LIST = 1_000
_LARGEST_BYTES = 8 * 1024 * 1024
"""Half of what the hub reads of an answer."""
_HUGE = 1_000_000
_ABANDONED = 10
_SIZES = ("first", "limit", "pageSize", "size", "last")


async def page_sizes(bench: Bench) -> list[CheckResult]:
    """One asked for is at most one; a million is refused, or bounded."""
    results = []
    for root in bench.reads():
        size = size_argument(root)
        if size is not None:
            results.append(await _page_size(bench, root, size))
    return results or [not_applicable("limits-pages", "No field takes a size.")]


async def sizes(bench: Bench) -> list[CheckResult]:
    """Over every answer so far."""
    longest = max((length for asked in bench.asked for length in _lengths(asked.data)), default=0)
    largest = max((call.size_bytes for asked in bench.asked for call in asked.calls), default=0)
    results = []
    if longest > _LONGEST_LIST:
        mend = f"Give it pages (first, after) of at most {_LONGEST_LIST}."
        results.append(failed("limits-lists", f"A list has {longest} elements.", mend))
    else:
        results.append(passed("limits-lists", f"the longest has {longest}"))
    if largest > _LARGEST_BYTES:
        mend = "Answer less at once: fewer fields, pages. The hub reads 16 MiB and not more."
        results.append(failed("limits-size", f"An answer has {largest} bytes.", mend))
    else:
        results.append(passed("limits-size", f"the largest answer has {largest} bytes"))
    return results


async def deadline(bench: Bench) -> list[CheckResult]:
    """The slowest so far took half of the deadline at most."""
    slowest = max(bench.asked, key=lambda asked: asked.seconds, default=None)
    if slowest is None:
        return [not_applicable("limits-deadline", "Nothing was asked.")]
    limit = bench.timeout.total_seconds()
    if slowest.seconds > limit / 2:
        reason = f"{slowest.query[:80]} took {slowest.seconds:.2f} s of {limit:.0f} s."
        return [failed("limits-deadline", reason, "Answer faster, or register a longer deadline (--timeout-ms).")]
    return [
        passed("limits-deadline", f"the slowest took {slowest.seconds * 1000:.0f} ms of {limit * 1000:.0f} ms")
    ]


async def abandoned(bench: Bench) -> list[CheckResult]:
    """Ten requests that nobody waits for any more leave the system well."""
    query = next(load.readings(bench), None)
    if query is None:
        return [not_applicable("limits-abandoned", "There is nothing to ask.")]
    document, variables = query
    before = len(bench.asked)
    impatient = timedelta(milliseconds=2)
    await asyncio.gather(*(bench.ask(document, variables, deadline=impatient) for _ in range(_ABANDONED)))
    del bench.asked[before:]  # that these fail says nothing of the system
    asked = await bench.ask(document, variables)
    if not asked.is_well:
        mend = "A connection that the hub closes must not hold up the next."
        return [failed("limits-abandoned", f"After {_ABANDONED} abandoned requests: {asked.trouble}", mend)]
    return [passed("limits-abandoned", f"well after {_ABANDONED} abandoned requests")]


def size_argument(root: RootField) -> str | None:
    """The argument by which a field is told how many."""
    return next(
        (
            name
            for name in _SIZES
            if name in root.field.args and get_named_type(root.field.args[name].type) is GraphQLInt
        ),
        None,
    )


async def _page_size(bench: Bench, root: RootField, size: str) -> CheckResult:
    one = await bench.ask(bench.query_of(root, {size: 1}))
    longest = max(_lengths(one.data), default=0)
    if not one.is_well:
        return failed("limits-pages", f"{size}: 1: {one.trouble}", "Answer a page of one.", root.coordinate)
    if longest > 1:
        mend = f"Give at most as many as {size} says."
        return failed("limits-pages", f"{size}: 1 gives {longest}.", mend, root.coordinate)
    huge = await bench.ask(bench.query_of(root, {size: _HUGE}))
    longest = max(_lengths(huge.data), default=0)
    if longest > _LONGEST_LIST:
        mend = f"Refuse more than you want to give at once, at most {_LONGEST_LIST}."
        return failed("limits-pages", f"{size}: {_HUGE} gives {longest}.", mend, root.coordinate)
    what = "refused" if huge.errors else f"{longest}"
    return passed("limits-pages", f"{size}: 1 gives one at most; {_HUGE}: {what}", root.coordinate)


def _lengths(value: JSON) -> Iterator[int]:
    if isinstance(value, list):
        yield len(value)
        for each in value:
            yield from _lengths(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _lengths(each)
