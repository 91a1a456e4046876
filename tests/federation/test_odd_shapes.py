"""Graphs as they come: the root below the root, own names for roots, odd keys, entity interfaces, Federation 1."""

from __future__ import annotations

from typing import Any

from tests.federation.strangers import Service, Strangers, to

RELAY = Strangers(
    {
        "users": Service(
            """
            schema { query: UserQuery mutation: UserMutation }
            type UserQuery { viewer: Viewer node(id: ID!): Node }
            type UserMutation { rename(name: String!): Payload! }
            type Payload { user: User query: UserQuery! }
            type Viewer { user: User! query: UserQuery! }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! name: String! pals(first: Int!): Pals! }
            type Pals { edges: [PalEdge] total: Int! }
            type PalEdge { node: User since: Int }
            """,
            {
                "viewer": lambda _it: {"user": to("User", id="u1"), "query": lambda _v: RELAY_ROOT},
                "node": lambda _it, **given: to("User", **given),
                "rename": lambda _it, name: {
                    "user": to("User", id="u1", name=name),
                    "query": lambda _v: RELAY_ROOT,
                },
            },
            {
                "User": [
                    {
                        "id": "u1",
                        "name": "Ann",
                        "pals": lambda _it, first: {
                            "edges": [{"node": to("User", id="u2"), "since": 1}, None, {"node": None, "since": 3}][
                                :first
                            ],
                            "total": 3,
                        },
                    },
                    {"id": "u2", "name": "Bob", "pals": lambda _it, first: {"edges": None, "total": 0}},
                ]
            },
        ),
        "posts": Service(
            """
            type Query { latest: Post wall(of: ID!): [Post!]! }
            type Post @key(fields: "id") { id: ID! text: String author: User! }
            type User @key(fields: "id") { id: ID! posts: [Post!]! karma: Int }
            """,
            {
                "latest": to("Post", id="0"),
                "wall": lambda _it, of: [to("Post", id="")],
            },
            {
                "Post": [
                    {"id": "0", "text": "", "author": to("User", id="u1")},
                    {"id": "", "text": None, "author": to("User", id="u2")},
                ],
                "User": [
                    {"id": "u1", "posts": [to("Post", id="0")], "karma": 0},
                    {"id": "u2", "posts": [to("Post", id="")], "karma": None},
                ],
            },
        ),
        "likes": Service(
            """
            type Post @key(fields: "id") { id: ID! likes: Int! by: [Node!]! }
            interface Node @key(fields: "id") { id: ID! joined: Int }
            type User implements Node @key(fields: "id") { id: ID! joined: Int }
            """,
            rows={
                "Post": [
                    {"id": "0", "likes": 0, "by": []},
                    {"id": "", "likes": 2, "by": [to("User", id="u1"), to("User", id="u2")]},
                ],
                "User": [{"id": "u1", "joined": 2001}, {"id": "u2", "joined": None}],
            },
        ),
    }
)

RELAY_ROOT: dict[str, Any] = {
    "viewer": {"user": to("User", id="u1")},
    "node": lambda _it, **given: to("User", **given),
}


def test_edges_and_nodes_of_two_services() -> None:
    RELAY.answers(
        "{ viewer { user { pals(first: 3) { total edges { since node { karma name } } } } } }",
        {
            "viewer": {
                "user": {
                    "pals": {
                        "total": 3,
                        "edges": [
                            {"since": 1, "node": {"karma": None, "name": "Bob"}},
                            None,
                            {"since": 3, "node": None},
                        ],
                    }
                }
            }
        },
        requests="users > posts",
    )


def test_the_root_below_the_root() -> None:
    """What the service itself has at its root stays in its request; what another has is asked of its root."""
    RELAY.answers(
        '{ viewer { query { __typename node(id: "u2") { id } latest { likes } } } }',
        {"viewer": {"query": {"__typename": "Query", "node": {"id": "u2"}, "latest": {"likes": 0}}}},
        requests="users > posts > likes",
    )


def test_the_root_below_a_mutation() -> None:
    RELAY.answers(
        'mutation { rename(name: "Zed") { user { name karma } query { latest { text author { name } } } } }',
        {
            "rename": {
                "user": {"name": "Zed", "karma": 0},
                "query": {"latest": {"text": "", "author": {"name": "Ann"}}},
            }
        },
        requests="users > posts + posts > users",
    )


def test_empty_and_zero_are_keys_like_others() -> None:
    RELAY.answers(
        '{ latest { id likes } wall(of: "x") { likes text id } }',
        {"latest": {"id": "0", "likes": 0}, "wall": [{"likes": 2, "text": None, "id": ""}]},
        requests="posts > likes",
    )


def test_an_entity_interface_whose_services_know_fields_of_their_own() -> None:
    RELAY.answers(
        '{ node(id: "u1") { id joined ... on User { karma } } wall(of: "x") { by { joined id __typename } } }',
        {
            "node": {"id": "u1", "joined": 2001, "karma": 0},
            "wall": [
                {
                    "by": [
                        {"joined": 2001, "id": "u1", "__typename": "User"},
                        {"joined": None, "id": "u2", "__typename": "User"},
                    ]
                }
            ],
        },
        requests="posts + users > likes + posts",
    )


OLD = Strangers(
    {
        "accounts": Service(
            """
            extend type Query { me: User }
            type User @key(fields: "id") { id: ID! name: Name username: String }
            type Name { first: String last: String }
            enum Role { ADMIN GUEST }
            """,
            {"me": to("User", id="1")},
            {"User": [{"id": "1", "name": {"first": "Ada", "last": None}, "username": "@ada"}]},
        ),
        "products": Service(
            """
            extend type Query { top(first: Int = 5): [Product] }
            type Product @key(fields: "upc") @key(fields: "sku brand { id }") {
              upc: String! sku: String brand: Brand price: Int weight: Int
            }
            type Brand { id: ID! name: String }
            """,
            {"top": lambda _it, first: [to("Product", upc="a"), to("Product", upc="b")][:first]},
            {
                "Product": [
                    {"upc": "a", "sku": "s", "brand": {"id": "x", "name": "X"}, "price": 1000, "weight": 5},
                    {"upc": "b", "sku": None, "brand": None, "price": None, "weight": 7},
                ]
            },
        ),
        "reviews": Service(
            """
            type Review @key(fields: "id") {
              id: ID! body: String author: User @provides(fields: "username") product: Product
            }
            extend type User @key(fields: "id") {
              id: ID! @external username: String @external reviews: [Review]
            }
            extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review] }
            """,
            rows={
                "Review": [
                    {
                        "id": "r",
                        "body": "good",
                        "author": to("User", id="1", username="@ada"),
                        "product": to("Product", upc="a"),
                    }
                ],
                "User": [{"id": "1", "reviews": [to("Review", id="r")]}],
                "Product": [{"upc": "a", "reviews": [to("Review", id="r")]}, {"upc": "b", "reviews": []}],
            },
        ),
        "inventory": Service(
            """
            extend type Product @key(fields: "upc") {
              upc: String! @external weight: Int @external price: Int @external
              inStock: Boolean shipping: Int @requires(fields: "price weight")
            }
            """,
            rows={
                "Product": [
                    {
                        "upc": "a",
                        "inStock": True,
                        "shipping": lambda it: 0 if (it["price"] or 0) > 500 else it["weight"],
                    },
                    {
                        "upc": "b",
                        "inStock": None,
                        "shipping": lambda it: 0 if (it["price"] or 0) > 500 else it["weight"],
                    },
                ]
            },
        ),
    },
    links="",
)


def test_federation_1_with_requirements_and_provided_fields() -> None:
    OLD.answers(
        "{ top { shipping inStock reviews { author { username } body } price } }",
        {
            "top": [
                {
                    "shipping": 0,
                    "inStock": True,
                    "reviews": [{"author": {"username": "@ada"}, "body": "good"}],
                    "price": 1000,
                },
                {"shipping": 7, "inStock": None, "reviews": [], "price": None},
            ]
        },
        requests="products > inventory + reviews",
    )


def test_federation_1_there_and_back() -> None:
    OLD.answers(
        "{ me { name { last first } reviews { product { shipping upc } author { name { first } username } } } }",
        {
            "me": {
                "name": {"last": None, "first": "Ada"},
                "reviews": [
                    {
                        "product": {"shipping": 0, "upc": "a"},
                        "author": {"name": {"first": "Ada"}, "username": "@ada"},
                    }
                ],
            }
        },
        requests="accounts > reviews > accounts + products > inventory",
    )
