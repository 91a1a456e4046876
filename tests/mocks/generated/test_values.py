"""What a mock makes of an SDL alone: believable values, the same for ever, the same in every mock."""

from __future__ import annotations

from typing import Any

import pytest
from stdnum import ean
from stdnum.cn import ric, uscc

from mocks.generated.definitions import UnreadableSdl
from mocks.generated.graph import MockGraph
from mocks.generated.subgraph import read_subgraph
from mocks.generated.world import Options, World
from tests.mocks.generated.shop import SHOP, STOCK


def graph(sdl: str = SHOP, **options: Any) -> MockGraph:
    return MockGraph(World(read_subgraph(sdl), Options(**options)))


def asked(mock: MockGraph, query: str, **variables: Any) -> Any:
    result = mock.answer(query, variables)
    assert result.errors is None, result.errors
    return result.data


def test_a_person_is_of_one_piece() -> None:
    """Number, sex, birthday and age tell one story, and the first person is the demo's first resident."""
    me = asked(graph(), "{ me { id name nameEn idNumber gender birthDate phone email age } }")["me"]
    assert me == {
        "id": "user-000001",
        "name": "易办成",
        "nameEn": "Bancheng Yi",
        "idNumber": "110102199003150026",
        "gender": "FEMALE",
        "birthDate": "1990-03-15",
        "phone": "19900000001",
        "email": "bancheng.yi.000001@example.com",
        "age": 36,
    }


def test_numbers_have_right_check_digits() -> None:
    """Systems that verify them take them, of objects that the mock knows and of any other."""
    query = """query ($sent: [_Any!]!) {
      _entities(representations: $sent) {
        ... on User { idNumber }
        ... on Product { upc maker { creditCode } }
      }
    }"""
    ids = [f"user-{n:06d}" for n in (1, 40, 200, 300_000)] + [f"somebody {n}" for n in range(40)]
    sent = [{"__typename": "User", "id": each} for each in ids]
    sent += [{"__typename": "Product", "id": f"product-{n:06d}"} for n in range(1, 600, 13)]
    for one in asked(graph(), query, sent=sent)["_entities"]:
        if "idNumber" in one:
            assert ric.is_valid(one["idNumber"]), one
        else:
            assert ean.is_valid(one["upc"]), one
            assert uscc.is_valid(one["maker"]["creditCode"]), one


def test_a_key_of_somebody_elses_is_the_same_object_for_ever() -> None:
    """Also by the other key, that the mock itself gave it, and in a process that was started anew."""
    by_upc = '{ product(upc: "foreign") { id upc name priceFen } }'
    first = asked(graph(), by_upc)["product"]
    assert first["upc"] == "foreign"
    mock = graph()
    assert asked(mock, by_upc)["product"] == first
    again = "query ($id: ID!) { node(id: $id) { ... on Product { id upc name priceFen } } }"
    assert asked(mock, again, id=first["id"])["node"] == first


ENTITY = (
    "query ($sent: [_Any!]!) { _entities(representations: $sent) { ... on Product { id upc name priceFen } } }"
)


@pytest.mark.parametrize(
    "key", [{"upc": "foreign"}, {"id": "product-000007"}, {"id": "x"}, {"upc": "6900000000038"}]
)
def test_mocks_of_different_sdls_agree(key: dict[str, str]) -> None:
    """Each is a department of its own, yet both mean the same product, whichever key it is known by."""
    shop, stock = graph(), graph(STOCK, name="stock")
    (in_shop,) = asked(shop, ENTITY, sent=[{"__typename": "Product", **key}])["_entities"]
    for name in ("id", "upc"):
        sent = {"__typename": "Product", name: in_shop[name]}
        (in_stock,) = asked(stock, ENTITY, sent=[sent])["_entities"]
        if name in key or not {*key.values()} & {"foreign", "x"}:
            assert in_stock == in_shop
        # A key that the stock was never told of stays unknown to it; the values agree all the same.
        assert (in_stock["name"], in_stock["priceFen"]) == (in_shop["name"], in_shop["priceFen"])


def test_another_seed_is_another_world() -> None:
    """For a test that must not rest on particular values."""
    query = '{ product(upc: "6900000000038") { priceFen category createdAt } }'
    assert asked(graph(seed=1), query) != asked(graph(seed=2), query)


def test_what_is_required_decides_what_is_computed() -> None:
    """The same requirement gives the same value, another one another."""
    query = (
        "query ($sent: [_Any!]!) { _entities(representations: $sent) { ... on Product { shippingFen weight } } }"
    )
    sent = [{"__typename": "Product", "upc": "a", "weight": weight} for weight in (1.5, 1.5, 2.5)]
    light, same, heavy = asked(graph(), query, sent=sent)["_entities"]
    assert light == same
    assert light["weight"] == 1.5
    assert heavy["shippingFen"] != light["shippingFen"]


def test_values_that_clients_must_not_see_are_not_given() -> None:
    """A hub would have to turn them into errors."""
    (products,) = asked(graph(count=200), "{ products { nodes { category } } }").values()
    assert {each["category"] for each in products["nodes"]} == {"BOOKS", "TOOLS"}


def test_the_rate_of_nulls_is_an_option() -> None:
    """None at 0, all that may be at 1; keys never."""
    query = "{ products { nodes { upc name size { height } } } }"
    for rate, expected in ((0.0, {False}), (1.0, {True})):
        nodes = asked(graph(nulls=rate), query)["products"]["nodes"]
        assert {each["name"] is None for each in nodes} == expected
        assert {each["size"] is None for each in nodes} == expected
        assert all(each["upc"] for each in nodes)


def test_children_know_their_parent_without_having_been_reached_through_it() -> None:
    """A review of a user's list, looked up alone, is still that user's."""
    mock = graph()
    for user in ("user-000001", "user-000009", "user-000040"):
        query = "query ($id: ID!) { node(id: $id) { ... on User { reviews { id } } } }"
        for review in asked(mock, query, id=user)["node"]["reviews"]:
            sent = [{"__typename": "Review", "id": review["id"]}]
            query = "query ($s: [_Any!]!) { _entities(representations: $s) { ... on Review { author { id } } } }"
            assert asked(mock, query, s=sent)["_entities"] == [{"author": {"id": user}}]


def test_children_of_somebody_elses_object_are_its_own() -> None:
    """Real keys are what clients ask by."""
    query = '{ product(upc: "foreign-3") { reviews { edges { node { id product { upc name } } } } name } }'
    product = asked(graph(), query)["product"]
    reviews = [edge["node"] for edge in product["reviews"]["edges"]]
    assert reviews
    assert {(each["product"]["upc"], each["product"]["name"]) for each in reviews} == {
        ("foreign-3", product["name"])
    }


@pytest.mark.parametrize(
    ("sdl", "told"),
    [
        ("type Query { a: Nowhere }", "Unknown type: 'Nowhere'"),
        ("{ a }", "This is an operation, not a schema"),
        ("type Query {", "Syntax Error"),
        ('type A @key(fields: "id {") { id: ID }', "is no set of fields"),
    ],
)
def test_an_sdl_that_is_none_says_why(sdl: str, told: str) -> None:
    """The place and the mistake, no stack trace."""
    with pytest.raises(UnreadableSdl) as caught:
        read_subgraph(sdl)
    assert told in str(caught.value)
