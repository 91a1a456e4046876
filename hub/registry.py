"""Connectors come, change and go while the hub runs, and can break nobody.

register → describe → check (compose, compare) → publish: one transaction makes a new supergraph version;
every hub process notices it and swaps its graph. Publishing checks again under a lock, since two green
checks can conflict. Retiring is the same road. Source: docs/architecture.md, "The registry".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from connectors.connector import ConnectorFailure
from hub import registry_store as store
from hub.check_findings import NOTHING_SEEN, Observations
from hub.composing import composed
from hub.database import Database
from hub.registration import (
    ConnectorCheck,
    ConnectorPublication,
    ConnectorVersion,
    ConnectorView,
    LiveGraph,
    Registration,
)
from hub.registration_check import composed_with
from hub.registration_checks import RegistrationChecks
from schema.errors import CompositionError, DomainError, RuntimeCode
from schema.subgraph import Subgraph

Describe = Callable[[Registration], Awaitable[str]]
"""Reads the SDL from the department where the registration brings none."""


@dataclass(frozen=True, slots=True)
class RegistryRules:
    """What the operator decided about registrations."""

    needs_approval: bool
    allow_private_addresses: bool
    default_timeout_ms: int


class Registry:
    """The registration door behind GraphQL and the command line. Every method checks who asks."""

    def __init__(
        self,
        database: Database,
        own: Subgraph,
        clock: Clock,
        describe: Describe,
        rules: RegistryRules,
        checks: RegistrationChecks,
    ) -> None:
        self._database = database
        self._own = own
        self._clock = clock
        self._describe = describe
        self._rules = rules
        self._checks = checks
        self.changed = asyncio.Event()
        """Set after each publication by this process; the graph watcher clears it."""

    async def check(self, registration: Registration, actor: Actor) -> ConnectorCheck:
        """Tell what the registration would add and break; changes nothing."""
        _may_manage(actor, registration.department)
        described = await self._described(registration)
        if isinstance(described, ConnectorCheck):
            return described
        async with self._database.reading() as session:
            graph = await store.live_graph(session)
            await _own_name(session, registration)
        return await self._checked(described, graph, await self._checks.observe(described, graph.members))

    async def publish(
        self, registration: Registration, actor: Actor, reason: str | None = None, *, force: bool = False
    ) -> ConnectorPublication:
        """Check under the lock and go live, or wait for an approver where the rules or what it breaks say so.

        What is live as it is handed in stays: publishing it again makes no version. With ``force`` an operator,
        who says the ``reason``, breaks recorded operations knowingly.
        """
        _may_manage(actor, registration.department)
        _may_force(actor, reason, force)
        described = await self._described(registration)
        if isinstance(described, ConnectorCheck):
            return ConnectorPublication(described)
        seen = await self._observed(described)
        async with self._database.transaction() as session:
            await _lock(session, actor)
            await _own_name(session, registration)
            graph = await store.live_graph(session)
            if self._is_live(described, graph):
                view = await store.view(session, registration.name)
                return ConnectorPublication(ConnectorCheck((), (), ()), view, graph.version)
            check = await self._checked(described, graph, seen, force=force)
            if not check.ok:
                return ConnectorPublication(check)
            version = await store.add_version(
                session, described, self._rules.default_timeout_ms, self._clock.now(), actor.subject
            )
            number = None
            if actor.has_role("operator") or not (self._rules.needs_approval or check.needs_approval):
                number = await self._go_live(session, version, _words(f"publish {version.name}", reason), actor)
            view = await store.view(session, registration.name)
        self.changed.set()
        return ConnectorPublication(check, view, number)

    async def approve(
        self, name: str, actor: Actor, reason: str | None = None, *, force: bool = False
    ) -> ConnectorPublication:
        """Put the newest checked version live. Only an operator may; see ``publish`` for ``force``."""
        _must_be_operator(actor)
        _may_force(actor, reason, force)
        seen = await self._checks.use()
        async with self._database.transaction() as session:
            await _lock(session, actor)
            view = await _existing(session, name)
            waiting = max(view.versions, key=lambda version: version.version)
            graph = await store.live_graph(session)
            check = await self._checked(_registration(waiting), graph, seen, force=force)
            number = None
            if check.ok:
                number = await self._go_live(session, waiting, _words(f"approve {name}", reason), actor)
            view = await _existing(session, name)
        self.changed.set()
        return ConnectorPublication(check, view, number)

    async def rollback(self, name: str, actor: Actor) -> ConnectorPublication:
        """Put the version before the live one back."""
        async with self._database.transaction() as session:
            await _lock(session, actor)
            view = await _existing(session, name)
            _may_manage(actor, view.department)
            earlier = [version for version in view.versions if version.version < view.current.version]
            if not earlier:
                raise DomainError(RuntimeCode.CONFLICT, f'"{name}" has no earlier version to go back to.')
            target = max(earlier, key=lambda version: version.version)
            check = await self._checked(_registration(target), await store.live_graph(session), NOTHING_SEEN)
            number = None
            if check.ok:
                number = await self._go_live(session, target, f"roll back {name}", actor)
            view = await _existing(session, name)
        self.changed.set()
        return ConnectorPublication(check, view, number)

    async def suspend(self, name: str, actor: Actor) -> ConnectorView:
        """Keep the schema, answer every request to the department with an error."""
        return await self._set_suspended(name, True, actor)

    async def resume(self, name: str, actor: Actor) -> ConnectorView:
        return await self._set_suspended(name, False, actor)

    async def retire(self, name: str, actor: Actor) -> ConnectorView:
        """Take the connector out of the graph. Refused where the others need it."""
        async with self._database.transaction() as session:
            await _lock(session, actor)
            view = await _existing(session, name)
            _may_manage(actor, view.department)
            graph = await store.live_graph(session)
            rest = tuple(member for member in graph.members if member.name != name)
            composition = await asyncio.to_thread(composed, composed_with(self._own, rest))
            if composition.supergraph is None:
                raise DomainError(
                    RuntimeCode.COMPOSITION_FAILED,
                    f'"{name}" cannot be retired: {composition.errors[0].message}',
                )
            await store.retire(session, name)
            await store.add_supergraph_version(session, rest, f"retire {name}", self._clock.now(), actor.subject)
            view = await _existing(session, name)
        self.changed.set()
        return view

    async def list(self, actor: Actor) -> tuple[ConnectorView, ...]:
        """All connectors for an operator, a department's own for its client."""
        async with self._database.reading() as session:
            views = await store.views(session)
        return tuple(view for view in views if _may_see(actor, view.department))

    async def get(self, name: str, actor: Actor) -> ConnectorView | None:
        async with self._database.reading() as session:
            view = await store.view(session, name)
        return view if view is not None and _may_see(actor, view.department) else None

    async def live_graph(self) -> LiveGraph:
        """The graph in force, for the process that serves it."""
        async with self._database.reading() as session:
            return await store.live_graph(session)

    async def _described(self, registration: Registration) -> Registration | ConnectorCheck:
        if registration.sdl is not None:
            return registration
        try:
            sdl = await self._describe(registration)
        except ConnectorFailure as failure:
            message = f'The SDL of "{registration.name}" cannot be read: {failure.message}'
            return ConnectorCheck((CompositionError(failure.code, message, (registration.name,)),), (), ())
        return replace(registration, sdl=sdl)

    async def _observed(self, registration: Registration) -> Observations:
        graph = await self.live_graph()
        if self._is_live(registration, graph):
            return NOTHING_SEEN
        return await self._checks.observe(registration, graph.members)

    async def _checked(
        self, registration: Registration, graph: LiveGraph, seen: Observations, *, force: bool = False
    ) -> ConnectorCheck:
        return await self._checks.judge(registration, graph.members, seen, is_forced=force)

    def _is_live(self, registration: Registration, graph: LiveGraph) -> bool:
        timeout_ms = registration.timeout_ms or self._rules.default_timeout_ms
        handed_in = (registration.kind, registration.sdl, registration.url, timeout_ms, registration.idempotency)
        return any(
            (each.kind, each.sdl, each.url, each.timeout_ms, each.idempotency) == handed_in
            and not each.is_suspended
            for each in graph.members
            if each.name == registration.name
        )

    async def _go_live(self, session: AsyncSession, version: ConnectorVersion, reason: str, actor: Actor) -> int:
        graph = await store.live_graph(session)
        await store.set_live(session, version, actor.subject)
        others = tuple(member for member in graph.members if member.name != version.name)
        return await store.add_supergraph_version(
            session, (*others, version), reason, self._clock.now(), actor.subject
        )

    async def _set_suspended(self, name: str, suspended: bool, actor: Actor) -> ConnectorView:
        _must_be_operator(actor)
        async with self._database.transaction() as session:
            await _lock(session, actor)
            await _existing(session, name)
            await store.set_suspended(session, name, suspended)
            graph = await store.live_graph(session)
            word = "suspend" if suspended else "resume"
            await store.add_supergraph_version(
                session, graph.members, f"{word} {name}", self._clock.now(), actor.subject
            )
            view = await _existing(session, name)
        self.changed.set()
        return view


def _registration(version: ConnectorVersion) -> Registration:
    return Registration(
        version.name,
        version.department,
        version.kind,
        version.sdl,
        version.url,
        version.timeout_ms,
        version.idempotency,
    )


async def _lock(session: AsyncSession, actor: Actor) -> None:
    connection = await session.connection()
    await connection.execute(
        text(
            "INSERT INTO registry_lock (id, holder) VALUES (1, :holder)"
            " ON CONFLICT (id) DO UPDATE SET holder = excluded.holder"
        ),
        {"holder": actor.subject},
    )


async def _existing(session: AsyncSession, name: str) -> ConnectorView:
    view = await store.view(session, name)
    if view is None:
        raise DomainError(RuntimeCode.NOT_FOUND, f'There is no connector "{name}".')
    return view


async def _own_name(session: AsyncSession, registration: Registration) -> None:
    """A name belongs to the department that registered it first."""
    view = await store.view(session, registration.name)
    if view is not None and view.department != registration.department:
        raise DomainError(
            RuntimeCode.FORBIDDEN,
            f'The name "{registration.name}" belongs to another department. Choose another name.',
        )


def _may_see(actor: Actor, department: str) -> bool:
    return actor.has_role("operator") or (actor.department is not None and actor.department == department)


def _may_manage(actor: Actor, department: str) -> None:
    if not _may_see(actor, department):
        raise DomainError(
            RuntimeCode.FORBIDDEN,
            f'Only department "{department}" itself or an operator may manage its connectors.',
        )


def _may_force(actor: Actor, reason: str | None, force: bool) -> None:
    if force:
        _must_be_operator(actor)
        if not (reason and reason.strip()):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "Whoever forces a version says why. Give a reason.")


def _words(what: str, reason: str | None) -> str:
    return f"{what}: {reason.strip()}" if reason and reason.strip() else what


def _must_be_operator(actor: Actor) -> None:
    if not actor.has_role("operator"):
        raise DomainError(RuntimeCode.FORBIDDEN, "Only an operator may do this.")
