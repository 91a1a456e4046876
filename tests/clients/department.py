"""A department that executes its own small schema, for clients that want real answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from graphql import build_schema, execute_sync, parse

from connectors.connector import FetchRequest, FetchResponse
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import REGISTER


class Register(FakeDepartment):
    """``me`` is whoever asks; ``ticks`` counts to three."""

    def __init__(self) -> None:
        super().__init__({})
        self._schema = build_schema(REGISTER)

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        actor = request.context.actor
        root: dict[str, Any] = {
            "ping": "pong",
            "me": {"id": actor, "name": "王小明"} if actor else None,
            "echo": lambda _info, text, times: text * times,
            "rename": lambda _info, name: {"id": actor, "name": name},
        }
        result = execute_sync(self._schema, parse(request.query), root, variable_values=dict(request.variables))
        errors = tuple({"message": e.message, "path": e.path} for e in result.errors or ())
        return FetchResponse(result.data, errors)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        for tick in range(1, request.variables.get("to", 3) + 1):
            yield FetchResponse({"ticks": tick})
            await asyncio.sleep(0)
