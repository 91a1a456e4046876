"""Examples of ``fields`` arguments of @key, @requires and @provides that cannot be meant."""

from __future__ import annotations

from collections.abc import Mapping

from schema.examples.example import Example

_USER = """
# users
type Query { user: User }
type User @key(fields: %s) { id: ID! name(short: Boolean): String }
"""
_REQUIRES = """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! size: Int }
# parcels
type User @key(fields: "id") { id: ID! size: Int @external postage: Int @requires(fields: %s) }
"""
_PROVIDES = """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! name(short: Boolean): String @shareable age: Int @shareable }
# reviews
type Query { review: Review }
type Review { author: User @provides(fields: %s) }
type User @key(fields: "id") { id: ID! name(short: Boolean): String @external age: Int @external }
"""

KEYS: Mapping[str, Example] = {
    "KEY_INVALID_FIELDS_TYPE": Example.of(_USER % "[1]", ("[1]", '"id"')),
    "KEY_INVALID_FIELDS": Example.of(_USER % '"number"', ('"number"', '"id"')),
    "KEY_FIELDS_HAS_ARGS": Example.of(_USER % '"name"', ('"name"', '"id"')),
    "KEY_DIRECTIVE_IN_FIELDS_ARG": Example.of(_USER % '"id @deprecated"', ("id @deprecated", "id")),
    "KEY_FIELDS_SELECT_INVALID_TYPE": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "contact { id }") { id: ID! contact: Contact }
interface Contact { id: ID! }
type Address implements Contact { id: ID! }
""",
        ("contact { id }", "id"),
    ),
    "KEY_UNSUPPORTED_ON_INTERFACE": Example.of(
        """
# users
extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])
type Query { node: Node }
interface Node @key(fields: "id") { id: ID! }
type User implements Node @key(fields: "id") { id: ID! }
""",
        ("federation/v2.0", "federation/v2.3"),
    ),
}

REQUIRES: Mapping[str, Example] = {
    "REQUIRES_INVALID_FIELDS_TYPE": Example.of(_REQUIRES % "[1]", ("[1]", '"size"')),
    "REQUIRES_INVALID_FIELDS": Example.of(_REQUIRES % '"weight"', ('"weight"', '"size"')),
    "REQUIRES_DIRECTIVE_IN_FIELDS_ARG": Example.of(_REQUIRES % '"size @deprecated"', ("size @deprecated", "size")),
    "REQUIRES_FIELDS_MISSING_EXTERNAL": Example.of(
        (_REQUIRES % '"size"').replace("size: Int @external", "size: Int"),
        ("size: Int postage", "size: Int @external postage"),
    ),
    "REQUIRES_UNSUPPORTED_ON_INTERFACE": Example.of(
        """
# users
type Query { node: Node }
interface Node { id: ID! size: Int }
type User implements Node @key(fields: "id") { id: ID! size: Int }
# parcels
interface Node { id: ID! postage: Int @requires(fields: "id") }
type User implements Node @key(fields: "id") { id: ID! size: Int @external postage: Int @requires(fields: "size") }
""",
        ('postage: Int @requires(fields: "id")', "postage: Int"),
    ),
}

PROVIDES: Mapping[str, Example] = {
    "PROVIDES_INVALID_FIELDS_TYPE": Example.of(
        _PROVIDES % "[1]", ("[1]", '"age"'), (" name(short: Boolean): String @external", "")
    ),
    "PROVIDES_INVALID_FIELDS": Example.of(
        _PROVIDES % '"size"', ('"size"', '"age"'), (" name(short: Boolean): String @external", "")
    ),
    "PROVIDES_FIELDS_HAS_ARGS": Example.of(
        _PROVIDES % '"name age"', ("name age", "age"), (" name(short: Boolean): String @external", "")
    ),
    "PROVIDES_DIRECTIVE_IN_FIELDS_ARG": Example.of(
        _PROVIDES % '"age @deprecated"',
        ("age @deprecated", "age"),
        (" name(short: Boolean): String @external", ""),
    ),
    "PROVIDES_FIELDS_MISSING_EXTERNAL": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! age: Int @shareable }
# reviews
type Query { review: Review }
type Review { author: User @provides(fields: "age") }
type User @key(fields: "id") { id: ID! age: Int @shareable }
""",
        (' @provides(fields: "age")', ""),
    ),
    "PROVIDES_UNSUPPORTED_ON_INTERFACE": Example.of(
        """
# users
type Query { user: User }
type User @key(fields: "id") { id: ID! age: Int @shareable }
# reviews
type Query { post: Post }
interface Post { author: User @provides(fields: "age") }
type Review implements Post { author: User @provides(fields: "age") }
type User @key(fields: "id") { id: ID! age: Int @external }
""",
        ('interface Post { author: User @provides(fields: "age") }', "interface Post { author: User }"),
    ),
    "PROVIDES_ON_NON_OBJECT_FIELD": Example.of(
        """
# users
type Query { age: Int @provides(fields: "id") }
""",
        (' @provides(fields: "id")', ""),
    ),
}
