"""``@requires`` where doors are few: fields that were overridden, keys that are not resolvable, values without
one.
"""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

TELECOM = Strangers(
    {
        "crm": Service(
            """
            type Query { lines: [Line!]! }
            type Line @key(fields: "id") @key(fields: "number") {
              id: ID! number: String! plan: String @override(from: "legacy") minutes: Int
            }
            """,
            {"lines": [to("Line", id="1"), to("Line", id="2")]},
            {
                "Line": [
                    {"id": "1", "number": "+1", "plan": "gold", "minutes": 90},
                    {"id": "2", "number": "+2", "plan": "free", "minutes": None},
                ]
            },
        ),
        "legacy": Service(
            """
            type Query { oldest: Line }
            type Line @key(fields: "id") {
              id: ID! plan: String @external minutes: Int @external
              tariff: String @requires(fields: "plan minutes")
            }
            """,
            {"oldest": to("Line", id="1")},
            {"Line": [{"id": name, "tariff": lambda it: f"{it['plan']}:{it['minutes']}"} for name in ("1", "2")]},
        ),
        "roaming": Service(
            """
            type Query { abroad: [Line!]! }
            type Line @key(fields: "id", resolvable: false) @key(fields: "number") {
              id: ID! number: String! tariff: String @external
              surcharge: String @requires(fields: "tariff")
            }
            """,
            {"abroad": [to("Line", number="+2")]},
            {
                "Line": [
                    {"id": "1", "number": "+1", "surcharge": lambda it: f"{it['tariff']}+1"},
                    {"id": "2", "number": "+2", "surcharge": lambda it: f"{it['tariff']}+2"},
                ]
            },
        ),
    }
)


def test_an_overridden_field_is_required_from_its_new_home() -> None:
    """The old service still computes with the plan, and is sent it like any other's."""
    TELECOM.answers(
        "{ lines { tariff } }",
        {"lines": [{"tariff": "gold:90"}, {"tariff": "free:None"}]},
        requests="crm > legacy",
    )


def test_the_old_home_does_not_answer_for_the_field_itself() -> None:
    TELECOM.answers(
        "{ oldest { plan tariff } }",
        {"oldest": {"plan": "gold", "tariff": "gold:90"}},
        requests="legacy > crm > legacy",
    )


def test_the_way_back_is_by_a_key_that_is_resolvable_there() -> None:
    """Roaming has the id and is no door by it: it is entered again by the number."""
    TELECOM.answers(
        "{ abroad { surcharge } }",
        {"abroad": [{"surcharge": "free:None+2"}]},
        requests="roaming > crm > legacy > roaming",
    )


def test_the_resolvable_key_is_fetched_for_the_way_in() -> None:
    """Legacy does not know numbers, which the last service is entered by."""
    TELECOM.answers(
        "{ oldest { surcharge } }",
        {"oldest": {"surcharge": "gold:90+1"}},
        requests="legacy > crm > legacy > roaming",
    )


BAKERY = Strangers(
    {
        "orders": Service(
            """
            type Query { order(no: Int!): Order }
            type Order @key(fields: "no") { no: Int! lines: [OrderLine!]! note: Note }
            type OrderLine { quantity: Int! bread: Bread! price: Int @shareable }
            type Note { text: String! by: Clerk }
            type Bread @key(fields: "sku") { sku: ID! }
            type Clerk @key(fields: "id shop { city }") { id: ID! shop: Shop! }
            type Shop { city: String! @shareable }
            """,
            {"order": lambda _it, no: to("Order", no=no)},
            {
                "Order": [
                    {
                        "no": 1,
                        "lines": [
                            {"quantity": 2, "bread": to("Bread", sku="rye"), "price": 4},
                            {"quantity": 1, "bread": to("Bread", sku="oat"), "price": 3},
                        ],
                        "note": {"text": "soon", "by": to("Clerk", id="c", shop={"city": "Ghent"})},
                    },
                    {"no": 2, "lines": [], "note": None},
                ],
                "Bread": [{"sku": "rye"}, {"sku": "oat"}],
            },
        ),
        "oven": Service(
            """
            type Bread @key(fields: "sku") { sku: ID! grams: Int! stages: [[Stage!]]! }
            type Stage { minutes: Int! heat: Int! }
            """,
            rows={
                "Bread": [
                    {
                        "sku": "rye",
                        "grams": 800,
                        "stages": [[{"minutes": 5, "heat": 250}, {"minutes": 30, "heat": 200}], None],
                    },
                    {"sku": "oat", "grams": 500, "stages": []},
                ]
            },
        ),
        "dispatch": Service(
            """
            type Order @key(fields: "no") {
              no: Int! lines: [OrderLine!]! @external note: Note @external
              kilos: Float! @requires(fields: "lines { quantity bread { grams } }")
              label: String @requires(fields: "note { by { nickname shop { city } } }")
            }
            type OrderLine { quantity: Int! @external bread: Bread! @external }
            type Note { by: Clerk @external }
            type Bread @key(fields: "sku") {
              sku: ID! grams: Int! @external stages: [[Stage!]]! @external
              plan: [String!]! @requires(fields: "stages { heat }")
            }
            type Stage { heat: Int! @external }
            type Clerk @key(fields: "id shop { city }", resolvable: false) {
              id: ID! shop: Shop! nickname: String @external
            }
            type Shop { city: String! @shareable }
            """,
            rows={
                "Order": [
                    {
                        "no": number,
                        "kilos": lambda it: (
                            sum(one["quantity"] * one["bread"]["grams"] for one in it["lines"]) / 1000
                        ),
                        "label": lambda it: (
                            it["note"] and f"{it['note']['by']['nickname']}@{it['note']['by']['shop']['city']}"
                        ),
                    }
                    for number in (1, 2)
                ],
                "Bread": [
                    {
                        "sku": name,
                        "plan": lambda it: [
                            ",".join(str(one["heat"]) for one in batch) if batch else "-" for batch in it["stages"]
                        ],
                    }
                    for name in ("rye", "oat")
                ],
            },
        ),
        "staff": Service(
            """
            type Clerk @key(fields: "id shop { city }") { id: ID! shop: Shop! nickname: String }
            type Shop { city: String! @shareable }
            """,
            rows={"Clerk": [{"id": "c", "shop": {"city": "Ghent"}, "nickname": "Kit"}]},
        ),
    }
)


def test_a_requirement_through_a_list_of_values_into_entities() -> None:
    BAKERY.answers(
        "{ order(no: 1) { kilos lines { price } } empty: order(no: 2) { kilos } }",
        {"order": {"kilos": 2.1, "lines": [{"price": 4}, {"price": 3}]}, "empty": {"kilos": 0.0}},
        requests="orders > oven > dispatch",
    )


def test_a_requirement_keeps_lists_in_lists_and_nulls_in_them() -> None:
    BAKERY.answers(
        "{ order(no: 1) { lines { bread { plan } } } }",
        {"order": {"lines": [{"bread": {"plan": ["250,200", "-"]}}, {"bread": {"plan": []}}]}},
        requests="orders > oven > dispatch",
    )


def test_a_requirement_two_objects_deep_with_a_nested_key() -> None:
    """What stands midway may be null: then there is nothing to ask for, and null is what is sent."""
    BAKERY.answers(
        "{ order(no: 1) { label note { text } } empty: order(no: 2) { label } }",
        {"order": {"label": "Kit@Ghent", "note": {"text": "soon"}}, "empty": {"label": None}},
        requests="orders > staff > dispatch",
    )


INTERFACED = Strangers(
    {
        "fleet": Service(
            """
            type Query { rides: [Ride!]! }
            interface Ride { id: ID! range: Int }
            type Scooter implements Ride @key(fields: "id") { id: ID! range: Int battery: Battery! }
            type Bike implements Ride @key(fields: "id") { id: ID! range: Int }
            type Battery @key(fields: "serial") { serial: ID! }
            """,
            {"rides": [to("Scooter", id="s"), to("Bike", id="b")]},
            {
                "Scooter": [{"id": "s", "range": 20, "battery": to("Battery", serial="x9")}],
                "Bike": [{"id": "b", "range": None}],
                "Battery": [{"serial": "x9"}],
            },
        ),
        "power": Service(
            """
            union Cell = Lithium | Lead
            type Lithium { cycles: Int! } type Lead { litres: Float! @shareable }
            type Battery @key(fields: "serial") { serial: ID! cells: [Cell!]! }
            """,
            rows={"Battery": [{"serial": "x9", "cells": [to("Lithium", cycles=300), to("Lead", litres=1.5)]}]},
        ),
        "pricing": Service(
            """
            interface Ride { id: ID! fare: String }
            type Scooter implements Ride @key(fields: "id") {
              id: ID! range: Int @external battery: Battery! @external
              fare: String @requires(fields: "range battery { cells { ... on Lithium { cycles } __typename } }")
            }
            type Bike implements Ride @key(fields: "id") {
              id: ID! range: Int @external fare: String @requires(fields: "range")
            }
            type Battery @key(fields: "serial", resolvable: false) { serial: ID! cells: [Cell!]! @external }
            union Cell = Lithium | Lead
            type Lithium { cycles: Int! @external } type Lead { litres: Float! @shareable }
            """,
            rows={
                "Scooter": [
                    {
                        "id": "s",
                        "fare": lambda it: (
                            f"{it['range']} "
                            + " ".join(f"{c['__typename']}{c.get('cycles', '')}" for c in it["battery"]["cells"])
                        ),
                    }
                ],
                "Bike": [{"id": "b", "fare": lambda it: f"{it['range']}"}],
            },
        ),
    }
)


def test_each_implementation_of_an_interface_requires_its_own() -> None:
    """One field of the interface, two requirements; one of them through a union of another service."""
    INTERFACED.answers(
        "{ rides { fare } }",
        {"rides": [{"fare": "20 Lithium300 Lead"}, {"fare": "None"}]},
        requests="fleet > power > pricing",
    )
