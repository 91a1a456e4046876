"""An idle hub and worker leave their database alone, and yet hear of what others write."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url

from connectors.clock import SystemClock
from hub.parts import Hub
from hub.settings import Settings, load_settings
from hub.start import prepare
from hub.storage.change_feed import ChangeKind, give_positions, record_change
from hub.storage.database import Database
from hub.storage.pending_rows import insert_pending

pytestmark = pytest.mark.whole

SETTLED_AFTER, SECONDS, AT_MOST = 6.0, 8.0, 2.0
"""What is done once, some seconds after the beginning, is done by then."""


@contextmanager
def counted() -> Iterator[dict[str, Counter[str]]]:
    """Statements of this process by dialect and text; what begins and ends transactions is none."""
    found: dict[str, Counter[str]] = {"sqlite": Counter(), "postgresql": Counter()}

    def count(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            found[connection.dialect.name][" ".join(statement.split())[:100]] += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", count)


@asynccontextmanager
async def hub_and_worker(url: str, folder: Path) -> AsyncIterator[Hub]:
    """On PostgreSQL as two processes have them, on SQLite as one has, with the embedded broker in the database."""
    folder = folder / make_url(url).get_backend_name()
    is_sqlite = url.startswith("sqlite")
    flags = {"database_url": url, "state_directory": folder / "state", "worker": is_sqlite, "secret_key": "0" * 64}
    settings: Settings = load_settings(flags, None).settings
    await asyncio.to_thread(prepare, settings)
    async with AsyncExitStack() as stack:
        hub = Hub(settings, SystemClock(), stack)
        worker = hub if is_sqlite else Hub(settings, SystemClock(), stack, serves=False)
        for each in {hub, worker}:
            await each.connect()
        await stack.enter_async_context(hub.changes)
        await worker.work()
        yield hub


@pytest.mark.postgresql
async def test_an_idle_hub_and_worker_make_two_statements_a_second_at_most(
    sqlite_url: str, postgresql_url: str, tmp_path: Path
) -> None:
    """Whoever has nothing to do costs nothing; what somebody writes is told, and not looked for."""
    async with (
        hub_and_worker(sqlite_url, tmp_path) as on_sqlite,
        hub_and_worker(postgresql_url, tmp_path) as on_postgresql,
    ):
        await asyncio.sleep(SETTLED_AFTER)
        with counted() as idle:
            await asyncio.sleep(SECONDS)
        for statements in idle.values():
            assert 0 < statements.total() <= AT_MOST * SECONDS, statements.most_common()
        for hub in (on_sqlite, on_postgresql):
            await _it_hears_what_another_writes(hub)


async def _it_hears_what_another_writes(hub: Hub) -> None:
    """Of that table, and of no other."""
    waits, waits_for_another = hub.wakeups.changes, hub.registry.changed
    waits.clear()
    another, now = Database(hub.settings.effective_database_url), hub.clock.now()
    async with another.transaction() as session:
        record_change(session, ChangeKind.NOTICE, "nothing", owner="nobody", at=now)
        await insert_pending(session)
        await give_positions(session)
    await another.close()
    async with asyncio.timeout(5):
        await waits.wait()
    assert not waits_for_another.is_set()
