"""A joint case in the hub: told side by side, undone backwards, each department for itself. art. 17; 9.5, 9.6."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, select

from connectors.broker import Message
from hub.tables.case import CaseRefusalRow
from hub.tables.outbox import OutboxRow
from hub.tables.sub_case import SubCaseRow
from schema.domain.case import Case, CaseState
from tests.hub.joint_item import ADVISER, FIRE, LEAD, REFUSAL, RESTAURANT, TAX, approve, forget, offer
from tests.hub.world import ANNA, ANNA_NUMBER, World

pytestmark = pytest.mark.usefixtures("offered")


@pytest.fixture
async def offered(world: World) -> AsyncIterator[None]:
    await offer(world.database)
    yield
    await forget(world.database)


async def file(world: World) -> Case:
    return await world.cases.submit_case(ANNA, RESTAURANT)


async def states(world: World, case: Case) -> dict[str, str]:
    async with world.database.reading() as session:
        statement = select(SubCaseRow).where(SubCaseRow.case_id == case.id).order_by(col(SubCaseRow.position))
        return {row.code: row.state for row in (await session.exec(statement)).all()}


async def told(world: World) -> list[tuple[str, str, str | None]]:
    """To whom, which operation, about which sub-case; oldest first."""
    commands = await world.commands()
    return [(each["to"], each["operation"], each["input"].get("subCase")) for each in commands]


async def outcome(world: World, case: Case, code: str, data: dict[str, Any]) -> str:
    """The outcome of the command that a sub-case's department was sent last."""
    async with world.database.reading() as session:
        row = (
            await session.exec(select(SubCaseRow).where(SubCaseRow.case_id == case.id, SubCaseRow.code == code))
        ).one()
    command, department = str(row.command_id), str(row.department)
    message = world.event(case, "jiyi.command.outcome", department, command=command, **data)
    return await world.deliver(replace(message, correlation_id=command))


TAKEN = {"response": {"data": {"told": {"accepted": True}}}}


async def all_approve(world: World, case: Case) -> None:
    for department, code in (
        (LEAD, "business"),
        (FIRE, "fire"),
        (LEAD, "food"),
        (TAX, "tax"),
        (ADVISER, "hygiene"),
    ):
        await approve(world, case, department, code)


async def test_first_steps_are_told_in_the_transaction_of_the_filing(world: World) -> None:
    """Each department gets what its step needs, and nothing else of the form."""
    case = await file(world)

    assert await told(world) == [
        (LEAD, "TestBegin", "business"),
        (FIRE, "TestBegin", "fire"),
        (ADVISER, "TestBegin", "hygiene"),
    ]
    fire = (await world.commands())[1]["input"]
    assert fire["form"] == {"premises": "1 Market Street"}
    assert (fire["applicantIdNumber"], fire["receiptNumber"]) == (ANNA_NUMBER, case.receipt_number)
    assert await states(world, case) == {
        "business": "STARTED",
        "fire": "STARTED",
        "food": "WAITING",
        "tax": "WAITING",
        "hygiene": "STARTED",
    }


async def test_a_later_step_is_told_what_the_earlier_ones_have_found(world: World) -> None:
    """9.5: what another step of the same case produces is passed on, never asked."""
    case = await file(world)
    await approve(world, case, LEAD, "business")
    await approve(world, case, FIRE, "fire")

    food = next(each["input"] for each in await world.commands() if each["input"]["subCase"] == "food")
    assert food["results"] == [
        {
            "subCase": "business",
            "state": "APPROVED",
            "opinion": "business is well",
            "licenceNumber": "N-business",
            "licenceIssuer": "110102-SJ",
        },
        {
            "subCase": "fire",
            "state": "APPROVED",
            "opinion": "fire is well",
            "licenceNumber": None,
            "licenceIssuer": None,
        },
    ]


async def test_the_lead_decides_once_all_have_answered(world: World) -> None:
    """One application, one decision, one result with several licences."""
    case = await file(world)
    early = await world.says(case, "jiyi.case.decided", LEAD, decision="approved")
    assert early.startswith("dead: ")
    await all_approve(world, case)
    assert (await told(world))[-1] == (LEAD, "TestDecide", None)

    assert await world.says(case, "jiyi.case.decided", LEAD, decision="approved") == "acknowledged"
    await world.says(case, "jiyi.licence.issued", LEAD, number="R1", issuerCode="110102-SJ")

    done = await world.read(case)
    assert (done.state, done.licence_number) == (CaseState.COMPLETED, "R1")
    assert set((await states(world, case)).values()) == {"APPROVED"}


async def test_a_department_speaks_for_its_own_sub_case_only(world: World) -> None:
    """Neither for another department's nor for the whole."""
    case = await file(world)
    foreign = await world.says(case, "jiyi.sub-case.decided", TAX, subCase="fire", **REFUSAL)
    whole = await world.says(case, "jiyi.case.decided", FIRE, decision="approved")
    unknown = await world.says(case, "jiyi.sub-case.accepted", FIRE, subCase="gone")

    assert 'may not speak for sub-case "fire"' in foreign
    assert "may not speak of cases" in whole
    assert 'no sub-case "gone"' in unknown
    assert (await states(world, case))["fire"] == "STARTED"


async def test_a_refusal_stops_the_dependants_and_undoes_what_was_begun(world: World) -> None:
    """Last first: the business licence is revoked once what was built on it is undone."""
    case = await file(world)
    await approve(world, case, LEAD, "business")
    await world.says(case, "jiyi.sub-case.accepted", FIRE, subCase="fire")
    assert await world.says(case, "jiyi.sub-case.decided", FIRE, subCase="fire", **REFUSAL) == "acknowledged"

    denied = await world.read(case)
    assert (denied.state, denied.reason, denied.remedy) == (
        CaseState.DENIED,
        "no second exit",
        "appeal within 60 days",
    )
    assert await states(world, case) == {
        "business": "APPROVED",
        "fire": "DENIED",
        "food": "STOPPED",
        "tax": "COMPENSATING",
        "hygiene": "STOPPED",
    }
    assert (await told(world))[-1] == (TAX, "TestUndo", "tax")
    assert await outcome(world, case, "tax", TAKEN) == "acknowledged"
    assert (await told(world))[-1] == (LEAD, "TestUndo", "business")
    assert await outcome(world, case, "business", TAKEN) == "acknowledged"
    assert (await states(world, case))["business"] == "COMPENSATED"


async def test_a_withdrawal_undoes_what_was_begun(world: World) -> None:
    """In the same transaction; what a department says meanwhile has crossed it and is noted."""
    case = await file(world)
    await world.applicant.withdraw(ANNA, case.id, "too late for me")

    assert [each for each in await told(world) if each[1] == "TestUndo"] == [
        (FIRE, "TestUndo", "fire"),
        (LEAD, "TestUndo", "business"),
    ]
    crossed = await world.says(case, "jiyi.sub-case.accepted", FIRE, subCase="fire")
    assert crossed == "acknowledged"
    async with world.database.reading() as session:
        refused = (await session.exec(select(CaseRefusalRow))).all()
    assert [(row.attempted, row.actor) for row in refused] == [("sub-case-accepted", FIRE)]


async def test_the_same_word_twice_has_one_effect(world: World) -> None:
    """Brokers and departments repeat themselves; an outcome too."""
    case = await file(world)
    word: Message = world.event(case, "jiyi.sub-case.accepted", FIRE, subCase="fire")
    assert [await world.deliver(word), await world.deliver(word)] == ["acknowledged", "acknowledged"]
    await world.applicant.withdraw(ANNA, case.id, None)
    endings = [await outcome(world, case, "fire", TAKEN), await outcome(world, case, "fire", TAKEN)]
    assert endings == ["acknowledged", "acknowledged"]
    assert (await world.events(case)).count("sub-case-compensated") == 1


async def test_a_failed_undoing_shows_at_its_sub_case(world: World) -> None:
    """Nobody believes it undone; what comes before it waits."""
    case = await file(world)
    await approve(world, case, LEAD, "business")
    await world.applicant.withdraw(ANNA, case.id, None)
    await outcome(world, case, "tax", {"failure": {"code": "OUTCOME_UNKNOWN", "message": "?"}})

    async with world.database.reading() as session:
        rows = (await session.exec(select(SubCaseRow).where(col(SubCaseRow.failed).is_not(None)))).all()
        sent = (await session.exec(select(OutboxRow).where(OutboxRow.id == rows[0].command_id))).one()
    assert [(row.code, row.state, row.failed) for row in rows] == [("tax", "COMPENSATING", "OUTCOME_UNKNOWN")]
    assert sent.outcome == "OUTCOME_UNKNOWN"
    assert (await states(world, case))["business"] == "APPROVED"
    assert (await world.events(case))[-1] == "command-failed"
