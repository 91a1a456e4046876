"""Where a broker differs from the topology: each difference is told once, with its mend. Pure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.rabbitmq.access import NOTHING, DepartmentAccess
from connectors.rabbitmq.drift import (
    Difference,
    Kind,
    Removal,
    Running,
    Standing,
    StandingQueue,
    StandingUser,
    compare,
    running,
)
from connectors.rabbitmq.topology import Binding, Exchange, Naming, Queue, Topology

SPACE = "t."
WANTED = Naming(SPACE, "/").whole(["civil-affairs"], ["one"], [("civil-affairs", "a1")])


def user_of(access: DepartmentAccess) -> StandingUser:
    return StandingUser(
        access.user,
        (),
        {access.virtual_host: (access.configure, access.write, access.read)},
        {(access.virtual_host, access.exchange): (access.routing_keys, NOTHING)},
    )


def as_wanted(topology: Topology = WANTED) -> Standing:
    return Standing(
        topology.exchanges,
        tuple(StandingQueue(queue) for queue in topology.queues),
        topology.bindings,
        tuple(user_of(access) for access in topology.users),
    )


def with_queue(name: str, changed: StandingQueue | None) -> Standing:
    queues = [each for each in as_wanted().queues if each.queue.name != name]
    return replace(as_wanted(), queues=(*queues, *([] if changed is None else [changed])))


COMMANDS = next(queue for queue in WANTED.queues if queue.name == "t.civil-affairs.commands.0")
DEPARTMENTS_USER = user_of(WANTED.users[0])


def told(standing: Standing) -> list[tuple[Kind, str, int]]:
    return [(each.kind, each.thing, each.messages) for each in compare(WANTED, standing, SPACE)]


def test_a_broker_that_is_as_it_should_be_has_no_difference() -> None:
    """Also where RabbitMQ says of a classic queue that it is one."""
    assert told(as_wanted()) == []
    requests = Queue("t.civil-affairs.requests", {"x-queue-type": "classic"})
    assert told(with_queue(requests.name, StandingQueue(requests))) == []


@pytest.mark.parametrize(
    ("standing", "difference"),
    [
        (with_queue(COMMANDS.name, None), (Kind.MISSING, 'queue "t.civil-affairs.commands.0"', 0)),
        (
            with_queue(COMMANDS.name, StandingQueue(Queue(COMMANDS.name, {"x-queue-type": "quorum"}), messages=7)),
            (Kind.WRONG, 'queue "t.civil-affairs.commands.0"', 7),
        ),
        (
            with_queue(COMMANDS.name, StandingQueue(COMMANDS, is_durable=False)),
            (Kind.WRONG, 'queue "t.civil-affairs.commands.0"', 0),
        ),
        (
            with_queue(COMMANDS.name, StandingQueue(COMMANDS, policy={"max-length": 10})),
            (Kind.WRONG, 'queue "t.civil-affairs.commands.0"', 0),
        ),
        (
            replace(as_wanted(), exchanges=(*WANTED.exchanges[1:], Exchange("t.jiyi.hub", "topic"))),
            (Kind.WRONG, 'exchange "t.jiyi.hub"', 0),
        ),
        (
            replace(as_wanted(), bindings=WANTED.bindings[1:]),
            (Kind.MISSING, 'binding "t.jiyi.hub" → queue "t.jiyi.dead" under "t.jiyi.dead"', 0),
        ),
        (
            replace(as_wanted(), bindings=(*WANTED.bindings, Binding("t.jiyi.in", "spy", "event.*"))),
            (Kind.FOREIGN, 'binding "t.jiyi.in" → queue "spy" under "event.*"', 0),
        ),
        (
            replace(as_wanted(), bindings=(*WANTED.bindings, Binding("amq.topic", COMMANDS.name, "#"))),
            (Kind.FOREIGN, 'binding "amq.topic" → queue "t.civil-affairs.commands.0" under "#"', 0),
        ),
        (replace(as_wanted(), users=()), (Kind.MISSING, 'user "t.department-civil-affairs"', 0)),
        (
            replace(as_wanted(), users=(replace(DEPARTMENTS_USER, tags=("administrator",)),)),
            (Kind.TOO_MUCH, 'user "t.department-civil-affairs"', 0),
        ),
        (
            replace(as_wanted(), users=(replace(DEPARTMENTS_USER, permissions={"/": (".*", ".*", ".*")}),)),
            (Kind.TOO_MUCH, 'user "t.department-civil-affairs"', 0),
        ),
        (
            replace(as_wanted(), users=(replace(DEPARTMENTS_USER, topics={}),)),
            (Kind.TOO_MUCH, 'user "t.department-civil-affairs"', 0),
        ),
        (
            replace(as_wanted(), users=(DEPARTMENTS_USER, StandingUser("t.department-gone"))),
            (Kind.LEFT_OVER, 'user "t.department-gone"', 0),
        ),
    ],
)
def test_each_difference_is_told_once(standing: Standing, difference: tuple[Kind, str, int]) -> None:
    """What is missing, wrong, foreign, left over or too much."""
    if "jiyi.dead" in difference[1]:
        difference = (difference[0], difference[1].replace('under "t.jiyi.dead"', 'under "jiyi.dead"'), 0)
    assert told(standing) == [difference]


def test_what_a_department_left_behind_is_told_with_what_is_in_it() -> None:
    """Its user, its exchange and its queues; another installation's on the same broker are not ours."""
    gone = Naming(SPACE, "/").department("gone")
    stranger = Naming("other-", "/").department("gone")
    there = as_wanted(WANTED + gone + stranger)
    queues = [replace(q, messages=3) if q.queue.name == "t.gone.commands.1" else q for q in there.queues]
    found = told(replace(there, queues=tuple(queues)))
    assert found == [
        (Kind.LEFT_OVER, 'exchange "t.gone.out"', 0),
        (Kind.LEFT_OVER, 'queue "t.gone.requests"', 0),
        (Kind.LEFT_OVER, 'queue "t.gone.commands.0"', 0),
        (Kind.LEFT_OVER, 'queue "t.gone.commands.1"', 3),
        (Kind.LEFT_OVER, 'queue "t.gone.commands.2"', 0),
        (Kind.LEFT_OVER, 'queue "t.gone.commands.3"', 0),
        (Kind.LEFT_OVER, 'user "t.department-gone"', 0),
    ]


def test_a_wrong_queue_is_made_again_with_what_leads_into_it() -> None:
    """Its arguments cannot be changed while it stands."""
    wrong = StandingQueue(Queue("t.hub.inbox.1", {}))
    (difference,) = compare(WANTED, with_queue("t.hub.inbox.1", wrong), SPACE)
    assert isinstance(difference, Difference)
    assert isinstance(difference.mend, Removal)
    assert [type(each).__name__ for each in difference.mend.then] == ["Queue", "Binding", "Binding"]
    assert "x-single-active-consumer is None, not True" in difference.detail


def test_who_runs_is_read_from_the_queues() -> None:
    """Agents of departments that are gone are not among them."""
    names = ["t.hub.replies.ab12", "t.civil-affairs.agents.a1", "t.gone.agents.b2", "t.hub.inbox.0", "x.y"]
    assert running(names, SPACE, ["civil-affairs"]) == Running(
        frozenset({"ab12"}), frozenset({("civil-affairs", "a1")})
    )
