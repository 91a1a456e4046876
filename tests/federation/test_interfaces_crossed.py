"""Interface objects of several interfaces over one type, and what is provided for the members of a union."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

MUSEUM = Strangers(
    {
        "core": Service(
            """
            type Query {
              things: [Thing!]! lent: [Lendable!]!
              pick: Choice @provides(fields: "... on Vase { glaze { name } } ... on Coin { mint }")
            }
            interface Thing @key(fields: "id") { id: ID! }
            interface Lendable @key(fields: "id") { id: ID! }
            union Choice = Vase | Coin
            type Vase implements Thing & Lendable @key(fields: "id") { id: ID! height: Int glaze: Glaze @external }
            type Coin implements Thing @key(fields: "id") { id: ID! metal: String mint: String @external }
            type Glaze @key(fields: "code") { code: ID! name: String @external }
            """,
            {
                "things": [to("Vase", id="v"), to("Coin", id="c")],
                "lent": [to("Vase", id="v")],
                "pick": to("Vase", id="v", glaze=to("Glaze", code="g", name="blue")),
            },
            {"Vase": [{"id": "v", "height": 30}], "Coin": [{"id": "c", "metal": "gold"}]},
        ),
        "loans": Service(
            """
            type Query { due: [Lendable!]! }
            type Lendable @interfaceObject @key(fields: "id") { id: ID! days: Int holder: Holder }
            type Holder { name: String thing: Lendable }
            """,
            {"due": [to("Lendable", id="v")]},
            {"Lendable": [{"id": "v", "days": 3, "holder": {"name": "H", "thing": to("Lendable", id="v")}}]},
        ),
        "labels": Service(
            """
            type Query { labelled: [Thing!]! }
            type Thing @interfaceObject @key(fields: "id") { id: ID! label: String siblings: [Thing!] }
            """,
            {"labelled": [to("Thing", id="c"), to("Thing", id="v")]},
            {
                "Thing": [
                    {"id": "c", "label": "C", "siblings": []},
                    {"id": "v", "label": "V", "siblings": [to("Thing", id="c")]},
                ]
            },
        ),
        "glazes": Service(
            """
            type Vase @key(fields: "id") { id: ID! glaze: Glaze @shareable }
            type Coin @key(fields: "id") { id: ID! mint: String @shareable }
            type Glaze @key(fields: "code") { code: ID! name: String @shareable shine: Int }
            """,
            rows={
                "Vase": [{"id": "v", "glaze": to("Glaze", code="g")}],
                "Coin": [{"id": "c", "mint": "Rome"}],
                "Glaze": [{"code": "g", "name": "blue", "shine": 5}],
            },
        ),
    }
)


def test_a_type_is_two_interface_objects_in_two_services() -> None:
    """Its label comes from one, its days from the other."""
    MUSEUM.answers(
        "{ things { label ... on Lendable { days holder { name thing { id __typename } } } } }",
        {
            "things": [
                {"label": "V", "days": 3, "holder": {"name": "H", "thing": {"id": "v", "__typename": "Vase"}}},
                {"label": "C"},
            ]
        },
        requests="core > labels + loans > core",
    )


def test_one_interface_object_is_told_before_it_is_asked_as_another() -> None:
    """What is lent need not be a thing, for all that is known where it came from."""
    MUSEUM.answers(
        "{ due { days ... on Thing { label } } }",
        {"due": [{"days": 3, "label": "V"}]},
        requests="loans > core > labels",
    )


def test_a_condition_leads_from_one_interface_object_to_another() -> None:
    MUSEUM.answers(
        "{ labelled { label ... on Lendable { days } ... on Vase { height } } }",
        {"labelled": [{"label": "C"}, {"label": "V", "days": 3, "height": 30}]},
        requests="labels > core > loans",
    )


def test_a_field_of_an_interface_object_leads_to_its_like() -> None:
    MUSEUM.answers(
        "{ labelled { siblings { ... on Coin { metal mint } label } } }",
        {"labelled": [{"siblings": []}, {"siblings": [{"metal": "gold", "mint": "Rome", "label": "C"}]}]},
        requests="labels > core > glazes",
    )


def test_what_is_provided_for_each_member_of_a_union_two_levels_deep() -> None:
    MUSEUM.answers(
        "{ pick { ... on Vase { glaze { name } height } ... on Coin { mint metal } } }",
        {"pick": {"glaze": {"name": "blue"}, "height": 30}},
        requests="core",
    )


def test_what_is_not_provided_there_is_fetched_by_the_provided_key() -> None:
    MUSEUM.answers(
        "{ pick { ... on Vase { glaze { name shine } } } }",
        {"pick": {"glaze": {"name": "blue", "shine": 5}}},
        requests="core > glazes",
    )
