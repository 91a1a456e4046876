"""Plans keep @skip and @include, fold literal ones, and pass variables on."""

from __future__ import annotations

from graphql import parse

from schema.planning import plan
from schema.planning.check_plan import fetches
from tests.schema.planning.proving import assert_plan, compose_ok, plan_ok

GRAPH = {
    "a": """
      type Query { t(first: Int, filter: Filter): T }
      type T @key(fields: "id") { id: ID! x: Int u: U }
      type U @key(fields: "id") { id: ID! }
      input Filter { text: String tags: [String!] }
    """,
    "b": """
      type T @key(fields: "id") { id: ID! y(scale: Int): Int z: Int }
      type U @key(fields: "id") { id: ID! v: Int }
    """,
}


def test_a_condition_inside_a_fetch_stays_on_its_field() -> None:
    """The fetch is made anyway; the subgraph leaves the field away."""
    assert_plan(
        compose_ok(GRAPH),
        "query($on: Boolean!) { t { id x @include(if: $on) } }",
        """
        QueryPlan {
          Fetch(service: "a") {
            {
              t {
                id
                x @include(if: $on)
              }
            }
          },
        }
        """,
    )


def test_a_condition_below_one_of_several_is_kept_where_both_hold() -> None:
    """What is asked under two conditions is not left to a place where only one of them leads there."""
    assert_plan(
        compose_ok({"a": 'type Query { t: T } type T @key(fields: "id") { id: ID! t: T x: Int y: Int }'}),
        "query($on: Boolean!, $off: Boolean!) {"
        " t @include(if: $on) { t { x @skip(if: $off) } } t @skip(if: $off) { y } }",
        """
        QueryPlan {
          Fetch(service: "a") {
            {
              t @skip(if: $off) {
                y
              }
              t @include(if: $on) {
                t {
                  x @skip(if: $off)
                }
              }
            }
          },
        }
        """,
    )


def test_a_key_is_fetched_under_each_condition_that_leads_to_it() -> None:
    """What a later request needs stands wherever the object does, however the way to it was asked for."""
    plan_ok(
        compose_ok(
            {
                "one": 'type Query { a: T } type T @key(fields: "id") { id: ID! a: T c: Int }',
                "two": 'type T @key(fields: "id") { id: ID! b: T }',
            }
        ),
        "query($x: Boolean!, $y: Boolean!, $z: Boolean!) {"
        " a @include(if: $z) { a @include(if: $y) { a { c } } }"
        " a @include(if: $x) { a { a @include(if: $z) { b { c } } } } }",
    )


def test_a_fetch_for_conditional_fields_only_is_conditional() -> None:
    """The whole request is spared, with what else its fields say kept on them."""
    assert_plan(
        compose_ok(GRAPH),
        "query($on: Boolean!, $off: Boolean!) { t { y @include(if: $on) z @include(if: $on) @skip(if: $off) } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                t {
                  __typename
                  id
                }
              }
            },
            Include(if: $on) {
              Flatten(path: "t") {
                Fetch(service: "b") {
                  {
                    ... on T {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on T {
                      y
                      z @skip(if: $off)
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )


def test_conditions_of_a_field_reach_the_fetches_below_it() -> None:
    """What hangs below a skipped object is not fetched."""
    assert_plan(
        compose_ok(GRAPH),
        "query($off: Boolean!) { t { x u @skip(if: $off) { v } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                t {
                  x
                  u @skip(if: $off) {
                    __typename
                    id
                  }
                }
              }
            },
            Skip(if: $off) {
              Flatten(path: "t.u") {
                Fetch(service: "b") {
                  {
                    ... on U {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on U {
                      v
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )


def test_alternatives_for_one_field_are_both_kept() -> None:
    """One occurrence is conditional, the other under another condition: either brings the field."""
    assert_plan(
        compose_ok(GRAPH),
        "query($a: Boolean!, $b: Boolean!) { t { x @include(if: $a) ... @include(if: $b) { x } } }",
        """
        QueryPlan {
          Fetch(service: "a") {
            {
              t {
                x @include(if: $a)
                x @include(if: $b)
              }
            }
          },
        }
        """,
    )


def test_an_unconditional_occurrence_wins() -> None:
    """`x` is asked anyway, so its condition says nothing."""
    assert_plan(
        compose_ok(GRAPH),
        "query($a: Boolean!) { t { x @include(if: $a) x } }",
        """
        QueryPlan {
          Fetch(service: "a") {
            {
              t {
                x
              }
            }
          },
        }
        """,
    )


def test_conditions_of_one_kind_are_combined() -> None:
    """A field carries one directive of a kind; the other stands on a fragment around it."""
    assert_plan(
        compose_ok(GRAPH),
        "query($a: Boolean!, $b: Boolean!) { t { id ... @include(if: $a) { x @include(if: $b) } } }",
        """
        QueryPlan {
          Fetch(service: "a") {
            {
              t {
                id
                ... @include(if: $b) {
                  x @include(if: $a)
                }
              }
            }
          },
        }
        """,
    )


def test_a_fetch_says_of_which_conditions_one_has_to_hold() -> None:
    """Neither is a condition of the whole request; where both are off there is nothing to ask."""
    operation = "query($a: Boolean!, $b: Boolean!) { t { y @include(if: $a) z @skip(if: $b) } }"
    _, second = fetches(plan_ok(compose_ok(GRAPH), operation).node)
    assert second.alternatives == ((("a", True),), (("b", False),))
    assert [second.is_wanted({"a": a, "b": b}) for a in (True, False) for b in (True, False)] == [
        True, True, False, True,
    ]  # fmt: skip


def test_literal_conditions_are_folded() -> None:
    """What never is asked costs no fetch; an object left without fields is still asked for."""
    assert_plan(
        compose_ok(GRAPH),
        "{ t { x @skip(if: true) y @include(if: false) z @skip(if: true) } }",
        """
        QueryPlan {
          Fetch(service: "a") {
            {
              t {
                __typename
              }
            }
          },
        }
        """,
    )


def test_each_fetch_declares_exactly_its_variables() -> None:
    """With the client's types and defaults; conditions count as uses."""
    operation = """
      query($first: Int = 3, $filter: Filter, $scale: Int!, $on: Boolean = true) {
        t(first: $first, filter: $filter) { y(scale: $scale) z @include(if: $on) }
      }
    """
    first, second = fetches(plan_ok(compose_ok(GRAPH), operation).node)
    assert first.document == (
        "query($filter: Filter, $first: Int = 3) { t(filter: $filter, first: $first) { __typename id } }"
    )
    assert first.variables == ("filter", "first")
    assert second.document == (
        "query($representations: [_Any!]!, $on: Boolean = true, $scale: Int!) "
        "{ _entities(representations: $representations) { ... on T { y(scale: $scale) z @include(if: $on) } } }"
    )
    assert second.variables == ("on", "scale")


def test_variables_inside_input_objects_are_found() -> None:
    """An argument may hold variables deep inside."""
    operation = "query($tag: String!) { t(filter: { tags: [$tag] }) { x } }"
    (fetch,) = fetches(plan_ok(compose_ok(GRAPH), operation).node)
    assert fetch.document == "query($tag: String!) { t(filter: { tags: [$tag] }) { x } }"


def test_chains_under_conditions_of_their_own_do_not_multiply() -> None:
    """What one alternative alone wants is written in that one."""
    supergraph = compose_ok({"a": "type Query { t: T } type T { u: U v: T } type U { x: Int y: Int }"})
    found = plan_ok(
        supergraph,
        """
        query($a: Boolean!, $b: Boolean!, $c: Boolean!) {
          t { u @include(if: $a) { x @skip(if: $c) } u @include(if: $b) { y } }
        }
        """,
    )
    (fetch,) = fetches(found.node)
    assert fetch.document == (
        "query($a: Boolean!, $b: Boolean!, $c: Boolean!) "
        "{ t { u @include(if: $a) { x @skip(if: $c) } u @include(if: $b) { y } } }"
    )


def test_four_hundred_conditions_on_one_field_are_planned() -> None:
    """The document grows with their number, not with its square."""
    supergraph = compose_ok({"a": "type Query { t: T } type T { u: U } type U { x: Int }"})
    names = [f"$a{number}" for number in range(400)]
    fields = " ".join(f"u @include(if: {name}) {{ x }}" for name in names)
    declared = ", ".join(f"{name}: Boolean!" for name in names)
    (fetch,) = fetches(plan(supergraph, parse(f"query({declared}) {{ t {{ {fields} }} }}")).node)
    assert fetch.document.count(" u ") == 400
    assert fetch.document.count(" x ") == 400


def test_a_requirement_under_several_conditions_holds_up_nothing_beside_it() -> None:
    """Each alternative alone is enough for the label; with none of them its code is not there, and the size, which
    needs no code, is asked for by itself in the same request."""
    supergraph = compose_ok(
        {
            "front": 'type Query { top: Part } type Part @key(fields: "id") { id: ID! }',
            "codes": 'type Part @key(fields: "id") { id: ID! code: String! }',
            "labels": """
              type Part @key(fields: "id") {
                id: ID! code: String! @external label: String @requires(fields: "code") size: Int
              }
            """,
        }
    )
    assert_plan(
        supergraph,
        """
        query($x: Boolean!, $z: Boolean!) { top { label @skip(if: $x) size ...F } }
        fragment F on Part { label @skip(if: $z) }
        """,
        """
        QueryPlan {
          Sequence {
            Fetch(service: "front") {
              {
                top {
                  __typename
                  id
                }
              }
            },
            Flatten(path: "top") {
              Fetch(service: "codes") {
                {
                  ... on Part {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Part {
                    code @skip(if: $x)
                    code @skip(if: $z)
                  }
                }
              },
            },
            Batch(service: "labels") {
              Flatten(path: "top") {
                Fetch(service: "labels") {
                  {
                    ... on Part {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Part {
                      size
                    }
                  }
                },
              },
              Flatten(path: "top") {
                Fetch(service: "labels") {
                  {
                    ... on Part {
                      __typename
                      id
                      code
                    }
                  } =>
                  {
                    ... on Part {
                      label @skip(if: $x)
                      label @skip(if: $z)
                    }
                  }
                },
              },
            },
          },
        }
        """,
    )
