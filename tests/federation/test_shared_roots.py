"""A root field that several services have is asked of the one that can answer this selection, alias by alias."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

BANK = Strangers(
    {
        "accounts": Service(
            """
            type Query { account(iban: ID!): Account @shareable customers: [Customer!]! @shareable }
            type Account @key(fields: "iban") { iban: ID! balance: Int! owner: Customer! @shareable }
            type Customer @key(fields: "id") { id: ID! accounts: [Account!]! }
            """,
            {
                "account": lambda _it, iban: to("Account", iban=iban),
                "customers": [to("Customer", id="c1"), to("Customer", id="c2")],
            },
            {
                "Account": [
                    {"iban": "A", "balance": 5, "owner": to("Customer", id="c1")},
                    {"iban": "B", "balance": -5, "owner": to("Customer", id="c2")},
                ],
                "Customer": [
                    {"id": "c1", "accounts": [to("Account", iban="A")]},
                    {"id": "c2", "accounts": [to("Account", iban="B")]},
                ],
            },
        ),
        "cards": Service(
            """
            type Query { account(iban: ID!): Account @shareable card(pan: ID!): Card }
            type Account @key(fields: "iban") { iban: ID! cards: [Card!]! owner: Customer! @shareable }
            type Card { pan: ID! limit: Int account: Account! }
            type Customer @key(fields: "id", resolvable: false) { id: ID! }
            """,
            {
                "account": lambda _it, iban: to("Account", iban=iban),
                "card": lambda _it, pan: {"pan": pan, "limit": None, "account": to("Account", iban="A")},
            },
            {
                "Account": [
                    {
                        "iban": "A",
                        "owner": to("Customer", id="c1"),
                        "cards": [{"pan": "1", "limit": 10, "account": to("Account", iban="A")}],
                    },
                    {"iban": "B", "owner": to("Customer", id="c2"), "cards": []},
                ]
            },
        ),
        "people": Service(
            """
            type Query { customers: [Customer!]! @shareable }
            type Customer @key(fields: "id") { id: ID! name: String! risk: Int }
            """,
            {"customers": [to("Customer", id="c1"), to("Customer", id="c2")]},
            {"Customer": [{"id": "c1", "name": "Ann", "risk": 1}, {"id": "c2", "name": "Bo", "risk": None}]},
        ),
    }
)


def test_each_alias_goes_where_its_selection_is_answered() -> None:
    BANK.answers(
        '{ money: account(iban: "A") { balance } plastic: account(iban: "B") { cards { pan } } }',
        {"money": {"balance": 5}, "plastic": {"cards": []}},
        requests="accounts + cards",
    )


def test_what_any_may_answer_joins_the_one_that_is_asked_anyway() -> None:
    BANK.answers(
        '{ card(pan: "9") { limit } account(iban: "B") { iban owner { id } } }',
        {"card": {"limit": None}, "account": {"iban": "B", "owner": {"id": "c2"}}},
        requests="cards",
    )


def test_two_services_are_asked_side_by_side_where_that_saves_a_step() -> None:
    BANK.answers(
        '{ account(iban: "A") { cards { limit } balance } }',
        {"account": {"cards": [{"limit": 10}], "balance": 5}},
        requests="accounts + cards",
    )


def test_a_shared_list_of_entities_is_merged_by_position() -> None:
    BANK.answers(
        "{ customers { name accounts { balance } } }",
        {
            "customers": [
                {"name": "Ann", "accounts": [{"balance": 5}]},
                {"name": "Bo", "accounts": [{"balance": -5}]},
            ]
        },
        requests="accounts + people",
    )


def test_what_hangs_below_both_is_asked_once_they_are_there() -> None:
    BANK.answers(
        '{ account(iban: "B") { owner { name risk accounts { iban } } cards { pan } balance } }',
        {
            "account": {
                "owner": {"name": "Bo", "risk": None, "accounts": [{"iban": "B"}]}, "cards": [], "balance": -5,
            }
        },
        requests="accounts > cards + people",
    )  # fmt: skip


def test_null_at_a_shared_root_is_null() -> None:
    strangers = Strangers(
        {
            "a": Service(
                "type Query { pet: Pet @shareable } type Pet { name: String! @shareable legs: Int }", {"pet": None}
            ),
            "b": Service(
                "type Query { pet: Pet @shareable } type Pet { name: String! @shareable wings: Int }",
                {"pet": None},
            ),
        }
    )
    strangers.answers("{ pet { wings legs name } }", {"pet": None}, requests="a + b")
