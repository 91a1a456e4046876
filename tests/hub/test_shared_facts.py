"""What is asked of the graph to answer "for me", and what an answer with holes in it is taken for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import build_schema

from auth.actor import Actor
from hub.gateway.request import GraphQLAnswer, GraphQLRequest
from hub.materials.shared_facts import SharedFactsReader
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, World

SDL = """
type Query { me: Citizen }
type Citizen { id: ID! name: String address: String licences: [Licence!] enterprises: [Enterprise!] }
type Licence { kind: String! number: ID! state: State! validUntil: String issuer: Organisation }
type Organisation { name: String! nameEn: String! }
type Enterprise { status: String! }
enum State { VALID REVOKED }
"""
FOR_ME = """query ($code: ID!, $form: JSON) { itemForMe(itemCode: $code, form: $form) {
  item { code } mayApply conditions { code answer source { en } } materials { code need source { en } } } }"""
BUSINESS = {
    "kind": "business-licence",
    "number": "B-1",
    "state": "VALID",
    "validUntil": "2030-01-01",
    "issuer": {"name": "市场监管局", "nameEn": "Market Regulation"},
}


class Departments:
    """The graph of some departments, answering the same to every question."""

    def __init__(self, me: dict[str, Any], *broken: str) -> None:
        self.asked: list[GraphQLRequest] = []
        self._me = me
        self._errors = tuple({"message": "late", "path": ["me", name], "extensions": {}} for name in broken)

    async def __call__(self, request: GraphQLRequest, actor: Actor) -> GraphQLAnswer:
        assert actor == ANNA
        self.asked.append(request)
        return GraphQLAnswer({"me": self._me}, self._errors)


def graph(world: World, departments: Departments, sdl: str | None = SDL) -> Graph:
    schema = build_schema(sdl) if sdl else None
    return Graph(world, shared_facts=SharedFactsReader(world.people, lambda: schema, departments))


async def told(world: World, departments: Departments, code: str, **more: Any) -> Any:
    found = (await graph(world, departments, **more).ask(FOR_ME, ANNA, code=code, form={}))["itemForMe"]
    answers = {each["code"]: each.get("answer") or each["need"] for each in _parts(found)}
    sources = {each["code"]: each["source"]["en"] for each in _parts(found)}
    return found["mayApply"], answers, sources


def _parts(found: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return [*found["conditions"], *found["materials"]]


async def test_a_licence_that_a_department_shares_answers_condition_and_material(world: World) -> None:
    """Who said so stands beside it; only what this item asks for is read."""
    departments = Departments({"licences": [BUSINESS], "name": "安娜"})
    may_apply, answers, sources = await told(world, departments, "MR-FOOD-PERMIT")
    assert may_apply in ("YES", "UNKNOWN")
    assert answers["LICENCE"] == "REPLACED"
    assert sources["LICENCE"] == "Market Regulation"
    assert "licences {" in departments.asked[0].query
    assert "address" not in departments.asked[0].query


async def test_a_department_that_is_silent_leaves_it_unknown(world: World) -> None:
    """Never "you have none"."""
    departments = Departments({"licences": [], "name": "安娜"}, "licences")
    _, answers, _ = await told(world, departments, "MR-FOOD-PERMIT")
    assert answers["LICENCE"] == "UNKNOWN"
    _, whole, _ = await told(world, Departments({"licences": [], "name": "安娜"}), "MR-FOOD-PERMIT")
    assert whole["LICENCE"] == "NEEDED"


async def test_without_departments_nothing_is_asked_and_nothing_claimed(world: World) -> None:
    """Before any is connected."""
    departments = Departments({})
    _, answers, _ = await told(world, departments, "MR-FOOD-PERMIT", sdl=None)
    assert answers["LICENCE"] == "UNKNOWN"
    assert departments.asked == []
    assert await graph(world, departments).refused(FOR_ME, None, code="MR-FOOD-PERMIT", form={}) == [
        "UNAUTHENTICATED"
    ]
    assert await graph(world, departments).refused(FOR_ME, ANNA, code="CA-SENIOR-CARD", form=[]) == [
        "BAD_USER_INPUT"
    ]
    assert (await graph(world, departments).ask(FOR_ME, ANNA, code="NONE", form=None))["itemForMe"] is None
