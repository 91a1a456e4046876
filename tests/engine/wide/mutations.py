"""Mutations that answer entities, lists, payloads and what may be several types; some are shared."""

from __future__ import annotations

from tests.engine.draw_directives import Directives
from tests.engine.graph_model import FieldModel, Source, TypeModel


def add_mutations(draw: Directives) -> None:
    """A payload with an entity in it, lists of entities, and abstract types."""
    model, mutation = draw.model, draw.model.types["Mutation"]
    open_names = draw.open_entities(())
    for one in draw.random.sample([each for each in draw.entities() if each.name in open_names], 2):
        home = draw.random.choice(sorted(one.present))
        payload = TypeModel(f"P{one.name}", is_value=True, present={home})
        payload.fields["done"] = FieldModel("done", "Boolean!", sources={home: Source()})
        payload.fields["item"] = FieldModel("item", one.name, sources={home: Source()})
        model.types[payload.name] = payload
        _add(mutation, f"change{one.name}", payload.name, [home])
        shared = draw.some(sorted(one.present), 0.6) or [home]
        _add(mutation, f"list{one.name}", f"[{one.name}!]!", shared)
    for kind in ("union", "interface"):
        for one in draw.of_kind(kind):
            if draw.happens(0.5) and one.present:
                _add(mutation, f"touch{one.name}", one.name, [draw.random.choice(sorted(one.present))])
    draw.close()


def _add(mutation: TypeModel, name: str, type_: str, among: list[str]) -> None:
    mutation.fields[name] = FieldModel(name, type_, "n: Int" if type_.startswith("[") else "")
    mutation.fields[name].sources = {subgraph: Source() for subgraph in among}
    mutation.present.update(among)
