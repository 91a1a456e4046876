"""Enums and inputs of which subgraphs know different parts, and arguments that are optional here only."""

from __future__ import annotations

from tests.engine.draw_directives import Directives
from tests.engine.graph_model import FieldModel, TypeModel

VALUES = ["RED", "GREEN", "BLUE", "GREY"]


def add_inputs(draw: Directives) -> None:
    """An enum of answers, one of arguments, one of both, and an input, on fields of entities."""
    types = draw.model.types
    types["Shade"] = TypeModel("Shade", "enum", values=VALUES)
    types["Order"] = TypeModel("Order", "enum", values=VALUES, is_input=True)
    types["Both"] = TypeModel("Both", "enum", values=VALUES[:2])
    types["Filter"] = TypeModel("Filter", "input")
    for name, type_ in (("a", "Int"), ("b", "Order"), ("c", "[Both!]"), ("d", "String")):
        types["Filter"].fields[name] = FieldModel(name, type_)
    for one in draw.entities():
        for type_, argument in (
            ("Shade", ""),
            ("[Shade!]", ""),
            ("String", "o: Order"),
            ("String!", "o: [Order!], n: Int"),
            ("String", "f: Filter"),
            ("String", "b: Both = RED"),
            ("String", "m: Int!"),
        ):
            if draw.happens(0.2):
                name = f"in{len(one.fields)}"
                one.fields[name] = FieldModel(name, type_, argument)
                draw.spread(one.fields[name], sorted(one.present))
                _vary(draw, one.fields[name])
    draw.close()
    for each in types["Filter"].fields.values():
        for subgraph in draw.some(sorted(each.sources), 0.2) if each.name != "a" else ():
            del each.sources[subgraph]
    for name in ("Shade", "Order"):
        for subgraph in sorted(types[name].present):
            types[name].values_in[subgraph] = ["RED", *draw.some(VALUES[1:], 0.6)]
    for name in ("Shade", "Order", "Both", "Filter"):
        if not types[name].present:
            del types[name]


def _vary(draw: Directives, one: FieldModel) -> None:
    """One subgraph takes the argument as optional, or has none that the others have."""
    if len(one.sources) < 2 or not one.argument.endswith(("Int!", "n: Int")) or draw.happens(0.4):
        return
    chosen = one.sources[draw.random.choice(sorted(one.sources))]
    if one.argument == "m: Int!":
        chosen.argument = "m: Int"
    else:
        one.argument = "o: [Order!]"
        chosen.argument = "o: [Order!], n: Int"
