"""Export a supergraph for routers that do not know ``@gather`` and have no tickets.

They would ask one department and show its part as the whole, so a gathered field is refused, unless somebody
declares whose part is to stand for it there: its fallback owner. Source: docs/spec/gather.md, "In the supergraph".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from schema.composition.print_supergraph import print_supergraph
from schema.composition.problems import Place, Problems, name_list
from schema.errors import CompositionError
from schema.supergraph import FieldSource, Supergraph

NOBODY: Mapping[str, str] = MappingProxyType({})


def export_supergraph(
    supergraph: Supergraph, fallback_owners: Mapping[str, str] = NOBODY
) -> str | tuple[CompositionError, ...]:
    """Join-spec SDL without ``@gather``; or every gathered field that has no fallback owner and
    every durable mutation.

    ``fallback_owners`` goes from ``"Type.field"`` to the subgraph that answers the field alone.
    """
    problems = Problems()
    sources = {
        coordinate: _exported(coordinate, each, fallback_owners.get(coordinate), problems)
        for coordinate, each in supergraph.sources.items()
    }
    for subgraph in supergraph.subgraphs.values():
        for coordinate, rules in subgraph.fields.items():
            if rules.durable is not None:
                problems.error(
                    "DURABLE_NOT_EXPORTABLE",
                    f'"{coordinate}" gives a ticket, which this hub alone keeps: no other router could '
                    "answer it. Let clients ask this gateway.",
                    Place(subgraph.name),
                )
    return problems.errors or print_supergraph(replace(supergraph, sources=sources))


def _exported(
    coordinate: str, sources: tuple[FieldSource, ...], owner: str | None, problems: Problems
) -> tuple[FieldSource, ...]:
    gatherers = [each.subgraph for each in sources if each.gather]
    if not gatherers:
        return sources
    if owner not in gatherers:
        problems.error(
            "GATHER_NOT_EXPORTABLE",
            f'"{coordinate}" is gathered from {name_list(gatherers)}, and another router would ask one of them '
            "only. Declare which one as its fallback owner, or let clients ask this gateway.",
            *(Place(each) for each in gatherers),
        )
    return tuple(replace(each, gather=None) for each in sources if each.subgraph == owner or not each.gather)
