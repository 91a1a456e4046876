"""Mutations run one after another; a shared one in exactly one service, which is asked once for all of its
result.
"""

from __future__ import annotations

from typing import Any

from tests.federation.strangers import Row, Service, Strangers, to

LOG: list[str] = []
"""The effects, in order. Both ways to execute a plan write here; each test begins with an empty one."""


def _does(effect: str, answer: Row | None) -> Any:
    def run(_it: Row, **arguments: Any) -> Row | None:
        LOG.append(effect.format(**arguments))
        return answer

    return run


SHOP = Strangers(
    {
        "carts": Service(
            """
            type Query { cart: Cart }
            type Mutation {
              put(sku: ID!): Cart! empty: Cart @shareable checkout(id: ID!): Cart
            }
            type Cart @key(fields: "id") {
               id: ID! lines: [Line!]! sum: Int @external due: Int @requires(fields: "sum")
            }
            type Line { sku: ID! article: Article! }
            type Article @key(fields: "sku") { sku: ID! }
            """,
            {
                "put": _does("put {sku}", to("Cart", id="1")),
                "empty": _does("empty", to("Cart", id="1")),
                "checkout": _does("checkout {id}", None),
            },
            {
                "Cart": [
                    {
                        "id": "1",
                        "lines": [{"sku": "a", "article": to("Article", sku="a")}],
                        "due": lambda it: it["sum"] + 1,
                    }
                ],
                "Article": [{"sku": "a"}],
            },
        ),
        "prices": Service(
            """
            type Mutation { empty: Cart @shareable discount(percent: Int!): Cart }
            type Query { currency: String }
            type Cart @key(fields: "id") { id: ID! sum: Int coupons: [String!] }
            type Article @key(fields: "sku") { sku: ID! price: Int }
            """,
            {
                "empty": _does("empty", to("Cart", id="1")),
                "discount": _does("discount {percent}", to("Cart", id="1")),
                "currency": "EUR",
            },
            {"Cart": [{"id": "1", "sum": 40, "coupons": None}], "Article": [{"sku": "a", "price": 40}]},
        ),
        "stock": Service(
            """
            type Mutation { reserve(sku: ID!): Article }
            type Article @key(fields: "sku") { sku: ID! left: Int }
            type Query { stocked: Int }
            """,
            {"reserve": _does("reserve {sku}", to("Article", sku="a")), "stocked": 1},
            {"Article": [{"sku": "a", "left": 2}]},
        ),
    }
)


def test_they_run_in_the_client_s_order_each_with_all_of_its_result() -> None:
    """The second begins when the first's result is complete."""
    LOG.clear()
    SHOP.answers(
        """
        mutation {
          put(sku: "a") { lines { article { price } } }
          discount(percent: 5) { sum }
          again: put(sku: "b") { id }
        }
        """,
        {"put": {"lines": [{"article": {"price": 40}}]}, "discount": {"sum": 40}, "again": {"id": "1"}},
        requests="carts > prices > prices > carts",
    )
    assert LOG == ["put a", "discount 5", "put b"] * 2


def test_neighbours_of_one_service_are_one_request() -> None:
    LOG.clear()
    SHOP.answers(
        'mutation { one: put(sku: "a") { id } two: put(sku: "b") { id } checkout(id: "1") { id } }',
        {"one": {"id": "1"}, "two": {"id": "1"}, "checkout": None},
        requests="carts",
    )
    assert LOG == ["put a", "put b", "checkout 1"] * 2


def test_a_shared_mutation_has_its_effect_once() -> None:
    """Two services could empty the cart. One does; what the other knows of it is fetched."""
    LOG.clear()
    SHOP.answers(
        "mutation { empty { lines { sku } coupons } }",
        {"empty": {"lines": [{"sku": "a"}], "coupons": None}},
        requests="carts > prices",
    )
    assert LOG == ["empty"] * 2


def test_a_shared_mutation_runs_where_its_result_is_known() -> None:
    LOG.clear()
    SHOP.answers("mutation { empty { sum coupons } }", {"empty": {"sum": 40, "coupons": None}}, requests="prices")
    assert LOG == ["empty"] * 2


def test_what_a_result_needs_of_one_service_is_asked_in_one_call() -> None:
    """The sum for the client and the sum for the requirement: a second call could find it changed."""
    LOG.clear()
    SHOP.answers(
        'mutation { put(sku: "a") { due coupons sum } }',
        {"put": {"due": 41, "coupons": None, "sum": 40}},
        requests="carts > prices > carts",
    )
    assert LOG == ["put a"] * 2


def test_a_null_result_is_followed_by_nothing() -> None:
    LOG.clear()
    SHOP.answers(
        'mutation { checkout(id: "1") { due sum } reserve(sku: "a") { price left } }',
        {"checkout": None, "reserve": {"price": 40, "left": 2}},
        requests="carts > stock > prices",
    )
    assert LOG == ["checkout 1", "reserve a"] * 2
