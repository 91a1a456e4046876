"""Lists in pages, look-ups by argument, mutations that are remembered, events, data of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocks.generated.command import type_fields
from mocks.generated.data import read_data
from mocks.generated.graph import MockGraph
from mocks.generated.subgraph import read_subgraph
from mocks.generated.world import Options, World
from mocks.structured import UnreadableFile
from tests.mocks.generated.shop import SHOP
from tests.mocks.generated.test_values import asked, graph


def test_a_connection_is_walked_forwards_and_backwards_without_a_gap() -> None:
    """Relay's rules, over twenty products."""
    mock = graph()
    query = """query ($first: Int, $after: String, $last: Int, $before: String) {
      products(first: $first, after: $after, last: $last, before: $before) {
        totalCount nodes { upc } edges { node { upc } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }"""
    every = [each["upc"] for each in asked(mock, query)["products"]["nodes"]]
    assert len(every) == len(set(every)) == 20
    seen: list[str] = []
    page = asked(mock, query, first=8)["products"]
    while True:
        assert page["totalCount"] == 20
        assert page["nodes"] == [each["node"] for each in page["edges"]]
        seen += [each["upc"] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        page = asked(mock, query, first=8, after=page["pageInfo"]["endCursor"])["products"]
    assert seen == every
    before = asked(mock, query, last=3, before=page["pageInfo"]["startCursor"])["products"]
    assert [each["upc"] for each in before["nodes"]] == every[13:16]
    assert before["pageInfo"]["hasPreviousPage"] is True


def test_a_page_that_cannot_be_says_why() -> None:
    """A wrong cursor is the client's mistake, not the department's."""
    for arguments, told in (('first: 2, after: "?"', '"?" is no cursor'), ("first: -1", '"first" must not be')):
        result = graph().answer(f"{{ products({arguments}) {{ totalCount }} }}")
        assert result.errors
        assert told in result.errors[0].message


def test_offset_and_limit_cut_the_same_list() -> None:
    """Whatever a page is called, its parts fit together."""
    query = "query ($offset: Int) { productPage(offset: $offset) { total hasMore items { upc } } }"
    mock = graph()
    pages = [asked(mock, query, offset=offset)["productPage"] for offset in (0, 5, 18)]
    assert [len(page["items"]) for page in pages] == [5, 5, 2]
    assert [page["hasMore"] for page in pages] == [True, True, False]
    assert {page["total"] for page in pages} == {20}


def test_arguments_name_objects_and_choose_among_them() -> None:
    """By key, by several keys in their order, by the owner's key, by the value of an enum."""
    mock = graph()
    found = asked(
        mock,
        """{
          many: productsByUpcs(upcs: ["6900000000038", "x"]) { upc }
          tools: products(category: TOOLS) { nodes { category } }
          reviews(productUpc: "6900000000038") { product { upc } }
          a: node(id: "user-000003") { __typename id }
          b: node(id: "product-000003") { __typename id }
        }""",
    )
    assert [each["upc"] for each in found["many"]] == ["6900000000038", "x"]
    assert {each["category"] for each in found["tools"]["nodes"]} == {"TOOLS"}
    assert {each["product"]["upc"] for each in found["reviews"]} == {"6900000000038"}
    assert (found["a"]["__typename"], found["b"]["__typename"]) == ("User", "Product")


def test_a_mutation_says_what_it_was_told_and_is_remembered() -> None:
    """A client that writes and reads again sees its own write; DELETE /__state forgets it."""
    mock = graph()
    created = asked(
        mock,
        """mutation ($input: ProductInput!) {
          createProduct(input: $input) { id upc name priceFen size { height } }
        }""",
        input={"name": "新台灯", "priceFen": 500, "size": {"height": 3.5, "width": 1.0}},
    )["createProduct"]
    assert (created["name"], created["priceFen"], created["size"]) == ("新台灯", 500, {"height": 3.5})
    look_up = "query ($upc: String!) { product(upc: $upc) { id name } }"
    assert asked(mock, look_up, upc=created["upc"])["product"] == {"id": created["id"], "name": "新台灯"}
    renamed = asked(
        mock,
        'mutation { renameProduct(upc: "a", name: "改") { success errors { message } product { upc name } } }',
    )["renameProduct"]
    assert renamed == {"success": True, "errors": [], "product": {"upc": "a", "name": "改"}}
    assert asked(mock, look_up, upc="a")["product"]["name"] == "改"
    mock.world.forget()
    assert asked(mock, look_up, upc="a")["product"]["name"] != "改"


async def test_events_come_at_the_interval_without_end() -> None:
    """One object after the other, or what the arguments name."""
    mock = MockGraph(World(read_subgraph(SHOP), Options()), interval=0.001)
    ids: list[str] = []
    async for event in mock.events("subscription { reviewAdded { id } }"):
        assert event.data is not None
        ids.append(event.data["reviewAdded"]["id"])
        if len(ids) == 3:
            break
    assert ids == ["review-000001", "review-000002", "review-000003"]


def test_an_unknown_entity_fails_alone() -> None:
    """The other representations of the request are answered."""
    sent = [{"__typename": "Product", "upc": "a"}, {"__typename": "Nothing", "id": "1"}]
    query = "query ($s: [_Any!]!) { _entities(representations: $s) { ... on Product { upc } } }"
    result = graph().answer(query, {"s": sent})
    assert result.data == {"_entities": [{"upc": "a"}, None]}
    assert result.errors
    assert result.errors[0].path == ["_entities", 1]


DATA = """
Product:
  - {upc: p-1, name: 示例台灯, priceFen: 19900, maker: {creditCode: 91110102MAJY00000G}}
Product.category: BOOKS
absent:
  Product: [{upc: gone}]
"""


def test_data_of_ones_own_stands_before_what_is_made(tmp_path: Path) -> None:
    """Rows are the list and are found by their keys; a key that is said to be absent is null."""
    file = tmp_path / "data.yaml"
    file.write_text(DATA, encoding="utf-8")
    subgraph = read_subgraph(SHOP)
    mock = MockGraph(World(subgraph, Options(), read_data(file, type_fields(subgraph))))
    found = asked(
        mock,
        """{
          products { nodes { upc name priceFen category maker { creditCode } } }
          product(upc: "p-1") { name }
          gone: product(upc: "gone") { name }
          other: product(upc: "other") { category }
        }""",
    )
    row = {
        "upc": "p-1",
        "name": "示例台灯",
        "priceFen": 19900,
        "category": "BOOKS",
        "maker": {"creditCode": "91110102MAJY00000G"},
    }
    assert found["products"]["nodes"] == [row]
    assert found["product"] == {"name": "示例台灯"}
    assert found["gone"] is None
    assert found["other"] == {"category": "BOOKS"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Produkt: []", 'no type "Produkt"'),
        ("Product: [{upk: a}]", 'no field "upk"'),
        ("Product: {}", "is a list of objects"),
        ("[]", "name types"),
    ],
)
def test_data_that_does_not_fit_the_sdl_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """A test on data that nobody reads would prove nothing."""
    file = tmp_path / "data.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile) as caught:
        read_data(file, type_fields(read_subgraph(SHOP)))
    assert told in str(caught.value)
