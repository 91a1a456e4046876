"""``@requires`` beyond a text of plain fields: with arguments that differ, in circles, and of objects."""

from __future__ import annotations

from tests.engine.draw_directives import Directives
from tests.engine.graph_model import FieldModel, Source, TypeModel


def add_requirements(draw: Directives) -> None:
    """Some of each, on entities that have several subgraphs."""
    for one in draw.entities():
        homes = [s for s in sorted(one.present) if any(key.resolvable for key in one.keys.get(s, ()))]
        if len(homes) > 1:
            for add in (_with_arguments, _in_a_circle, _for_objects):
                if draw.happens(0.3):
                    add(draw, one, *draw.random.sample(homes, 2))
    draw.close()


def _compute(one: TypeModel, home: str, requires: str, type_: str = "String") -> FieldModel:
    name = f"computed{len(one.fields)}"
    one.fields[name] = FieldModel(name, type_, sources={home: Source(requires=requires)})
    return one.fields[name]


def _with_arguments(draw: Directives, one: TypeModel, home: str, other: str) -> None:
    """Two fields of one subgraph want the same foreign field with different arguments."""
    name = f"tuned{len(one.fields)}"
    one.fields[name] = FieldModel(name, "String", "n: Int = 1", sources={other: Source()})
    one.fields[name].sources[home] = Source(external=True)
    for requires in draw.some([f"{name}(n: 2)", f"{name}(n: 5)", name], 0.7) or [name]:
        _compute(one, home, requires)


def _in_a_circle(draw: Directives, one: TypeModel, home: str, other: str) -> None:
    """Each subgraph computes from what the other computed."""
    name = f"seed{len(one.fields)}"
    known = one.fields[name] = FieldModel(name, draw.random.choice(("Int", "String!")), sources={other: Source()})
    for _ in range(draw.random.randint(2, 3)):
        known.sources[home] = Source(external=True)
        known = _compute(one, home, known.name)
        home, other = other, home


def _for_objects(draw: Directives, one: TypeModel, home: str, other: str) -> None:
    """What is computed is an object or a list of objects."""
    name = f"seed{len(one.fields)}"
    one.fields[name] = FieldModel(name, "Int", sources={other: Source(), home: Source(external=True)})
    targets = draw.open_entities([home])
    _compute(one, home, name, draw.random.choice(("{}", "[{}]", "[{}!]!")).format(draw.random.choice(targets)))
