"""What departments say moves cases: once, by the rules, for their own items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlmodel import col, select

from connectors.broker import Message
from hub.tables.case import CaseRefusalRow
from hub.tables.outbox import OutboxRow
from schema.domain.case import CaseState
from tests.hub.world import ANNA, ANNA_NUMBER, FREE, WITH_FEE, World


async def refusals(world: World) -> list[tuple[str, str]]:
    async with world.database.reading() as session:
        rows = (await session.exec(select(CaseRefusalRow).order_by(col(CaseRefusalRow.id)))).all()
    return [(row.attempted, row.actor) for row in rows]


async def test_approval_of_an_item_with_a_fee_orders_the_fee(world: World) -> None:
    """The licence waits for the money."""
    case = await world.decided()

    fees = (await world.fees.orders_of_cases((case.id,)))[case.id]
    assert await world.events(case) == ["submitted", "accepted", "review-started", "approved", "fee-ordered"]
    assert [(fee.number, fee.amount_fen, fee.state.value, fee.payee) for fee in fees] == [
        (f"FO-{case.receipt_number}-1", 900, "DUE", "110102-MZ")
    ]
    assert [command["operation"] for command in await world.commands()] == ["ReceiveCase"]


async def test_approval_of_an_item_without_a_fee_orders_the_licence(world: World) -> None:
    """Nothing is owed, so nothing is waited for."""
    case = await world.decided(FREE)

    assert (await world.commands())[-1] == {
        "to": "civil-affairs",
        "operation": "IssueLicence",
        "input": {"receiptNumber": case.receipt_number, "kind": "senior-card", "holderIdNumber": ANNA_NUMBER},
    }


async def test_an_issued_licence_completes_the_case(world: World) -> None:
    """The case names its result."""
    case = await world.completed()

    assert case.state is CaseState.COMPLETED
    assert (case.licence_number, case.licence_issuer) == ("MZ1", "110102-MZ")


async def test_a_refusal_has_reason_and_remedy_or_is_no_refusal(world: World) -> None:
    """A decision without a remedy is sent back to its author, and the case stays open."""
    case = await world.decided(FREE, "denied", reason="too young", remedy="appeal within 60 days")
    assert (case.state, case.reason, case.remedy) == (CaseState.DENIED, "too young", "appeal within 60 days")

    other = await world.cases.submit_case(ANNA, FREE)
    ending = await world.says(other, "jiyi.case.not-accepted", reason="incomplete")

    assert ending.startswith("dead: ")
    assert "remedy" in ending
    assert (await world.read(other)).state is CaseState.SUBMITTED


async def test_the_same_event_twice_has_one_effect(world: World) -> None:
    """Brokers and departments repeat themselves."""
    case = await world.cases.submit_case(ANNA, FREE)
    event = world.event(case, "jiyi.case.accepted")

    endings = [await world.deliver(event), await world.deliver(event)]

    assert endings == ["acknowledged", "acknowledged"]
    assert await world.events(case) == ["submitted", "accepted"]


async def test_an_impossible_event_is_kept_as_trace_and_dead_letter(world: World) -> None:
    """Not dropped: driven again in its time, it has its effect."""
    case = await world.cases.submit_case(ANNA, FREE)
    early = world.event(case, "jiyi.case.review-started")

    assert (await world.deliver(early)).startswith("dead: ")
    assert await refusals(world) == [("review-started", "civil-affairs")]

    await world.says(case, "jiyi.case.accepted")
    assert await world.deliver(early) == "acknowledged"
    assert await world.events(case) == ["submitted", "accepted", "review-started"]


async def test_an_event_that_crossed_the_withdrawal_is_noted_and_done(world: World) -> None:
    """Both sides were right when they spoke; nobody need look at it."""
    case = await world.cases.submit_case(ANNA, FREE)
    await world.applicant.withdraw(ANNA, case.id, None)

    assert await world.says(case, "jiyi.case.accepted") == "acknowledged"
    assert (await world.read(case)).state is CaseState.WITHDRAWN
    assert await refusals(world) == [("accepted", "civil-affairs")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": "finance"}, '"finance" may not speak of cases of CA-SENIOR-CARD'),
        ({"subject": "JY261123-0000000000-0"}, "There is no case"),
        ({"subject": None}, "There is no case"),
        ({"type": "jiyi.case.forgotten"}, "is not known"),
        ({"type": "jiyi.licence.issued", "data": {"number": 1}}, "has a `number` and an `issuerCode`"),
        ({"type": "jiyi.case.decided", "data": "approved"}, '"approved" or "denied"'),
    ],
)
async def test_what_makes_no_sense_becomes_a_dead_letter(
    world: World, changes: dict[str, object], words: str
) -> None:
    """A department speaks of its own items only, and in words we know."""
    case = await world.cases.submit_case(ANNA, FREE)
    event: Message = replace(world.event(case, "jiyi.case.accepted"), **changes)  # type: ignore[arg-type]

    ending = await world.deliver(event)

    assert ending.startswith("dead: ")
    assert words in ending
    assert await world.events(case) == ["submitted"]


def outcome(world: World, command: str, subject: str, data: Mapping[str, object], source: str) -> Message:
    return Message(
        f"{command}.outcome",
        "jiyi.command.outcome",
        source,
        world.clock.now(),
        {"command": command, **data},
        subject=subject,
        partition_key=subject,
        correlation_id=command,
    )


async def first_command(world: World) -> str:
    async with world.database.reading() as session:
        return (await session.exec(select(OutboxRow.id))).one()


async def test_a_taken_command_is_closed_and_says_nothing_more(world: World) -> None:
    """The outcome of an order is no event of the case; the department's own events are."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)
    command = await first_command(world)
    receipt = {"response": {"data": {"civilAffairsReceiveCase": {"accepted": True, "reference": "MZ-1"}}}}

    ending = await world.deliver(outcome(world, command, case.receipt_number, receipt, "civil-affairs"))

    assert ending == "acknowledged"
    assert await world.events(case) == ["submitted"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"failure": {"code": "OUTCOME_UNKNOWN", "message": "?"}}, "OUTCOME_UNKNOWN"),
        ({"failure": {"code": "secret of theirs", "message": "?"}}, "DEPARTMENT_ERROR"),
        ({"response": {"data": None, "errors": [{"message": "no", "extensions": {}}]}}, "DEPARTMENT_ERROR"),
        ({"response": {"data": {"civilAffairsReceiveCase": {"accepted": False}}}}, "DEPARTMENT_ERROR"),
    ],
)
async def test_a_failed_command_shows_in_the_case(world: World, data: dict[str, object], code: str) -> None:
    """An officer must see it; the case stays where it is, and the second telling adds nothing."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)
    told = outcome(world, await first_command(world), case.receipt_number, data, "civil-affairs")

    endings = [await world.deliver(told), await world.deliver(replace(told, id="again"))]

    events = (await world.cases.events_of((case.id,)))[case.id]
    assert endings == ["acknowledged", "acknowledged"]
    assert [event.type.value for event in events] == ["submitted", "command-failed"]
    assert (events[-1].reason or "").startswith(f"{code}: ")


async def test_an_outcome_comes_from_the_department_that_had_the_command(world: World) -> None:
    """Another department cannot close what it never got."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)
    told = outcome(world, await first_command(world), case.receipt_number, {"response": {}}, "finance")

    assert "was not sent to" in await world.deliver(told)
