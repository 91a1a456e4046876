"""A trace goes on from the client's request to the department's queue, and from its word to what follows."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import col, select

from connectors.connector import FetchRequest, RequestContext
from connectors.trace import current_trace, traced
from hub.tables.outbox import OutboxRow
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, FREE, World

OURS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
THEIRS = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SUBMIT = "mutation ($input: SubmitCaseInput!) { submitCase(input: $input) { receiptNumber } }"


async def test_a_command_carries_the_trace_of_what_it_was_decided_for(world: World) -> None:
    """The first that of the request, the next that of the department's event; outside there is none."""
    given = {"itemCode": FREE.item_code, "form": FREE.form}
    context = RequestContext(local={"actor": ANNA}, traceparent=OURS)
    answer = await Graph(world).connector.fetch(FetchRequest(SUBMIT, {"input": given}, context=context))
    number = ((answer.data or {})["submitCase"] or {})["receiptNumber"]
    for step, data in (("accepted", {}), ("review-started", {}), ("decided", {"decision": "approved"})):
        event = world.event(number, f"jiyi.case.{step}", **data)
        assert await world.deliver(replace(event, traceparent=THEIRS)) == "acknowledged"

    async with world.database.reading() as session:
        rows = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.sequence)))).all()
    assert [row.message.get("traceparent") for row in rows] == [OURS, THEIRS]
    assert current_trace() is None


async def test_a_trace_ends_with_what_it_was_for() -> None:
    with traced(OURS):
        with traced(None):
            assert current_trace() is None
        assert current_trace() == OURS
    assert current_trace() is None
