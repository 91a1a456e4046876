"""Examples of definitions in several subgraphs that do not make one, and of graphs that cannot be answered."""

from __future__ import annotations

from collections.abc import Mapping

from schema.examples.example import Example

MERGING: Mapping[str, Example] = {
    "NO_QUERIES": Example.of(
        """
# users
type User @key(fields: "id") { id: ID! }
""",
        ("type User", "type Query { user: User }\ntype User"),
    ),
    "TYPE_KIND_MISMATCH": Example.of(
        """
# users
type Query { address: Address }
type Address @shareable { city: String }
# shops
type Query { shop(at: Address): Int }
input Address { city: String }
""",
        ("(at: Address)", "(at: AddressInput)"),
        ("input Address ", "input AddressInput "),
    ),
    "EXTENSION_WITH_NO_BASE": Example.of(
        """
# users
type Query { a: Int }
extend type Profile { rank: Int }
""",
        ("extend type Profile", "type Profile"),
    ),
    "FIELD_TYPE_MISMATCH": Example.of(
        """
# users
type Query { size: Int @shareable }
# shops
type Query { size: String @shareable }
""",
        ("size: String", "size: Int"),
    ),
    "FIELD_ARGUMENT_TYPE_MISMATCH": Example.of(
        """
# users
type Query { size(of: Int): Int @shareable }
# shops
type Query { size(of: String): Int @shareable }
""",
        ("of: String", "of: Int"),
    ),
    "FIELD_ARGUMENT_DEFAULT_MISMATCH": Example.of(
        """
# users
type Query { size(of: Int = 1): Int @shareable }
# shops
type Query { size(of: Int = 2): Int @shareable }
""",
        ("of: Int = 2", "of: Int = 1"),
    ),
    "INPUT_FIELD_DEFAULT_MISMATCH": Example.of(
        """
# users
type Query { a(at: Place): Int }
input Place { city: Int = 1 }
# shops
type Query { b(at: Place): Int }
input Place { city: Int = 2 }
""",
        ("city: Int = 2", "city: Int = 1"),
    ),
    "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH": Example.of(
        """
# users
type Query { size(of: Int!): Int @shareable }
# shops
type Query { size: Int @shareable }
""",
        ("size: Int", "size(of: Int!): Int"),
    ),
    "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH": Example.of(
        """
# users
type Query { a(at: Place): Int }
input Place { city: Int! street: Int }
# shops
type Query { b(at: Place): Int }
input Place { street: Int }
""",
        ("city: Int!", "city: Int"),
    ),
    "EMPTY_MERGED_INPUT_TYPE": Example.of(
        """
# users
type Query { a(at: Place): Int }
input Place { city: Int }
# shops
type Query { b(at: Place): Int }
input Place { street: Int }
""",
        ("street: Int", "street: Int city: Int"),
    ),
    "EMPTY_MERGED_ENUM_TYPE": Example.of(
        """
# users
type Query { a(in: Colour): Int }
enum Colour { RED }
# shops
type Query { b(in: Colour): Int }
enum Colour { BLUE }
""",
        ("BLUE", "BLUE RED"),
    ),
    "ENUM_VALUE_MISMATCH": Example.of(
        """
# users
type Query { a(in: Colour): Colour }
enum Colour { RED }
# shops
type Query { b(in: Colour): Colour }
enum Colour { RED BLUE }
""",
        ("RED BLUE", "RED"),
    ),
    "INVALID_FIELD_SHARING": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! name: String }
# names
type User @key(fields: "id") { id: ID! name: String }
""",
        ("name: String", "name: String @shareable"),
    ),
    "INVALID_SHAREABLE_USAGE": Example.of(
        """
# users
type Query { node: Node }
interface Node { id: ID! @shareable }
type User implements Node { id: ID! }
""",
        (" @shareable", ""),
    ),
    "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES": Example.of(
        """
# users
type Query { found: Found @shareable }
union Found = User
type User { name: String }
# shops
type Query { found: Found @shareable }
union Found = Shop
type Shop { name: String }
""",
        ("union Found = Shop\n", "union Found = Shop | User\ntype User { name: String @shareable }\n"),
        ("type User { name: String }", "type User { name: String @shareable }"),
    ),
    "LINK_IMPORT_NAME_MISMATCH": Example.of(
        """
# users
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@tag"])
type Query { a: Int @tag(name: "a") }
# shops
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: [{ name: "@tag", as: "@label" }])
type Query { b: Int @label(name: "b") }
""",
        ('{ name: "@tag", as: "@label" }', '"@tag"'),
        ("@label", "@tag"),
    ),
    "DIRECTIVE_COMPOSITION_ERROR": Example.of(
        """
# users
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
  @composeDirective(name: "@audit")
directive @audit on FIELD_DEFINITION
type Query { a: Int @audit }
""",
        (
            "  @composeDirective(name",
            '  @link(url: "https://example.test/audit/v1.0", import: ["@audit"])\n  @composeDirective(name',
        ),
    ),
    "SATISFIABILITY_ERROR": Example.of(
        """
# users
type Query { user: User }
type User { name: String }
# ranks
type User { rank: Int }
""",
        ("type User {", 'type User @key(fields: "id") { id: ID!'),
    ),
}

_ACCESS = """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! size: Int @authenticated }
# parcels
type User @key(fields: "id") { id: ID! size: Int @external postage: Int @requires(fields: "size") }
"""

ACCESS: Mapping[str, Example] = {
    "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE": Example.of(
        """
# users
type Query { node: Node }
interface Node { id: ID! @authenticated }
type User implements Node { id: ID! }
""",
        (
            " @authenticated }\ntype User implements Node { id: ID!",
            " }\ntype User implements Node { id: ID! @authenticated",
        ),
    ),
    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS": Example.of(
        _ACCESS, ('@requires(fields: "size")', '@requires(fields: "size") @authenticated')
    ),
}
