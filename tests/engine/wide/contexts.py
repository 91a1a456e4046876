"""A context: objects set a value, and fields below them take it as an argument.

Source: Federation 2.8, "@context", "@fromContext".
"""

from __future__ import annotations

from tests.engine.draw_directives import Directives
from tests.engine.graph_model import ContextRead, FieldModel, KeyModel, Source, TypeModel


def add_context(draw: Directives) -> None:
    """One or two types set a context in one subgraph; a reader that stands below them takes it."""
    home = draw.random.choice(draw.model.subgraphs)
    candidates = [one for one in draw.entities() if home in one.present and one.keys.get(home)]
    if not candidates:
        return
    number = sum(name.startswith("R") for name in draw.model.types)
    setters = draw.random.sample(candidates, min(len(candidates), draw.random.randint(1, 2)))
    reader = draw.model.types[f"R{number}"] = TypeModel(f"R{number}")
    name, type_ = f"given{number}", draw.random.choice(("String", "Int"))
    selections = [_set(draw, one, home, f"context{number}", name, type_) for one in setters]
    if len(set(selections)) > 1 or draw.happens(0.2):
        pairs = zip(setters, selections, strict=True)
        selection = " ".join(f"... on {one.name} {text}" for one, text in pairs)
    else:
        selection = selections[0]
    read = ContextRead("given", type_, f"context{number}", selection)
    _make_reader(draw, reader, home, read, setters)
    for one in setters:
        made = FieldModel(f"readers{number}", draw.random.choice(("{}", "[{}]", "[{}!]!")).format(reader.name))
        made.sources[home if draw.happens(0.7) else draw.random.choice(sorted(one.present))] = Source()
        one.fields[made.name] = made
    if not draw.model.is_sound and draw.happens(0.2):
        draw.add_root(f"all{reader.name}", f"[{reader.name}]", [home])
    draw.close()


def _set(draw: Directives, one: TypeModel, home: str, context: str, name: str, type_: str) -> str:
    """Have a type set the context; what is read of it."""
    one.contexts.setdefault(home, []).append(context)
    if draw.happens(0.25):
        held = f"holder{len(one.fields)}"
        target = draw.random.choice([each for each in draw.entities() if home in each.present])
        one.fields[held] = FieldModel(held, target.name, sources={home: Source()})
        _give(draw, target, home, name, type_)
        return f"{{ {held} {{ {name} }} }}"
    _give(draw, one, home, name, type_)
    return f"{{ {name} }}"


def _give(draw: Directives, one: TypeModel, home: str, name: str, type_: str) -> None:
    if name in one.fields:
        return
    owner = home if draw.happens(0.4) else draw.random.choice(sorted(one.present))
    made = one.fields[name] = FieldModel(name, type_ + draw.random.choice(("", "!")), sources={owner: Source()})
    if owner != home:
        made.sources[home] = Source(external=True)


def _make_reader(
    draw: Directives, reader: TypeModel, home: str, read: ContextRead, setters: list[TypeModel]
) -> None:
    reader.fields["id"] = FieldModel("id", "ID!")
    for subgraph in {home, *draw.some(draw.model.subgraphs, 0.3)}:
        reader.present.add(subgraph)
        reader.keys[subgraph] = [KeyModel("id")]
        reader.fields["id"].sources[subgraph] = Source()
    for name in ("r0", "r1"):
        draw.add_field(reader, name, draw.open_entities(reader.present), [])
        draw.spread(reader.fields[name], sorted(reader.present))
    argument = draw.random.choice(("", "", "n: Int"))
    reader.fields["told"] = FieldModel("told", "String!", argument, sources={home: Source(reads=(read,))})
    if read.type == "Int" and draw.happens(0.5):
        many = FieldModel("cut", f"[{setters[0].name}]", sources={home: Source(reads=(read,))})
        reader.fields["cut"] = many
