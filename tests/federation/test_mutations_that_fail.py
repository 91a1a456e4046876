"""Mutations whose results are missing, null or half there."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, fails, to

OPS = Strangers(
    {
        "core": Service(
            """
            type Query { x: Int }
            type Mutation { a(n: Int!): Out! b: Out c: Int! log: [Entry!] }
            interface Entry { id: ID! }
            type Made implements Entry @key(fields: "id") { id: ID! }
            type Gone implements Entry @key(fields: "id") { id: ID! }
            type Out { made: Made note: String left: Int @shareable }
            """,
            {
                "a": lambda _it, n: {"made": to("Made", id=str(n)), "note": "ok", "left": n},
                "b": fails("b failed"),
                "c": fails("c failed"),
                "log": [to("Made", id="1"), to("Gone", id="2")],
                "x": 1,
            },
            {"Made": [{"id": "1"}, {"id": "2"}], "Gone": [{"id": "2"}]},
        ),
        "names": Service(
            """
            type Made @key(fields: "id") { id: ID! name: String! }
            type Gone @key(fields: "id") { id: ID! name: String }
            type Mutation { rename(id: ID!): Made drop: Boolean }
            type Query { y: Int }
            """,
            {"rename": lambda _it, **given: to("Made", **given), "drop": True, "y": 2},
            {"Made": [{"id": "1", "name": "one"}], "Gone": [{"id": "2", "name": None}]},
        ),
    }
)


def test_each_result_is_completed_before_the_next_begins() -> None:
    """The second was made and has no name yet: its own result shows it."""
    OPS.answers(
        "mutation { one: a(n: 1) { made { name } left } two: a(n: 2) { made { name } note } drop }",
        {"one": {"made": {"name": "one"}, "left": 1}, "two": {"made": None, "note": "ok"}, "drop": True},
        errors=[("two.made.name", "DEPARTMENT_WRONG_TYPE", "names")],
        requests="core > names > names",
    )


def test_a_failed_mutation_that_may_be_null_stops_nothing() -> None:
    OPS.answers(
        "mutation { b { note } drop log { id ... on Made { name } ... on Gone { name2: name } } }",
        {"b": None, "drop": True, "log": [{"id": "1", "name": "one"}, {"id": "2", "name2": None}]},
        errors=[("b", "DEPARTMENT_ERROR", "core")],
        requests="core > names > core > names",
    )


def test_a_failed_mutation_that_must_not_be_null_is_the_last() -> None:
    """Nothing has an effect any more of which nobody would be told."""
    OPS.answers("mutation { c drop }", None, errors=[("c", "DEPARTMENT_ERROR", "core")], requests="core")


def test_the_last_failure_takes_away_what_was_done_before_it() -> None:
    OPS.answers(
        "mutation { drop a(n: 1) { made { id name } } c }",
        None,
        errors=[("c", "DEPARTMENT_ERROR", "core")],
        requests="names > core",
    )
