"""The supergraphs that were in force: what each was made of, how they differ, and the way back to any of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from graphql import print_schema

from auth.actor import Actor
from auth.policy import IDENTITIES
from connectors.clock import Clock
from hub.people.who import operator
from hub.registry import registry_store as store
from hub.registry.composing import composed
from hub.registry.registration import (
    ConnectorAction,
    ConnectorCheck,
    LiveGraph,
    SupergraphPublication,
    SupergraphVersion,
    VersionState,
)
from hub.registry.registration_check import composed_with, gather_changes, identity_problems
from hub.registry.registry_change import RegistryChange, changing
from hub.storage.database import Database
from schema.changes import SchemaChange, changes
from schema.errors import DomainError, RuntimeCode
from schema.subgraph import Subgraph
from schema.supergraph import Composition

MOST_AT_ONCE = 100


class SupergraphVersions:
    """Only an operator may look and act here. ``changed`` is called after each rollback by this process."""

    def __init__(self, database: Database, own: Subgraph, clock: Clock, changed: Callable[[], None]) -> None:
        self._database = database
        self._own = own
        self._clock = clock
        self._changed = changed

    async def list(
        self, actor: Actor, first: int = 20, before: int | None = None
    ) -> tuple[SupergraphVersion, ...]:
        """The newest first, at most :data:`MOST_AT_ONCE`; ``before`` leads to the older ones."""
        operator(actor)
        if not 1 <= first <= MOST_AT_ONCE:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`first` is a number from 1 to {MOST_AT_ONCE}.")
        async with self._database.reading() as session:
            return await store.supergraph_versions(session, first, before)

    async def sdl(self, version: int, actor: Actor) -> str:
        """The API that clients see in this version."""
        operator(actor)
        composition = await self._composition(await self._graph(version))
        if composition.supergraph is None:
            raise _does_not_compose(version, composition)
        return print_schema(composition.supergraph.api_schema)

    async def changes(self, version: int, actor: Actor) -> tuple[SchemaChange, ...]:
        """What this version changed for clients, compared with the one before it."""
        operator(actor)
        graph = await self._graph(version)
        earlier = await self._graph(version - 1) if version > 1 else LiveGraph(0, ())
        return _between(await self._composition(earlier), await self._composition(graph))

    async def rollback(self, version: int, actor: Actor, reason: str | None = None) -> SupergraphPublication:
        """Put back what was in force then, as a new version. What joined since stays approved, and out of it."""
        operator(actor)
        await self._composition(await self._graph(version))  # found again under the lock, which is held shortly
        async with changing(self._database, self._clock, actor) as change:
            now = await store.live_graph(change.session)
            target = await store.graph_of_version(change.session, version)
            if target is None:
                raise _no_such(version)
            if version == now.version:
                raise DomainError(RuntimeCode.CONFLICT, f"Supergraph {version} is in force already.")
            check = _check(await self._composition(now), await self._composition(target))
            number = await self._put_back(change, now, target, reason) if check.ok else None
        self._changed()
        return SupergraphPublication(check, number)

    async def _put_back(
        self, change: RegistryChange, now: LiveGraph, target: LiveGraph, reason: str | None
    ) -> int:
        number = await change.new_graph(target.members, f"roll back to {target.version}")
        live = {member.name: member for member in now.members}
        for member in target.members:
            if live.get(member.name) is None or live[member.name].version != member.version:
                await store.set_live(change.session, member, change.actor.subject)
                change.note(member, ConnectorAction.ROLLED_BACK, reason, number)
        staying = {member.name for member in target.members}
        for member in now.members:
            if member.name not in staying:
                await store.take_out(change.session, member.name, VersionState.APPROVED)
                change.note(member, ConnectorAction.ROLLED_BACK, reason, number)
        return number

    async def _graph(self, version: int) -> LiveGraph:
        async with self._database.reading() as session:
            graph = await store.graph_of_version(session, version)
        if graph is None:
            raise _no_such(version)
        return graph

    async def _composition(self, graph: LiveGraph) -> Composition:
        return await asyncio.to_thread(composed, composed_with(self._own, graph.members))


def _check(now: Composition, then: Composition) -> ConnectorCheck:
    if then.supergraph is None:
        return ConnectorCheck(then.errors, then.hints, ())
    problems = identity_problems(then.supergraph, IDENTITIES)
    return ConnectorCheck(problems, then.hints, _between(now, then))


def _between(old: Composition, new: Composition) -> tuple[SchemaChange, ...]:
    if new.supergraph is None:
        return ()
    found = changes(old.supergraph.api_schema if old.supergraph else None, new.supergraph.api_schema)
    return (*found, *gather_changes(old.supergraph, new.supergraph))


def _no_such(version: int) -> DomainError:
    return DomainError(RuntimeCode.NOT_FOUND, f"There is no supergraph {version}.")


def _does_not_compose(version: int, composition: Composition) -> DomainError:
    first = composition.errors[0].message if composition.errors else ""
    return DomainError(RuntimeCode.COMPOSITION_FAILED, f"Supergraph {version} does not compose today: {first}")
