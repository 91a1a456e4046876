"""``@requires`` deeper: through entities of several services, with arguments inside, over interfaces that hop."""

from __future__ import annotations

from typing import Any

from tests.federation.strangers import Row, Service, Strangers, to


def _packed(it: Row) -> str:
    return " ".join(
        f"{one['__typename']}{one.get('weight', '')}{one.get('litres', '')}#{one['sku']}" for one in it["contents"]
    )


WAREHOUSE = Strangers(
    {
        "orders": Service(
            """
            type Query { order(id: ID!): Order }
            type Order @key(fields: "id") { id: ID! customer: Customer contents: [Content!]! express: Boolean! }
            interface Content { sku: ID! }
            type Box implements Content @key(fields: "sku") { sku: ID! }
            type Barrel implements Content @key(fields: "sku") { sku: ID! }
            type Letter implements Content { sku: ID! pages: Int }
            type Customer @key(fields: "id") { id: ID! }
            """,
            {"order": lambda _it, **given: to("Order", **given)},
            {
                "Order": [
                    {
                        "id": "1",
                        "customer": to("Customer", id="c"),
                        "express": True,
                        "contents": [to("Barrel", sku="k"), to("Letter", sku="l", pages=2), to("Box", sku="x")],
                    },
                    {"id": "2", "customer": None, "express": False, "contents": []},
                ],
                "Customer": [{"id": "c"}],
            },
        ),
        "goods": Service(
            """
            type Box @key(fields: "sku") { sku: ID! weight: Int prices(first: Int!): [Price!]! }
            type Barrel @key(fields: "sku") { sku: ID! litres: Float }
            type Price { amount(currency: String!): Int tiers: [Int] }
            """,
            rows={
                "Box": [
                    {
                        "sku": "x",
                        "weight": 5,
                        "prices": lambda _it, first: [
                            {"amount": lambda _p, currency: {"EUR": 9, "USD": 10}[currency], "tiers": [1, None]},
                            {"amount": lambda _p, currency: {"EUR": 8, "USD": 9}[currency], "tiers": None},
                        ][:first],
                    }
                ],
                "Barrel": [{"sku": "k", "litres": 50.0}],
            },
        ),
        "people": Service(
            """
            type Customer @key(fields: "id") { id: ID! home: Address }
            type Address @key(fields: "id") { id: ID! }
            """,
            rows={"Customer": [{"id": "c", "home": to("Address", id="a")}], "Address": [{"id": "a"}]},
        ),
        "geo": Service(
            """
            type Address @key(fields: "id") { id: ID! zone: Zone }
            type Zone { code: String! island: Boolean }
            """,
            rows={"Address": [{"id": "a", "zone": {"code": "N", "island": True}}]},
        ),
        "shipping": Service(
            """
            type Order @key(fields: "id") {
              id: ID! express: Boolean! @external customer: Customer @external contents: [Content!]! @external
              fee(gift: Boolean = false): String @requires(fields: "express customer { home { zone { code } } }")
              packed: String @requires(
                fields: "contents { sku ... on Box { weight } ... on Barrel { litres } }"
              )
            }
            interface Content { sku: ID! }
            type Box implements Content @key(fields: "sku") {
              sku: ID! weight: Int @external prices(first: Int!): [Price!]! @external
              value: Int @requires(fields: "prices(first: 1) { amount(currency: \\"EUR\\") tiers }")
            }
            type Barrel implements Content @key(fields: "sku") { sku: ID! litres: Float @external }
            type Letter implements Content { sku: ID! @external }
            type Customer @key(fields: "id", resolvable: false) { id: ID! home: Address @external }
            type Address @key(fields: "id", resolvable: false) { id: ID! zone: Zone @external }
            type Zone { code: String! @external }
            type Price { amount(currency: String!): Int @external tiers: [Int] @external }
            """,
            rows={
                "Order": [
                    {
                        "id": name,
                        "fee": lambda it, gift: f"{it['express']} {_zone(it['customer'])} {gift}",
                        "packed": _packed,
                    }
                    for name in ("1", "2")
                ],
                "Box": [
                    {
                        "sku": "x",
                        "value": lambda it: (
                            sum(one["amount"] for one in it["prices"]) + len(it["prices"][0]["tiers"])
                        ),
                    }
                ],
                "Barrel": [{"sku": "k"}],
            },
        ),
    }
)


def _zone(customer: Any) -> Any:
    return customer and customer["home"]["zone"]["code"]


def test_three_entities_of_three_services_deep() -> None:
    WAREHOUSE.answers(
        '{ order(id: "1") { fee } none: order(id: "2") { fee } }',
        {"order": {"fee": "True N False"}, "none": {"fee": "False None False"}},
        requests="orders > people > geo > shipping",
    )


def test_one_computed_field_twice_with_its_own_arguments() -> None:
    """One representation serves both."""
    WAREHOUSE.answers(
        'query ($gift: Boolean) { order(id: "1") { fee(gift: $gift) plain: fee gift: fee(gift: true) } }',
        {"order": {"fee": "True N None", "plain": "True N False", "gift": "True N True"}},
        variables={"gift": None},
        requests="orders > people > geo > shipping",
    )


def test_fragments_over_an_interface_that_hop() -> None:
    """Boxes and barrels are weighed elsewhere, letters nowhere."""
    WAREHOUSE.answers(
        '{ order(id: "1") { packed contents { __typename ... on Letter { pages } } } }',
        {
            "order": {
                "packed": "Barrel50.0#k Letter#l Box5#x",
                "contents": [
                    {"__typename": "Barrel"},
                    {"__typename": "Letter", "pages": 2},
                    {"__typename": "Box"},
                ],
            }
        },
        requests="orders > goods > shipping",
    )


def test_arguments_at_two_levels_beside_the_client_s_own() -> None:
    """Another number of prices, in another currency, under the same names."""
    WAREHOUSE.answers(
        """
        { order(id: "1") { contents { ... on Box {
          value prices(first: 2) { amount(currency: "USD") tiers: amount(currency: "EUR") }
        } } } }
        """,
        {
            "order": {
                "contents": [
                    {},
                    {},
                    {"value": 11, "prices": [{"amount": 10, "tiers": 9}, {"amount": 9, "tiers": 8}]},
                ]
            }
        },
        requests="orders > goods > shipping",
    )


def test_the_client_s_path_and_the_requirement_s_go_together() -> None:
    """What the client asks along the way costs nothing more."""
    WAREHOUSE.answers(
        '{ order(id: "1") { customer { home { zone { island code: island } } } fee express: id } }',
        {
            "order": {
                "customer": {"home": {"zone": {"island": True, "code": True}}},
                "fee": "True N False",
                "express": "1",
            }
        },
        requests="orders > people > geo > shipping",
    )


SCHOOL = Strangers(
    {
        "classes": Service(
            """
            type Query { pupils: [Pupil!]! }
            type Pupil @key(fields: "id") {
              id: ID! age: Int score: Int @external
              grade: String @requires(fields: "score") average: Float @external
              verdict: String @requires(fields: "average score")
            }
            """,
            {"pupils": [to("Pupil", id="1"), to("Pupil", id="2")]},
            {
                "Pupil": [
                    {
                        "id": name,
                        "age": 9,
                        "grade": lambda it: f"g{it['score']}",
                        "verdict": lambda it: f"{it['average']}~{it['score']}",
                    }
                    for name in ("1", "2")
                ]
            },
        ),
        "exams": Service(
            """
            type Pupil @key(fields: "id") {
              id: ID! age: Int @external score: Int @requires(fields: "age")
              grade: String @external diploma: String @requires(fields: "grade age")
            }
            """,
            rows={
                "Pupil": [
                    {
                        "id": name,
                        "score": lambda it: it["age"] * 2,
                        "diploma": lambda it: f"{it['grade']}@{it['age']}",
                    }
                    for name in ("1", "2")
                ]
            },
        ),
        "stats": Service(
            """
            type Pupil @key(fields: "id") {
              id: ID! diploma: String @external average: Float @requires(fields: "diploma")
            }
            """,
            rows={"Pupil": [{"id": name, "average": lambda it: len(it["diploma"]) / 2} for name in ("1", "2")]},
        ),
    }
)


def test_one_service_is_entered_three_times_in_a_circle() -> None:
    """Each entry brings more than the one before: age, then the grade of the score, then the verdict."""
    SCHOOL.answers(
        "{ pupils { verdict } }",
        {"pupils": [{"verdict": "2.5~18"}, {"verdict": "2.5~18"}]},
        requests="classes > exams > classes > exams > stats > classes",
    )


def test_a_part_of_the_circle_costs_a_part_of_the_way() -> None:
    SCHOOL.answers(
        "{ pupils { grade score diploma } }",
        {"pupils": [{"grade": "g18", "score": 18, "diploma": "g18@9"}] * 2},
        requests="classes > exams > classes > exams",
    )
