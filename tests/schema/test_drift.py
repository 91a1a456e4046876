"""What a department serves beside what it registered: only what means something is a difference."""

from __future__ import annotations

import pytest

from schema.drift import drift

SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { parks(first: Int = 10, near: String): [Park!]! }
"A park."
type Park implements Place & Node @key(fields: "id") { id: ID! name: String @deprecated(reason: "old") }
interface Place { id: ID! }
interface Node { id: ID! }
enum Kind { WILD TAME }
union Thing = Park
input Wish { text: String! = "x" }
scalar Date
"""


def test_order_and_descriptions_do_not_count() -> None:
    """A server prints its schema as it likes."""
    served = """
    scalar Date
    input Wish { text: String! = "x" }
    union Thing = Park
    enum Kind { TAME WILD }
    interface Node { id: ID! }
    interface Place { id: ID! }
    type Park @key(fields: "id") { name: String @deprecated(reason: "old") }
    "Another text." extend type Park implements Node & Place { id: ID! }
    type Query { parks(near: String, first: Int = 10): [Park!]! }
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    """.replace('"Another text." ', "")
    assert drift(SDL, served) == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: String", "name: String!", "Park.name was String"),
        ("first: Int = 10", "first: Int = 20", "Query.parks was (first: Int = 10"),
        (", near: String", "", "Query.parks was"),
        ("WILD ", "", "Kind.WILD is gone"),
        ("scalar Date", "scalar Date scalar Time", "Time was added"),
        ('@key(fields: "id")', '@key(fields: "id name")', "Park was"),
        ("union Thing = Park", "union Thing = Park | Query", "Thing was Park and is Park Query"),
        ('text: String! = "x"', "text: String!", "Wish.text was"),
        ("Place & Node", "Place", "Park was"),
    ],
)
def test_what_means_something_is_told(old: str, new: str, words: str) -> None:
    """Types, fields, arguments, defaults, values, members, and directives."""
    (told,) = drift(SDL, SDL.replace(old, new, 1))
    assert told.startswith(words), told
