"""Keys that lead to other keys, and keys that lie deep in the object."""

from __future__ import annotations

from schema.field_set import FieldSelection, Selection, parse_field_set
from tests.engine.draw_directives import Directives
from tests.engine.graph_model import FieldModel, GraphModel, KeyModel, Source, TypeModel


def add_chained_keys(draw: Directives) -> None:
    """An entity whose subgraphs each know the key of the next only."""
    count = min(len(draw.model.subgraphs), draw.random.randint(3, 5))
    order = draw.random.sample(draw.model.subgraphs, count)
    one = draw.model.types["K0"] = TypeModel("K0", present=set(order))
    targets = draw.open_entities(order)
    for number, subgraph in enumerate(order):
        for link in (number - 1, number):
            if link < 0 or (link == count - 1 and draw.happens(0.7)):
                continue
            known = one.fields.setdefault(f"link{link}", FieldModel(f"link{link}", "ID!"))
            known.sources[subgraph] = Source()
            resolvable = draw.model.is_sound or draw.happens(0.9)
            one.keys.setdefault(subgraph, []).append(KeyModel(known.name, resolvable))
        name = f"k{number}"
        draw.add_field(one, name, targets, [])
        one.fields[name].sources[subgraph] = Source()
    lead_to(draw, one)


def add_keys_through_lists(draw: Directives) -> None:
    """An entity that is known by the objects that it lists, or by an object of an object."""
    one = draw.model.types["L0"] = TypeModel("L0")
    open_names = set(draw.open_entities(draw.model.subgraphs)) - {"L0", "K0"}
    entities = [each for each in draw.entities() if each.name in open_names and "code" in each.fields]
    entity = draw.random.choice(entities)
    one.fields["id"] = FieldModel("id", "ID!")
    one.fields["keyedItems"] = FieldModel("keyedItems", f"[{entity.name}!]!")
    one.fields["keyedOwner"] = FieldModel("keyedOwner", f"{entity.name}!")
    candidates = ["id", "keyedItems { id }", "keyedOwner { id code }", "keyedOwner { id } keyedItems { id }"]
    for subgraph in draw.some(draw.model.subgraphs, 0.7) or draw.model.subgraphs[:1]:
        one.present.add(subgraph)
        chosen = [draw.random.choice(candidates), *draw.some(candidates, 0.2)]
        chosen += ["id"] if draw.model.is_sound else []
        for fields in dict.fromkeys(chosen):
            resolvable = draw.model.is_sound or draw.happens(0.9)
            one.keys.setdefault(subgraph, []).append(KeyModel(fields, resolvable))
            for name in ("id", "keyedItems", "keyedOwner"):
                if name in fields.replace("{ id", "{").split():
                    one.fields[name].sources.setdefault(subgraph, Source())
            if "{" in fields:
                draw.enter(entity, subgraph)
                for inner in ("id", "code") if "code" in fields else ("id",):
                    entity.fields[inner].sources.setdefault(subgraph, Source())
    for number in range(3):
        draw.add_field(one, f"l{number}", [entity.name, one.name], [])
        draw.spread(one.fields[f"l{number}"], sorted(one.present))
    lead_to(draw, one)


def lead_to(draw: Directives, one: TypeModel) -> None:
    """Root fields and fields of entities that lead to an entity."""
    present = sorted(one.present)
    draw.add_root(f"all{one.name}", f"[{one.name}]", [draw.random.choice(present)])
    draw.add_root(f"one{one.name}", one.name, draw.some(present, 0.3) or present[:1])
    for each in draw.entities():
        known = sorted(each.present & one.present)
        if each is not one and known and draw.happens(0.3):
            made = each.fields[f"to{one.name}"] = FieldModel(f"to{one.name}", one.name)
            draw.spread(made, known)


def know_nested_keys(model: GraphModel) -> None:
    """Each subgraph has the fields that its keys name of other objects."""
    for one in model.types.values():
        for subgraph, keys in one.keys.items():
            for key in keys:
                for part in parse_field_set(key.fields).selections:
                    _know_below(model, one, part, subgraph)


def _know_below(model: GraphModel, one: TypeModel, part: Selection, subgraph: str) -> None:
    if isinstance(part, FieldSelection) and part.selections:
        target = model.types[one.fields[part.name].named]
        for inner in part.selections:
            if isinstance(inner, FieldSelection):
                target.fields[inner.name].sources.setdefault(subgraph, Source())
                _know_below(model, target, inner, subgraph)
