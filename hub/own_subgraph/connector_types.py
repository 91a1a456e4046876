"""GraphQL types of connectors: how departments join the graph, and what a version would change."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from connectors import topology
from connectors.agents import AgentSighting
from hub import enrolment, registration
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.services import Info, services
from schema.changes import SchemaChange as DomainChange
from schema.errors import CompositionError, CompositionHint


@strawberry.type(description="A place in one subgraph's SDL.")
class ProblemLocation:
    subgraph: str = strawberry.field(description="Name of the subgraph.")
    line: int = strawberry.field(description="Line, from 1.")
    column: int = strawberry.field(description="Column, from 1.")


@strawberry.type(description="An error or hint of composition.")
class CompositionProblem:
    code: str = strawberry.field(description="Federation's public code where there is one.")
    message: str = strawberry.field(description="The thing and the mend.")
    subgraphs: list[str] = strawberry.field(description="The subgraphs that it is about.")
    locations: list[ProblemLocation] = strawberry.field(description="Where to look.")

    @classmethod
    def of(cls, problem: CompositionError | CompositionHint) -> Self:
        places = [
            ProblemLocation(subgraph=place.subgraph, line=place.line, column=place.column)
            for place in problem.locations
        ]
        return cls(
            code=problem.code,
            message=problem.message,
            subgraphs=list(problem.subgraphs),
            locations=places,
        )


@strawberry.type(description="One difference to the published graph.")
class SchemaChange:
    kind: str = strawberry.field(description="What kind of change.")
    criticality: str = strawberry.field(description="BREAKING, DANGEROUS or SAFE.")
    path: str = strawberry.field(description="What it is about, for example Licence.holder.")
    description: str = strawberry.field(description="The change in words.")

    @classmethod
    def of(cls, change: DomainChange) -> Self:
        return cls(
            kind=str(change.kind),
            criticality=str(change.criticality),
            path=change.path,
            description=change.description,
        )


@strawberry.type(description="A department's agent, as it last said that it is there.")
class ConnectorAgent:
    id: str = strawberry.field(description="Its name since it was started.")
    version: str = strawberry.field(description="Its release.")
    protocol: int = strawberry.field(description="Which messages it understands.")
    kind: str = strawberry.field(description="What it runs: rest, graphql or sql.")
    concurrency: int = strawberry.field(description="How many requests it takes in hand at once.")
    in_hand: int = strawberry.field(description="How many it had in hand.")
    latency_ms: float | None = strawberry.field(description="A word to the hub and back, in milliseconds.")
    since: datetime = strawberry.field(description="When this hub process first heard of it.")
    last_heartbeat_at: datetime = strawberry.field(description="When it last said that it is there.")
    refusal: str | None = strawberry.field(description="Why the hub does not work with it: too old or too new.")

    @classmethod
    def of(cls, sighting: AgentSighting) -> Self:
        presence = sighting.presence
        return cls(
            id=presence.agent,
            version=presence.version,
            protocol=presence.protocol,
            kind=presence.kind,
            concurrency=presence.concurrency,
            in_hand=presence.in_hand,
            latency_ms=presence.latency_ms,
            since=sighting.since,
            last_heartbeat_at=sighting.seen_at,
            refusal=sighting.refusal,
        )


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

    @resolved("The agents that this hub process hears, the longest there first; none where none is needed.")
    def agents(self, info: Info) -> list[ConnectorAgent]:
        if self.view.kind != "queue":
            return []
        return [ConnectorAgent.of(sighting) for sighting in services(info).agents(self.view.department)]

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


@strawberry.type(description="What a registration would add and break.")
class ConnectorCheck:
    ok: bool = strawberry.field(description="Whether it may be published.")
    errors: list[CompositionProblem] = strawberry.field(description="Why not; all reasons at once.")
    hints: list[CompositionProblem] = strawberry.field(description="What deserves a look.")
    changes: list[SchemaChange] = strawberry.field(description="Differences to the published graph.")

    @classmethod
    def of(cls, check: registration.ConnectorCheck) -> Self:
        return cls(
            ok=check.ok,
            errors=[CompositionProblem.of(error) for error in check.errors],
            hints=[CompositionProblem.of(hint) for hint in check.hints],
            changes=[SchemaChange.of(change) for change in check.changes],
        )


@strawberry.type(description="A check and what became of it.")
class ConnectorPublication(ConnectorCheck):
    connector: Connector | None = strawberry.field(description="The connector after it.")
    supergraph_version: int | None = strawberry.field(description="The new graph; null while it waits.")

    @classmethod
    def published(cls, publication: registration.ConnectorPublication) -> ConnectorPublication:
        check = ConnectorCheck.of(publication.check)
        return ConnectorPublication(
            ok=check.ok,
            errors=check.errors,
            hints=check.hints,
            changes=check.changes,
            connector=Connector.of(publication.connector) if publication.connector else None,
            supergraph_version=publication.supergraph_version,
        )


@strawberry.type(description="With what a department signs in. The secret is shown this once.")
class DepartmentCredentials:
    department: str = strawberry.field(description="The department.")
    client_id: str = strawberry.field(description="OAuth client id, for client credentials.")
    client_secret: str = strawberry.field(description="Its secret; the one before ends after the grace.")
    broker_user: str | None = strawberry.field(description="Its user at RabbitMQ; null on the embedded broker.")
    broker_password: str | None = strawberry.field(description="That user's password.")
    broker_commands: list[str] = strawberry.field(
        description="What RabbitMQ's administrator types for it, where the hub may not do it itself."
    )

    @classmethod
    def of(cls, credentials: enrolment.DepartmentCredentials) -> Self:
        return cls(
            department=credentials.department,
            client_id=credentials.client_id,
            client_secret=credentials.client_secret,
            broker_user=credentials.broker.user,
            broker_password=credentials.broker.password,
            broker_commands=list(credentials.broker.commands),
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

    def registration(self) -> registration.Registration:
        return registration.Registration(
            name=self.name,
            department=self.department,
            kind=self.kind,
            sdl=self.sdl,
            url=self.url or "",
            timeout_ms=self.timeout_ms,
            idempotency=self.idempotency or "header",
        )
