"""What waits for what: ``a > b`` is one after another, ``a | b`` side by side."""

from __future__ import annotations

from schema.planning.query_plan import Fetch, Flatten, Parallel, Sequence
from tests.schema.planning.proving import compose_ok, plan_ok

SHOP = 'type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! }'
SCALES = """
  type Parcel @key(fields: "id") { id: ID! weight: Int sender: Person }
  type Person @key(fields: "id") { id: ID! }
"""
RULERS = 'type Parcel @key(fields: "id") { id: ID! width: Int }'
FEES = """
  type Parcel @key(fields: "id") {
    id: ID! weight: Int @external width: Int @external fee: Fee @requires(fields: "weight width")
  }
  type Fee @key(fields: "id") { id: ID! }
"""
ACCOUNTS = 'type Fee @key(fields: "id") { id: ID! amount: Int }'
PEOPLE = 'type Person @key(fields: "id") { id: ID! home: Home } type Home @key(fields: "id") { id: ID! }'
MAPS = 'type Home @key(fields: "id") { id: ID! street: String }'


def order(node: object) -> str:
    """The services of a plan in the order in which they are asked."""
    if isinstance(node, Flatten):
        return order(node.node)
    if isinstance(node, Sequence):
        return " > ".join(order(one) for one in node.nodes)
    if isinstance(node, Parallel):
        return f"({' | '.join(order(one) for one in node.nodes)})"
    assert isinstance(node, Fetch)
    return node.service


def test_what_does_not_hang_together_runs_side_by_side() -> None:
    """The way to the sender's street is not held up by the fee, which waits for two subgraphs."""
    senders = """
      type Parcel @key(fields: "id") { id: ID! sender: Person }
      type Person @key(fields: "id") { id: ID! }
    """
    scales = 'type Parcel @key(fields: "id") { id: ID! weight: Int }'
    supergraph = compose_ok(
        {"shop": SHOP, "scales": scales, "rulers": RULERS, "fees": FEES, "senders": senders, "people": PEOPLE}
    )
    found = plan_ok(supergraph, "{ parcel { fee { id } sender { home { id } } } }")
    assert order(found.node) == "shop > ((rulers | scales) > fees | senders > people)"


def test_what_hangs_on_one_fetch_leaves_its_branch_where_that_saves_a_step() -> None:
    """With the sender's home and street kept behind the scales, the fee would wait for them: two steps more."""
    supergraph = compose_ok(
        {
            "shop": SHOP,
            "scales": SCALES,
            "rulers": RULERS,
            "fees": FEES,
            "accounts": ACCOUNTS,
            "people": PEOPLE,
            "maps": MAPS,
        }
    )
    found = plan_ok(supergraph, "{ parcel { sender { home { street } } fee { amount } } }")
    assert order(found.node) == "shop > (rulers | scales) > (fees > accounts | people > maps)"
