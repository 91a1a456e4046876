"""``__typename`` costs no fetch unless it must."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

ZOO = Strangers(
    {
        "cages": Service(
            """
            schema { query: ZooQuery mutation: ZooMutation }
            type ZooQuery { animals: [Animal!]! pets: [Pet]! keeper: Keeper }
            type ZooMutation { feed: Animal }
            interface Animal { id: ID! }
            type Lion implements Animal @key(fields: "id") { id: ID! prey: [Animal!]! }
            type Ant implements Animal @key(fields: "id") { id: ID! prey: [Animal!]! }
            union Pet = Lion | Keeper
            type Keeper @key(fields: "id") { id: ID! }
            """,
            {
                "animals": [to("Lion", id="l"), to("Ant", id="a")],
                "pets": [to("Keeper", id="k"), None, to("Lion", id="l")],
                "keeper": to("Keeper", id="k"),
                "feed": to("Ant", id="a"),
            },
            {
                "Lion": [{"id": "l", "prey": [to("Ant", id="a")]}],
                "Ant": [{"id": "a", "prey": []}],
            },
        ),
        "staff": Service(
            """
            type Keeper @key(fields: "id") { id: ID! name: String loves: Beast }
            interface Beast { id: ID! }
            type Lion implements Beast @key(fields: "id") { id: ID! }
            type Query { visitors: Int }
            """,
            {"visitors": 3},
            {"Keeper": [{"id": "k", "name": "Kay", "loves": to("Lion", id="l")}]},
        ),
    }
)


def test_the_root_s_name_is_known_without_a_fetch() -> None:
    """Whatever a service calls its own root."""
    ZOO.answers("{ __typename me: __typename }", {"__typename": "Query", "me": "Query"}, requests="")


def test_the_root_of_a_mutation_has_its_own_name() -> None:
    ZOO.answers(
        "mutation { __typename feed { __typename } }",
        {"__typename": "Mutation", "feed": {"__typename": "Ant"}},
        requests="cages",
    )


def test_the_root_s_name_beside_fields_joins_nothing() -> None:
    ZOO.answers(
        "{ a: __typename visitors b: __typename }",
        {"a": "Query", "visitors": 3, "b": "Query"},
        requests="staff",
    )


def test_names_on_interfaces_unions_and_aliases_come_along() -> None:
    ZOO.answers(
        """
        { animals { kind: __typename __typename ... on Lion { prey { type: __typename } } }
          pets { ... on Animal { __typename } ... on Keeper { name: __typename } } keeper { __typename } }
        """,
        {
            "animals": [
                {"kind": "Lion", "__typename": "Lion", "prey": [{"type": "Ant"}]},
                {"kind": "Ant", "__typename": "Ant"},
            ],
            "pets": [{"name": "Keeper"}, None, {"__typename": "Lion"}],
            "keeper": {"__typename": "Keeper"},
        },
        requests="cages",
    )


def test_the_name_of_an_entity_needs_no_second_service() -> None:
    """The keeper is fetched for the name alone where the cages are; what he loves is the staff's to say."""
    ZOO.answers(
        "{ keeper { __typename loves { __typename id } } }",
        {"keeper": {"__typename": "Keeper", "loves": {"__typename": "Lion", "id": "l"}}},
        requests="cages > staff",
    )


def test_an_object_that_is_asked_for_its_name_alone() -> None:
    ZOO.answers(
        "{ pets { __typename } animals { ... on Lion { __typename } } }",
        {
            "pets": [{"__typename": "Keeper"}, None, {"__typename": "Lion"}],
            "animals": [{"__typename": "Lion"}, {}],
        },
        requests="cages",
    )
