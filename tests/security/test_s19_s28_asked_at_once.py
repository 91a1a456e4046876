"""S19, S28: whoever asks at once gets his own answer, and each mutation reaches its source once.

The parts that share: tests/connectors/test_sharing.py (every part of a context has a case),
tests/hub/execution/test_shared_runs.py. Retries: tests/connectors/test_resilience.py; several subgraphs:
tests/federation/test_mutations.py. Precedents: graphql-go-tools #1616, CVE-2024-32971, Grafbase 0.49.0.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from starlette.applications import Starlette

from auth.actor import Actor
from connectors.clock import SystemClock
from connectors.connector import FetchRequest, FetchResponse
from connectors.sharing import SharedQueries
from hub.doors.http_request import HttpSettings
from hub.doors.routes import graphql_in_front, graphql_routes
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import gateway_for
from tests.hub.serving import served
from tests.security.test_s12_s13_s26_limits_at_every_door import DOORS, LARGE
from tests.security.test_s12_s13_s26_limits_at_every_door import client as every_door
from tests.security.test_s12_s13_s26_limits_at_every_door import department as pinged

__all__ = ["department", "every_door"]
department = pinged
PEOPLE = 40
TENANT = "x-tenant"


class Slow(FakeDepartment):
    """Answers each with who it was asked for, after all have asked; equal questions under way are one."""

    def __init__(self) -> None:
        super().__init__({})
        self._shared = SharedQueries(self._answer)

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        return await self._shared.ask(request)

    async def _answer(self, request: FetchRequest) -> FetchResponse:
        self.requests.append(request)
        await asyncio.sleep(0.05)
        context = request.context
        return FetchResponse({"ping": f"{context.actor} {context.headers.get(TENANT)} {sorted(context.scopes)}"})


async def _somebody(token: str) -> Actor:
    """Names of actors and of their scopes stand in the token."""
    name, _, scopes = token.partition("+")
    until = datetime.now(UTC) + timedelta(hours=1)
    return Actor(name, "app", frozenset(scopes.split()), frozenset({"citizen"}), until)


@pytest.fixture
async def crowd() -> AsyncIterator[tuple[aiohttp.ClientSession, Slow]]:
    slow = Slow()
    settings = HttpSettings(forwarded_headers=(TENANT,))
    routes = graphql_routes(gateway_for(slow), _somebody, SystemClock(), settings)
    async with (
        served(graphql_in_front(routes, Starlette(routes=routes))) as url,
        aiohttp.ClientSession(url) as session,
    ):
        yield session, slow


@pytest.mark.parametrize("padding", ["", LARGE], ids=["direct", "ASGI"])
async def test_the_same_body_at_once_by_many_is_answered_to_each_for_himself(
    crowd: tuple[aiohttp.ClientSession, Slow], padding: str
) -> None:
    """They differ in the token, in what it allows or in one header; three rounds, so that the plan is compiled."""
    client, slow = crowd

    async def ask(person: int) -> None:
        name, tenant, scopes = f"p{person // 4}", f"t{person % 2}", ["a", "b"][: 1 + person // 2 % 2]
        headers = {"Authorization": f"Bearer {name}+{'_'.join(scopes)}", TENANT: tenant}
        body = {"query": "{ ping }" + padding}
        async with client.post("/graphql", json=body, headers=headers) as answer:
            assert await answer.json() == {"data": {"ping": f"{name} {tenant} {['_'.join(scopes)]}"}}

    for _ in range(3):
        await asyncio.gather(*(ask(person) for person in range(PEOPLE)))
    assert len(slow.requests) == 3 * PEOPLE


async def test_every_mutation_reaches_its_source_once_at_every_door(
    every_door: aiohttp.ClientSession, department: FakeDepartment
) -> None:
    """Three equal ones at once are three; none comes again by another transport."""
    department.script = {"rename": {"id": "1"}}
    mutation = 'mutation { rename(name: "x") { id } }'
    for door, ask in DOORS.items():
        department.requests.clear()
        answers = await asyncio.gather(*(ask(every_door, mutation) for _ in range(3)))
        if door == "GET":
            assert department.requests == []
        elif door == "by hash":
            assert len(department.requests) == 3, "posted with its text; by hash alone it is a GET"
        else:
            assert len(department.requests) == 3, (door, answers)
