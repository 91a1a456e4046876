"""Where paths begin: one site for a query, a site per run of root fields for a mutation.

A mutation's fields run in the client's order, each in exactly one subgraph; neighbours in one subgraph share
a fetch. Source: GraphQL specification, section 6.2.2 "Mutation".
"""

from __future__ import annotations

from collections.abc import Iterator

from schema.planning.normalize import Operation
from schema.planning.paths import PathSearch
from schema.planning.selection import Selected, Selection
from schema.planning.site import Site


def find_paths(search: PathSearch, operation: Operation) -> tuple[Site, ...]:
    """The root sites, to be run one after another. None where nothing needs to be fetched."""
    root = operation.selection
    fields = root.fields(root.type_name)
    if not fields:
        return ()
    if operation.kind == "query":
        return (search.solve_root(root),)
    return tuple(search.solve_root(_part(root, run)) for run in _runs(search, root, fields))


def _runs(search: PathSearch, root: Selection, fields: tuple[Selected, ...]) -> Iterator[tuple[Selected, ...]]:
    """Neighbours that one subgraph answers best, each response name once."""
    run: list[Selected] = []
    service: str | None = None
    for one in fields:
        chosen = _service(search.solve_root(_part(root, (one,))))
        is_taken = any(other.response_name == one.response_name for other in run)
        if run and (chosen != service or is_taken):
            yield tuple(run)
            run = []
        run.append(one)
        service = chosen
    yield tuple(run)


def _service(site: Site) -> str:
    return next(visit.service for visit in site.visits if visit.service)


def _part(root: Selection, fields: tuple[Selected, ...]) -> Selection:
    return Selection(root.type_name, {root.type_name: fields}, root.origin)
