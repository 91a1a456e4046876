"""A department's agent as a process that may be killed, over any broker; its system counts for ever.

Each event says which process counted. Signs of life come often, so that tests need not wait long for one that is
missing.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors import heart
from connectors.agent import serve_agent
from connectors.agent_settings import AgentSettings, BrokerSettings, ConnectorSettings
from connectors.clock import SystemClock
from connectors.connector import FetchRequest, FetchResponse
from tests.contracts.broker.consuming_process import open_broker

BEAT = timedelta(seconds=0.3)


class Counting:
    """A department's system."""

    async def fetch(self, _request: FetchRequest) -> FetchResponse:
        return FetchResponse({"ok": True})

    async def subscribe(self, _request: FetchRequest) -> AsyncIterator[FetchResponse]:
        for tick in itertools.count(1):
            yield FetchResponse({"process": os.getpid(), "tick": tick})
            await asyncio.sleep(0.05)

    async def describe(self) -> str:
        return "type Query { ok: Boolean }"

    async def close(self) -> None:
        """Nothing is held."""


async def main(description: dict[str, Any], department: str, folder: str) -> None:
    heart.BEAT = BEAT  # type: ignore[attr-defined]  # this process's own
    settings = AgentSettings(
        department,
        BrokerSettings("http://unused.invalid"),
        ConnectorSettings("graphql", None, None, concurrency=4),
        None,
        Path(folder),
        timedelta(seconds=1),
    )
    await serve_agent(
        settings,
        SystemClock(),
        open_broker(description),
        Counting(),
        asyncio.Event(),
        lambda *_: print(json.dumps({"ready": True}), flush=True),
    )


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]))
