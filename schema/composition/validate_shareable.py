"""Where ``@shareable`` may stand. Source: Federation 2, "@shareable"."""

from __future__ import annotations

from schema.composition.definitions import defined_fields
from schema.composition.problems import Problems
from schema.subgraph import ValidSubgraph


def check_shareable(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Only fields of object types are shared, and never a subscription: an event has one source."""
    for field in defined_fields(subgraph):
        applied = field.applied("shareable")
        if not applied:
            continue
        if field.owner.is_interface:
            problems.error(
                "INVALID_SHAREABLE_USAGE",
                f'@shareable cannot stand on "{field.coordinate}", a field of an interface, in subgraph '
                f'"{subgraph.name}". Put it on the field of each implementation.',
                field.place,
            )
        elif field.owner.name == "Subscription":
            problems.error(
                "INVALID_SHAREABLE_USAGE",
                f'Subscription field "{field.coordinate}" cannot be @shareable in subgraph "{subgraph.name}". '
                "Remove it: one subgraph answers a subscription.",
                field.place,
            )
