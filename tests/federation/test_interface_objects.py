"""A service that knows an interface as one object type adds fields to every implementation of it.

Its word for the type never reaches a client; the true type costs a hop to who has the interface.
"""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

LIBRARY = Strangers(
    {
        "catalogue": Service(
            """
            type Query { shelf: [Item!]! item(barcode: ID!): Item }
            interface Item @key(fields: "barcode") { barcode: ID! title: String! sequel: Item }
            type Book implements Item @key(fields: "barcode") {
              barcode: ID! title: String! sequel: Item pages: Int!
            }
            type Film implements Item @key(fields: "barcode") {
              barcode: ID! title: String! sequel: Item minutes: Int
            }
            type Puzzle implements Item @key(fields: "barcode") { barcode: ID! title: String! sequel: Item }
            """,
            {
                "shelf": [to("Book", barcode="b1"), to("Film", barcode="f1"), to("Puzzle", barcode="p1")],
                "item": lambda _it, barcode: to("Film", barcode=barcode),
            },
            {
                "Book": [
                    {"barcode": "b1", "title": "Dune", "sequel": to("Book", barcode="b2"), "pages": 604},
                    {"barcode": "b2", "title": "Messiah", "sequel": None, "pages": 256},
                ],
                "Film": [{"barcode": "f1", "title": "Alien", "sequel": None, "minutes": 117}],
                "Puzzle": [{"barcode": "p1", "title": "Sky", "sequel": to("Film", barcode="f1")}],
            },
        ),
        "loans": Service(
            """
            type Query { overdue: [Item!]! }
            type Item @interfaceObject @key(fields: "barcode") {
              barcode: ID! dueInDays: Int renewals: Int borrower: Member history(last: Int!): [Loan!]!
            }
            type Loan { day: String! item: Item! }
            type Member @key(fields: "card") { card: ID! loans: [Item!]! }
            """,
            {"overdue": [to("Item", barcode="f1"), to("Item", barcode="b1")]},
            {
                "Item": [
                    {
                        "barcode": "b1",
                        "dueInDays": -3,
                        "renewals": 2,
                        "borrower": to("Member", card="m1"),
                        "history": lambda _it, last: [{"day": "Mon", "item": to("Item", barcode="b1")}][:last],
                    },
                    {
                        "barcode": "f1",
                        "dueInDays": -1,
                        "renewals": 0,
                        "borrower": None,
                        "history": lambda _it, last: [
                            {"day": "Tue", "item": to("Item", barcode="f1")},
                            {"day": "Wed", "item": to("Item", barcode="f1")},
                        ][:last],
                    },
                    {
                        "barcode": "b2",
                        "dueInDays": None,
                        "renewals": None,
                        "borrower": None,
                        "history": lambda _it, last: [],
                    },
                    {
                        "barcode": "p1",
                        "dueInDays": 9,
                        "renewals": 1,
                        "borrower": None,
                        "history": lambda _it, last: [],
                    },
                ],
                "Member": [{"card": "m1", "loans": [to("Item", barcode="p1"), to("Item", barcode="b1")]}],
            },
        ),
        "ratings": Service(
            """
            type Item @interfaceObject @key(fields: "barcode") {
              barcode: ID! title: String! @external stars: Float headline: String @requires(fields: "title")
            }
            """,
            rows={
                "Item": [
                    {"barcode": "b1", "stars": 4.5, "headline": lambda it: f"{it['title']}!"},
                    {"barcode": "b2", "stars": 3.0, "headline": lambda it: f"{it['title']}!"},
                    {"barcode": "f1", "stars": None, "headline": lambda it: f"{it['title']}?"},
                    {"barcode": "p1", "stars": 1.0, "headline": lambda it: f"{it['title']}..."},
                ]
            },
        ),
        "publishers": Service(
            """
            type Book @key(fields: "barcode") {
              barcode: ID! publisher: String stars: Float @external
              blurb: String @requires(fields: "stars")
            }
            """,
            rows={
                "Book": [
                    {"barcode": "b1", "publisher": "Chilton", "blurb": lambda it: f"{it['stars']} stars"},
                    {"barcode": "b2", "publisher": "Putnam", "blurb": lambda it: f"{it['stars']} stars"},
                ]
            },
        ),
        "members": Service(
            """
            type Query { member(card: ID!): Member }
            type Member @key(fields: "card") { card: ID! name: String! }
            """,
            {"member": lambda _it, card: to("Member", card=card)},
            {"Member": [{"card": "m1", "name": "Ada"}]},
        ),
    }
)


def test_what_holds_for_every_implementation_asks_for_no_type() -> None:
    """The service that brings the objects has all that is asked."""
    LIBRARY.answers(
        "{ overdue { code: barcode dueInDays borrower { card } } }",
        {
            "overdue": [
                {"code": "f1", "dueInDays": -1, "borrower": None},
                {"code": "b1", "dueInDays": -3, "borrower": {"card": "m1"}},
            ]
        },
        requests="loans",
    )


def test_the_type_s_name_costs_a_hop_to_who_has_the_interface() -> None:
    LIBRARY.answers(
        "{ overdue { dueInDays kind: __typename } }",
        {"overdue": [{"dueInDays": -1, "kind": "Film"}, {"dueInDays": -3, "kind": "Book"}]},
        requests="loans > catalogue",
    )


def test_type_conditions_are_decided_by_who_has_the_interface() -> None:
    LIBRARY.answers(
        """
        { overdue { dueInDays ... on Book { pages title } ... on Film { minutes __typename } ... on Puzzle {
        title } } }
        """,
        {
            "overdue": [
                {"dueInDays": -1, "minutes": 117, "__typename": "Film"},
                {"dueInDays": -3, "pages": 604, "title": "Dune"},
            ]
        },
        requests="loans > catalogue",
    )


def test_a_condition_on_the_interface_itself_is_no_type_condition() -> None:
    LIBRARY.answers(
        "{ overdue { ... on Item { barcode ... on Item { dueInDays } } } }",
        {"overdue": [{"barcode": "f1", "dueInDays": -1}, {"barcode": "b1", "dueInDays": -3}]},
        requests="loans",
    )


def test_a_field_of_an_interface_object_under_a_condition_does_not_wait_for_the_type() -> None:
    """It is asked beside the type: what turns out to be of another type is dropped."""
    LIBRARY.answers(
        "{ overdue { ... on Film { dueInDays stars } } }",
        {"overdue": [{"dueInDays": -1, "stars": None}, {}]},
        requests="loans > catalogue + ratings",
    )


def test_one_interface_object_leads_to_another_by_the_interface_s_key() -> None:
    """Neither needs to know the implementations: no hop to the catalogue."""
    LIBRARY.answers(
        "{ overdue { stars dueInDays } }",
        {"overdue": [{"stars": None, "dueInDays": -1}, {"stars": 4.5, "dueInDays": -3}]},
        requests="loans > ratings",
    )


def test_objects_of_known_types_are_sent_under_the_interface_s_name() -> None:
    LIBRARY.answers(
        "{ shelf { __typename title stars ... on Book { sequel { stars dueInDays } } } }",
        {
            "shelf": [
                {
                    "__typename": "Book", "title": "Dune", "stars": 4.5,
                    "sequel": {"stars": 3.0, "dueInDays": None},
                },
                {"__typename": "Film", "title": "Alien", "stars": None},
                {"__typename": "Puzzle", "title": "Sky", "stars": 1.0},
            ]
        },
        requests="catalogue > loans + ratings",
    )  # fmt: skip


def test_the_next_hop_takes_only_entities_whose_type_matches() -> None:
    """The publishers know books alone; they are asked once it is known which objects are books."""
    LIBRARY.answers(
        "{ overdue { stars ... on Book { publisher } } }",
        {"overdue": [{"stars": None}, {"stars": 4.5, "publisher": "Chilton"}]},
        requests="loans > catalogue + ratings > publishers",
    )


def test_a_requirement_of_an_interface_object_comes_from_the_interface() -> None:
    LIBRARY.answers(
        '{ overdue { headline } item(barcode: "f1") { headline } }',
        {"overdue": [{"headline": "Alien?"}, {"headline": "Dune!"}], "item": {"headline": "Alien?"}},
        requests="catalogue + loans > catalogue > ratings",
    )


def test_an_implementation_requires_what_an_interface_object_adds() -> None:
    LIBRARY.answers(
        "{ shelf { ... on Book { blurb } } }",
        {"shelf": [{"blurb": "4.5 stars"}, {}, {}]},
        requests="catalogue > ratings > publishers",
    )


def test_objects_below_a_value_type_of_the_interface_object_are_told_too() -> None:
    LIBRARY.answers(
        "{ shelf { title history(last: 1) { day item { __typename ... on Film { minutes } } } } }",
        {
            "shelf": [
                {"title": "Dune", "history": [{"day": "Mon", "item": {"__typename": "Book"}}]},
                {"title": "Alien", "history": [{"day": "Tue", "item": {"__typename": "Film", "minutes": 117}}]},
                {"title": "Sky", "history": []},
            ]
        },
        requests="catalogue > loans > catalogue",
    )


def test_a_path_through_four_services_and_back() -> None:
    LIBRARY.answers(
        """
        query ($card: ID!) {
          member(card: $card) { name loans { stars __typename headline borrower { name } ... on Book { blurb } } }
        }
        """,
        {
            "member": {
                "name": "Ada",
                "loans": [
                    {"stars": 1.0, "__typename": "Puzzle", "headline": "Sky...", "borrower": None},
                    {
                        "stars": 4.5, "__typename": "Book", "headline": "Dune!", "borrower": {"name": "Ada"},
                        "blurb": "4.5 stars",
                    },
                ],
            }
        },
        variables={"card": "m1"},
        requests="members > loans > catalogue + members + ratings > publishers + ratings",
    )  # fmt: skip


def test_one_response_name_means_different_things_for_different_types() -> None:
    """Two names for two fields of the interface object, under one response name."""
    LIBRARY.answers(
        "{ overdue { ... on Film { it: dueInDays } ... on Book { it: renewals } } }",
        {"overdue": [{"it": -1}, {"it": 2}]},
        requests="loans > catalogue > loans",
    )


def test_what_one_implementation_requires_is_not_asked_of_the_others() -> None:
    """For the ratings all are one type: a film's headline and a book's stars are two selections in one request."""
    LIBRARY.answers(
        "{ shelf { sequel { ... on Film { headline } ... on Book { stars } } ... on Puzzle { stars headline } } }",
        {
            "shelf": [
                {"sequel": {"stars": 3.0}},
                {"sequel": None},
                {"sequel": {"headline": "Alien?"}, "stars": 1.0, "headline": "Sky..."},
            ]
        },
        requests="catalogue > ratings",
    )


def test_a_path_below_an_object_that_has_just_been_told_is_that_type_s_alone() -> None:
    """Only a film's sequel is asked for its headline; the book's sequel stands at the same place."""
    LIBRARY.answers(
        "{ overdue { ... on Film { sequel { headline } } ... on Book { sequel { title } } } }",
        {"overdue": [{"sequel": None}, {"sequel": {"title": "Messiah"}}]},
        requests="loans > catalogue",
    )


def test_one_response_name_means_different_things_for_types_that_are_known() -> None:
    """A book's ``code`` must not become a puzzle's, though the loans know both as one type."""
    LIBRARY.answers(
        "{ shelf { ... on Puzzle { dueInDays code: renewals } ... on Book { code: dueInDays } } }",
        {"shelf": [{"code": -3}, {}, {"dueInDays": 9, "code": 1}]},
        requests="catalogue > loans",
    )


def test_a_name_that_one_type_needs_hidden_is_not_taken_by_another_s_alias() -> None:
    """The puzzle's headline needs its title, and the book calls something else so."""
    LIBRARY.answers(
        "{ shelf { ... on Book { title: renewals dueInDays } ... on Puzzle { dueInDays headline } } }",
        {"shelf": [{"title": 2, "dueInDays": -3}, {}, {"dueInDays": 9, "headline": "Sky..."}]},
        requests="catalogue > loans + ratings",
    )
