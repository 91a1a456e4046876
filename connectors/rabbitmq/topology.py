"""What stands on RabbitMQ, as one value: exchanges, queues with their arguments, bindings, departments' users.

``jiyi.hub`` (direct) leads to every queue by its name; only the hub may write it. ``<department>.out``
(topic) is all that a department may write; it leads into ``jiyi.in`` (topic, internal), where inbox
queues, reply queues and the dead letters are bound: so departments and hub processes are declared
independently of each other. From this value everything is declared, compared and documented. A retry has no queue
of its own: its message stays in hand, unacknowledged, since a copy that waits elsewhere would let the next message
of its case pass when the consumer dies. Sources: RabbitMQ, "Quorum queues", "Single active consumer".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from connectors.rabbitmq.access import DEAD_KEY, DepartmentAccess, department_access
from connectors.topology import (
    DEAD_LETTER_QUEUE,
    HUB_EXCHANGE,
    PRESENCE_KEY,
    agent_queue,
    command_queues,
    inbox_queues,
    out_exchange,
    replies_queue,
    requests_queue,
)

IN_EXCHANGE = "jiyi.in"
CRASH_LIMIT = 1000
"""Redeliveries after crashes and cut connections before RabbitMQ itself buries a message. Tries by a
handler are counted apart, by ``connectors.topology.DELIVERY_LIMIT``."""

_BROWSE_LIMIT = 1_000_000
_REPLIES_LIVE_FOR_MS = 60_000
_AGENTS_LIVE_FOR_MS = 24 * 3600 * 1000

Argument = str | int | bool


@dataclass(frozen=True, slots=True, order=True)
class Exchange:
    """A durable exchange. Nobody can publish to an internal one."""

    name: str
    kind: Literal["direct", "topic"]
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable queue and its ``x-`` arguments, which cannot be changed once it stands."""

    name: str
    arguments: Mapping[str, Argument]


@dataclass(frozen=True, slots=True, order=True)
class Binding:
    """What is published to ``source`` under ``key`` reaches ``destination``, too."""

    source: str
    destination: str
    key: str
    to: Literal["queue", "exchange"] = "queue"


@dataclass(frozen=True, slots=True)
class Topology:
    """All that has to stand, in the order in which it can be declared."""

    exchanges: tuple[Exchange, ...] = ()
    queues: tuple[Queue, ...] = ()
    bindings: tuple[Binding, ...] = ()
    users: tuple[DepartmentAccess, ...] = ()

    def __add__(self, other: Topology) -> Topology:
        """Both; what is in both is there once."""
        return Topology(
            tuple(dict.fromkeys((*self.exchanges, *other.exchanges))),
            tuple({queue.name: queue for queue in (*self.queues, *other.queues)}.values()),
            tuple(dict.fromkeys((*self.bindings, *other.bindings))),
            tuple(dict.fromkeys((*self.users, *other.users))),
        )


@dataclass(frozen=True, slots=True)
class Naming:
    """Every name on the broker begins with ``namespace``; users may do something in one virtual host."""

    namespace: str = ""
    virtual_host: str = "/"

    def whole(
        self,
        departments: Iterable[str],
        instances: Iterable[str] = (),
        agents: Iterable[tuple[str, str]] = (),
    ) -> Topology:
        """Departments, hub processes (by instance) and agents (by department and id) together."""
        found = self.shared() + self._inbox()
        for department in sorted(departments):
            found += self.department(department)
        for instance in sorted(instances):
            found += self.hub(instance)
        for department, agent in sorted(agents):
            found += self.agent(department, agent)
        return found

    def shared(self) -> Topology:
        """The two exchanges in the middle, and the queue of dead letters."""
        dead: dict[str, Argument] = {"x-queue-type": "quorum", "x-delivery-limit": _BROWSE_LIMIT}
        exchanges = (Exchange(self._named(HUB_EXCHANGE), "direct"), self._into)
        return Topology(exchanges) + self._queue(DEAD_LETTER_QUEUE, dead, DEAD_KEY)

    def department(self, department: str) -> Topology:
        """Raises ``ValueError`` for what names no department."""
        out = Exchange(self._named(out_exchange(department)), "topic")
        keys = ("event.*", "reply.*", PRESENCE_KEY, DEAD_KEY)
        leading = tuple(Binding(out.name, self._into.name, key, "exchange") for key in keys)
        users = (department_access(department, self.namespace, self.virtual_host),)
        found = self.shared() + Topology((out,), (), leading, users)
        # The queue itself survives a restart so that agents need not wait for the hub; its messages do not.
        found += self._queue(requests_queue(department), {})
        for name in command_queues(department):
            found += self._queue(name, self._durable)
        return found

    def agent(self, department: str, agent: str) -> Topology:
        """The queue of one running agent, gone by itself when nobody has used it for a day."""
        return self.shared() + self._queue(agent_queue(department, agent), {"x-expires": _AGENTS_LIVE_FOR_MS})

    def hub(self, instance: str) -> Topology:
        """The inbox that all processes share, and the replies of one."""
        keys = (f"reply.{instance}", PRESENCE_KEY)
        replies = self._queue(replies_queue(instance), {"x-expires": _REPLIES_LIVE_FOR_MS}, *keys)
        return self.shared() + self._inbox() + replies

    def _inbox(self) -> Topology:
        found = Topology()
        for number, name in enumerate(inbox_queues()):
            found += self._queue(name, self._durable, f"event.{number}")
        return found

    @property
    def _into(self) -> Exchange:
        return Exchange(self._named(IN_EXCHANGE), "topic", is_internal=True)

    @property
    def _durable(self) -> dict[str, Argument]:
        return {
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": CRASH_LIMIT,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": self._named(HUB_EXCHANGE),
            "x-dead-letter-routing-key": DEAD_LETTER_QUEUE,
            "x-dead-letter-strategy": "at-least-once",
        }

    def _queue(self, name: str, arguments: Mapping[str, Argument], *in_keys: str) -> Topology:
        stored = self._named(name)
        by_name = Binding(self._named(HUB_EXCHANGE), stored, name)
        by_key = (Binding(self._into.name, stored, key) for key in in_keys)
        return Topology((), (Queue(stored, arguments),), (by_name, *by_key))

    def _named(self, name: str) -> str:
        return f"{self.namespace}{name}"


def all_queues(departments: frozenset[str], instances: frozenset[str]) -> tuple[str, ...]:
    """The queues that these make, sorted."""
    found = Naming().shared()
    for department in departments:
        found += Naming().department(department)
    for instance in instances:
        found += Naming().hub(instance)
    return tuple(sorted(queue.name for queue in found.queues))
