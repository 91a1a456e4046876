"""Objects that do not tell their types once a visit was made, and the visits that could have them tell.

Source: Federation 2.3, "Entity interfaces", "@interfaceObject".
"""

from __future__ import annotations

from schema.planning.query_graph import QueryGraph
from schema.planning.site import Site, Visit


def leaves_untold(site: Site, visit: Visit) -> bool:
    """Whether objects do not tell their types yet once a visit has been made; the visit itself may tell them."""
    names = {one.selected.name for types, fields in visit.placed if types in site.blind.held_as for one in fields}
    return visit.is_blind and "__typename" not in names


def may_tell(graph: QueryGraph, visit: Visit) -> bool:
    """Whether a visit, asked for them, tells the types of its objects: its subgraph has the interface itself."""
    if not visit.service:
        return False
    subgraph = graph.services[visit.service]
    return not any(subgraph.is_interface_object(door.entry.type_name) for _, door in visit.entered)
