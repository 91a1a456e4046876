"""The real system is asked before a version is live: is it there, and is it what was declared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.addresses import AddressRule
from connectors.broker import BrokerUnavailable
from connectors.clock import SystemClock
from connectors.http_client import HttpClient
from hub.departments.connector_access import AccessSnapshot
from hub.departments.connector_reach import ConnectorReach
from hub.departments.connector_secrets import ConnectorSecrets
from hub.departments.connector_settings import ConnectorSettings
from hub.departments.connector_traffic import TrafficRecorder
from hub.registry import probe
from hub.registry.check_findings import ProbeLine
from hub.registry.live_graph import ConnectorFactory
from hub.registry.probe import SystemProbe
from hub.registry.registration import Registration
from hub.registry.trial_connectors import TrialConnectors
from hub.storage.database import Database
from tests.hub.serving import served
from tests.standalone.shop import LINK, PRODUCTS, Subserver

REST = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
  @link(url: "https://specs.apollo.dev/connect/v0.2", import: ["@source", "@connect"])
  @source(name: "api", http: { baseURL: "http://parks.test" })
type Query {
  parks: [Park!]! @connect(source: "api", http: { GET: "/parks" }, selection: "id name: title size")
  park(id: ID!): Park @connect(source: "api", http: { GET: "/parks/{$args.id}" }, selection: "id name: title size")
  search: [Park!]! @connect(source: "api", http: { POST: "/search" }, selection: "id name: title size")
}
type Mutation { close: Park @connect(source: "api", http: { POST: "/close" }, selection: "id name: title size") }
type Park { id: ID! name: String size: Int }
"""
Answer = Callable[[web.Request], Any]


class Broker:
    """One department has an agent; the broker can be away."""

    is_away = False

    async def consumers(self, queue: str) -> int:
        if self.is_away:
            raise BrokerUnavailable("cut")
        return int(queue == "online.requests")


class NothingSet:
    """No department has secrets or hosts of its own."""

    newest = AccessSnapshot()

    async def renew(self) -> AccessSnapshot:
        return self.newest


@asynccontextmanager
async def probing(broker: Broker | None = None) -> AsyncIterator[SystemProbe]:
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    database, clock, nobody = Database("sqlite://"), SystemClock(), cast("Any", None)
    factory = ConnectorFactory(
        ConnectorReach(client, ConnectorSecrets(database, nobody, clock.now)),
        cast("Any", NothingSet()),
        cast("Any", broker),
        nobody,
        clock,
        ConnectorSettings(database, clock),
        TrafficRecorder(),
    )
    yield SystemProbe(TrialConnectors(factory, cast("Any", broker), clock, 3000))
    await client.close()


@asynccontextmanager
async def rest_system(answer: Answer) -> AsyncIterator[tuple[str, list[str]]]:
    """Its address, and what it was asked."""
    asked: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path}")
        found = answer(request)
        return found if isinstance(found, web.Response) else web.json_response(found)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    yield str(server.make_url("")).rstrip("/"), asked
    await server.close()


def told(lines: tuple[ProbeLine, ...]) -> list[str]:
    return [f"{line.outcome} {line.what}: {line.message}" for line in lines]


async def of_rest(answer: Answer, *samples: str) -> tuple[list[str], list[str]]:
    async with probing() as system, rest_system(answer) as (url, asked):
        registration = Registration("parks", "parks", "rest", REST, url, samples=samples)
        return told(await system(registration)), asked


async def of_graphql(declared: str, stated: str) -> list[str]:
    async with probing() as system, served(Subserver(stated, {}).app) as url:
        return told(await system(Registration("shop", "shop", "graphql", declared, f"{url}/graphql")))


async def test_a_subgraph_that_states_what_is_declared_passes() -> None:
    """With the time that it took."""
    async with probing() as system, served(Subserver(PRODUCTS, {}).app) as url:
        lines = await system(Registration("shop", "shop", "graphql", PRODUCTS, f"{url}/graphql"))
    assert told(lines) == ["pass schema: The system states what is declared.", "pass answers: The system answers."]
    assert all(line.milliseconds is not None and line.milliseconds > 0 for line in lines)


async def test_a_subgraph_that_lacks_what_is_declared_fails() -> None:
    """More than is declared is no fault; another thing than a subgraph is."""
    smaller = PRODUCTS.replace(" name: String! }", " }")
    assert (await of_graphql(PRODUCTS, smaller))[0] == (
        "fail schema: The system states another schema: Field Product.name was removed."
    )
    assert (await of_graphql(smaller, PRODUCTS))[0].startswith("pass")


async def test_a_database_that_is_not_there_fails_at_its_first_statement(free_port: int) -> None:
    """Its statements are tried in turn, and nobody waits for the others."""
    sdl = """extend schema @link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlConnect"])
      type Query { a: Int @sqlConnect(select: "SELECT 1 AS n", selection: "$.n")
                   b: Int @sqlConnect(select: "SELECT 2 AS n", selection: "$.n") }"""
    async with probing() as system:
        url = f"postgresql://reader@127.0.0.1:{free_port}/register"
        lines = told(await system(Registration("register", "register", "sql", sdl, url)))
    assert [line.partition(". ")[0][:36] for line in lines] == ["fail Query.a: DEPARTMENT_UNREACHABLE"]


async def test_a_system_that_is_not_there_fails(free_port: int) -> None:
    """With the code that clients would meet."""
    async with probing() as system:
        url = f"http://127.0.0.1:{free_port}/graphql"
        lines = told(await system(Registration("shop", "shop", "graphql", PRODUCTS, url)))
    assert [line.partition(": ")[2].partition(":")[0] for line in lines] == ["DEPARTMENT_UNREACHABLE"] * 2


async def test_a_mapped_system_that_is_not_there_is_asked_nothing_more(free_port: int) -> None:
    """One that answers anything at all is there; what cannot be sampled is said."""
    async with probing() as system:
        away = Registration("parks", "parks", "rest", REST, f"http://127.0.0.1:{free_port}")
        (line,) = told(await system(away))
    assert line.startswith("fail address: DEPARTMENT_UNREACHABLE")
    keyed = REST.replace("parks: [Park!]! @connect", "parks(near: ID!): [Park!]! @connect")
    async with probing() as system, rest_system(lambda _request: web.Response(status=404)) as (url, _):
        lines = told(await system(Registration("parks", "parks", "rest", keyed, url)))
    assert lines[0] == "pass address: Somebody answers there."
    assert lines[1].startswith("warn samples: Nothing can be asked without arguments")


async def test_a_mapped_system_is_asked_what_needs_no_argument_and_changes_nothing() -> None:
    """One GET after a look at the address; neither the POST, nor what needs an id, nor the mutation."""
    lines, asked = await of_rest(lambda _request: [{"id": 1, "title": "West", "size": 3}])
    assert lines == [
        "pass address: Somebody answers there.",
        "pass { parks { id name size } }: The system answers.",
    ]
    assert asked == ["GET /", "GET /parks"]


@pytest.mark.parametrize(
    ("park", "line"),
    [
        (
            {"id": 1, "title": "West", "size": "big"},
            "fail {}: The system answers with errors: DEPARTMENT_WRONG_TYPE at parks[].size.",
        ),
        (
            {"title": "West", "size": 3},
            "fail {}: The system answers with errors: DEPARTMENT_WRONG_TYPE at parks[].id.",
        ),
        (
            {"id": 1, "name": "West", "size": 3},
            'warn {}: "parks[].name" is null wherever it was asked. Is it mapped rightly?',
        ),
    ],
)
async def test_an_answer_of_another_shape_is_told_by_its_place(park: dict[str, Any], line: str) -> None:
    """What a mapping misses gives null, which nobody would notice before clients do."""
    lines, _ = await of_rest(lambda _request: [park, park])
    assert lines[-1] == line.replace("{}", "{ parks { id name size } }")


async def test_a_subgraph_that_breaks_its_own_schema_is_told_by_the_place() -> None:
    """Its server does not look itself; here a sample shows it."""
    sdl = LINK + "type Query { size: Int! name: String }"
    async with probing() as system, rest_system(lambda _request: {"data": {"size": None, "name": 7}}) as (url, _):
        registration = Registration("shop", "shop", "graphql", sdl, url, samples=("{ size name }",))
        lines = told(await system(registration))
    assert lines[-2:] == [
        'fail { size name }: "size" is null, and Int! may not be.',
        'fail { size name }: "name" is a number, and no String.',
    ]


async def test_a_department_gives_samples_of_its_own() -> None:
    """They take the place of ours; mutations and nonsense are never sent."""
    samples = ('{ park(id: "7") { name } }', "mutation { close { id } }", "{ nothing }", "{ parks")
    lines, asked = await of_rest(lambda _request: {"id": 7, "title": "SECRET", "size": 1}, *samples)
    assert asked == ["GET /", "GET /parks/7"]
    assert lines[1] == 'pass { park(id: "7") { name } }: The system answers.'
    assert lines[2].endswith("A sample is one query. Mutations are never tried.")
    assert "does not fit the schema" in lines[3]
    assert "is no GraphQL" in lines[4]
    assert "SECRET" not in str(lines)


async def test_errors_of_the_system_are_told_by_code_alone() -> None:
    """Its words may hold a person's data."""
    lines, _ = await of_rest(lambda _request: web.Response(status=500, text="Li Ming 110102"))
    assert lines[1:] == [
        "fail { parks { id name size } }: The system answers with errors: CONNECTOR_FETCH at parks."
    ]


async def test_a_system_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check is over in a bounded time."""
    monkeypatch.setattr(probe, "SECONDS", 0.3)

    async def hang(_request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", hang)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    async with probing() as system:
        url = str(server.make_url("/graphql"))
        lines = told(await system(Registration("shop", "shop", "graphql", PRODUCTS, url)))
    await server.close()
    assert lines == ["fail time: The system was not through after 0.3 seconds."]


async def test_a_queue_needs_an_agent() -> None:
    """Whether one is connected is known without asking it."""
    broker = Broker()
    offline = Registration("away", "away", "queue", LINK + "type Query { a: Int }")
    async with probing(broker) as system:
        assert told(await system(offline)) == ["fail agent: No agent is connected. Start it with `jiyi agent`."]
        broker.is_away = True
        assert told(await system(offline)) == [
            "fail agent: The message broker cannot be reached, so no agent can be asked."
        ]
