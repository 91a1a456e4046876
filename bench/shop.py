"""The shop that the federation benchmark asks about: four Federation subgraphs over data in memory.

Shape and questions are those of the field's public benchmark: users write reviews of products, and every hop
leads to another subgraph. The data is invented and made from numbers, so that any size can be asked for.
Source of the shape: https://the-guild.dev/graphql/hive/federation-gateway-performance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLSchema, GraphQLUnionType, build_schema

Row = dict[str, Any]

USERS, PRODUCTS = 6, 9
REVIEWS = (
    (1, 1), (1, 2), (2, 3), (2, 1), (3, 4), (3, 2), (4, 5), (5, 1), (5, 3), (6, 2),
    (6, 4), (1, 3), (2, 5), (3, 5), (4, 1), (5, 4), (6, 3), (1, 4), (3, 1),
)  # fmt: skip
"""Who wrote about what; products past the fifth are not reviewed."""

HEAVY = """
query Everything {
  users { ...User reviews { ...Review product { ...Product reviews { ...Review author {
    ...User reviews { ...Review product { ...Product } } } } } } }
  topProducts { ...Product reviews { ...Review author {
    ...User reviews { ...Review product { ...Product } } } } }
}
fragment User on User { id username name }
fragment Review on Review { id body }
fragment Product on Product { inStock name price shippingEstimate upc weight }
"""
SMALL = "{ topProducts(first: 5) { upc name inStock } }"
MANY = "query Many($first: Int) { topProducts(first: $first) { upc name price inStock shippingEstimate } }"

SDL: Mapping[str, str] = {
    "accounts": """
        type Query { me: User user(id: ID!): User users: [User] }
        type User @key(fields: "id") { id: ID! name: String username: String @shareable birthday: Int }
    """,
    "inventory": """
        type Product @key(fields: "upc") {
          upc: String! weight: Int @external price: Int @external
          inStock: Boolean shippingEstimate: Int @requires(fields: "price weight")
        }
    """,
    "products": """
        type Query { topProducts(first: Int = 5): [Product] }
        type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }
    """,
    "reviews": """
        type Review @key(fields: "id") {
          id: ID! body: String author: User @provides(fields: "username") product: Product
        }
        type User @key(fields: "id") {
          id: ID! username: String @external numberOfReviews: Int reviews: [Review]
        }
        type Product @key(fields: "upc") { upc: String! reviews: [Review] }
    """,
}
_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@external", "@requires", "@provides", "@shareable"])\n'
)
_MACHINERY = """
directive @key(fields: String!) repeatable on OBJECT
directive @external on FIELD_DEFINITION
directive @shareable on FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
scalar _Any
type _Service { sdl: String }
extend type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
"""


def sdl_of(name: str) -> str:
    """What the subgraph says of itself."""
    return _LINK + SDL[name]


def executable(name: str) -> GraphQLSchema:
    """The subgraph's schema with resolvers, ``_service`` and ``_entities`` included."""
    entities = ENTITIES[name]
    query = "" if "type Query" in SDL[name] else "type Query { _none: Boolean }\n"
    schema = build_schema(f"{SDL[name]}{query}{_MACHINERY}union _Entity = {' | '.join(entities)}")
    root = schema.query_type
    union = schema.get_type("_Entity")
    if root is None or not isinstance(union, GraphQLUnionType):
        raise TypeError(f"{name} is no subgraph")
    union.resolve_type = lambda value, _info, _type: value["__typename"]
    root.fields["_service"].resolve = lambda _root, _info: {"sdl": sdl_of(name)}
    root.fields["_entities"].resolve = lambda _root, _info, representations: [
        entities[each["__typename"]](each) for each in representations
    ]
    for field, resolve in ROOTS[name].items():
        root.fields[field].resolve = resolve
    return schema


def user(number: int) -> Row:
    return {
        "__typename": "User",
        "id": f"u{number}",
        "name": f"Resident {number} of the Eastern District",
        "username": f"resident-{number}",
        "birthday": 1960 + number,
    }


def product(number: int) -> Row:
    return {
        "__typename": "Product",
        "upc": f"p{number}",
        "name": f"Product {number}",
        "price": 100 + number % 900,
        "weight": 10 + number % 90,
    }


def review(number: int) -> Row:
    """Reviews count from 1. An author comes with what the subgraph provides."""
    author, of = REVIEWS[number - 1]
    return {
        "__typename": "Review",
        "id": f"r{number}",
        "body": f"Review {number}: it does what it says, came in time, and I would gladly buy it again.",
        "author": lambda _info: _author(f"u{author}"),
        "product": lambda _info: _reviewed(f"p{of}"),
    }


def _author(key: str) -> Row:
    written = [number for number, (author, _of) in enumerate(REVIEWS, 1) if f"u{author}" == key]
    return {
        "__typename": "User",
        "id": key,
        "username": f"resident-{key[1:]}",
        "numberOfReviews": len(written),
        "reviews": lambda _info: [review(number) for number in written],
    }


def _reviewed(key: str) -> Row:
    numbers = [number for number, (_author, of) in enumerate(REVIEWS, 1) if f"p{of}" == key]
    return {"__typename": "Product", "upc": key, "reviews": lambda _info: [review(number) for number in numbers]}


def _stock(given: Row) -> Row:
    """Heavy things cost a tenth of price and weight together; dear ones are sent for nothing."""
    price, weight = given.get("price"), given.get("weight")
    estimate = None if price is None or weight is None else 0 if price > 800 else (price + weight) // 10
    return {**given, "inStock": int(given["upc"][1:]) % 3 != 0, "shippingEstimate": estimate}


def _users(_root: object, _info: object) -> list[Row]:
    return [user(number) for number in range(1, USERS + 1)]


def _top_products(_root: object, _info: object, first: int = 5) -> list[Row]:
    return [product(number) for number in range(1, first + 1)]


ROOTS: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "accounts": {
        "users": _users,
        "me": lambda _root, _info: user(1),
        "user": lambda _root, _info, **given: user(int(given["id"][1:])),
    },
    "inventory": {},
    "products": {"topProducts": _top_products},
    "reviews": {},
}
ENTITIES: Mapping[str, Mapping[str, Callable[[Row], Row]]] = {
    "accounts": {"User": lambda given: user(int(given["id"][1:]))},
    "inventory": {"Product": _stock},
    "products": {"Product": lambda given: product(int(given["upc"][1:]))},
    "reviews": {
        "User": lambda given: _author(given["id"]),
        "Product": lambda given: _reviewed(given["upc"]),
        "Review": lambda given: review(int(given["id"][1:])),
    },
}
