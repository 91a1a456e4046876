"""Check one subgraph against Federation's rules; every rule is one function of the tuple below.

A rule tells what it finds and never stops another. Source: Federation 2, "Federated directives".
"""

from __future__ import annotations

from collections.abc import Callable

from schema.composition.problems import Problems
from schema.composition.validate_access import check_access_places
from schema.composition.validate_context import check_context_names, check_contextual_arguments
from schema.composition.validate_cost import check_costs
from schema.composition.validate_external import (
    check_external_on_interfaces,
    check_external_used,
    check_providing_fields,
)
from schema.composition.validate_field_sets import check_keys, check_provides, check_requires
from schema.composition.validate_gather import check_gather
from schema.composition.validate_interfaces import check_interface_keys, check_interface_objects
from schema.composition.validate_shareable import check_shareable
from schema.subgraph import ValidSubgraph

RULES: tuple[Callable[[ValidSubgraph, Problems], None], ...] = (
    check_keys,
    check_requires,
    check_provides,
    check_external_used,
    check_external_on_interfaces,
    check_shareable,
    check_gather,
    check_access_places,
    check_costs,
    check_interface_keys,
    check_interface_objects,
    check_context_names,
    check_contextual_arguments,
)


def validate(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Tell every rule that the subgraph breaks on its own. Fields that can provide nothing are told alone, as by
    the reference: whatever names them would be told a second time."""
    check_providing_fields(subgraph, problems)
    if not problems:
        for rule in RULES:
            rule(subgraph, problems)
