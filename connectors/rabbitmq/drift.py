"""Where a broker differs from the topology, and what would mend it; pure.

Each difference names one thing, what is wrong with it, and the mend. A mend that could take messages away says how
many, and is not done unless that is allowed. Source: docs/command-line.md, "The broker".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.rabbitmq.access import NOTHING, DepartmentAccess, department_user
from connectors.rabbitmq.topology import IN_EXCHANGE, Argument, Binding, Exchange, Queue, Topology
from connectors.topology import HUB_EXCHANGE

_SHAPES = re.compile(
    r"(?P<department>[a-z][a-z0-9-]{0,62})\.(requests|out|commands\.\d+|agents\.(?P<agent>[0-9a-f]+))\Z"
    r"|hub\.(inbox\.\d+|replies\.(?P<instance>[A-Za-z0-9-]+))\Z"
)
_POLICIES_THAT_LOSE = ("max-length", "max-length-bytes", "message-ttl", "expires")


class Kind(StrEnum):
    """What is wrong with a thing."""

    MISSING = "missing"
    WRONG = "wrong"
    FOREIGN = "foreign"
    LEFT_OVER = "left-over"
    TOO_MUCH = "too-much"


@dataclass(frozen=True, slots=True)
class StandingQueue:
    """A queue as it stands; ``messages`` ready and in hand, as the broker last counted."""

    queue: Queue
    is_durable: bool = True
    messages: int = 0
    policy: Mapping[str, Argument] = field(default_factory=dict)
    """What operators' policies make of it."""


@dataclass(frozen=True, slots=True)
class StandingUser:
    """A user of ours: rights by virtual host, writes by (virtual host, exchange)."""

    name: str
    tags: tuple[str, ...] = ()
    permissions: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    """(configure, write, read) by virtual host."""
    topics: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """(write, read) by virtual host and exchange."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is there under our names. ``bindings`` are all that lead from our exchanges, or into our queues."""

    exchanges: tuple[Exchange, ...] = ()
    queues: tuple[StandingQueue, ...] = ()
    bindings: tuple[Binding, ...] = ()
    users: tuple[StandingUser, ...] | None = ()
    """``None`` where users are not told."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be. ``messages`` would be destroyed by mending it.

    Without ``mend`` it is for an administrator, and ``detail`` says what to do.
    """

    kind: Kind
    thing: str
    detail: str
    mend: Exchange | Queue | Binding | DepartmentAccess | Removal | None = None
    messages: int = 0

    def __str__(self) -> str:
        lost = f" ({self.messages} messages in it)" if self.messages else ""
        return f"{self.kind}: {self.thing}: {self.detail}{lost}"


@dataclass(frozen=True, slots=True)
class Removal:
    """Take ``thing`` away; ``then`` is made in its place."""

    thing: Exchange | Queue | Binding | StandingUser
    then: tuple[Exchange | Queue | Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class Running:
    """Who has queues of their own now: hub processes, and agents of departments."""

    instances: frozenset[str]
    agents: frozenset[tuple[str, str]]


def is_ours(name: str, namespace: str) -> bool:
    """Whether the name has the shape of one of ours, of whatever department."""
    if not name.startswith(namespace):
        return False
    bare = name.removeprefix(namespace)
    return bare in ("jiyi.hub", "jiyi.in", "jiyi.dead") or _SHAPES.match(bare) is not None


def running(names: Iterable[str], namespace: str, departments: Iterable[str]) -> Running:
    """Read from the names of the queues that stand."""
    known, instances, agents = set(departments), set[str](), set[tuple[str, str]]()
    for name in names:
        match = _SHAPES.match(name.removeprefix(namespace)) if name.startswith(namespace) else None
        if match is None:
            continue
        if match["instance"]:
            instances.add(match["instance"])
        elif match["agent"] and match["department"] in known:
            agents.add((match["department"], match["agent"]))
    return Running(frozenset(instances), frozenset(agents))


def compare(wanted: Topology, standing: Standing, namespace: str) -> tuple[Difference, ...]:
    """Every difference, in the order in which they can be mended: makings first, removals after."""
    found = [*_exchanges(wanted, standing), *_queues(wanted, standing)]
    found += _bindings(wanted, standing, namespace)
    found += _left_over(wanted, standing, namespace)
    if standing.users is not None:
        found += _users(wanted, standing.users, namespace)
    return tuple(found)


def _exchanges(wanted: Topology, standing: Standing) -> list[Difference]:
    there = {each.name: each for each in standing.exchanges}
    found = []
    for each in wanted.exchanges:
        thing = f'exchange "{each.name}"'
        if (stands := there.get(each.name)) is None:
            found.append(Difference(Kind.MISSING, thing, f"a durable {each.kind} exchange is wanted", each))
        elif stands != each:
            detail = f"it is {_told(stands)}, and has to be {_told(each)}"
            around = tuple(b for b in wanted.bindings if each.name in (b.source, b.destination))
            found.append(Difference(Kind.WRONG, thing, detail, Removal(stands, (each, *around))))
    return found


def _told(exchange: Exchange) -> str:
    return f"{exchange.kind}{', internal' if exchange.is_internal else ''}"


def _queues(wanted: Topology, standing: Standing) -> list[Difference]:
    there = {each.queue.name: each for each in standing.queues}
    found = []
    for each in wanted.queues:
        thing = f'queue "{each.name}"'
        stands = there.get(each.name)
        if stands is None:
            found.append(Difference(Kind.MISSING, thing, "a durable queue is wanted", each))
            continue
        if (detail := _wrong_arguments(each, stands)) is not None:
            into = tuple(binding for binding in wanted.bindings if binding.destination == each.name)
            mend = Removal(stands.queue, (each, *into))
            found.append(Difference(Kind.WRONG, thing, detail, mend, stands.messages))
        losing = sorted(set(_POLICIES_THAT_LOSE) & set(stands.policy))
        if losing:
            detail = f"a policy sets {', '.join(losing)}, by which messages get lost; take it from this queue"
            found.append(Difference(Kind.WRONG, thing, detail))
    return found


def _wrong_arguments(wanted: Queue, stands: StandingQueue) -> str | None:
    if not stands.is_durable:
        return "it does not survive a restart of the broker"
    has, needs = _typed(stands.queue.arguments), _typed(wanted.arguments)
    wrong = [f"{name} is {has.get(name)!r}, not {needs.get(name)!r}" for name in sorted(has | needs)
             if has.get(name) != needs.get(name)]  # fmt: skip
    return "; ".join(wrong) or None


def _typed(arguments: Mapping[str, Argument]) -> dict[str, Argument]:
    """A classic queue says so, or says nothing."""
    return {name: value for name, value in arguments.items() if (name, value) != ("x-queue-type", "classic")}


def _bindings(wanted: Topology, standing: Standing, namespace: str) -> list[Difference]:
    there, needed = set(standing.bindings), set(wanted.bindings)
    kept = {each.name for each in wanted.exchanges} | {each.name for each in wanted.queues}
    found = [
        Difference(Kind.MISSING, _thing(each), "messages do not arrive without it", each)
        for each in wanted.bindings
        if each not in there
    ]
    gone = {
        difference.mend.thing.name
        for difference in _left_over(wanted, standing, namespace)
        if isinstance(difference.mend, Removal) and not isinstance(difference.mend.thing, Binding)
    }
    for each in sorted(there - needed):
        if each.source in gone or each.destination in gone:
            continue  # it goes with them
        if each.source in kept or (each.destination in kept and is_ours(each.source, namespace)):
            detail = "nobody of ours made it: it leads messages where they do not belong"
            found.append(Difference(Kind.FOREIGN, _thing(each), detail, Removal(each)))
        elif each.destination in kept:
            detail = "a stranger's exchange leads messages into it"
            found.append(Difference(Kind.FOREIGN, _thing(each), detail, Removal(each)))
    return found


def _thing(binding: Binding) -> str:
    return f'binding "{binding.source}" → {binding.to} "{binding.destination}" under "{binding.key}"'


def _left_over(wanted: Topology, standing: Standing, namespace: str) -> list[Difference]:
    exchanges, queues = {each.name for each in wanted.exchanges}, {each.name for each in wanted.queues}
    detail = "it is of a department that is gone, or of none"
    # On a shared broker a name of our shape may be a stranger's: what hangs on our own exchanges is ours.
    hangs = {name for each in standing.bindings for name in _hanging(each, namespace)}
    gone: list[Difference] = [
        Difference(Kind.LEFT_OVER, f'exchange "{each.name}"', detail, Removal(each))
        for each in standing.exchanges
        if each.name not in exchanges and each.name in hangs
    ]
    gone += [
        Difference(Kind.LEFT_OVER, f'queue "{each.queue.name}"', detail, Removal(each.queue), each.messages)
        for each in standing.queues
        if each.queue.name not in queues and each.queue.name in hangs
    ]
    return gone


def _hanging(binding: Binding, namespace: str) -> tuple[str, ...]:
    """What a binding shows to be ours: a queue behind the hub's exchange, an exchange before the inbox."""
    if binding.to == "queue" and binding.source == f"{namespace}{HUB_EXCHANGE}":
        return (binding.destination,)
    if binding.to == "exchange" and binding.destination == f"{namespace}{IN_EXCHANGE}":
        return (binding.source,)
    return ()


def _users(wanted: Topology, standing: Iterable[StandingUser], namespace: str) -> list[Difference]:
    there = {user.name: user for user in standing}
    known = {access.user: access for access in wanted.users}
    found = []
    for name, access in known.items():
        thing, user = f'user "{name}"', there.get(name)
        if user is None:
            detail = "the department cannot connect; `jiyi department enrol` makes it, with a new password"
            found.append(Difference(Kind.MISSING, thing, detail))
        elif (problem := _wrong_rights(access, user)) is not None:
            found.append(Difference(problem[0], thing, problem[1], access))
    prefix = department_user("x", namespace).removesuffix("x")
    for name in sorted(there.keys() - known.keys()):
        if name.startswith(prefix):
            detail = "its department is gone, and it can still sign in"
            found.append(Difference(Kind.LEFT_OVER, f'user "{name}"', detail, Removal(there[name])))
    return found


def _wrong_rights(access: DepartmentAccess, user: StandingUser) -> tuple[Kind, str] | None:
    host = access.virtual_host
    if user.tags:
        return Kind.TOO_MUCH, f"it has the tags {', '.join(user.tags)}, and needs none"
    if others := sorted(user.permissions.keys() - {host}):
        return Kind.TOO_MUCH, f"it may use the virtual hosts {', '.join(others)} too"
    rights = (access.configure, access.write, access.read)
    if (has := user.permissions.get(host)) != rights:
        kind = Kind.MISSING if has is None else Kind.TOO_MUCH
        return kind, f"its rights are {has}, and have to be {rights}"
    if (topics := dict(user.topics)) != {(host, access.exchange): (access.routing_keys, NOTHING)}:
        kind = Kind.TOO_MUCH if not topics or len(topics) > 1 else Kind.WRONG
        return kind, "the routing keys that it may write are not its own ones alone"
    return None
