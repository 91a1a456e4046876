"""How the broker differs from what the hub needs, and the mend: for RabbitMQ, and for the embedded broker.

Departments are those that are enrolled, and those of connectors that are not retired; whatever else has a name of
ours was left behind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from sqlmodel import col, select

from connectors.clock import SystemClock
from connectors.rabbitmq.access import virtual_host_of
from connectors.rabbitmq.drift import Difference, Kind, Removal, compare, running
from connectors.rabbitmq.looking import Look, open_look
from connectors.rabbitmq.management import Management
from connectors.rabbitmq.topology import Binding, Exchange, Naming, Queue, Topology
from connectors.routing import is_of_an_agent
from connectors.topology import DEAD_LETTER_QUEUE, command_queues, inbox_queues, requests_queue
from hub.storage.database import Database
from hub.tables.auth import OAuthClientRow
from hub.tables.registry import ConnectorRow

if TYPE_CHECKING:
    from connectors.embedded_store import BrokerStore
    from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class KnownDepartments:
    """``enrolled`` have credentials of their own, ``all`` have queues."""

    all: frozenset[str]
    enrolled: frozenset[str]


class WouldDestroyMessages(Exception):
    """The mend takes messages away, and that was not allowed."""


class BrokerTopology(Protocol):
    """The broker beside what is needed of it. Both methods raise what the broker's own errors are:
    ``BrokerUnavailable`` or ``ManagementUnavailable``."""

    sees_all: bool
    """Whether bindings, what was left behind and users are seen too."""

    async def differences(self) -> tuple[Difference, ...]: ...

    async def mend(self, difference: Difference, *, may_destroy: bool) -> None:
        """Raises :class:`WouldDestroyMessages`. The difference has a mend."""
        ...


async def known_departments(database: Database) -> KnownDepartments:
    """From the registry and the authorization server's clients."""
    connectors = select(ConnectorRow.department).where(col(ConnectorRow.is_retired).is_(False))
    clients = select(OAuthClientRow.department).where(col(OAuthClientRow.department).is_not(None))
    async with database.reading() as session:
        registered = frozenset((await session.exec(connectors)).all())
        enrolled = frozenset(name for name in (await session.exec(clients)).all() if name)
    return KnownDepartments(registered | enrolled, enrolled)


def open_topology(settings: Settings, database: Database) -> BrokerTopology:
    """By what the settings say of the broker."""
    if not settings.broker_url.startswith("amqp"):
        from hub.messages.broker_store import DatabaseBrokerStore

        return EmbeddedTopology(DatabaseBrokerStore(database), database, settings.broker_namespace)
    naming = Naming(settings.broker_namespace, virtual_host_of(settings.broker_url))
    if settings.broker_management_url is None:
        return SeenByAmqp(settings.broker_url, naming, database)
    management = Management(settings.broker_management_url, naming.virtual_host)
    return ManagedTopology(management, settings.broker_url, naming, database)


class ManagedTopology:
    """RabbitMQ with its management API: everything is seen, and everything can be mended."""

    sees_all = True

    def __init__(self, management: Management, url: str, naming: Naming, database: Database) -> None:
        self._management = management
        self._url = url
        self._naming = naming
        self._database = database

    async def differences(self) -> tuple[Difference, ...]:
        known, namespace = await known_departments(self._database), self._naming.namespace
        async with self._management.open() as session:
            standing = await session.standing(namespace)
        living = running((each.queue.name for each in standing.queues), namespace, known.all)
        wanted = self._naming.whole(known.all, living.instances, living.agents)
        return compare(_for_enrolled(wanted, known, self._naming), standing, namespace)

    async def mend(self, difference: Difference, *, may_destroy: bool) -> None:
        mend = difference.mend
        if not may_destroy and isinstance(mend, Removal) and isinstance(mend.thing, Queue):
            # RabbitMQ's figures are some seconds old, so it is asked again.
            async with open_look(self._url) as look:
                waiting = max(difference.messages, await look.messages_in(mend.thing.name))
            if waiting:
                raise WouldDestroyMessages(f"{difference.thing} holds {waiting} messages")
        async with self._management.open() as session:
            await session.mend(difference)


class SeenByAmqp:
    """RabbitMQ without its management API: what is missing is seen and made; the rest is for an administrator."""

    sees_all = False

    def __init__(self, url: str, naming: Naming, database: Database) -> None:
        self._url = url
        self._naming = naming
        self._database = database

    async def differences(self) -> tuple[Difference, ...]:
        wanted = self._naming.whole((await known_departments(self._database)).all)
        async with open_look(self._url) as look:
            found = compare(wanted, await look.standing(wanted), self._naming.namespace)
        advice = "; to mend it set broker_management_url"
        return tuple(
            replace(each, mend=None, detail=f"{each.detail}{advice}") if isinstance(each.mend, Removal) else each
            for each in found
        )

    async def mend(self, difference: Difference, *, may_destroy: bool) -> None:
        """With all that is wanted around it: what is there already stays as it is."""
        del may_destroy  # nothing is ever taken away here
        wanted = self._naming.whole((await known_departments(self._database)).all)
        async with open_look(self._url) as look:
            await _make(look, difference, wanted)


class EmbeddedTopology:
    """The embedded broker: its queues are rows, and a department needs no user."""

    sees_all = True

    def __init__(self, store: BrokerStore, database: Database, namespace: str) -> None:
        self._store = store
        self._database = database
        self._namespace = namespace

    async def differences(self) -> tuple[Difference, ...]:
        known = await known_departments(self._database)
        there = {name for name in await self._store.queues() if name.startswith(self._namespace)}
        wanted = {f"{self._namespace}{name}" for name in _names(known)}
        found = [
            Difference(Kind.MISSING, f'queue "{name}"', "a queue is wanted", Queue(name, {}))
            for name in sorted(wanted - there)
        ]
        now = SystemClock().now()
        figures = {each.name: each for each in await self._store.statistics(now=now, alive_since=now)}
        for name in sorted(there - wanted):
            if name.startswith(f"{self._namespace}hub.replies.") or self._is_living_agents(name, known):
                continue
            lying = figures[name].ready + figures[name].unacknowledged if name in figures else 0
            detail = "it is of a department that is gone"
            removal = Removal(Queue(name, {}))
            found.append(Difference(Kind.LEFT_OVER, f'queue "{name}"', detail, removal, lying))
        return tuple(found)

    async def mend(self, difference: Difference, *, may_destroy: bool) -> None:
        mend = difference.mend
        if isinstance(mend, Queue):
            await self._store.declare((mend.name,), SystemClock().now())
        elif isinstance(mend, Removal) and isinstance(mend.thing, Queue):
            if difference.messages and not may_destroy:
                raise WouldDestroyMessages(f"{difference.thing} holds {difference.messages} messages")
            await self._store.remove((mend.thing.name,))

    def _is_living_agents(self, stored: str, known: KnownDepartments) -> bool:
        name = stored.removeprefix(self._namespace)
        return is_of_an_agent(name) and name.partition(".")[0] in known.all


def _names(known: KnownDepartments) -> set[str]:
    of_departments = {name for each in known.all for name in (requests_queue(each), *command_queues(each))}
    return {DEAD_LETTER_QUEUE, *inbox_queues()} | of_departments


def _for_enrolled(wanted: Topology, known: KnownDepartments, naming: Naming) -> Topology:
    """A department without credentials of its own has no user either."""
    users = tuple(user for each in sorted(known.enrolled) for user in naming.department(each).users)
    return replace(wanted, users=users)


async def _make(look: Look, difference: Difference, wanted: Topology) -> None:
    mend = difference.mend
    if isinstance(mend, Exchange):
        await look.make(Topology((mend,)))
    elif isinstance(mend, Queue):
        into = tuple(each for each in wanted.bindings if each.destination == mend.name)
        sources = {binding.source for binding in into}
        await look.make(Topology(tuple(e for e in wanted.exchanges if e.name in sources), (mend,), into))
    elif isinstance(mend, Binding):
        await look.make(wanted)
