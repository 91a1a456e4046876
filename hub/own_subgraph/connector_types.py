"""GraphQL types of connectors: how departments join the graph, and what a version would change."""

from __future__ import annotations

from datetime import datetime
from difflib import unified_diff
from typing import Self

import strawberry

from connectors import topology
from connectors.agents import AgentSighting
from hub.departments import enrolment
from hub.departments.conditions import Condition
from hub.own_subgraph.check_types import ConnectorCheck, report_of
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.recorded_types import TrafficMinute, traffic_of
from hub.own_subgraph.resilience_types import ConnectorBulkhead, ConnectorCircuit, ConnectorResilience
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from hub.registry import registration


@strawberry.type(description="One version of a connector: as it was handed in, for ever.")
class ConnectorVersion:
    earlier: strawberry.Private[str]
    registered: strawberry.Private[registration.ConnectorVersion]

    version: int = strawberry.field(description="Its number, from 1.")
    state: str = strawberry.field(description="draft, checked, approved, live, superseded or rejected.")
    kind: str = strawberry.field(description="graphql, rest, sql or queue.")
    url: str = strawberry.field(description="Where it is reached; empty for a queue.")
    sdl: str = strawberry.field(description="Its schema.")
    headers: JSON = strawberry.field(description="Sent with every request; secrets by name.")
    config: JSON = strawberry.field(description="What mappings read as $config.")
    timeout_ms: int = strawberry.field(description="Its deadline in milliseconds.")
    idempotency: str = strawberry.field(description="header or none.")
    created_at: datetime = strawberry.field(description="When it was handed in.")
    created_by: str = strawberry.field(description="The subject of whoever did.")
    approved_by: str | None = strawberry.field(description="The subject of whoever let it go live.")

    @resolved("The SDL beside that of the version before, as a unified diff; empty where nothing differs.")
    def diff(self) -> str:
        lines = unified_diff(
            self.earlier.splitlines(),
            self.sdl.splitlines(),
            f"version {self.version - 1}",
            f"version {self.version}",
            lineterm="",
        )
        return "\n".join(lines)

    @resolved("What you may do with this version now: approve, reject, release or rollback.")
    def allowed_actions(self, info: Info) -> list[str]:
        rules = services(info).registry.rules
        return [*rules.allowed_on_version(self.registered, signed_in(actor(info)))]

    @classmethod
    def of(cls, version: registration.ConnectorVersion, earlier: str) -> Self:
        return cls(
            earlier=earlier,
            registered=version,
            version=version.version,
            state=version.state.value,
            kind=version.kind,
            url=version.url,
            sdl=version.sdl,
            headers=version.configuration.headers,
            config=version.configuration.config,
            timeout_ms=version.timeout_ms,
            idempotency=version.idempotency,
            created_at=version.created_at,
            created_by=version.created_by,
            approved_by=version.approved_by,
        )


@strawberry.type(description="One line of a connector's history.")
class ConnectorEvent:
    action: str = strawberry.field(
        description="registered, approved, rejected, published, rolled-back, suspended, resumed, retired, "
        "went-wrong or recovered."
    )
    version: int | None = strawberry.field(description="The version that it was done to.")
    actor: str = strawberry.field(description="The subject of whoever did it.")
    reason: str | None = strawberry.field(description="Why, in their words.")
    at: datetime = strawberry.field(description="When.")
    supergraph_version: int | None = strawberry.field(description="The graph that it made.")

    @classmethod
    def of(cls, event: registration.ConnectorEvent) -> Self:
        return cls(
            action=event.action.value,
            version=event.version,
            actor=event.actor,
            reason=event.reason,
            at=event.at,
            supergraph_version=event.supergraph_version,
        )


@strawberry.type(description="Something that is wrong with a connector now.")
class ConnectorCondition:
    kind: str = strawberry.field(
        description="circuit-open: it fails again and again; drift: it serves another schema than it registered; "
        "wrong-types: too many of its answers are not what its schema says."
    )
    since: datetime = strawberry.field(description="Since when.")
    detail: str = strawberry.field(description="More of it.")

    @classmethod
    def of(cls, condition: Condition) -> Self:
        return cls(kind=condition.kind.value, since=condition.since, detail=condition.detail)


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
    kind: str = strawberry.field(description="graphql, rest, sql or queue.")
    department: str = strawberry.field(description="The department that it belongs to.")
    state: str = strawberry.field(description="draft, checked, approved, rejected, live, suspended or retired.")
    version: int = strawberry.field(description="The live version, else the newest.")
    sdl: str = strawberry.field(description="The schema of that version.")
    url: str = strawberry.field(description="Where it is reached; empty for a queue.")
    headers: JSON = strawberry.field(description="Sent with every request; secrets by name.")
    config: JSON = strawberry.field(description="What mappings read as $config.")
    waiting_for: str | None = strawberry.field(description="Whose approval it waits for.")

    @resolved("Its versions, the newest first; with number that one alone.")
    def versions(self, number: int | None = None) -> list[ConnectorVersion]:
        found = self.view.versions
        earlier = ("", *(version.sdl for version in found))
        return [
            ConnectorVersion.of(each, before)
            for each, before in zip(found, earlier, strict=False)
            if number is None or each.version == number
        ][::-1]

    @resolved("What you may do with it now: approve, reject, release, rollback, suspend, resume, retire.")
    def allowed_actions(self, info: Info) -> list[str]:
        return [*services(info).registry.rules.allowed_on(self.view, signed_in(actor(info)))]

    @resolved("Who did what with it, when and why; the newest first.")
    async def history(self, info: Info) -> list[ConnectorEvent]:
        events = await services(info).registry.history(self.view.name, signed_in(actor(info)))
        return [ConnectorEvent.of(event) for event in events]

    @resolved("What is wrong with it now.")
    async def conditions(self, info: Info) -> list[ConnectorCondition]:
        found = await services(info).conditions.of(self.view.name)
        return [ConnectorCondition.of(condition) for condition in found]

    @resolved("The last failure that this hub process met, if any.")
    def last_error(self, info: Info) -> str | None:
        return services(info).connector_health(self.view.name).last_error

    @resolved("When that was.")
    def last_error_at(self, info: Info) -> datetime | None:
        return services(info).connector_health(self.view.name).last_error_at

    @resolved("How the hub treats it.")
    async def resilience(self, info: Info) -> ConnectorResilience:
        return ConnectorResilience.of(await services(info).connector_settings.get(self.view.name))

    @resolved("Its circuits, one for each kind of failure; empty while it is not served.")
    def circuit(self, info: Info) -> list[ConnectorCircuit]:
        state = services(info).connector_health(self.view.name).state
        return [ConnectorCircuit.of(each) for each in state.circuits] if state else []

    @resolved("Its bound on requests in hand; null while it is not served.")
    def bulkhead(self, info: Info) -> ConnectorBulkhead | None:
        state = services(info).connector_health(self.view.name).state
        return ConnectorBulkhead.of(state.bulkhead) if state else None

    @resolved("Whether an agent is connected; null where none is needed.")
    async def agent_online(self, info: Info) -> bool | None:
        if self.view.kind != "queue":
            return None
        return await services(info).broker.consumers(topology.requests_queue(self.view.department)) > 0

    @resolved("What it was asked, minute by minute, oldest first; minutes without a request are left out.")
    async def traffic(self, info: Info, minutes: int = 60) -> list[TrafficMinute]:
        return await traffic_of(self.view.name, services(info), minutes)

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
            headers=view.current.configuration.headers,
            config=view.current.configuration.config,
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
    kind: str = strawberry.field(description="graphql, rest, sql or queue.")
    sdl: str | None = strawberry.field(default=None, description="The schema; graphql can read it from url.")
    url: str | None = strawberry.field(default=None, description="Where it is reached.")
    timeout_ms: int | None = strawberry.field(default=None, description="Its deadline in milliseconds.")
    idempotency: str | None = strawberry.field(default=None, description="header or none.")
    headers: JSON | None = strawberry.field(
        default=None, description='Headers of a graphql connector: {"Authorization": "Bearer {$env.TOKEN}"}.'
    )
    config: JSON | None = strawberry.field(default=None, description="What mappings read as $config.")
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
            configuration=registration.Configuration(
                {} if self.headers is None else self.headers, {} if self.config is None else self.config
            ),
            samples=tuple(self.samples or ()),
            ignored_lint=tuple(self.ignored_lint or ()),
        )
