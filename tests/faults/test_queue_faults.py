"""Broker restarts, network cuts and agent kills beneath departments behind queues: nothing lost, nothing doubled.

The default suite does this for some seconds; ``make queue-faults SECONDS=600 SEED=…`` as long as wanted.
"""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.conftest import FAULT_SEED
from tests.faults.queue_faults import check, torment
from tests.faults.queue_world import World
from tests.rabbitmq_node import require_rabbitmq_server

SECONDS = float(os.environ.get("JIYI_QUEUE_FAULT_SECONDS", "12"))


@pytest.mark.timeout(SECONDS + 300)
async def test_queues_lose_nothing_and_double_nothing_in_silence(tmp_path: Path) -> None:
    """Each read is answered or ends in a clear error in time; each command ends, and has at most one effect."""
    require_rabbitmq_server()
    async with AsyncExitStack() as closing:
        world = World(tmp_path, int(os.environ[FAULT_SEED]), closing)
        await world.open()
        books = await torment(world, SECONDS)
        print(books)
        await check(world, books)
