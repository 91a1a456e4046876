"""Examples around @inaccessible, @context, @cost and @listSize."""

from __future__ import annotations

from collections.abc import Mapping

from schema.examples.example import Example

INACCESSIBLE: Mapping[str, Example] = {
    "REFERENCED_INACCESSIBLE": Example.of(
        """
# users
type Query { user: User }
type User @inaccessible { id: ID! }
""",
        (" @inaccessible", ""),
    ),
    "DEFAULT_VALUE_USES_INACCESSIBLE": Example.of(
        """
# users
type Query { a(in: Colour = RED): Int }
enum Colour { RED @inaccessible BLUE }
""",
        ("= RED", "= BLUE"),
    ),
    "REQUIRED_INACCESSIBLE": Example.of(
        """
# users
type Query { a(secret: Int! @inaccessible): Int }
""",
        ("Int! @inaccessible", "Int @inaccessible"),
    ),
    "IMPLEMENTED_BY_INACCESSIBLE": Example.of(
        """
# users
type Query { node: Node }
interface Node { id: ID! name: String }
type User implements Node { id: ID! name: String @inaccessible }
""",
        ("name: String }\ntype", "name: String @inaccessible }\ntype"),
    ),
    "ONLY_INACCESSIBLE_CHILDREN": Example.of(
        """
# users
type Query { user: User a: Int }
type User { id: ID! @inaccessible }
""",
        ("user: User", "user: User @inaccessible"),
        ("type User {", "type User @inaccessible {"),
    ),
    "QUERY_ROOT_TYPE_INACCESSIBLE": Example.of(
        """
# users
type Query @inaccessible { a: Int }
""",
        (" @inaccessible", ""),
    ),
}

_CONTEXT = """
# users
type Query { user: User }
type User @key(fields: "id") @context(name: "%s") { id: ID! currency: String order: Order }
type Order @key(fields: "id") { id: ID! total(in: String @fromContext(field: "%s")): Int }
"""

CONTEXT: Mapping[str, Example] = {
    "CONTEXT_NOT_SET": Example.of(_CONTEXT % ("user", "$shop { currency }"), ("$shop", "$user")),
    "CONTEXT_NAME_INVALID": Example.of(_CONTEXT % ("the_user", "$the_user { currency }"), ("the_user", "user")),
    "CONTEXT_INVALID_SELECTION": Example.of(_CONTEXT % ("user", "$user { money }"), ("money", "currency")),
    "NO_CONTEXT_IN_SELECTION": Example.of(
        _CONTEXT % ("user", "{ currency }"), ('"{ currency', '"$user { currency')
    ),
    "CONTEXT_NO_RESOLVABLE_KEY": Example.of(
        (_CONTEXT % ("user", "$user { currency }")).replace('type Order @key(fields: "id")', "type Order"),
        ("type Order {", 'type Order @key(fields: "id") {'),
    ),
    "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") @context(name: "user") { id: ID! currency: String order: Order }
type Order @key(fields: "id") {
  id: ID!
  total(in: String @fromContext(field: "$user { currency }")): Int @shareable
}
# orders
type Order @key(fields: "id") { id: ID! total(in: String!): Int @shareable }
""",
        ("total(in: String!)", "total"),
    ),
}

_LIST = """
# users
type Query { users(first: Int, filter: String): [User!]! @listSize(%s) }
type User { id: ID! }
"""

COST: Mapping[str, Example] = {
    "COST_APPLIED_TO_INTERFACE_FIELD": Example.of(
        """
# users
type Query { node: Node }
interface Node { id: ID! @cost(weight: 2) }
type User implements Node { id: ID! }
""",
        (
            " @cost(weight: 2) }\ntype User implements Node { id: ID!",
            " }\ntype User implements Node { id: ID! @cost(weight: 2)",
        ),
    ),
    "LIST_SIZE_APPLIED_TO_NON_LIST": Example.of(
        """
# users
type Query { user: User @listSize(assumedSize: 10) }
type User { id: ID! }
""",
        ("user: User", "user: [User!]!"),
    ),
    "LIST_SIZE_INVALID_ASSUMED_SIZE": Example.of(_LIST % "assumedSize: -1", ("-1", "10")),
    "LIST_SIZE_INVALID_SIZED_FIELD": Example.of(
        """
# users
type Query { users(first: Int): Users! @listSize(slicingArguments: ["first"], sizedFields: ["entries"]) }
type Users { total: Int nodes: [Int!]! }
""",
        ('["entries"]', '["nodes"]'),
    ),
    "LIST_SIZE_INVALID_SLICING_ARGUMENT": Example.of(
        _LIST % 'slicingArguments: ["filter"]', ('["filter"]', '["first"]')
    ),
}

_GATHER = """
# %s
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@override"])
  @link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])
%s"""
_ONE = _GATHER % ("transport", 'type Query { person: Person }\ntype Person @key(fields: "id") { id: ID! %s }\n')


def _two(field: str, other: str) -> str:
    return "".join(
        _GATHER % (name, f'type Query {{ {name}: Person }}\ntype Person @key(fields: "id") {{ id: ID! {text} }}\n')
        for name, text in (("transport", field), ("market", other))
    )


GATHER: Mapping[str, Example] = {
    "GATHER_ON_NON_LIST": Example.of(_ONE % "rank: Int @gather", ("rank: Int", "ranks: [Int!]")),
    "GATHER_NOT_IN_ALL_SUBGRAPHS": Example.of(
        _two("ranks: [Int!] @gather", "ranks: [Int!]"), ("ranks: [Int!] }", "ranks: [Int!] @gather }")
    ),
    "GATHER_KEY_MISMATCH": Example.of(
        _two('cars: [Car!] @gather(key: "a")', 'cars: [Car!] @gather(key: "b")')
        .replace("ID! cars", "ID! cars")
        .replace(" }\n\n", " }\ntype Car @shareable { a: Int b: Int }\n\n")
        + "type Car @shareable { a: Int b: Int }\n",
        ('key: "b"', 'key: "a"'),
    ),
    "GATHER_KEY_INVALID": Example.of(
        _ONE % 'cars: [Car!] @gather(key: "plate")' + "type Car { number: Int }\n", ('"plate"', '"number"')
    ),
    "GATHER_INVALID_PLACE": Example.of(
        (_GATHER % ("transport", "type Query { node: Node }\ninterface Node { ranks: [Int!] @gather }\n"))
        + "type Person implements Node { ranks: [Int!] }\n",
        (
            "ranks: [Int!] @gather }\ntype Person implements Node { ranks: [Int!]",
            "ranks: [Int!] }\ntype Person implements Node { ranks: [Int!]",
        ),
    ),
    "GATHER_COLLISION_WITH_ANOTHER_DIRECTIVE": Example.of(
        _ONE % 'ranks: [Int!] @gather @override(from: "market")', (' @override(from: "market")', "")
    ),
    "GATHER_ARGUMENT_MISMATCH": Example.of(
        _two("ranks(of: Int): [Int!] @gather", "ranks: [Int!] @gather"),
        ("ranks: [Int!]", "ranks(of: Int): [Int!]"),
    ),
}
