"""Shared fields whose types differ by subgraph: in their fields, or in what they may be."""

from __future__ import annotations

from tests.engine.draw_directives import Directives
from tests.engine.graph_model import FieldModel, Source, TypeModel


def add_partial_values(draw: Directives) -> None:
    """A value of which each subgraph knows a part, below root fields and entities that share it."""
    subgraphs = draw.model.subgraphs
    among = sorted(draw.random.sample(subgraphs, min(len(subgraphs), draw.random.randint(2, 3))))
    outer, inner = TypeModel("W0", is_value=True), TypeModel("W1", is_value=True)
    draw.model.types |= {"W0": outer, "W1": inner}
    for one in (outer, inner):
        one.present.update(among)
        for number in range(draw.random.randint(2, 4)):
            draw.add_field(one, f"w{number}", draw.open_entities(among), [])
            draw.spread(one.fields[f"w{number}"], among)
        for subgraph in among:
            if not any(subgraph in each.sources for each in one.fields.values()):
                one.fields["w0"].sources[subgraph] = Source()
    wrap = draw.random.choice(("{}", "[{}]", "{}!"))
    outer.fields["inner"] = FieldModel("inner", wrap.format("W1"))
    outer.fields["inner"].sources = {subgraph: Source() for subgraph in among}
    draw.add_root("shelf", draw.random.choice(("W0", "W0!", "[W0]")), among)
    if draw.happens(0.5):
        draw.add_root("shelves", "[W0!]!", among, "n: Int")
    for each in draw.entities():
        if each.present >= set(among) and draw.happens(0.5):
            sources = {subgraph: Source() for subgraph in among}
            each.fields["shelf"] = FieldModel("shelf", draw.random.choice(("W0", "[W0!]")), sources=sources)
    draw.close()


def add_unlike_members(draw: Directives) -> None:
    """A shared field that may be other types in one subgraph than in another; one knows a single type only."""
    entities = draw.open_entities(draw.model.subgraphs)
    one = draw.model.types["X0"] = TypeModel("X0", "union")
    one.values = draw.random.sample(entities, min(len(entities), draw.random.randint(2, 4)))
    chosen = draw.random.sample(draw.model.subgraphs, draw.random.randint(1, min(3, len(draw.model.subgraphs))))
    common = draw.random.choice(one.values)
    for subgraph in chosen:
        one.present.add(subgraph)
        one.members[subgraph] = sorted({common, *draw.some(one.values, 0.5)})
        for member in one.members[subgraph]:
            draw.enter(draw.model.types[member], subgraph)
    for wrap, name in (("[{}]", "anyX0"), ("{}", "oneX0")):
        made = draw.add_root(name, wrap.format("X0"), draw.some(chosen, 0.6) or chosen[:1])
        if len(made.sources) > 1 and draw.happens(0.3):
            made.sources[draw.random.choice(sorted(made.sources))].narrow = common
    for each in draw.entities():
        known = sorted(each.present & set(chosen))
        if known and draw.happens(0.3):
            draw.spread(each.fields.setdefault("toX0", FieldModel("toX0", "X0")), known)
    draw.close()
