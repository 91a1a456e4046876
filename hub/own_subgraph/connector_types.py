"""GraphQL types of connectors: how departments join the graph, and what a version would change."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from connectors import topology
from hub import enrolment, registration
from hub.own_subgraph.check_types import ConnectorCheck, report_of
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.recorded_types import TrafficMinute, traffic_of
from hub.own_subgraph.services import Info, services


@strawberry.type(description="A department's connection to the graph.")
class Connector:
    view: strawberry.Private[registration.ConnectorView]

    name: str = strawberry.field(description="Name of the subgraph.")
    kind: str = strawberry.field(description="graphql, rest or queue.")
    department: str = strawberry.field(description="The department that it belongs to.")
    state: str = strawberry.field(description="checked, live, suspended or retired.")
    version: int = strawberry.field(description="The live version, else the newest.")
    sdl: str = strawberry.field(description="The schema of that version.")
    url: str = strawberry.field(description="Where it is reached; empty for a queue.")
    waiting_for: str | None = strawberry.field(description="Whose approval it waits for.")

    @resolved("The last failure that this hub process met, if any.")
    def last_error(self, info: Info) -> str | None:
        return services(info).connector_health(self.view.name).last_error

    @resolved("When that was.")
    def last_error_at(self, info: Info) -> datetime | None:
        return services(info).connector_health(self.view.name).last_error_at

    @resolved("Whether an agent is connected; null where none is needed.")
    async def agent_online(self, info: Info) -> bool | None:
        if self.view.kind != "queue":
            return None
        return await services(info).broker.consumers(topology.requests_queue(self.view.department)) > 0

    @resolved("What it was asked, minute by minute, oldest first; minutes without a request are left out.")
    async def traffic(self, info: Info, minutes: int = 60) -> list[TrafficMinute]:
        return await traffic_of(self.view.name, services(info), minutes)

    @classmethod
    def of(cls, view: registration.ConnectorView) -> Self:
        return cls(
            view=view,
            name=view.name,
            kind=view.kind,
            department=view.department,
            state=view.state.value,
            version=view.current.version,
            sdl=view.current.sdl,
            url=view.current.url,
            waiting_for=view.waiting_for,
        )


@strawberry.type(description="A check and what became of it.")
class ConnectorPublication(ConnectorCheck):
    connector: Connector | None = strawberry.field(description="The connector after it.")
    supergraph_version: int | None = strawberry.field(description="The new graph; null while it waits.")

    @classmethod
    def published(cls, publication: registration.ConnectorPublication) -> ConnectorPublication:
        return ConnectorPublication(
            **report_of(publication.check),
            connector=Connector.of(publication.connector) if publication.connector else None,
            supergraph_version=publication.supergraph_version,
        )


@strawberry.type(description="With what a department signs in. The secret is shown this once.")
class DepartmentCredentials:
    department: str = strawberry.field(description="The department.")
    client_id: str = strawberry.field(description="OAuth client id, for client credentials.")
    client_secret: str = strawberry.field(description="Its secret; the one before has ended.")

    @classmethod
    def of(cls, credentials: enrolment.DepartmentCredentials) -> Self:
        return cls(
            department=credentials.department,
            client_id=credentials.client_id,
            client_secret=credentials.client_secret,
        )


@strawberry.input(description="A connector as a department hands it in.")
class ConnectorInput:
    name: str = strawberry.field(description="Name of the subgraph; lower case with hyphens.")
    department: str = strawberry.field(description="The department that it belongs to.")
    kind: str = strawberry.field(description="graphql, rest or queue.")
    sdl: str | None = strawberry.field(default=None, description="The schema; graphql can read it from url.")
    url: str | None = strawberry.field(default=None, description="Where it is reached.")
    timeout_ms: int | None = strawberry.field(default=None, description="Its deadline in milliseconds.")
    idempotency: str | None = strawberry.field(default=None, description="header or none.")
    samples: list[str] | None = strawberry.field(
        default=None, description="Queries on this schema by which the real system is tried; not kept."
    )
    ignored_lint: list[str] | None = strawberry.field(default=None, description="Codes of advice to leave out.")

    def registration(self) -> registration.Registration:
        return registration.Registration(
            name=self.name,
            department=self.department,
            kind=self.kind,
            sdl=self.sdl,
            url=self.url or "",
            timeout_ms=self.timeout_ms,
            idempotency=self.idempotency or "header",
            samples=tuple(self.samples or ()),
            ignored_lint=tuple(self.ignored_lint or ()),
        )
