"""Examples of @external, @override and interface objects that do not fit what other subgraphs have."""

from __future__ import annotations

from collections.abc import Mapping

from schema.examples.example import Example

_EXTERNAL = """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! size(unit: Int = 1): Int }
# parcels
type User @key(fields: "id") { id: ID! size%s @external postage: Int @requires(fields: "size%s") }
"""
_OVERRIDE = """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! name: String }
# names
type User @key(fields: "id") { id: ID! name: String %s }
"""

EXTERNAL: Mapping[str, Example] = {
    "EXTERNAL_UNUSED": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! name: String }
# reviews
type User @key(fields: "id") { id: ID! name: String @external rank: Int }
""",
        (" name: String @external", ""),
    ),
    "TYPE_WITH_ONLY_UNUSED_EXTERNAL": Example.of(
        """
# users (federation 1)
type Query { user: User }
type User @key(fields: "id") { id: ID! name: String }
# reviews (federation 1)
type Query { best: User }
extend type User { name: String @external }
""",
        ("extend type User { name", 'extend type User @key(fields: "id") { id: ID! @external name'),
        (" name: String @external", ""),
    ),
    "EXTERNAL_ON_INTERFACE": Example.of(
        """
# users
type Query { node: Node }
interface Node { id: ID! @external }
type User implements Node @key(fields: "id") { id: ID! }
""",
        ("id: ID! @external", "id: ID!"),
    ),
    "EXTERNAL_MISSING_ON_BASE": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! }
# parcels
type User @key(fields: "id") { id: ID! size: Int @external postage: Int @requires(fields: "size") }
""",
        ("# users\nextend", "# users\nextend"),
        ('"id") { id: ID! }', '"id") { id: ID! size: Int }'),
    ),
    "EXTERNAL_TYPE_MISMATCH": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! size: Int }
# parcels
type User @key(fields: "id") { id: ID! size: String @external postage: Int @requires(fields: "size") }
""",
        ("size: String @external", "size: Int @external"),
    ),
    "EXTERNAL_ARGUMENT_MISSING": Example.of(
        _EXTERNAL % (": Int", ""), ("size: Int @external", "size(unit: Int = 1): Int @external")
    ),
    "EXTERNAL_ARGUMENT_TYPE_MISMATCH": Example.of(
        _EXTERNAL % ("(unit: String): Int", ""), ("(unit: String)", "(unit: Int = 1)")
    ),
    "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH": Example.of(
        _EXTERNAL % ("(unit: Int = 2): Int", ""), ("(unit: Int = 2)", "(unit: Int = 1)")
    ),
    "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! company: Company }
type Company @key(fields: "id") { id: ID! size: Int @shareable }
# parcels
type User @key(fields: "id") {
  id: ID!
  company: Company @external @provides(fields: "size")
  postage: Int @requires(fields: "company { id }")
}
type Company @key(fields: "id") { id: ID! size: Int @external }
""",
        (' @provides(fields: "size")', ""),
        (" size: Int @external", ""),
    ),
    "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! size: Int }
# parcels
type User @key(fields: "id") { id: ID! size: Int @external @tag(name: "a") postage: Int @requires(fields: "size") }
""",
        ('@external @tag(name: "a")', "@external"),
    ),
}

OVERRIDE: Mapping[str, Example] = {
    "OVERRIDE_FROM_SELF_ERROR": Example.of(
        _OVERRIDE % '@override(from: "names")', ('from: "names"', 'from: "users"')
    ),
    "OVERRIDE_SOURCE_HAS_OVERRIDE": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! name: String @override(from: "names") }
# names
type User @key(fields: "id") { id: ID! name: String @override(from: "users") }
""",
        (' @override(from: "names")', ""),
    ),
    "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! name: String }
# names
type User @key(fields: "id") {
  id: ID!
  name: String @external @override(from: "users")
  badge: String @requires(fields: "name")
}
""",
        (' @override(from: "users")', ""),
    ),
    "OVERRIDE_ON_INTERFACE": Example.of(
        """
# users
type Query { node: Node }
interface Node { id: ID! @override(from: "names") }
type User implements Node @key(fields: "id") { id: ID! }
""",
        (' @override(from: "names")', ""),
    ),
    "OVERRIDE_LABEL_INVALID": Example.of(
        _OVERRIDE % '@override(from: "users", label: "half of them")', ("half of them", "percent(50)")
    ),
}

INTERFACES: Mapping[str, Example] = {
    "INTERFACE_OBJECT_USAGE_ERROR": Example.of(
        """
# users
type Query { node: Node }
interface Node @key(fields: "id") { id: ID! }
type User implements Node @key(fields: "id") { id: ID! }
# ratings
type Node @interfaceObject { id: ID! stars: Int }
""",
        ("type Node @interfaceObject", 'type Node @key(fields: "id") @interfaceObject'),
    ),
    "INTERFACE_KEY_NOT_ON_IMPLEMENTATION": Example.of(
        """
# users
type Query { node: Node }
interface Node @key(fields: "id") { id: ID! }
type User implements Node { id: ID! }
""",
        ("type User implements Node {", 'type User implements Node @key(fields: "id") {'),
    ),
    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE": Example.of(
        """
# users
type Query { node: Node }
interface Node @key(fields: "id") { id: ID! }
type User implements Node @key(fields: "id") { id: ID! }
# shops
type Query { shop: Shop }
interface Node { id: ID! }
type Shop implements Node @key(fields: "id") { id: ID! }
""",
        ('interface Node @key(fields: "id")', "interface Node"),
    ),
    "INTERFACE_FIELD_NO_IMPLEM": Example.of(
        """
# users
type Query { node: Node }
interface Node { id: ID! name: String }
type User implements Node @key(fields: "id") { id: ID! name: String }
# shops
type Query { shop: Node }
interface Node { id: ID! }
type Shop implements Node @key(fields: "id") { id: ID! }
""",
        (
            'type Shop implements Node @key(fields: "id") { id: ID! }',
            'type Shop implements Node @key(fields: "id") { id: ID! name: String }',
        ),
    ),
}
