"""Items with fees as catalogue data, for tests: one of one department, and the joint one with a fee of each."""

from __future__ import annotations

from typing import Any

from hub.cases.case_filing import Submission
from hub.storage.database import Database
from hub.tables.catalogue import CatalogueEntryRow
from schema.domain.case import Case
from tests.hub import joint_item
from tests.hub.world import ANNA, MONDAY, World

CODE = "TEST-SURVEY"
SURVEY = Submission(CODE, {"copies": 2, "hardship": False})


def fee(code: str, amount_fen: int, **more: Any) -> dict[str, Any]:
    basis = {"legal_basis": "价费字〔1992〕249号", "legal_basis_en": "Price and Fee Notice 1992 no. 249"}
    return {
        "code": code,
        "name": f"费 {code}",
        "name_en": f"Fee {code}",
        "amount_fen": amount_fen,
        **basis,
        **more,
    }


ITEM = {
    "code": CODE,
    "name": "测绘",
    "name_en": "A survey",
    "description": "",
    "description_en": "",
    "category": "public-service",
    "organisation": "110102-MZ",
    "statutory_limit_days": 20,
    "promised_limit_days": 10,
    "channels": ["WEB"],
    "form": {
        "type": "object",
        "required": ["copies"],
        "properties": {"copies": {"type": "integer"}, "hardship": {"type": "boolean"}},
    },
    "fees": [
        fee("FILING", 300, due="ON_ACCEPTANCE"),
        fee("PRINT", 700, per="copies"),
        fee(
            "STAMP",
            100,
            payee="110102-CZ",
            waived_when={"field": "hardship", "values": [True]},
            waiver_basis="困难减免",
            waiver_basis_en="Hardship",
        ),
    ],
}
JOINT_FEES = [
    fee("BUSINESS", 1000, due="ON_ACCEPTANCE", step="business", covers="HANDLING"),
    fee("FIRE", 2000, due="ON_ACCEPTANCE", step="fire"),
]


async def offer(database: Database) -> None:
    await joint_item.offer(database)
    async with database.transaction() as session:
        for content in (ITEM, {**joint_item.ITEM, "fees": JOINT_FEES}):
            row = CatalogueEntryRow(
                kind="item", code=str(content["code"]), version=1, content=content, in_force_since=MONDAY
            )
            await session.merge(row)


async def forget(database: Database) -> None:
    """The catalogue is shared by the tests of a session."""
    await joint_item.forget(database)
    async with database.transaction() as session:
        row = await session.get(CatalogueEntryRow, ("item", CODE, 1))
        if row is not None:
            await session.delete(row)


async def accepted(world: World, submission: Submission = SURVEY) -> Case:
    """A case whose fee on acceptance is due."""
    case = await world.cases.submit_case(ANNA, submission)
    assert await world.says(case, "jiyi.case.accepted") == "acknowledged"
    return await world.read(case)


async def orders(world: World, case: Case) -> dict[str, str]:
    """State of each order of the case by the fee's code."""
    return {each.code: each.state.value for each in (await world.fees.orders_of_cases((case.id,)))[case.id]}


async def pay(world: World, case: Case) -> str:
    """Pay all that is owed in one payment; the provider's number of it."""
    owed = [each for each in (await world.fees.orders_of_cases((case.id,)))[case.id] if each.state == "DUE"]
    payment = await world.fees.pay_fees(ANNA, [each.number for each in owed], None)
    await world.payments.money_arrived(payment.number, payment.amount_fen, world.clock.now())
    return payment.number
