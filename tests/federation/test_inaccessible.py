"""What is not public becomes null on the way out and is refused on the way in."""

from __future__ import annotations

import pytest
from graphql import parse, validate

from hub.execution.operation import VariablesRefused
from tests.federation.strangers import Service, Strangers, to

RAILWAY = Strangers(
    {
        "trains": Service(
            """
            type Query {
              trains(kind: Kind = REGIONAL, near: Spot): [Train!]!
              first: Train kinds: [Kind]! sure: [Kind!] stock: [Stock]
            }
            enum Kind { REGIONAL EXPRESS PROTOTYPE @inaccessible }
            input Spot { lat: Float! debug: Boolean @inaccessible }
            type Train @key(fields: "id") { id: ID! kind: Kind sureKind: Kind! next: Train }
            union Stock = Train | Depot
            type Depot @inaccessible { code: ID! }
            """,
            {
                "trains": lambda _it, kind, near=None: [to("Train", id="1"), to("Train", id="2")],
                "first": to("Train", id="2"),
                "kinds": ["EXPRESS", "PROTOTYPE", None],
                "sure": ["EXPRESS", "PROTOTYPE"],
                "stock": [to("Train", id="1"), to("Depot", code="d")],
            },
            {
                "Train": [
                    {"id": "1", "kind": "EXPRESS", "sureKind": "EXPRESS", "next": to("Train", id="2")},
                    {"id": "2", "kind": "PROTOTYPE", "sureKind": "PROTOTYPE", "next": None},
                ]
            },
        ),
        "fares": Service(
            """
            enum Kind { REGIONAL EXPRESS PROTOTYPE }
            type Train @key(fields: "id") { id: ID! kind: Kind @external fare: Int @requires(fields: "kind") }
            """,
            rows={"Train": [{"id": name, "fare": lambda it: len(it["kind"])} for name in ("1", "2")]},
        ),
    }
)


def test_a_value_that_is_not_public_is_null_with_an_error() -> None:
    RAILWAY.answers(
        "{ trains { id kind } }",
        {"trains": [{"id": "1", "kind": "EXPRESS"}, {"id": "2", "kind": None}]},
        errors=[("trains.1.kind", "DEPARTMENT_WRONG_TYPE", "trains")],
        requests="trains",
    )


def test_where_null_may_not_be_it_goes_up() -> None:
    RAILWAY.answers(
        "{ first { sureKind } sure kinds }",
        {"first": None, "sure": None, "kinds": ["EXPRESS", None, None]},
        errors=[
            ("first.sureKind", "DEPARTMENT_WRONG_TYPE", "trains"),
            ("sure.1", "DEPARTMENT_WRONG_TYPE", "trains"),
            ("kinds.1", "DEPARTMENT_WRONG_TYPE", "trains"),
        ],
        requests="trains",
    )


def test_services_among_themselves_use_it_all_the_same() -> None:
    """A requirement may hold what a client may not see."""
    RAILWAY.answers("{ trains { fare } }", {"trains": [{"fare": 7}, {"fare": 9}]}, requests="trains > fares")


def test_an_object_of_a_type_that_is_not_public_is_null() -> None:
    RAILWAY.answers(
        "{ stock { __typename ... on Train { id } } }",
        {"stock": [{"__typename": "Train", "id": "1"}, None]},
        errors=[("stock.1", "DEPARTMENT_WRONG_TYPE", "trains")],
        requests="trains",
    )


@pytest.mark.parametrize(
    "query",
    [
        "{ trains(kind: PROTOTYPE) { id } }",
        "query ($kind: Kind = PROTOTYPE) { trains(kind: $kind) { id } }",
        "{ trains(near: { lat: 1, debug: true }) { id } }",
        "{ stock { ... on Depot { code } } }",
    ],
)
def test_what_is_not_public_is_refused_in_an_operation(query: str) -> None:
    assert validate(RAILWAY.supergraph.api_schema, parse(query))


@pytest.mark.parametrize(
    ("type_", "argument", "value"),
    [("Kind", "kind", "PROTOTYPE"), ("Spot", "near", {"lat": 1.0, "debug": True}), ("Spot", "near", {})],
)
def test_what_is_not_public_is_refused_in_variables(type_: str, argument: str, value: object) -> None:
    """Nothing is fetched: the same operation with a public value is answered."""
    query = f"query ($value: {type_}) {{ trains({argument}: $value) {{ id }} }}"
    with pytest.raises(VariablesRefused):
        RAILWAY.answers(query, None, variables={"value": value}, requests="")
    allowed = {"Kind": "EXPRESS", "Spot": {"lat": 1.0}}[type_]
    RAILWAY.answers(query, {"trains": [{"id": "1"}, {"id": "2"}]}, variables={"value": allowed}, requests="trains")
