"""A client that closes its connection: nobody goes on asking departments for it, and no effect is cut in half."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from connectors.connector import FetchRequest, FetchResponse
from hub.doors.routes import graphql_in_front, graphql_routes
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import gateway_for, verify_token


class SlowDepartment(FakeDepartment):
    """Says when it is asked and when nobody waits any more, and answers when it is let."""

    def __init__(self) -> None:
        super().__init__({"ping": "pong", "rename": None})
        self.asked = asyncio.Event()
        self.left = asyncio.Event()
        self.go = asyncio.Event()

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.asked.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.left.set()
            raise
        return await super().fetch(request)


class Client:
    """One request, whose client leaves when it is told to."""

    def __init__(self, query: str) -> None:
        self.leaves = asyncio.Event()
        self.sent: list[Any] = []
        self._body: bytes | None = json.dumps({"query": query}).encode()

    async def receive(self) -> dict[str, Any]:
        body, self._body = self._body, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    def ask(self, department: SlowDepartment) -> asyncio.Task[None]:
        routes = graphql_routes(gateway_for(department), verify_token, SystemClock())
        app = graphql_in_front(routes, Starlette(routes=routes))
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "query_string": b"",
            "headers": [(b"content-type", b"application/json")],
        }

        async def asked() -> None:
            await app(scope, self.receive, self.send)

        return asyncio.ensure_future(asked())


async def test_the_department_is_told_that_nobody_waits_for_a_query() -> None:
    """The request ends quietly, with nothing sent."""
    department, client = SlowDepartment(), Client("{ ping }")
    request = client.ask(department)
    await department.asked.wait()
    client.leaves.set()
    await asyncio.wait_for(department.left.wait(), 5)
    await request
    assert client.sent == []


async def test_a_mutation_is_finished_all_the_same() -> None:
    """Half of several effects is what nobody asked for."""
    department, client = SlowDepartment(), Client('mutation { rename(name: "A") { id } }')
    request = client.ask(department)
    await department.asked.wait()
    client.leaves.set()
    await asyncio.sleep(0.2)
    assert not department.left.is_set()
    department.go.set()
    await request
    assert client.sent[0]["status"] == 200


@pytest.mark.parametrize("patience", [0, 0.2])
async def test_who_stays_is_answered(patience: float) -> None:
    """However long it takes."""
    department, client = SlowDepartment(), Client("{ ping }")
    request = client.ask(department)
    await asyncio.sleep(patience)
    department.go.set()
    await request
    assert client.sent[1]["body"] == b'{"data":{"ping":"pong"}}'


async def test_a_cancelled_server_is_no_client_that_left() -> None:
    """Whoever cancels the request from outside sees it cancelled."""
    department, client = SlowDepartment(), Client("{ ping }")
    request = client.ask(department)
    await department.asked.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
