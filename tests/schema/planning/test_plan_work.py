"""S9: how much work the search does, counted in fields placed, never in seconds."""

from __future__ import annotations

import pytest
from graphql import parse

from schema.errors import PlanningError, RuntimeCode
from schema.planning import plan
from schema.planning.check_plan import fetches
from schema.planning.limits import MAX_STEPS, THOROUGH_STEPS, Budget
from schema.planning.measure import count_requests, count_steps
from schema.supergraph import Supergraph
from tests.schema.planning.graphs import DISTRICT, SHOP
from tests.schema.planning.proving import assert_plan, compose_ok, plan_ok


def steps(supergraph: Supergraph, operation: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Fields placed until the plan is found."""
    budgets: list[Budget] = []
    spend = Budget.spend

    def noted(budget: Budget) -> None:
        budgets.append(budget)
        spend(budget)

    monkeypatch.setattr(Budget, "spend", noted)
    plan(supergraph, parse(operation))
    return len(budgets)


def test_two_hundred_gathered_lists_are_placed_a_few_times_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """What gathered lists cost is the same for every choice of subgraphs, so few choices are tried."""
    lists = " ".join(f"a{n}: licences {{ number issuer {{ name }} }}" for n in range(200))
    assert steps(compose_ok(DISTRICT), f"{{ me {{ {lists} }} }}", monkeypatch) < 10_000


def test_two_hundred_root_fields_are_placed_a_few_times_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal selections are one value and solved once."""
    fields = " ".join(f"a{n}: products(first: {n}) {{ sku weight }}" for n in range(240))
    assert steps(compose_ok(SHOP), f"{{ {fields} }}", monkeypatch) < 6_000


def test_twenty_levels_cost_as_much_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search is over places and the subgraphs that bring them, not over routes."""
    operation = "id"
    for _ in range(22):
        operation = f"wishes {{ weight owner {{ name {operation} }} }}"
    assert steps(compose_ok(SHOP), f"{{ users {{ {operation} }} }}", monkeypatch) < 2_000


def wide_union() -> Supergraph:
    """Twenty types in six subgraphs, each of which holds one field of every type."""
    union = " | ".join(f"T{n}" for n in range(20))
    return compose_ok(
        {
            f"s{place}": f"type Query {{ u: [U] @shareable }} union U = {union} "
            + " ".join(
                f'type T{n} @key(fields: "id") {{ id: ID! u: U @shareable x{place}: Int }}' for n in range(20)
            )
            for place in range(6)
        }
    )


def test_wide_unions_asked_deep_cost_as_much_as_their_distinct_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """64 places ask the same of their objects; they are one place."""
    operation = "__typename"
    for _ in range(6):
        operation = " ".join(f"... on T{n} {{ x{n % 6} u {{ {operation} }} }}" for n in range(2))
    assert steps(wide_union(), f"{{ u {{ {operation} }} }}", monkeypatch) < 500


def test_no_set_of_subgraphs_is_tried_once_the_least_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six subgraphs hold a field each: six requests side by side cannot be outdone, so 63 sets need no look."""
    operation = " ".join(f"... on T{n} {{ x0 x1 x2 x3 x4 x5 }}" for n in range(20))
    assert steps(wide_union(), f"{{ u {{ {operation} }} }}", monkeypatch) < 1_000


def test_a_value_in_eight_subgraphs_is_followed_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values without a key are asked of all at once, from the root on, in 314 characters."""
    supergraph = compose_ok(
        {
            f"s{place}": f"type Query {{ v: V @shareable }} type V {{ v: V @shareable x{place}: Int }}"
            for place in range(8)
        }
    )
    operation = "x0"
    for level in range(28):
        operation = f"v {{ x{level % 8} {operation} }}"
    assert steps(supergraph, f"{{ {operation} }}", monkeypatch) < 500


def test_what_many_types_share_is_written_once() -> None:
    """Twelve levels of an interface with twenty types: 20 to the power of 12 fields, were they written out."""
    types = " ".join(f'type T{n} implements I @key(fields: "id") {{ id: ID! next: I }}' for n in range(20))
    supergraph = compose_ok({"a": f"type Query {{ i: I }} interface I {{ id: ID! next: I }} {types}"})
    operation = "id"
    for _ in range(12):
        operation = f"next {{ id {operation} }}"
    found = plan(supergraph, parse(f"{{ i {{ {operation} }} }}"))
    (fetch,) = fetches(found.node)
    assert (
        fetch.document
        == f"query {{ i {{ {'__typename next { ' + 11 * '__typename id next { '}__typename id{14 * ' }'}"
    )


def test_a_large_operation_is_answered_less_thoroughly_before_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Forty fields of which each is in three of twelve subgraphs, at each of 25 levels: the deepest levels compare
    sets of subgraphs, the others take the first that answers them."""
    holding = {f"s{place}": [n for n in range(40) if (n * 7 + place * 5) % 4 == 0] for place in range(1, 12)}
    subgraphs = {
        name: 'type Thing @key(fields: "id") { id: ID! '
        + " ".join(f"f{n}: Int @shareable" for n in fields)
        + (" next: Thing @shareable }" if name in ("s1", "s2", "s3") else " }")
        for name, fields in holding.items()
    }
    shop = 'type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! next: Thing @shareable }'
    operation = "id"
    for level in range(25):
        operation = " ".join(f"f{(n + level) % 40}" for n in range(40)) + f" next {{ {operation} }}"
    spent = steps(compose_ok({"s0": shop} | subgraphs), f"{{ thing {{ {operation} }} }}", monkeypatch)
    assert THOROUGH_STEPS < spent < MAX_STEPS


def test_work_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last net: an error that names the mend, after a bounded count."""
    monkeypatch.setattr("schema.planning.limits.MAX_STEPS", 20)
    with pytest.raises(PlanningError) as caught:
        plan(
            wide_union(), parse("{ u { ... on T0 { x0 x1 x2 x3 x4 x5 u { ... on T1 { x0 x1 x2 x3 x4 x5 } } } } }")
        )
    assert caught.value.code is RuntimeCode.OPERATION_TOO_COMPLEX


def test_a_key_that_is_not_resolvable_is_no_way_back() -> None:
    """After its requirement the product is handed back by the number, though its id is at hand."""
    assert_plan(
        compose_ok(
            {
                "stock": """
                  type Query { product: Product }
                  type Product @key(fields: "id", resolvable: false) @key(fields: "number") {
                    id: ID! number: ID! weight: Int @external fee: Int @requires(fields: "weight")
                  }
                """,
                "sizes": 'type Product @key(fields: "id") { id: ID! weight: Int }',
            }
        ),
        "{ product { id fee } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "stock") {
              {
                product {
                  __typename
                  id
                  number
                }
              }
            },
            Flatten(path: "product") {
              Fetch(service: "sizes") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    weight
                  }
                }
              },
            },
            Flatten(path: "product") {
              Fetch(service: "stock") {
                {
                  ... on Product {
                    __typename
                    number
                    weight
                  }
                } =>
                {
                  ... on Product {
                    fee
                  }
                }
              },
            },
          },
        }
        """,
    )


def test_a_shared_request_keeps_the_guards_of_both() -> None:
    """The requirement brings a person whom the client did not ask for: whose it is, is checked all the same."""
    supergraph = compose_ok(
        {
            "people": """
              type Query { me: Person }
              type Person @key(fields: "id") { id: ID! age: Int home: Home }
              type Home @key(fields: "id") { id: ID! }
            """,
            "taxes": """
              type Person @key(fields: "id") {
                id: ID! home: Home @external rent: Int @requires(fields: "home { owner { id } }")
              }
              type Home @key(fields: "id") { id: ID! street: String owner: Person }
            """,
        }
    )
    found = plan_ok(supergraph, "{ me { home { street } rent } }", {"Person": ("id",)})
    guards = {guard.path for fetch in fetches(found.node) for guard in fetch.guards}
    assert guards == {("me",), ("me", "home", "owner")}


def test_requests_are_shared_only_where_no_step_is_lost() -> None:
    """The levy waits for the value; the plot, with two more steps behind it, does not wait for the levy."""
    supergraph = compose_ok(
        {
            "people": """
              type Query { me: Person }
              type Person @key(fields: "id") { id: ID! home: Home }
              type Home @key(fields: "id") { id: ID! }
            """,
            "rents": """
              type Person @key(fields: "id") {
                id: ID! home: Home @external rent: Int @requires(fields: "home { levy }")
              }
              type Home @key(fields: "id") { id: ID! levy: Int @external }
            """,
            "taxes": """
              type Home @key(fields: "id") {
                id: ID! value: Int @external levy: Int @requires(fields: "value") plot: Plot
              }
              type Plot @key(fields: "id") { id: ID! }
            """,
            "values": 'type Home @key(fields: "id") { id: ID! value: Int }',
            "maps": """
              type Plot @key(fields: "id") { id: ID! region: Region }
              type Region @key(fields: "id") { id: ID! }
            """,
            "regions": 'type Region @key(fields: "id") { id: ID! name: String }',
        }
    )
    found = plan_ok(supergraph, "{ me { home { plot { region { name } } } rent } }")
    assert (count_requests(found.node), count_steps(found.node)) == (7, 4)


WAITING = {
    "races": """
      type Query { race: Race }
      type Race @key(fields: "id") { id: ID! winner: Horse track: Track }
      type Horse @key(fields: "id") { id: ID! }
      type Track @key(fields: "id") { id: ID! }
    """,
    "tracks": 'type Track @key(fields: "id") { id: ID! record: Horse } type Horse @key(fields: "id") { id: ID! }',
    "stables": """
      type Horse @key(fields: "id") { id: ID! name: String owner: Owner }
      type Owner @key(fields: "id") { id: ID! }
    """,
    "owners": 'type Owner @key(fields: "id") { id: ID! name: String }',
}


def test_a_request_waits_for_a_later_one_to_its_subgraph() -> None:
    """The winner could be asked for at once; with the horse of the record it is one request less."""
    found = plan_ok(compose_ok(WAITING), "{ race { winner { name } track { record { name } } } }")
    assert (count_requests(found.node), count_steps(found.node)) == (3, 3)


def test_a_request_does_not_wait_where_the_plan_would_take_longer() -> None:
    """The winner's owner is asked for after the winner: waiting would make it a step more."""
    found = plan_ok(compose_ok(WAITING), "{ race { winner { owner { name } } track { record { name } } } }")
    assert (count_requests(found.node), count_steps(found.node)) == (5, 3)
