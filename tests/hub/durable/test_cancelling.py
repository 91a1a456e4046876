"""A request can be taken back until it is sent; a cancellation and a sending that meet have one end."""

from __future__ import annotations

import asyncio

import pytest

from tests.hub.durable.department import Durable
from tests.hub.world import World

CANCEL = "mutation ($id: ID!) { cancelDurableTicket(id: $id) { __typename id state } }"
STATE = "query ($id: ID!) { durableTicket(id: $id) { state doneAt } }"


@pytest.fixture
def durable(world: World) -> Durable:
    return Durable(world)


async def counted(durable: Durable) -> str:
    ticket: str = (await durable.gets("mutation { count { id } }"))["count"]["id"]
    return ticket


async def state(durable: Durable, ticket: str) -> str:
    found: str = (await durable.gets(STATE, variables={"id": ticket}))["durableTicket"]["state"]
    return found


async def test_a_request_that_is_not_sent_yet_can_be_taken_back(durable: Durable) -> None:
    """The department never hears of it, and who cancels twice is told the same."""
    ticket = await counted(durable)
    cancelled = {"cancelDurableTicket": {"__typename": "CountDurableTicket", "id": ticket, "state": "CANCELLED"}}

    assert await durable.gets(CANCEL, variables={"id": ticket}) == cancelled
    assert await durable.gets(CANCEL, variables={"id": ticket}) == cancelled
    await durable.done()
    assert durable.wire.commands == []


async def test_the_one_behind_a_cancelled_request_goes_on(durable: Durable) -> None:
    """Order does not mean waiting for what will not be."""
    first, second = await counted(durable), await counted(durable)
    await durable.gets(CANCEL, variables={"id": first})
    (command,) = await durable.relays()
    assert command.id == second


async def test_what_is_sent_or_over_cannot_be_taken_back(durable: Durable) -> None:
    """And says so, at each stage."""
    ticket = await counted(durable)
    (command,) = await durable.relays()
    assert await durable.refused(CANCEL, variables={"id": ticket}) == ["TICKET_NOT_CANCELLABLE"]
    await durable.works(command)
    assert await durable.refused(CANCEL, variables={"id": ticket}) == ["TICKET_NOT_CANCELLABLE"]
    assert await state(durable, ticket) == "DONE"


async def test_what_a_broker_that_went_away_may_have_got_cannot_be_taken_back(durable: Durable) -> None:
    """It said nothing: the command may be with it."""
    ticket = await counted(durable)
    durable.wire.is_away = True
    await durable.relay.step()

    assert await durable.refused(CANCEL, variables={"id": ticket}) == ["TICKET_NOT_CANCELLABLE"]
    assert await state(durable, ticket) == "ACCEPTED"


@pytest.mark.parametrize("begins", ["cancel", "relay"])
async def test_a_cancellation_and_a_sending_that_meet_have_one_end(durable: Durable, begins: str) -> None:
    """Twenty times both at once: cancelled and never sent, or sent and never cancelled."""
    for _ in range(20):
        ticket, before = await counted(durable), len(durable.wire.commands)
        both = [durable.asks(CANCEL, variables={"id": ticket}), durable.relay.step()]
        answers = await asyncio.gather(*(both if begins == "cancel" else reversed(both)))
        answer = answers[0 if begins == "cancel" else 1]
        was_sent = len(durable.wire.commands) > before
        codes = [error["extensions"]["code"] for error in answer.errors]

        assert codes == (["TICKET_NOT_CANCELLABLE"] if was_sent else [])
        await durable.works(*durable.wire.commands[before:])
        await durable.done()
        assert await state(durable, ticket) == ("DONE" if was_sent else "CANCELLED")
