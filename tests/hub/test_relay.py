"""What Relay asks of a graph, in the hub's own part: pages in both directions, and objects by their id."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.cases.case_filing import Submission
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, BO, FREE, OPERATOR, World

PAGE = """query ($first: Int, $after: String, $last: Int, $before: String) { me {
  caseConnection(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } } }"""
ITEMS = """query ($first: Int, $after: String) {
  serviceItemConnection(search: "交通", first: $first, after: $after) {
    edges { node { code } } pageInfo { hasNextPage endCursor }
  } }"""
NODE = """query ($id: ID!) { node(id: $id) {
  __typename id ... on ServiceItem { code } ... on Case { receiptNumber } } }"""
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"


@pytest.fixture
async def graph(world: World) -> Graph:
    return Graph(world)


async def filed(world: World, count: int) -> list[str]:
    """Ids of that many cases of Anna's, newest first; two were filed at the same moment."""
    cases = []
    for number in range(count):
        submission = Submission(FREE.item_code, FREE.form, idempotency_key=str(number))
        cases.append(await world.cases.submit_case(ANNA, submission))
        if number != 1:
            world.clock.move(minutes=1)
    return [each.id for each in await world.cases.cases_of(ANNA, "anna")]


async def page(graph: Graph, **wanted: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await graph.ask(PAGE, **wanted))["me"]["caseConnection"]
    return found


def ids(connection: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in connection["edges"]]


async def test_cases_are_read_forward_and_backward_by_the_page(graph: Graph, world: World) -> None:
    """Each once and in the order of the list; the ends of the list are told."""
    cases = await filed(world, 5)
    first = await page(graph, first=2)
    second = await page(graph, first=2, after=first["pageInfo"]["endCursor"])
    last = await page(graph, first=2, after=second["pageInfo"]["endCursor"])
    assert [ids(first), ids(second), ids(last)] == [cases[:2], cases[2:4], cases[4:]]
    more = [
        (each["pageInfo"]["hasPreviousPage"], each["pageInfo"]["hasNextPage"]) for each in (first, second, last)
    ]
    assert more == [(False, True), (True, True), (True, False)]
    back = await page(graph, last=2, before=last["pageInfo"]["startCursor"])
    assert ids(back) == cases[2:4]
    assert back["edges"][0]["cursor"] == second["pageInfo"]["startCursor"]


async def test_a_case_that_is_filed_meanwhile_shifts_no_page(graph: Graph, world: World) -> None:
    """Counting from the beginning would show one case twice."""
    cases = await filed(world, 3)
    first = await page(graph, first=2)
    world.clock.moment += timedelta(hours=1)
    await world.cases.submit_case(ANNA, FREE)
    assert ids(await page(graph, first=2, after=first["pageInfo"]["endCursor"])) == cases[2:]


async def test_pages_of_the_catalogue_are_for_everybody(graph: Graph) -> None:
    """In order of the code; a search goes on across pages."""
    whole = await graph.ask('{ serviceItems(search: "交通") { code } }', None)
    codes, after = [], None
    for _ in range(20):
        found = (await graph.ask(ITEMS, None, first=1, after=after))["serviceItemConnection"]
        codes += [edge["node"]["code"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert codes == [item["code"] for item in whole["serviceItems"]]
    assert len(codes) > 1


async def test_an_object_is_found_again_by_its_id(graph: Graph, world: World) -> None:
    """One's own case, oneself, an item in the version that was seen; the id is the one that was asked for."""
    (case,) = await filed(world, 1)
    item = (await graph.ask('{ serviceItem(code: "CA-SENIOR-CARD") { id } }', None))["serviceItem"]["id"]
    found = [(await graph.ask(NODE, id=id_))["node"] for id_ in (case, item, "anna")]
    assert [each["__typename"] for each in found] == ["Case", "ServiceItem", "Citizen"]
    assert [each["id"] for each in found] == [case, item, "anna"]
    assert found[1]["code"] == "CA-SENIOR-CARD"
    assert "CA-SENIOR-CARD" not in item
    assert (await graph.ask(NODES, ids=["nothing", case, item]))["nodes"] == [None, {"id": case}, {"id": item}]


async def test_nobody_finds_what_is_anothers_by_its_id(graph: Graph, world: World) -> None:
    """It is as if it were not there. Operators read cases by office, and no person."""
    (case,) = await filed(world, 1)
    receipt = (await graph.ask(NODE, id=case))["node"]["receiptNumber"]
    for id_ in (case, receipt, "anna"):
        assert await graph.ask(NODE, BO, id=id_) == {"node": None}
    assert await graph.ask(NODES, BO, ids=[case, "anna"]) == {"nodes": [None, None]}
    assert (await graph.ask(NODE, OPERATOR, id=case))["node"]["id"] == case
    assert await graph.ask(NODE, OPERATOR, id="anna") == {"node": None}
    assert await graph.refused(NODE, None, id=case) == ["UNAUTHENTICATED"]


async def test_a_receipt_number_is_no_id(graph: Graph, world: World) -> None:
    """A client keeps objects by their id: one object must not come under two."""
    (case,) = await filed(world, 1)
    receipt = (await graph.ask(NODE, id=case))["node"]["receiptNumber"]
    assert await graph.ask(NODE, id=receipt) == {"node": None}


@pytest.mark.parametrize(
    "id_", ["", "/", "U2VydmljZUl0ZW0vMQ==", "U2VydmljZUl0ZW0vOTkvQ0EtU0VOSU9SLUNBUkQ=", "集易"]
)
async def test_an_invented_id_is_nothing(graph: Graph, id_: str) -> None:
    """Neither one that says too little nor one of a version that does not exist."""
    assert await graph.ask(NODE, id=id_) == {"node": None}


async def test_too_much_at_once_is_refused(graph: Graph) -> None:
    """A page has a hundred elements at most, and so have ids."""
    assert await graph.refused(NODES, ids=["x"] * 101) == ["BAD_USER_INPUT"]
    assert await graph.refused(PAGE, first=101) == ["BAD_USER_INPUT"]
    assert await graph.refused(PAGE, after="nonsense") == ["BAD_USER_INPUT"]
