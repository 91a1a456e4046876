"""Connectors come, change and go while the hub runs, and can break nobody.

register → describe → check (compose, compare) → approve → publish: one transaction makes a new supergraph
version; every hub process notices it and swaps its graph. Publishing checks again under a lock, since two green
checks can conflict. Rolling back and retiring are the same road. Versions never change, and each step is in the
connector's history. Source: docs/architecture.md, "The registry".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.addresses import AddressRule
from connectors.clock import Clock
from connectors.connector import ConnectorFailure
from hub.departments.connector_access import allowed_hosts_of
from hub.people.who import may_manage, may_see, operator
from hub.registry import registry_store as store
from hub.registry.check_findings import NOTHING_SEEN, Observations
from hub.registry.registration import (
    ConnectorAction,
    ConnectorCheck,
    ConnectorEvent,
    ConnectorPublication,
    ConnectorVersion,
    ConnectorView,
    LiveGraph,
    Registration,
    VersionState,
    registration_of,
)
from hub.registry.registration_checks import RegistrationChecks
from hub.registry.registration_door import door_problems
from hub.registry.registry_change import (
    RegistryChange,
    changing,
    earlier_version,
    existing,
    may_force,
    no_such,
    own_name,
    to_retire,
    to_suspend,
    version_of,
    version_to_go_back_to,
)
from hub.registry.registry_rules import RegistryRules
from hub.storage.database import Database
from schema.errors import CompositionError, DomainError, RuntimeCode

Describe = Callable[[Registration], Awaitable[str]]
"""Reads the SDL from the department where the registration brings none."""

HISTORY = 200
"""How many lines of a connector's history are told."""


class Registry:
    """The registration door behind GraphQL and the command line. Every method checks who asks.

    ``reason`` is what whoever acts says of it, for the history.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        describe: Describe,
        rules: RegistryRules,
        checks: RegistrationChecks,
    ) -> None:
        self._database = database
        self._clock = clock
        self._describe = describe
        self.rules = rules
        self._checks = checks
        self.changed = asyncio.Event()
        """Set after each publication by this process; the graph watcher clears it."""

    async def check(self, registration: Registration, actor: Actor) -> ConnectorCheck:
        """Tell what the registration would add and break; changes nothing."""
        may_manage(actor, registration.department)
        described = await self._described(registration)
        if isinstance(described, ConnectorCheck):
            return described
        async with self._database.reading() as session:
            graph = await store.live_graph(session)
            await own_name(session, registration)
        return await self._checked(described, graph, await self._checks.observe(described, graph.members))

    async def register(
        self, registration: Registration, actor: Actor, reason: str | None = None
    ) -> ConnectorPublication:
        """Keep a version without putting it live: checked where the check is green, a draft where it is not."""
        may_manage(actor, registration.department)
        described = await self._described(registration)
        if isinstance(described, ConnectorCheck):
            return ConnectorPublication(described)
        seen = await self._observed(described)
        async with self._changing(actor) as change:
            await own_name(change.session, registration)
            check = await self._checked(described, await store.live_graph(change.session), seen, change.session)
            state = VersionState.CHECKED if check.ok else VersionState.DRAFT
            await self._add(change, described, check, state, reason)
            return ConnectorPublication(check, await store.view(change.session, registration.name))

    async def publish(
        self, registration: Registration, actor: Actor, reason: str | None = None, *, force: bool = False
    ) -> ConnectorPublication:
        """Check under the lock and go live, or wait for an approver where the rules or what it breaks say so.

        What is live as it is handed in stays: publishing it again makes no version. With ``force`` an operator,
        who says the ``reason``, breaks recorded operations knowingly.
        """
        may_manage(actor, registration.department)
        may_force(actor, reason, force)
        described = await self._described(registration)
        if isinstance(described, ConnectorCheck):
            return ConnectorPublication(described)
        seen = await self._observed(described)
        async with self._changing(actor) as change:
            await own_name(change.session, registration)
            graph = await store.live_graph(change.session)
            if self._is_live(described, graph):
                view = await store.view(change.session, registration.name)
                return ConnectorPublication(ConnectorCheck((), (), ()), view, graph.version)
            check = await self._checked(described, graph, seen, change.session, force=force)
            if not check.ok:
                return ConnectorPublication(check)
            version = await self._add(change, described, check, VersionState.CHECKED, reason)
            number = None
            if self.rules.approves(check) or actor.has_role("operator"):
                number = await self._go_live(change, version, ConnectorAction.PUBLISHED, reason)
            return ConnectorPublication(check, await store.view(change.session, registration.name), number)

    async def release(
        self, name: str, version: int, actor: Actor, reason: str | None = None
    ) -> ConnectorPublication:
        """Put a version live that an operator approved, or that the rules let through."""
        seen = await self._foreseen(name, actor, lambda view: version_of(view, version))
        async with self._changing(actor) as change:
            view = await existing(change.session, name)
            may_manage(actor, view.department)
            target = version_of(view, version)
            check = await self._checked(
                registration_of(target), await store.live_graph(change.session), seen, change.session
            )
            is_approved = target.state is VersionState.APPROVED or actor.has_role("operator")
            if target.state in (VersionState.REJECTED, VersionState.LIVE) or not (
                is_approved or (target.state is VersionState.CHECKED and self.rules.approves(check))
            ):
                raise DomainError(
                    RuntimeCode.CONFLICT,
                    f'Version {version} of "{name}" is {target.state.value}. Only an approved one can go live.',
                )
            number = None
            if check.ok:
                number = await self._go_live(change, target, ConnectorAction.PUBLISHED, reason)
            return ConnectorPublication(check, await existing(change.session, name), number)

    async def approve(
        self,
        name: str,
        actor: Actor,
        version: int | None = None,
        reason: str | None = None,
        *,
        hold: bool = False,
        force: bool = False,
    ) -> ConnectorPublication:
        """Put a checked version live, the newest where none is named. Only an operator may.

        With ``hold`` it is approved only, and its department puts it live when it wants to. See ``publish`` for
        ``force``.
        """
        operator(actor)
        may_force(actor, reason, force)
        seen = await self._foreseen(name, actor, lambda view: version_of(view, version))
        async with self._changing(actor) as change:
            view = await existing(change.session, name)
            waiting = version_of(view, version)
            if waiting.state in (VersionState.LIVE, VersionState.REJECTED):
                state = waiting.state.value
                message = f'Version {waiting.version} of "{name}" is {state} already.'
                raise DomainError(RuntimeCode.CONFLICT, message)
            graph = await store.live_graph(change.session)
            check = await self._checked(registration_of(waiting), graph, seen, change.session, force=force)
            number = None
            if check.ok:
                await store.set_state(change.session, waiting, VersionState.APPROVED, actor.subject)
                change.note(waiting, ConnectorAction.APPROVED, reason)
                if not hold:
                    number = await self._go_live(change, waiting, ConnectorAction.PUBLISHED, reason)
            return ConnectorPublication(check, await existing(change.session, name), number)

    async def reject(self, name: str, actor: Actor, version: int | None, reason: str) -> ConnectorView:
        """Refuse a version that waits, with the reason that its department reads. Only an operator may."""
        operator(actor)
        if not reason.strip():
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "Say why: the department reads the reason.")
        async with self._changing(actor) as change:
            waiting = version_of(await existing(change.session, name), version)
            if waiting.state not in (VersionState.DRAFT, VersionState.CHECKED, VersionState.APPROVED):
                raise DomainError(
                    RuntimeCode.CONFLICT, f'Version {waiting.version} of "{name}" is {waiting.state.value}.'
                )
            await store.set_state(change.session, waiting, VersionState.REJECTED)
            change.note(waiting, ConnectorAction.REJECTED, reason)
            return await existing(change.session, name)

    async def rollback(
        self, name: str, actor: Actor, version: int | None = None, reason: str | None = None
    ) -> ConnectorPublication:
        """Put a version back that was live; where none is named the one before the live one, or what retired."""
        await self._foreseen(name, actor, lambda view: earlier_version(view, version))
        async with self._changing(actor) as change:
            view = await existing(change.session, name)
            may_manage(actor, view.department)
            target = await version_to_go_back_to(change.session, view, version)
            graph = await store.live_graph(change.session)
            check = await self._checked(registration_of(target), graph, NOTHING_SEEN, change.session)
            number = None
            if check.ok:
                number = await self._go_live(change, target, ConnectorAction.ROLLED_BACK, reason)
            return ConnectorPublication(check, await existing(change.session, name), number)

    async def suspend(self, name: str, actor: Actor, reason: str | None = None) -> ConnectorView:
        """Keep the schema, answer every request to the department with an error."""
        return await self._set_suspended(name, True, actor, reason)

    async def resume(self, name: str, actor: Actor, reason: str | None = None) -> ConnectorView:
        return await self._set_suspended(name, False, actor, reason)

    async def retire(self, name: str, actor: Actor, reason: str | None = None) -> ConnectorView:
        """Take the connector out of the graph. Refused where the others need it."""
        await self._checks.compose_without(name, (await self.live_graph()).members)
        async with self._changing(actor) as change:
            view = await to_retire(change.session, name)
            may_manage(actor, view.department)
            graph = await store.live_graph(change.session)
            rest = tuple(member for member in graph.members if member.name != name)
            composition = await self._checks.compose_without(name, graph.members)
            if composition.supergraph is None:
                message = f'"{name}" cannot be retired: {composition.errors[0].message}'
                raise DomainError(RuntimeCode.COMPOSITION_FAILED, message)
            await store.retire(change.session, name)
            number = await change.new_graph(rest, f"retire {name}")
            change.note(view.current, ConnectorAction.RETIRED, reason, number)
            return await existing(change.session, name)

    async def list(self, actor: Actor) -> tuple[ConnectorView, ...]:
        """All connectors for an operator, a department's own for its client."""
        async with self._database.reading() as session:
            views = await store.views(session)
        return tuple(view for view in views if may_see(actor, view.department))

    async def get(self, name: str, actor: Actor) -> ConnectorView | None:
        async with self._database.reading() as session:
            view = await store.view(session, name)
        return view if view is not None and may_see(actor, view.department) else None

    async def history(self, name: str, actor: Actor) -> tuple[ConnectorEvent, ...]:
        """Who did what with it, when and why; the newest first."""
        async with self._database.reading() as session:
            view = await existing(session, name)
            if not may_see(actor, view.department):
                raise no_such(name)
            return await store.history(session, name, HISTORY)

    async def newest_version(self) -> int:
        """Of the graph in force; cheap, for those who look again and again."""
        async with self._database.reading() as session:
            return await store.newest_version(session)

    async def live_graph(self) -> LiveGraph:
        """The graph in force, for the process that serves it."""
        async with self._database.reading() as session:
            return await store.live_graph(session)

    async def graph_before(self, version: int) -> LiveGraph | None:
        """The graph that was in force before this one, for a process that cannot serve this one."""
        async with self._database.reading() as session:
            return await store.graph_before(session, version)

    async def _described(self, registration: Registration) -> Registration | ConnectorCheck:
        problems = door_problems(registration, await self.addresses(registration.department))
        if problems:
            return ConnectorCheck(problems, (), ())
        if registration.sdl is not None:
            return registration
        try:
            sdl = await self._describe(registration)
        except ConnectorFailure as failure:
            message = f'The SDL of "{registration.name}" cannot be read: {failure.message}'
            return ConnectorCheck((CompositionError(failure.code, message, (registration.name,)),), (), ())
        return replace(registration, sdl=sdl)

    async def addresses(self, department: str, session: AsyncSession | None = None) -> AddressRule:
        """What the connectors of this department may call; read in the caller's transaction where there is one."""
        if session is None:
            async with self._database.reading() as reading:
                return await self.addresses(department, reading)
        allowed = await allowed_hosts_of(session, department)
        return AddressRule(self.rules.allow_private_addresses, allowed)

    async def _observed(self, registration: Registration) -> Observations:
        graph = await self.live_graph()
        if self._is_live(registration, graph):
            return await self._checks.use()
        return await self._checks.observe(registration, graph.members)

    async def _foreseen(
        self, name: str, actor: Actor, chosen: Callable[[ConnectorView], ConnectorVersion]
    ) -> Observations:
        """What clients send; the graph with the chosen version is composed before the lock is taken, under which
        that composition is found again unless the graph has moved."""
        async with self._database.reading() as session:
            view = await existing(session, name)
            may_manage(actor, view.department)
            graph = await store.live_graph(session)
        await self._checks.compose_ahead(registration_of(chosen(view)), graph.members)
        return await self._checks.use()

    async def _checked(
        self,
        registration: Registration,
        graph: LiveGraph,
        seen: Observations,
        session: AsyncSession | None = None,
        *,
        force: bool = False,
    ) -> ConnectorCheck:
        addresses = await self.addresses(registration.department, session)
        return await self._checks.judge(registration, graph.members, seen, addresses, is_forced=force)

    def _is_live(self, registration: Registration, graph: LiveGraph) -> bool:
        timeout_ms = registration.timeout_ms or self.rules.default_timeout_ms
        handed_in = replace(registration, timeout_ms=timeout_ms)
        return any(
            registration_of(each) == handed_in and not each.is_suspended
            for each in graph.members
            if each.name == registration.name
        )

    async def _add(
        self,
        change: RegistryChange,
        registration: Registration,
        check: ConnectorCheck,
        state: VersionState,
        reason: str | None,
    ) -> ConnectorVersion:
        version = await store.add_version(
            change.session,
            registration,
            self.rules.default_timeout_ms,
            self._clock.now(),
            change.actor.subject,
            state,
            waits_for_operator=not self.rules.approves(check),
        )
        change.note(version, ConnectorAction.REGISTERED, reason)
        return version

    async def _go_live(
        self, change: RegistryChange, version: ConnectorVersion, action: ConnectorAction, reason: str | None
    ) -> int:
        graph = await store.live_graph(change.session)
        await store.set_live(change.session, version, change.actor.subject)
        others = tuple(member for member in graph.members if member.name != version.name)
        number = await change.new_graph((*others, version), f"{_WORDS[action]} {version.name}")
        change.note(version, action, reason, number)
        return number

    async def _set_suspended(self, name: str, suspended: bool, actor: Actor, reason: str | None) -> ConnectorView:
        operator(actor)
        async with self._changing(actor) as change:
            view = await to_suspend(change.session, name, suspended)
            await store.set_suspended(change.session, name, suspended)
            graph = await store.live_graph(change.session)
            number = await change.new_graph(graph.members, f"{'suspend' if suspended else 'resume'} {name}")
            action = ConnectorAction.SUSPENDED if suspended else ConnectorAction.RESUMED
            change.note(view.current, action, reason, number)
            return await existing(change.session, name)

    @asynccontextmanager
    async def _changing(self, actor: Actor) -> AsyncIterator[RegistryChange]:
        async with changing(self._database, self._clock, actor) as change:
            yield change
        self.changed.set()


_WORDS = {ConnectorAction.PUBLISHED: "publish", ConnectorAction.ROLLED_BACK: "roll back"}
