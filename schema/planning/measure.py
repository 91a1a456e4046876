"""What a plan costs: how many requests it makes at most, and how many wait for one another.

Source: the cost model, fewest requests and sequential steps together.
"""

from __future__ import annotations

from schema.planning.query_plan import (
    Batch,
    Condition,
    Fetch,
    Flatten,
    Gather,
    Parallel,
    PlanNode,
    Sequence,
    Subscription,
)


def count_requests(node: PlanNode | Subscription | None) -> int:
    """The requests when every condition holds."""
    if isinstance(node, Fetch | Flatten | Batch):
        return 1
    if isinstance(node, Condition):
        return count_requests(node.node)
    if isinstance(node, Sequence | Parallel):
        return sum(count_requests(one) for one in node.nodes)
    if isinstance(node, Gather):
        return sum(count_requests(part.node) for part in node.parts)
    return count_requests(node.primary) + count_requests(node.rest) if node else 0


def count_steps(node: PlanNode | Subscription | None) -> int:
    """The requests one after another that the longest way has."""
    if isinstance(node, Fetch | Flatten | Batch | Gather):
        return 1
    if isinstance(node, Condition):
        return count_steps(node.node)
    if isinstance(node, Sequence):
        return sum(count_steps(one) for one in node.nodes)
    if isinstance(node, Parallel):
        return max(count_steps(one) for one in node.nodes)
    return count_steps(node.primary) + count_steps(node.rest) if node else 0
