"""A subscription's events as short words, to be compared as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator

from connectors.connector import ConnectorFailure, FetchResponse


async def followed(events: AsyncIterator[FetchResponse]) -> list[object]:
    """Numbers of events (negative where a gap is marked), codes of errors in events, the failure at the end."""
    got: list[object] = []
    try:
        async for event in events:
            if event.data is None:
                assert event.has_gap
                got.append(event.errors[0]["extensions"]["code"])
            else:
                got.append(-event.data["n"] if event.has_gap else event.data["n"])
    except ConnectorFailure as failure:
        got.append(failure)
    return got
