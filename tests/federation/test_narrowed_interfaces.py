"""Interfaces whose implementations narrow a field to types of their own."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

LIB = Strangers(
    {
        "desk": Service(
            """
            type Query { node(id: ID!): Node items(kind: Kind): [Item!]! }
            interface Node { id: ID! }
            interface Actor implements Node { id: ID! name: String }
            interface Item implements Node { id: ID! owner: Actor kind: Kind! }
            enum Kind { BOOK MAP }
            type Book implements Item & Node @key(fields: "id") { id: ID! owner: Person! kind: Kind! }
            type Map implements Item & Node @key(fields: "id") { id: ID! owner: Actor kind: Kind! scale: Int }
            type Person implements Actor & Node { id: ID! @shareable name: String @shareable }
            type Firm implements Actor & Node @key(fields: "id") { id: ID! name: String @shareable }
            """,
            {
                "node": lambda _it, **given: {
                    "b": to("Book", id="b"),
                    "m": to("Map", id="m"),
                    "p": to("Person", id="p", name="Pat"),
                }.get(given["id"]),
                "items": lambda _it, kind=None: [to("Book", id="b"), to("Map", id="m")],
            },
            {
                "Book": [{"id": "b", "owner": to("Person", id="p", name="Pat"), "kind": "BOOK"}],
                "Map": [{"id": "m", "owner": to("Firm", id="f"), "kind": "MAP", "scale": 5}],
                "Firm": [{"id": "f", "name": "Fir"}],
            },
        ),
        "people": Service(
            """
            type Person @key(fields: "id") {
              id: ID! @shareable name: String @shareable email: String boss: Person
            }
            type Firm @key(fields: "id") { id: ID! email: String }
            """,
            rows={
                "Person": [{"id": "p", "name": "Pat", "email": "p@x", "boss": None}],
                "Firm": [{"id": "f", "email": None}],
            },
        ),
        "fines": Service(
            """
            enum Kind { MAP BOOK }
            interface Actor { id: ID! }
            interface Item { id: ID! fine(kind: Kind): String }
            type Book implements Item @key(fields: "id") {
              id: ID! kind: Kind! @external owner: Person! @external
              fine(kind: Kind): String @requires(fields: "kind owner { __typename email }")
            }
            type Map implements Item @key(fields: "id") {
              id: ID! kind: Kind! @external owner: Actor @external
              fine(kind: Kind): String @requires(fields: "kind owner { id ... on Firm { email } }")
            }
            type Person implements Actor @key(fields: "id", resolvable: false) { id: ID! email: String @external }
            type Firm implements Actor @key(fields: "id", resolvable: false) { id: ID! email: String @external }
            """,
            rows={
                "Book": [
                    {
                        "id": "b",
                        "fine": lambda it, kind=None: (
                            f"{it['kind']} {it['owner']['__typename']} {it['owner']['email']} {kind}"
                        ),
                    }
                ],
                "Map": [
                    {
                        "id": "m",
                        "fine": lambda it, kind=None: (
                            f"{it['kind']} {it['owner']['__typename']} {it['owner']['email']} {kind}"
                        ),
                    }
                ],
            },
        ),
    }
)


def test_an_interface_s_field_that_each_implementation_narrows() -> None:
    """A person has no key where the book is, and is found by the id that stands there."""
    LIB.answers(
        "{ items { owner { name ... on Person { email } } kind } }",
        {
            "items": [
                {"owner": {"name": "Pat", "email": "p@x"}, "kind": "BOOK"},
                {"owner": {"name": "Fir"}, "kind": "MAP"},
            ]
        },
        requests="desk > people",
    )


def test_each_implementation_requires_of_its_own_narrower_type() -> None:
    """One asks for the owner's type by name, the other by a fragment."""
    LIB.answers(
        "query ($k: Kind) { items(kind: $k) { fine(kind: $k) other: fine(kind: MAP) } }",
        {
            "items": [
                {"fine": "BOOK Person p@x BOOK", "other": "BOOK Person p@x MAP"},
                {"fine": "MAP Firm None BOOK", "other": "MAP Firm None MAP"},
            ]
        },
        variables={"k": "BOOK"},
        requests="desk > people > fines",
    )


def test_whatever_has_an_id_is_asked_for_all_that_it_may_be() -> None:
    LIB.answers(
        """
        { a: node(id: "b") { ...N } b: node(id: "p") { ...N } c: node(id: "x") { ...N } } fragment N on
        Node { __typename id ... on Item { fine owner { id } } ... on Actor { name ... on Person { boss {
        id } } } }
        """,
        {
            "a": {"__typename": "Book", "id": "b", "fine": "BOOK Person p@x None", "owner": {"id": "p"}},
            "b": {"__typename": "Person", "id": "p", "name": "Pat", "boss": None},
            "c": None,
        },
        requests="desk > people > fines",
    )


SINGLE = Strangers(
    {
        "list": Service(
            """
            type Query { all: [Note!]! }
            type Note @interfaceObject @key(fields: "id") { id: ID! }
            """,
            {"all": [to("Note", id="1"), to("Note", id="9")]},
            {"Note": [{"id": "1"}, {"id": "9"}]},
        ),
        "texts": Service(
            """
            interface Note @key(fields: "id") { id: ID! }
            type Letter implements Note @key(fields: "id") { id: ID! text: String }
            """,
            rows={"Letter": [{"id": "1", "text": "hello"}]},
        ),
    }
)


def test_an_interface_with_one_implementation_needs_no_telling() -> None:
    """What only an interface object brought can be nothing else."""
    SINGLE.answers(
        "{ all { ... on Letter { text } } }",
        {"all": [{"text": "hello"}, {"text": None}]},
        requests="list > texts",
    )
