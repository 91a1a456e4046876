"""What federations do beside the plain graph: entity interfaces, contexts, chained keys, and the like.

Each module draws one concept into a graph that is there; a wide graph has several of them, and up to six
subgraphs.
"""

from __future__ import annotations

from random import Random

from tests.engine.draw_directives import Directives
from tests.engine.generate import GraphMaker
from tests.engine.graph_model import GraphModel
from tests.engine.wide.contexts import add_context
from tests.engine.wide.inputs import add_inputs
from tests.engine.wide.interface_objects import add_interface_object, share_with_members
from tests.engine.wide.keys import add_chained_keys, add_keys_through_lists, know_nested_keys
from tests.engine.wide.mutations import add_mutations
from tests.engine.wide.overrides import add_overrides
from tests.engine.wide.requirements import add_requirements
from tests.engine.wide.sharing import add_partial_values, add_unlike_members

CONCEPTS = (
    add_interface_object,
    add_context,
    add_chained_keys,
    add_keys_through_lists,
    add_partial_values,
    add_unlike_members,
    add_requirements,
    add_overrides,
    add_inputs,
    add_mutations,
)


def make_wide_graph(random: Random, wide: Random, *, may_gather: bool = True) -> GraphModel:
    """A plain graph of ``random`` with some of the concepts, drawn from ``wide``."""
    gathers = wide.random() < 0.25 and may_gather
    maker = GraphMaker(random, may_gather=gathers, most_subgraphs=6, most_entities=5)
    draw = Directives(wide, maker.make())
    for add in CONCEPTS:
        if draw.happens(0.4):
            add(draw)
    for _ in range(wide.randint(0, 2)):
        draw.provide()
    for _ in range(wide.randint(0, 2)):
        draw.require()
    draw.close()
    know_nested_keys(draw.model)
    draw.close()
    draw.finish_interfaces()
    share_with_members(draw.model)
    return draw.model
