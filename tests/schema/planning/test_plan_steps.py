"""Few requests and few steps together: nothing waits for what it does not need, and what has time is
asked together with what comes later.

Source: the cost model; a step fewer is worth a request more. The reference planner gives more for it.
"""

from __future__ import annotations

from tests.schema.planning.proving import assert_steps, compose_ok

SHOP = {
    "catalogue": """
      type Query { product: Product }
      type Product @key(fields: "id") { id: ID! title: String }
    """,
    "reviews": """
      type Product @key(fields: "id") {
        id: ID! stars: Int reviews: [Review] weight: Int @external shipping: Int @requires(fields: "weight")
      }
      type Review { author: User }
      type User @key(fields: "id") { id: ID! }
    """,
    "stock": """
      type Product @key(fields: "id") { id: ID! weight: Int }
    """,
    "users": """
      type User @key(fields: "id") { id: ID! name: String }
    """,
}

CHAIN = {
    "a": """
      type Query { thing: Thing }
      type Thing @key(fields: "a") { a: ID! }
    """,
    "b": """
      type Thing @key(fields: "a") @key(fields: "b") { a: ID! b: ID! two: Int }
    """,
    "c": """
      type Thing @key(fields: "b") @key(fields: "c") { b: ID! c: ID! three: Int }
    """,
    "d": """
      type Thing @key(fields: "c") { c: ID! four: Int }
    """,
    "e": """
      type Thing @key(fields: "a") @key(fields: "c") { a: ID! c: ID! five: Int }
    """,
}

FIRM = {
    "firms": """
      type Query { firm: Firm }
      type Firm @key(fields: "id") { id: ID! head: Person }
      type Person @key(fields: "id") { id: ID! }
    """,
    "people": """
      type Person @key(fields: "id") { id: ID! name: String }
    """,
    "places": """
      type Firm @key(fields: "id") { id: ID! seat: Place }
      type Place { guard: Person }
      type Person @key(fields: "id") { id: ID! }
    """,
}

ORDERS = {
    "orders": """
      type Query { order: Order }
      type Order @key(fields: "id") { id: ID! item: Item }
      type Item @key(fields: "sku") { sku: ID! }
    """,
    "items": """
      type Item @key(fields: "sku") { sku: ID! price: Int }
    """,
    "delivery": """
      type Order @key(fields: "id") {
        id: ID! item: Item @external fee: Int @requires(fields: "item { price }") carrier: Carrier
      }
      type Item @key(fields: "sku") { sku: ID! price: Int @external }
      type Carrier @key(fields: "id") { id: ID! }
    """,
    "carriers": """
      type Carrier @key(fields: "id") { id: ID! name: String }
    """,
}

SHARED = {
    "a": """
      type Query { thing: Thing }
      type Thing @key(fields: "id") { id: ID! }
    """,
    "b": """
      type Thing @key(fields: "id") { id: ID! part: Part @shareable }
      type Part @key(fields: "id") { id: ID! sub: Sub @shareable }
      type Sub @key(fields: "id") { id: ID! }
    """,
    "c": """
      type Thing @key(fields: "id") { id: ID! part: Part @shareable }
      type Part @key(fields: "id", resolvable: false) { id: ID! near: Int }
    """,
    "d": """
      type Sub @key(fields: "id") { id: ID! name: String }
    """,
    "e": """
      type Part @key(fields: "id") { id: ID! far: Int sub: Sub @shareable }
      type Sub @key(fields: "id") { id: ID! }
    """,
}


def test_what_a_requirement_waits_for_does_not_hold_up_the_rest() -> None:
    """The authors' names come with the shipping costs: asked together with these, the reviews would be late, and
    the names a step later."""
    assert_steps(
        compose_ok(SHOP),
        "{ product { shipping reviews { author { name } } } }",
        "catalogue",
        "reviews product, stock product",
        "reviews product, users product.reviews.@.author",
    )


def test_what_has_time_waits_for_the_requirement_of_its_neighbour() -> None:
    """Nobody waits for the stars, so one request brings both."""
    assert_steps(
        compose_ok(SHOP),
        "{ product { stars shipping } }",
        "catalogue",
        "stock product",
        "reviews product",
    )


def test_what_is_required_below_a_field_does_not_hold_up_the_rest() -> None:
    """The price is two steps away, below the order's own item; the carrier is not."""
    assert_steps(
        compose_ok(ORDERS),
        "{ order { fee carrier { name } } }",
        "orders",
        "delivery order, items order.item",
        "carriers order.carrier, delivery order",
    )


def test_a_key_is_taken_from_whoever_has_it_soonest() -> None:
    """The key of "d" is in "c" and in "e", which is asked a step sooner."""
    assert_steps(
        compose_ok(CHAIN),
        "{ thing { two three four five } }",
        "a",
        "b thing, e thing",
        "c thing, d thing",
    )


def test_a_subgraph_more_is_asked_for_a_step_fewer() -> None:
    """The key of "d" would come by way of "b" and "c", too; "e" is asked for nothing else."""
    assert_steps(
        compose_ok(CHAIN),
        "{ thing { two three four } }",
        "a",
        "b thing, e thing",
        "c thing, d thing",
    )


def test_no_subgraph_more_is_asked_for_no_step_fewer() -> None:
    """Where "b" is asked anyway, its key of "c" costs nothing."""
    assert_steps(
        compose_ok(CHAIN),
        "{ thing { two three } }",
        "a",
        "b thing",
        "c thing",
    )


def test_entities_that_have_time_travel_with_those_of_a_later_step() -> None:
    """The head's name is not needed before the guard's, which one more request would bring."""
    assert_steps(
        compose_ok(FIRM),
        "{ firm { head { name } seat { guard { name } } } }",
        "firms",
        "places firm",
        "people firm.head + firm.seat.guard",
    )


def test_a_shared_field_is_asked_twice_for_a_step_fewer() -> None:
    """Though "e" is asked for the part anyway, it would bring the sub a step later than "b" does."""
    assert_steps(
        compose_ok(SHARED),
        "{ thing { part { near far sub { name } } } }",
        "a",
        "b thing, c thing",
        "d thing.part.sub, e thing.part",
    )


def test_a_shared_field_is_asked_once_where_two_would_save_no_step() -> None:
    """What only the second would bring is there in the same step."""
    assert_steps(
        compose_ok(SHARED),
        "{ thing { part { near far } } }",
        "a",
        "c thing",
        "e thing.part",
    )
