"""Hint where a subgraph links something that belongs to a newer version of Federation than it says.

Source: Federation 2, "Hints".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schema.composition.problems import Place, Problems
from schema.directives import AUTHENTICATED, CONNECT, COST, Version
from schema.subgraph import ValidSubgraph

_SINCE: Mapping[tuple[str, Version], Version] = {
    (AUTHENTICATED, (0, 1)): (2, 5),
    (COST, (0, 1)): (2, 9),
    (CONNECT, (0, 1)): (2, 10),
    (CONNECT, (0, 2)): (2, 11),
    (CONNECT, (0, 3)): (2, 12),
    (CONNECT, (0, 4)): (2, 13),
}
"""With which version of Federation the specification came."""


def check_federation_versions(subgraphs: Sequence[ValidSubgraph], problems: Problems) -> None:
    """Tell each subgraph that is read as a newer version."""
    for subgraph in subgraphs:
        linked = subgraph.links.federation
        versions = [_SINCE.get((each.identity, each.version), (0, 0)) for each in subgraph.links.features]
        implied = max(versions, default=(0, 0))
        if not subgraph.links.is_federation_1 and implied > linked:
            problems.hint(
                "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
                f'Subgraph "{subgraph.name}" links Federation v{linked[0]}.{linked[1]} and is read as '
                f"v{implied[0]}.{implied[1]}, since it links something of that version. Link that version.",
                Place(subgraph.name),
            )
