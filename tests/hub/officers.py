"""Officers, and a case that they decide: what the tests of handling share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from auth.actor import Actor
from hub.cases.case_content import GivenMaterial
from hub.cases.case_filing import Submission
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, World, citizen

ASSISTANCE = Submission(
    "CA-EXPENSE-ASSISTANCE",
    {"reason": "illness", "household": 3, "telephone": "13800000000"},
    materials=(GivenMaterial("income", "paper:1"),),
)

CHIEF_OF_CIVIL_AFFAIRS = ("chief-representative", "department-staff:civil-affairs")
SOON = "2026-12-20T16:00:00+00:00"
REFUSAL: dict[str, Any] = {"reason": "not in need", "remedy": "administrative review within 60 days"}


def officer(subject: str, role: str, department: str | None = "civil-affairs", *more: str) -> Actor:
    return replace(citizen(subject, roles=frozenset({"citizen", role, *more})), department=department)


HANNA = officer("hanna", "handler")
HUGO = officer("hugo", "handler")
CHIEF = officer("chief", "chief-representative")
STRANGER = officer("stranger", "handler", "finance")
WINDOW = officer("window", "officer", None)
SUPERVISOR = officer("supervisor", "supervisor", None)
DEPARTMENT = replace(
    citizen("department-civil-affairs", roles=frozenset({"department"})), department="civil-affairs"
)


STAFF = (
    *((who, role) for who in ("hanna", "hugo", "clerk") for role in ("handler", "department-staff:civil-affairs")),
    *((who, role) for who in ("iris", "stranger") for role in ("handler", "department-staff:finance")),
    *((who, role) for who in ("chief", "boss") for role in CHIEF_OF_CIVIL_AFFAIRS),
    ("window", "officer"),
    ("window-2", "officer"),
    ("supervisor", "supervisor"),
)
"""Who holds which office when work is given: each test's database has it, person by person."""


class Office:
    """The graph with a filed case in it: each deed by its mutation, in words as a client sends them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.graph = Graph(world)

    async def filed(self, submission: Submission = ASSISTANCE, actor: Actor = ANNA) -> str:
        return (await self.world.cases.submit_case(actor, submission)).id

    async def in_review(self) -> str:
        case = await self.filed()
        await self.does("acceptCase", case)
        await self.does("startReview", case)
        return case

    async def does(self, deed: str, case: str, actor: Actor = HANNA, **arguments: Any) -> dict[str, Any]:
        """The case after it."""
        data = await self.graph.ask(*self._mutation(deed, case, actor, arguments))
        found: dict[str, Any] = data[deed]
        return found

    async def may_not(self, deed: str, case: str, actor: Actor = HANNA, **arguments: Any) -> list[str]:
        """The codes of the refusal."""
        return await self.graph.refused(*self._mutation(deed, case, actor, arguments))

    async def case(self, case: str, actor: Actor = ANNA, fields: str = "state") -> Any:
        data = await self.graph.ask(f"query C($id: ID!) {{ case(id: $id) {{ {fields} }} }}", actor, id=case)
        return data["case"]

    async def happened(self, case: str) -> list[str]:
        found = await self.case(case, fields="events { type }")
        return [event["type"] for event in found["events"]]

    def _mutation(self, deed: str, case: str, actor: Actor, arguments: dict[str, Any]) -> tuple[str, Actor]:
        written = ", ".join(f"{name}: {_literal(value)}" for name, value in arguments.items())
        inner = f'case: "{case}"' + (f", {written}" if written else "")
        return f"mutation {{ {deed}({inner}) {{ id state reason remedy version }} }}", actor


class Word(str):
    """An enum's value, which stands without quotation marks."""


def _literal(value: Any) -> str:
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, dict):
        inner = ", ".join(f"{name}: {_literal(each)}" for name, each in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(each) for each in value) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)
