"""Examples of what composes and deserves a look."""

from __future__ import annotations

from collections.abc import Mapping

from schema.examples.example import Example

HINTS: Mapping[str, Example] = {
    "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE": Example.of(
        """
# users
type Query { size: Int! @shareable }
# shops
type Query { size: Int @shareable }
""",
        ("size: Int @", "size: Int! @"),
    ),
    "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE": Example.of(
        """
# users
type Query { size(of: Int!): Int @shareable }
# shops
type Query { size(of: Int): Int @shareable }
""",
        ("of: Int)", "of: Int!)"),
    ),
    "INCONSISTENT_DEFAULT_VALUE_PRESENCE": Example.of(
        """
# users
type Query { size(of: Int = 1): Int @shareable }
# shops
type Query { size(of: Int): Int @shareable }
""",
        ("of: Int)", "of: Int = 1)"),
    ),
    "INCONSISTENT_ARGUMENT_PRESENCE": Example.of(
        """
# users
type Query { size(of: Int): Int @shareable }
# shops
type Query { size: Int @shareable }
""",
        ("size: Int", "size(of: Int): Int"),
    ),
    "INCONSISTENT_UNION_MEMBER": Example.of(
        """
# users
type Query { found: Found }
union Found = User | Shop
type User { name: String @shareable }
type Shop { name: String @shareable }
# shops
type Query { best: Found }
union Found = Shop
type Shop { name: String @shareable }
""",
        ("union Found = Shop\n", "union Found = Shop | User\ntype User { name: String @shareable }\n"),
    ),
    "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD": Example.of(
        """
# users
type Query { user: Node }
interface Node { id: ID! name: String }
type User implements Node @key(fields: "id") { id: ID! name: String @shareable }
# shops
type Query { best: Node }
interface Node { id: ID! }
type User implements Node @key(fields: "id") { id: ID! name: String @shareable }
""",
        ("interface Node { id: ID! }", "interface Node { id: ID! name: String }"),
    ),
    "NO_EXECUTABLE_DIRECTIVE_INTERSECTION": Example.of(
        """
# users
directive @slow on FIELD
type Query { a: Int }
# shops
directive @slow on QUERY
type Query { b: Int }
""",
        ("on QUERY", "on FIELD"),
    ),
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS": Example.of(
        """
# users
directive @slow on FIELD
type Query { a: Int }
# shops
directive @slow on FIELD | QUERY
type Query { b: Int }
""",
        ("on FIELD | QUERY", "on FIELD"),
    ),
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE": Example.of(
        """
# users
directive @slow on FIELD
type Query { a: Int }
# shops
directive @slow repeatable on FIELD
type Query { b: Int }
""",
        ("repeatable ", ""),
    ),
    "INCONSISTENT_ENTITY": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! @shareable name: String }
# shops
type Query { owner: User }
type User { id: ID! @shareable }
""",
        ("type User {", 'type User @key(fields: "id") {'),
    ),
    "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD": Example.of(
        """
# users
type Query { home: Place @shareable }
type Place @shareable { city: String street: String }
# shops
type Query { home: Place @shareable }
type Place @shareable { city: String }
""",
        ("{ city: String }", "{ city: String street: String }"),
    ),
    "INCONSISTENT_INPUT_OBJECT_FIELD": Example.of(
        """
# users
type Query { a(at: Place): Int }
input Place { city: Int street: Int }
# shops
type Query { b(at: Place): Int }
input Place { city: Int }
""",
        ("{ city: Int }", "{ city: Int street: Int }"),
    ),
    "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM": Example.of(
        """
# users
type Query { a(in: Colour): Int }
enum Colour { RED BLUE }
# shops
type Query { b(in: Colour): Int }
enum Colour { RED }
""",
        ("{ RED }", "{ RED BLUE }"),
    ),
    "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM": Example.of(
        """
# users
type Query { a: Colour }
enum Colour { RED BLUE }
# shops
type Query { b: Colour }
enum Colour { RED }
""",
        ("{ RED }", "{ RED BLUE }"),
    ),
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE": Example.of(
        """
# users
directive @slow on FIELD
type Query { a: Int }
# shops
type Query { b: Int }
""",
        ("type Query { b", "directive @slow on FIELD\ntype Query { b"),
    ),
    "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN": Example.of(
        """
# users
type Query { found: Found @shareable }
union Found = User | Shop
type User { name: String @shareable }
type Shop { name: String @shareable }
# shops
type Query { found: Found @shareable }
union Found = Shop
type Shop { name: String @shareable }
""",
        ("union Found = Shop\n", "union Found = Shop | User\ntype User { name: String @shareable }\n"),
    ),
    "INCONSISTENT_DESCRIPTION": Example.of(
        """
# users
type Query { home: Place }
"Where somebody lives."
type Place @shareable { city: String }
# shops
type Query { shop: Place }
"A place."
type Place @shareable { city: String }
""",
        ('"A place."', '"Where somebody lives."'),
    ),
    "OVERRIDE_MIGRATION_IN_PROGRESS": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! name: String }
# names
type User @key(fields: "id") { id: ID! name: String @override(from: "users", label: "percent(50)") }
""",
        (', label: "percent(50)"', ""),
    ),
    "OVERRIDDEN_FIELD_CAN_BE_REMOVED": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! name: String }
# names
type User @key(fields: "id") { id: ID! name: String @override(from: "users") }
""",
        ("id: ID! name: String }", "id: ID! }"),
    ),
    "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! }
# names
type User @key(fields: "id") { id: ID! name: String @override(from: "users") }
""",
        (' @override(from: "users")', ""),
    ),
    "FROM_SUBGRAPH_DOES_NOT_EXIST": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! }
# names
type User @key(fields: "id") { id: ID! name: String @override(from: "user") }
""",
        (' @override(from: "user")', ""),
    ),
    "UNUSED_ENUM_TYPE": Example.of(
        """
# users
type Query { a: Int }
enum Colour { RED }
""",
        ("a: Int", "a: Colour"),
    ),
    "IMPLICITLY_UPGRADED_FEDERATION_VERSION": Example.of(
        """
# users
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.0")
  @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost"])
type Query { a: Int @cost(weight: 2) }
# shops
type Query { b: Int }
""",
        ("federation/v2.0", "federation/v2.9"),
    ),
    "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS": Example.of(
        """
# users
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective", "@shareable"])
  @link(url: "https://example.test/audit/v1.0", import: ["@audit"])
  @composeDirective(name: "@audit")
directive @audit(by: String) on FIELD_DEFINITION
type Query { a: Int @shareable @audit(by: "x") }
# shops
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective", "@shareable"])
  @link(url: "https://example.test/audit/v1.0", import: ["@audit"])
  @composeDirective(name: "@audit")
directive @audit(by: String) on FIELD_DEFINITION
type Query { a: Int @shareable @audit(by: "y") }
""",
        ('by: "y"', 'by: "x"'),
    ),
    "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS": Example.of(
        """
# users
type Query { size: Int @shareable @cost(weight: 2) }
# shops
type Query { size: Int @shareable @cost(weight: 3) }
""",
        ("weight: 3", "weight: 2"),
    ),
    "DIRECTIVE_COMPOSITION_INFO": Example.of(
        """
# users
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective", "@tag"])
  @composeDirective(name: "@tag")
type Query { a: Int @tag(name: "b") }
""",
        ('\n  @composeDirective(name: "@tag")', ""),
    ),
    "DIRECTIVE_COMPOSITION_WARN": Example.of(
        """
# users
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
  @link(url: "https://example.test/audit/v1.0", import: ["@audit"])
  @composeDirective(name: "@audit")
directive @audit on FIELD_DEFINITION
type Query { a: Int @audit }
# shops
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9")
  @link(url: "https://example.test/audit/v1.0", import: [{ name: "@audit", as: "@watch" }])
directive @watch on FIELD_DEFINITION
type Query { b: Int @watch }
""",
        ('{ name: "@audit", as: "@watch" }', '"@audit"'),
        ("@watch", "@audit"),
    ),
}
