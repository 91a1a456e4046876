"""Conditions on fragments and root fields that share a request: it is made while one of them is on."""

from __future__ import annotations

from typing import Any

from tests.federation.strangers import Service, Strangers, to

CAMP = Strangers(
    {
        "tents": Service(
            """
            type Query { tents: [Spot!]! ranger: Ranger }
            type Mutation { pitch(no: Int!): Tent strike: Boolean }
            interface Spot { no: Int! }
            type Tent implements Spot @key(fields: "no") { no: Int! colour: String }
            type Cabin implements Spot @key(fields: "no") { no: Int! colour: String beds: Int }
            type Ranger @key(fields: "id") { id: ID! }
            """,
            {
                "tents": [to("Tent", no=1), to("Cabin", no=2)],
                "ranger": to("Ranger", id="r"),
                "pitch": lambda _it, no: to("Tent", no=no),
                "strike": True,
            },
            {"Tent": [{"no": 1, "colour": "red"}], "Cabin": [{"no": 2, "colour": None, "beds": 2}]},
        ),
        "guests": Service(
            """
            type Query { count: Int }
            interface Spot { guests: [String!] }
            type Tent implements Spot @key(fields: "no") {
              no: Int! guests: [String!] colour: String @external mood: String @requires(fields: "colour")
            }
            type Cabin implements Spot @key(fields: "no") { no: Int! guests: [String!] }
            type Ranger @key(fields: "id") { id: ID! name: String }
            """,
            {"count": 4},
            {
                "Tent": [{"no": 1, "guests": ["a"], "mood": lambda it: f"{it['colour']}ish"}],
                "Cabin": [{"no": 2, "guests": None}],
                "Ranger": [{"id": "r", "name": "Ray"}],
            },
        ),
    }
)


def _c(q: str, data: Any, requests: str, **v: Any) -> None:
    CAMP.answers(q, data, requests=requests, variables=v)


def test_conditions_on_fragments_that_share_a_request() -> None:
    """Where both are off there is no request, though each alone would make it."""
    q = """
      query ($t: Boolean!, $c: Boolean!) {
        tents { ... on Tent @include(if: $t) { guests mood } ...C @skip(if: $c) }
      }
      fragment C on Cabin { guests beds }
    """
    _c(q, {"tents": [{"guests": ["a"], "mood": "redish"}, {}]}, "tents > guests", t=True, c=True)
    _c(q, {"tents": [{}, {"guests": None, "beds": 2}]}, "tents > guests", t=False, c=False)
    _c(q, {"tents": [{}, {}]}, "tents", t=False, c=True)
    _c(
        q,
        {"tents": [{"guests": ["a"], "mood": "redish"}, {"guests": None, "beds": 2}]},
        "tents > guests",
        t=True,
        c=False,
    )


def test_conditions_at_the_root() -> None:
    """A service of whose root fields none is on is not asked."""
    q = """
      query ($a: Boolean!, $b: Boolean!) { count @include(if: $a) ranger @include(if: $b) { name id
      @skip(if: $a) } ... @skip(if: $b) { tents { no } } }
    """
    _c(q, {"count": 4, "ranger": {"name": "Ray"}}, "guests + tents > guests", a=True, b=True)
    _c(q, {"ranger": {"name": "Ray", "id": "r"}}, "tents > guests", a=False, b=True)
    _c(q, {"count": 4, "tents": [{"no": 1}, {"no": 2}]}, "guests + tents", a=True, b=False)


def test_where_all_is_off_nobody_is_asked() -> None:
    _c("query ($a: Boolean!) { ranger @include(if: $a) { name } }", {}, "", a=False)
    _c(
        "query ($a: Boolean!) { ranger @include(if: $a) @skip(if: $a) { name } count @skip(if: true) __typename }",
        {"__typename": "Query"},
        "",
        a=True,
    )


def test_a_mutation_that_is_off_has_no_effect() -> None:
    q = "mutation ($a: Boolean!) { pitch(no: 1) @include(if: $a) { mood guests @skip(if: $a) } strike }"
    _c(q, {"pitch": {"mood": "redish"}, "strike": True}, "tents > guests", a=True)
    _c(q, {"strike": True}, "tents", a=False)


def test_one_field_under_either_of_two_conditions() -> None:
    q = """
      query ($a: Boolean!, $b: Boolean!) { tents { ... on Tent { mood @include(if: $a) ... @include(if: $b)
      { mood guests @skip(if: $a) } } no } }
    """
    _c(q, {"tents": [{"mood": "redish", "no": 1}, {"no": 2}]}, "tents > guests", a=True, b=False)
    _c(q, {"tents": [{"mood": "redish", "guests": ["a"], "no": 1}, {"no": 2}]}, "tents > guests", a=False, b=True)
    _c(q, {"tents": [{"no": 1}, {"no": 2}]}, "tents", a=False, b=False)


def test_a_condition_and_its_contrary() -> None:
    q = "query ($a: Boolean!) { tents { guests @include(if: $a) ... on Tent @skip(if: $a) { mood } } }"
    _c(q, {"tents": [{"guests": ["a"]}, {"guests": None}]}, "tents > guests", a=True)
    _c(q, {"tents": [{"mood": "redish"}, {}]}, "tents > guests", a=False)
