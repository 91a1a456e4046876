"""Messages that a department sends out and does not forget: kept in its store until somebody takes them.

A message joins the store in the transaction of what it tells of. Messages of one lane go in order, each
again and again with growing pauses until it is answered with 2xx; lanes are sent side by side.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mocks.store import Store

if TYPE_CHECKING:
    from aiohttp import ClientSession

DELIVERY_TABLE = """
CREATE TABLE IF NOT EXISTS delivery (
    position INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, url TEXT NOT NULL, body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0);
"""
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
ANSWER_WITHIN_SECONDS = 5
MOST_AT_ONCE = 16
"""Whoever takes slowly is not given more at a time."""

Headers = Callable[[str], dict[str, str]]
"""The headers for a body, made anew for every attempt (a signature has a time)."""


class Outbox:
    """The messages still to be taken, and the job that sends them."""

    def __init__(self, store: Store, headers: Headers, default_url: Callable[[], str] = str) -> None:
        self._store = store
        self._headers = headers
        self._default_url = default_url
        self._wake = asyncio.Event()

    def add(self, lane: str, body: str, url: str = "", due: float = 0) -> None:
        """Keep a message, to go when it is ``due``. An empty ``url`` is the default address as it is then."""
        self._store.execute(
            "INSERT INTO delivery (lane, url, body, due) VALUES (?, ?, ?, ?)", lane, url, body, due
        )
        self._wake.set()

    def hurry(self) -> None:
        """Try now what waits for its pause to end, as after a change of address."""
        self._store.execute("UPDATE delivery SET due = 0 WHERE NOT delivered")
        self._wake.set()

    def figures(self) -> dict[str, int]:
        row = self._store.row(
            "SELECT count(*) AS total, coalesce(sum(delivered), 0) AS delivered,"
            " coalesce(sum(attempts), 0) AS attempts FROM delivery"
        )
        return row or {}

    async def run(self) -> None:
        """Send until cancelled."""
        while not self._heads():
            await self._rest(None)
            self._wake.clear()
        # It takes longer to load than all of a department that has nothing to send yet.
        await asyncio.to_thread(import_module, "aiohttp")
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                self._wake.clear()
                heads = self._heads()
                now = time.time()
                due = sorted((head for head in heads if head["due"] <= now), key=lambda head: float(head["due"]))
                if due:
                    await asyncio.gather(*(self._send(session, head) for head in due[:MOST_AT_ONCE]))
                    continue
                await self._rest(min((head["due"] - now for head in heads), default=None))

    def _heads(self) -> list[dict[str, Any]]:
        rows = self._store.rows(
            "SELECT * FROM delivery WHERE position IN"
            " (SELECT min(position) FROM delivery WHERE NOT delivered GROUP BY lane) ORDER BY position"
        )
        return [
            row | {"url": row["url"] or self._default_url()} for row in rows if row["url"] or self._default_url()
        ]

    async def _rest(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _send(self, session: ClientSession, head: dict[str, Any]) -> None:
        import aiohttp

        try:
            async with session.post(head["url"], data=head["body"], headers=self._headers(head["body"])) as answer:
                taken = 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError, ValueError):
            taken = False
        if taken:
            self._store.execute(
                "UPDATE delivery SET delivered = 1, attempts = attempts + 1 WHERE position = ?", head["position"]
            )
            return
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(head["attempts"], 10), LONGEST_PAUSE_SECONDS)
        self._store.execute(
            "UPDATE delivery SET attempts = attempts + 1, due = ? WHERE position = ?",
            time.time() + pause, head["position"],
        )  # fmt: skip
