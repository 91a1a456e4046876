"""Examples of what can be wrong with one subgraph's text before its meaning is looked at."""

from __future__ import annotations

from collections.abc import Mapping

from schema.examples.example import Example

READING: Mapping[str, Example] = {
    "INVALID_GRAPHQL": Example.of(
        """
# users
type Query { user: Person }
""",
        ("Person }", "Person }\ntype Person { id: ID! }"),
    ),
    "INVALID_SUBGRAPH_NAME": Example.of(
        """
# users (federation 1)
type Query { a: Int }
# users (federation 1)
type Query { b: Int }
""",
        ("# users (federation 1)\ntype Query { b", "# orders (federation 1)\ntype Query { b"),
    ),
    "UNKNOWN_LINK_VERSION": Example.of(
        """
# users
extend schema @link(url: "https://jiyi.dev/spec/gather/v9.0", import: ["@gather"])
type Query { a: [Int] @gather }
""",
        ("v9.0", "v0.1"),
    ),
    "UNKNOWN_FEDERATION_LINK_VERSION": Example.of(
        """
# users
extend schema @link(url: "https://specs.apollo.dev/federation/v2.99")
type Query { a: Int }
""",
        ("v2.99", "v2.9"),
    ),
    "INVALID_LINK_IDENTIFIER": Example.of(
        """
# users
extend schema @link(url: "https://specs.apollo.dev/federation")
type Query { a: Int }
""",
        ("dev/federation", "dev/federation/v2.9"),
    ),
    "INVALID_LINK_DIRECTIVE_USAGE": Example.of(
        """
# users
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", as: "fed eration")
type Query { a: Int }
""",
        ("fed eration", "fed"),
    ),
    "DIRECTIVE_DEFINITION_INVALID": Example.of(
        """
# users
directive @shareable(why: String) on FIELD_DEFINITION
type Query { a: Int @shareable }
""",
        ("directive @shareable(why: String) on FIELD_DEFINITION\n", ""),
    ),
    "TYPE_DEFINITION_INVALID": Example.of(
        """
# users
input federation__FieldSet { a: Int }
type Query { a: Int }
""",
        ("input federation__FieldSet { a: Int }\n", ""),
    ),
    "ROOT_QUERY_USED": Example.of(
        """
# users
schema { query: Root }
type Root { a: Int }
type Query { b: Int }
""",
        ("type Query", "type Questions"),
    ),
    "ROOT_MUTATION_USED": Example.of(
        """
# users
schema { query: Query mutation: Changes }
type Query { a: Mutation }
type Changes { b: Int }
type Mutation { c: Int }
""",
        ("a: Mutation", "a: GeneChange"),
        ("type Mutation", "type GeneChange"),
    ),
    "ROOT_SUBSCRIPTION_USED": Example.of(
        """
# users
schema { query: Query subscription: Events }
type Query { a: Subscription }
type Events { b: Int }
type Subscription { c: Int }
""",
        ("a: Subscription", "a: Membership"),
        ("type Subscription", "type Membership"),
    ),
}
