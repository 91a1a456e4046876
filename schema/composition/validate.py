"""Check one subgraph against Federation's rules."""

from __future__ import annotations

from schema.composition.problems import Problems
from schema.subgraph import ValidSubgraph


def validate(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Tell every rule that the subgraph breaks on its own."""
