"""Subscriptions begin where the SDL declares them: an event comes, or nothing wrong does for a while."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from hub.conformance.bench import CONTEXT, Bench
from hub.conformance.result import CheckResult, failed, not_applicable, passed
from hub.conformance.selecting import RootField, written
from hub.workbench.watching import outcome_of

_CHECK = "subscriptions-start"
_PATIENCE_SECONDS = 2.0
_GOODBYE_SECONDS = 0.5


async def start(bench: Bench) -> list[CheckResult]:
    """Each is opened, listened to for a moment, and left."""
    fields = bench.selecting.root_fields("subscription")
    if not fields:
        return [not_applicable(_CHECK, "There are no subscriptions that can be asked.")]
    return [await _started(bench, root) for root in fields]


async def _started(bench: Bench, root: RootField) -> CheckResult:
    arguments = written(root.arguments, root.field.args)
    query = f"subscription {{ {root.name}{arguments}{bench.selecting.below(root.field.type)} }}"
    stream: Any = bench.opened.connector.subscribe(
        FetchRequest(query, kind="subscription", context=CONTEXT, timeout=bench.timeout)
    )
    mend = "Speak graphql-transport-ws or Server-Sent Events at the address; docs/transports.md says how."
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            event: FetchResponse | None = await anext(stream, None)
    except TimeoutError:
        return passed(_CHECK, f"open, and silent for {_PATIENCE_SECONDS:.0f} s", root.coordinate)
    except ConnectorFailure as refused:
        return failed(_CHECK, outcome_of(refused), mend, root.coordinate)
    finally:
        await _leave(stream)
    if event is None:
        return passed(_CHECK, "open, and ended without an event", root.coordinate)
    if event.errors:
        return failed(_CHECK, str(event.errors[0].get("message")), mend, root.coordinate)
    return passed(_CHECK, "open, and an event came", root.coordinate)


async def _leave(stream: Any) -> None:
    """A system that does not end a stream that is left is not waited for."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await stream.aclose()
