"""Where a department tells its events: its agent's door, or the hub's own with an access token of the department.

The address and the credentials come by ``/__events`` once the department is enrolled, and are kept over restarts;
until they come events wait.
"""

from __future__ import annotations

import asyncio
import json
from importlib import import_module
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mocks.cloud_event import CLOUD_EVENT_HEADERS, cloud_event
from mocks.delivery import DELIVERY_TABLE, Outbox
from mocks.faults import Faults
from mocks.refusal import read_object, text_of
from mocks.store import Store

HUB_DOOR_TABLES = (
    DELIVERY_TABLE
    + """
CREATE TABLE IF NOT EXISTS hub_door (place INTEGER PRIMARY KEY CHECK (place = 1), settings TEXT NOT NULL);
"""
)
TOKEN_KEPT_SECONDS = 300
_PAUSE_SECONDS = 1.0


class HubDoor:
    """``tell`` keeps an event in the transaction of what it tells of; twice while ``duplicateEvents`` is on."""

    def __init__(self, department: str, store: Store, faults: Faults) -> None:
        self._department = department
        self._store = store
        self._faults = faults
        kept = store.row("SELECT settings FROM hub_door")
        self._settings: dict[str, str] = json.loads(kept["settings"]) if kept else {}
        self._token = ""
        self._changed = asyncio.Event()
        self.outbox = Outbox(store, self._headers, self._url)

    def routes(self) -> tuple[BaseRoute, ...]:
        return (Route("/__events", self.set, methods=["POST"]),)

    def tell(self, type_: str, receipt_number: str, data: dict[str, Any]) -> None:
        event = cloud_event(self._department, type_, receipt_number, data)
        for _ in range(2 if self._faults.fault.duplicateEvents else 1):
            self.outbox.add(receipt_number, event)

    async def set(self, request: Request) -> Response:
        """``{url}`` of an agent, or ``{url, tokenUrl, clientId, clientSecret}`` of the hub."""
        body = await read_object(request)
        text_of(body, "url")
        self._settings = {name: str(value) for name, value in body.items()}
        self._store.execute("INSERT OR REPLACE INTO hub_door VALUES (1, ?)", json.dumps(self._settings))
        self._token = ""
        self._changed.set()
        return JSONResponse({"url": body["url"]})

    async def run(self) -> None:
        """Send events, and keep a token that is good, until cancelled."""
        await asyncio.gather(self.outbox.run(), self._keep_token())

    def _url(self) -> str:
        is_ready = bool(self._token) or "tokenUrl" not in self._settings
        return self._settings.get("url", "") if is_ready else ""

    def _headers(self, _body: str) -> dict[str, str]:
        return CLOUD_EVENT_HEADERS | ({"Authorization": f"Bearer {self._token}"} if self._token else {})

    async def _keep_token(self) -> None:
        while True:
            self._changed.clear()
            if "tokenUrl" in self._settings:
                self._token = await self._ask_for_token() or self._token
            self.outbox.hurry()
            waits = TOKEN_KEPT_SECONDS if self._token or "tokenUrl" not in self._settings else _PAUSE_SECONDS
            try:
                async with asyncio.timeout(waits):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _ask_for_token(self) -> str:
        await asyncio.to_thread(import_module, "aiohttp")
        import aiohttp

        given = self._settings
        basic = aiohttp.encode_basic_auth(given["clientId"], given["clientSecret"])
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
                session.post(
                    given["tokenUrl"], data={"grant_type": "client_credentials"}, headers={"Authorization": basic}
                ) as answer,
            ):
                body = await answer.json(content_type=None)
                return str(body.get("access_token", "")) if answer.status == 200 else ""
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return ""
