"""The same key is the same ticket: for a day, for one person, across whatever repeats it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from connectors.command_notes import FileCommandNotes
from hub.messages import outbox
from tests.hub.durable.department import SDL, Department, Durable
from tests.hub.world import ANNA, BO, Delivery, World

COUNT = "mutation ($by: Int, $key: String) { count(by: $by, idempotencyKey: $key) { id } }"
STATE = "query ($id: ID!) { durableTicket(id: $id) { state error { code } } }"


@pytest.fixture
def durable(world: World) -> Durable:
    return Durable(world)


async def counted(durable: Durable, by: int = 1, key: str | None = None) -> str:
    ticket: str = (await durable.gets(COUNT, variables={"by": by, "key": key}))["count"]["id"]
    return ticket


async def state(durable: Durable, ticket: str) -> str:
    found: str = (await durable.gets(STATE, variables={"id": ticket}))["durableTicket"]["state"]
    return found


async def test_the_same_key_and_arguments_are_the_same_ticket_as_it_stands(durable: Durable) -> None:
    """A client that lost the answer asks again, and gets what became of it meanwhile."""
    first = await counted(durable, key="k")
    await durable.done()
    again = await durable.gets('mutation { count(by: 1, idempotencyKey: "k") { id state result } }')

    assert again["count"] == {"id": first, "state": "DONE", "result": 1}
    await durable.done()
    assert durable.department.effects == [("count", 1)]


async def test_the_same_key_with_other_arguments_or_another_mutation_is_refused(durable: Durable) -> None:
    """One key, one request: else the second would silently be the first."""
    await counted(durable, key="k")

    assert await durable.refused(COUNT, variables={"by": 2, "key": "k"}) == ["IDEMPOTENCY_KEY_REUSED"]
    other = 'mutation { askForHelp(words: "x", idempotencyKey: "k") { id } }'
    assert await durable.refused(other) == ["IDEMPOTENCY_KEY_REUSED"]


async def test_the_selection_is_no_part_of_what_a_key_of_the_argument_stands_for(durable: Durable) -> None:
    """The effect is the same, whatever is read of it."""
    first = await counted(durable, key="k")
    again = await durable.gets('mutation { x: count(idempotencyKey: "k", by: 1) { no: id createdAt } }')
    assert again["x"]["no"] == first


async def test_a_key_of_the_request_stands_for_all_of_it(durable: Durable) -> None:
    """Each durable field has its ticket; the request as a whole comes again or is refused."""
    both = "mutation { a: count(by: 1) { id } b: count(by: 2) { id } }"
    first = await durable.gets(both, key="k")
    assert await durable.gets(both, key="k") == first
    assert first["a"]["id"] != first["b"]["id"]

    assert await durable.refused(COUNT, key="k", variables={"by": 1}) == ["IDEMPOTENCY_KEY_REUSED"]


async def test_variables_in_another_order_are_the_same_request(durable: Durable) -> None:
    """JSON objects have no order."""
    first = await durable.gets(COUNT, key="k", variables={"by": 3, "key": None})
    assert await durable.gets(COUNT, key="k", variables={"key": None, "by": 3}) == first


async def test_keys_of_two_people_are_two_keys(durable: Durable) -> None:
    """Nobody learns of another's request by guessing a key."""
    mine = await counted(durable, key="k")
    theirs = (await durable.gets(COUNT, BO, variables={"by": 2, "key": "k"}))["count"]["id"]
    assert mine != theirs


async def test_a_key_means_the_same_for_a_day(durable: Durable, world: World) -> None:
    """After that it may stand for something new, and the old ticket is still there."""
    first = await counted(durable, key="k")
    world.clock.move(hours=23, minutes=59)
    assert await counted(durable, key="k") == first
    world.clock.move(minutes=1)
    second = await counted(durable, by=2, key="k")

    assert second != first
    assert await counted(durable, by=2, key="k") == second
    assert [await state(durable, each) for each in (first, second)] == ["ACCEPTED", "ACCEPTED"]


async def test_a_key_means_the_same_while_the_department_is_suspended(durable: Durable) -> None:
    """The request was accepted and its answer lost: who sends again is not told that nothing was taken."""
    ask = 'mutation { count(by: 2, idempotencyKey: "k") { id state } }'
    first = await durable.gets(ask)
    durable.publish(SDL, is_suspended=True)

    assert await durable.gets(ask) == first
    assert await durable.refused(ask.replace("by: 2", "by: 3")) == ["IDEMPOTENCY_KEY_REUSED"]
    assert await durable.refused(ask.replace('"k"', '"new"')) == ["DEPARTMENT_SUSPENDED"]


async def test_without_a_key_two_requests_are_two(durable: Durable) -> None:
    """Who does not say that it is the same means another."""
    assert await counted(durable) != await counted(durable)


@pytest.mark.parametrize("key", ["", "x" * 256, "two\nlines"])
async def test_what_is_no_key_is_refused(durable: Durable, key: str) -> None:
    """Told at once, before anything is kept."""
    assert await durable.refused(COUNT, variables={"by": 1, "key": key}) == ["BAD_USER_INPUT"]
    assert await durable.relays() == []


async def test_many_clients_with_one_key_at_once_make_one_ticket(durable: Durable) -> None:
    """Retries that overtake each other take turns at the key."""
    made = await asyncio.gather(*(counted(durable, key="k") for _ in range(8)))
    assert len(set(made)) == 1
    await durable.done()
    assert durable.department.effects == [("count", 1)]


async def test_a_command_that_comes_twice_has_one_effect_and_one_end(durable: Durable) -> None:
    """The department knows it by its key; the second outcome changes nothing."""
    ticket = await counted(durable)
    (command,) = await durable.relays()
    await durable.handler.handle(Delivery(command))
    await durable.handler.handle(Delivery(command, attempt=2))
    assert len(durable.wire.outcomes) == 2
    await durable.hears()

    assert durable.department.effects == [("count", 1)]
    assert await state(durable, ticket) == "DONE"


async def test_an_outcome_that_overtakes_the_note_of_sending_counts(durable: Durable, world: World) -> None:
    """The relay dies between the broker's word and its own note: the outcome proves that it was sent."""
    ticket = await counted(durable)
    async with world.database.transaction() as session:
        (claimed,) = await outbox.claim(session, world.clock.now(), 1)
    assert await state(durable, ticket) == "ACCEPTED"
    await durable.works(claimed.message)

    assert await state(durable, ticket) == "DONE"
    found = await durable.tickets.ticket(ticket, ANNA)
    assert found is not None
    assert found.sent_at is not None


async def test_a_command_is_sent_again_until_its_outcome_is_known(durable: Durable, world: World) -> None:
    """A department can lose what it had in its queue; the hub does not forget."""
    ticket = await counted(durable)
    (first,) = await durable.relays()
    world.clock.move(seconds=61)
    (second,) = await durable.relays()

    assert first.id == second.id == ticket
    await durable.works(second)
    assert await state(durable, ticket) == "DONE"
    world.clock.move(days=1)
    assert await durable.relays() == []


async def test_an_agent_that_dies_while_executing_leaves_an_unknown_outcome(world: World, tmp_path: Path) -> None:
    """Where the department does not know commands by their key: nobody guesses, and nothing is done twice."""
    notes = FileCommandNotes(tmp_path / "notes.db", world.clock.now())
    durable = Durable(world, Department(knows_keys=False), notes=notes)
    ticket = await counted(durable)
    (command,) = await durable.relays()
    await notes.begin(command.id, world.clock.now())
    durable.department.effects.append(("count", 1))  # done, and killed before it was noted
    await durable.works(command, attempt=2)

    assert await state(durable, ticket) == "OUTCOME_UNKNOWN"
    assert durable.department.effects == [("count", 1)]


async def test_a_lost_answer_is_asked_for_again_where_the_key_is_known(durable: Durable) -> None:
    """One effect, and its answer in the end."""
    durable.department.loses_answers = 1
    ticket = await counted(durable, by=4)
    await durable.done()

    assert await state(durable, ticket) == "DONE"
    assert durable.department.effects == [("count", 4)]
    assert len(durable.department.requests) == 2
