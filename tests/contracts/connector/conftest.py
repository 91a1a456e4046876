"""Each way to reach the department, as one fixture."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest

from connectors.addresses import AddressRule
from connectors.clock import SystemClock
from connectors.connector import Connector
from connectors.graphql import GraphQLConnector
from connectors.graphql_streams import SubscriptionDoor
from connectors.http_client import HttpClient
from connectors.local import LocalConnector
from connectors.resilience import ResilienceSettings, Resilient
from connectors.rest import RestConnector
from tests.contracts.connector.department import Department, make_schema

REST_SDL = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.10", import: ["@key"])
  @link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@source", "@connect"])
  @source(name: "department", http: { baseURL: "BASE_URL" })
type Query {
  citizen(idNumber: String!): Citizen
    @connect(source: "department", http: { GET: "/citizens/{$args.idNumber}" },
             selection: "idNumber: id name: full_name", entity: true)
  refused: String @connect(source: "department", http: { GET: "/refused" }, selection: "$.text")
  explodes: String @connect(source: "department", http: { GET: "/explodes" }, selection: "$.text")
}
type Citizen @key(fields: "idNumber") { idNumber: String! name: String! }
"""


@pytest.fixture
async def department() -> AsyncIterator[Department]:
    department = Department()
    await department.start()
    yield department
    await department.stop()


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    yield client
    await client.close()


@pytest.fixture(params=["graphql", "rest", "resilient graphql", "resilient rest"])
def remote(request: pytest.FixtureRequest, department: Department, client: HttpClient) -> Connector:
    """A connector with a wire between it and the department."""
    return make(request.param, department, client)


@pytest.fixture(params=["graphql", "rest", "resilient graphql", "local", "resilient local"])
def connector(request: pytest.FixtureRequest, department: Department, client: HttpClient) -> Connector:
    """Any connector."""
    return make(request.param, department, client)


@pytest.fixture(params=["graphql", "graphql-sse", "detected", "resilient graphql", "local", "resilient local"])
def streaming(request: pytest.FixtureRequest, department: Department, client: HttpClient) -> Connector:
    """A connector that knows subscriptions."""
    if request.param == "detected":
        department.speaks_websocket = False
    return make(request.param, department, client)


@pytest.fixture(params=["rest", "resilient rest", "local", "resilient local"])
def executing(request: pytest.FixtureRequest, department: Department, client: HttpClient) -> Connector:
    """A connector that runs resolvers of ours; a GraphQL department's errors are its own words."""
    return make(request.param, department, client)


def make(name: str, department: Department, client: HttpClient) -> Connector:
    resilient, _, kind = name.rpartition(" ")
    made: Connector
    if kind in ("graphql", "detected"):
        made = GraphQLConnector(f"{department.url}/graphql", client)
    elif kind == "graphql-sse":
        made = GraphQLConnector(f"{department.url}/graphql", client, subscriptions=SubscriptionDoor("graphql-sse"))
    elif kind == "rest":
        made = RestConnector("department", REST_SDL.replace("BASE_URL", department.url), client)
    else:
        made = LocalConnector(make_schema())
    return Resilient(made, ResilienceSettings(), SystemClock(), random.Random(7)) if resilient else made
