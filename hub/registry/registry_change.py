"""One change of the registry: a transaction under its lock, with who makes it; and who may."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.people.who import operator
from hub.registry import registry_store as store
from hub.registry.registration import (
    ConnectorAction,
    ConnectorState,
    ConnectorVersion,
    ConnectorView,
    Registration,
    VersionState,
)
from hub.storage.database import Database
from schema.errors import DomainError, RuntimeCode

LONGEST_REASON = 1_000
_LOOKED_BACK = 200


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """What is written under the lock. Nothing of it holds unless all of it does."""

    session: AsyncSession
    clock: Clock
    actor: Actor

    async def new_graph(self, members: Iterable[ConnectorVersion], why: str) -> int:
        """The number of the supergraph that these versions make; it is in force once the change is over."""
        now = self.clock.now()
        return await store.add_supergraph_version(self.session, members, why, now, self.actor.subject)

    def note(
        self,
        version: ConnectorVersion,
        action: ConnectorAction,
        reason: str | None,
        supergraph_version: int | None = None,
    ) -> None:
        """A line of the connector's history. Raises ``DomainError`` for a reason that is too long."""
        if reason is not None and len(reason) > LONGEST_REASON:
            message = f"A reason has at most {LONGEST_REASON} characters."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        store.note(
            self.session,
            version.name,
            version.version,
            action,
            self.actor.subject,
            self.clock.now(),
            reason,
            supergraph_version,
        )


@asynccontextmanager
async def changing(database: Database, clock: Clock, actor: Actor) -> AsyncIterator[RegistryChange]:
    """Two green checks can conflict: whoever changes the registry holds its one row to the end."""
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.execute(
            text(
                "INSERT INTO registry_lock (id, holder) VALUES (1, :holder)"
                " ON CONFLICT (id) DO UPDATE SET holder = excluded.holder"
            ),
            {"holder": actor.subject},
        )
        yield RegistryChange(session, clock, actor)


async def existing(session: AsyncSession, name: str) -> ConnectorView:
    """Raises ``DomainError`` NOT_FOUND."""
    view = await store.view(session, name)
    if view is None:
        raise no_such(name)
    return view


async def to_suspend(session: AsyncSession, name: str, suspended: bool) -> ConnectorView:
    """One whose state can change so. Raises ``DomainError`` NOT_FOUND, and CONFLICT for any other."""
    view = await existing(session, name)
    wanted, verb = (ConnectorState.LIVE, "suspended") if suspended else (ConnectorState.SUSPENDED, "resumed")
    if view.state is not wanted:
        message = f'"{name}" is {view.state.value}. Only one that is {wanted.value} can be {verb}.'
        raise DomainError(RuntimeCode.CONFLICT, message)
    return view


async def to_retire(session: AsyncSession, name: str) -> ConnectorView:
    """One that is not retired yet. Raises ``DomainError`` NOT_FOUND, and CONFLICT."""
    view = await existing(session, name)
    if view.state is ConnectorState.RETIRED:
        raise DomainError(RuntimeCode.CONFLICT, f'"{name}" is retired already.')
    return view


def no_such(name: str) -> DomainError:
    return DomainError(RuntimeCode.NOT_FOUND, f'There is no connector "{name}".')


def may_force(actor: Actor, reason: str | None, force: bool) -> None:
    """Raises ``DomainError`` where ``force`` is asked by somebody else than an operator who says why."""
    if force:
        operator(actor)
        if not (reason and reason.strip()):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "Whoever forces a version says why. Give a reason.")


async def own_name(session: AsyncSession, registration: Registration) -> None:
    """A name belongs to the department that registered it first."""
    view = await store.view(session, registration.name)
    if view is not None and view.department != registration.department:
        raise DomainError(
            RuntimeCode.FORBIDDEN,
            f'The name "{registration.name}" belongs to another department. Choose another name.',
        )


def version_of(view: ConnectorView, number: int | None) -> ConnectorVersion:
    """This version, or the newest. Raises ``DomainError`` NOT_FOUND."""
    if number is None:
        return view.versions[-1]
    for version in view.versions:
        if version.version == number:
            return version
    raise DomainError(RuntimeCode.NOT_FOUND, f'"{view.name}" has no version {number}.')


def earlier_version(view: ConnectorView, number: int | None) -> ConnectorVersion:
    """One that was live: this, or the last before the live one. Raises ``DomainError`` CONFLICT."""
    were_live = [version for version in view.versions if version.state is VersionState.SUPERSEDED]
    if number is not None:
        target = version_of(view, number)
        if target not in were_live:
            raise DomainError(
                RuntimeCode.CONFLICT,
                f'Version {number} of "{view.name}" is {target.state.value}: go back to one that was live.',
            )
        return target
    is_live = view.current.state is VersionState.LIVE
    earlier = [version for version in were_live if not is_live or version.version < view.current.version]
    if not earlier:
        raise DomainError(RuntimeCode.CONFLICT, f'"{view.name}" has no earlier version to go back to.')
    return max(earlier, key=lambda version: version.version)


async def version_to_go_back_to(
    session: AsyncSession, view: ConnectorView, number: int | None
) -> ConnectorVersion:
    """As :func:`earlier_version`; of a retired connector, where none is named, what was live when it left."""
    if number is None and view.state is ConnectorState.RETIRED:
        told = await store.history(session, view.name, _LOOKED_BACK)
        number = next((event.version for event in told if event.action is ConnectorAction.RETIRED), None)
    return earlier_version(view, number)
