"""A joint item as catalogue data, for tests: three departments, one of them heard only, and a fourth's opinion."""

from __future__ import annotations

from typing import Any

from hub.cases.case_filing import Submission
from hub.storage.database import Database
from hub.tables.catalogue import CatalogueEntryRow
from tests.hub.world import MONDAY, World

CODE = "TEST-RESTAURANT"
FORM = {"tradeName": "Jixian Noodles", "premises": "1 Market Street"}
RESTAURANT = Submission(CODE, FORM)
LEAD, FIRE, TAX, ADVISER = "market-regulation", "transport", "finance", "human-resources"
"""Who is told; ``transport`` checks for fire here, and ``finance`` for taxes."""
_ORGANISATIONS = {LEAD: "110102-SJ", FIRE: "110102-JT", TAX: "110102-CZ", ADVISER: "110102-RS"}
REFUSAL = {"decision": "denied", "reason": "no second exit", "remedy": "appeal within 60 days"}


def _step(code: str, department: str, *depends_on: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": code,
        "name_en": code,
        "organisation": _ORGANISATIONS[department],
        "command": "test-begin",
        "supplement": "test-supplement",
        "compensation": "test-undo",
        "depends_on": list(depends_on),
        **more,
    }


STEPS = [
    _step("business", LEAD, licence_kind="business-licence", needs=["tradeName", "premises"]),
    _step("fire", FIRE, produces=["fire-report"], needs=["premises"]),
    _step("food", LEAD, "business", "fire", licence_kind="food-permit", needs=["business-licence", "fire-report"]),
    _step("tax", TAX, "business", needs=["business-licence"]),
    _step("hygiene", ADVISER, voice="ADVISORY", limit_days=3, deemed_consent=True, compensation=None),
]
ITEM = {
    "code": CODE,
    "name": "餐馆",
    "name_en": "A restaurant",
    "description": "",
    "description_en": "",
    "category": "administrative-approval",
    "organisation": "110102-SJ",
    "statutory_limit_days": 45,
    "promised_limit_days": 10,
    "channels": ["WEB"],
    "result_kind": "restaurant-permit",
    "form": {
        "type": "object",
        "required": ["tradeName", "premises"],
        "properties": {"tradeName": {"type": "string"}, "premises": {"type": "string"}},
    },
    "joint": {"steps": STEPS, "decision_command": "test-decide"},
}


def _command(department: str, step: str) -> dict[str, Any]:
    name = "".join(word.title() for word in step.split("-"))
    operation = f"mutation {name}($input: Told!) {{ told(input: $input) {{ accepted }} }}"
    return {"department": department, "step": step, "operation": operation, "operation_name": name}


COMMANDS = [
    *(_command(each, step) for each in _ORGANISATIONS for step in ("test-begin", "test-supplement", "test-undo")),
    _command(LEAD, "test-decide"),
]


async def offer(database: Database) -> None:
    """The item goes live by data alone."""
    async with database.transaction() as session:
        await session.merge(_entry("item", CODE, ITEM))
        for command in COMMANDS:
            await session.merge(_entry("command", f"{command['department']}/{command['step']}", command))


async def forget(database: Database) -> None:
    """The catalogue is shared by the tests of a session."""
    async with database.transaction() as session:
        for kind, code in [("item", CODE), *(("command", f"{c['department']}/{c['step']}") for c in COMMANDS)]:
            row = await session.get(CatalogueEntryRow, (kind, code, 1))
            if row is not None:
                await session.delete(row)


async def approve(world: World, number: Any, department: str, code: str) -> None:
    """A department accepts and approves its sub-case, with the licence that the step issues."""
    licence = {"number": f"N-{code}", "issuerCode": "110102-SJ"}
    said = {"subCase": code, "decision": "approved", "licence": licence, "opinion": f"{code} is well"}
    assert await world.says(number, "jiyi.sub-case.accepted", department, subCase=code) == "acknowledged"
    assert await world.says(number, "jiyi.sub-case.decided", department, **said) == "acknowledged"


def _entry(kind: str, code: str, content: dict[str, Any]) -> CatalogueEntryRow:
    return CatalogueEntryRow(kind=kind, code=code, version=1, content=content, in_force_since=MONDAY)
