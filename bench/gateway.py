"""``python -m bench.gateway``: the gateway as the hub builds it, over two departments, and nothing beside it.

Its policy lets everybody read, so object checks and the access log are not part of what is measured.
"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from importlib.resources import files
from typing import Any

import strawberry
import uvicorn
import uvloop
from starlette.applications import Starlette

from auth.actor import Actor
from auth.tokens import InvalidToken
from bench.question import DEPARTMENTS
from bench.serving import ServerOptions, say_ready
from connectors.addresses import AddressRule
from connectors.build import ConnectorRegistration, build_connector
from connectors.clock import SystemClock
from connectors.connector import Connector
from connectors.http_client import HttpClient
from connectors.local import LocalConnector
from connectors.resilience import ResilienceSettings, Resilient
from hub.doors.routes import graphql_routes
from hub.gateway import Gateway, GraphState
from hub.gateway.policy import nobody
from hub.standalone.open_policy import OpenPolicy
from schema.composition import compose
from schema.subgraph import Subgraph

ROOT = "root"
DEADLINE = timedelta(seconds=3)


@strawberry.federation.type(name="Citizen", keys=["idNumber"])
class Citizen:
    id_number: str = strawberry.federation.field(inaccessible=True)


def root_schema(id_number: str) -> strawberry.federation.Schema:
    """The subgraph in process that leads to the one person, as the hub's own leads to ``me``."""

    @strawberry.type
    class Query:
        @strawberry.field
        def citizen(self) -> Citizen:
            return Citizen(id_number=id_number)

    return strawberry.federation.Schema(query=Query, types=[Citizen], federation_version="2.9")


class AnnouncingServer(uvicorn.Server):
    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        say_ready(self.config.port)


async def serve(options: ServerOptions) -> None:
    """Compose, publish, serve until SIGTERM."""
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    gateway = Gateway(OpenPolicy(), nobody, clock=SystemClock())
    gateway.publish(await _state(options, client))
    try:
        app = Starlette(routes=graphql_routes(gateway, _no_tokens, SystemClock()))
        config = uvicorn.Config(
            app, port=options.port, loop="none", log_config=None, access_log=False, lifespan="off"
        )
        await AnnouncingServer(config).serve()
    finally:
        await gateway.close()
        await client.close()


async def _state(options: ServerOptions, client: HttpClient) -> GraphState:
    root = root_schema(options.id_number)
    transport_sdl = files("mocks").joinpath("connectors", "transport.graphql").read_text(encoding="utf-8")
    cards = _resilient(
        ConnectorRegistration("human-resources", "graphql", f"{options.human_resources}/graphql"), client
    )
    transport = _resilient(ConnectorRegistration("transport", "rest", options.transport, transport_sdl), client)
    composition = compose(
        (
            Subgraph(ROOT, root.as_str()),
            Subgraph("human-resources", await cards.describe()),
            Subgraph("transport", transport_sdl),
        )
    )
    if composition.supergraph is None:
        raise SystemExit("\n".join(map(str, composition.errors)))
    connectors: dict[str, Connector] = {
        ROOT: LocalConnector(root),
        "human-resources": cards,
        "transport": transport,
    }
    return GraphState(composition.supergraph, connectors, {name: name for name in DEPARTMENTS}, 1)


def _resilient(registration: ConnectorRegistration, client: HttpClient) -> Connector:
    settings = ResilienceSettings(deadline=DEADLINE)
    return Resilient(build_connector(registration, client), settings, SystemClock(), random.Random())


async def _no_tokens(_token: str) -> Actor:
    raise InvalidToken("The measured gateway knows no tokens.")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(ServerOptions.read()))
