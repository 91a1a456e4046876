"""Write what a join directive says as the Federation directives that say the same in a subgraph.

The extracted subgraph links Federation without imports, so that no name of the graph can be in the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphql import (
    BooleanValueNode,
    ConstArgumentNode,
    ConstDirectiveNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    ListValueNode,
    NameNode,
    Node,
    ObjectValueNode,
    StringValueNode,
    TypeDefinitionNode,
    parse_type,
)

from schema.composition.supergraph_sdl.features import arguments
from schema.composition.supergraph_sdl.joins import Graph, Joins

Given = Mapping[str, Any]
_CONTEXT = re.compile(r"^(?P<subgraph>.*)__(?P<context>[A-Za-z]\w*)$")


def mark(name: str, /, **given: str | bool | None) -> ConstDirectiveNode:
    """One of Federation's directives; arguments without a value are left out."""
    return ConstDirectiveNode(
        name=NameNode(value=f"federation__{name}"),
        arguments=tuple(
            ConstArgumentNode(
                name=NameNode(value=key.removesuffix("_")),
                value=BooleanValueNode(value=value) if isinstance(value, bool) else StringValueNode(value=value),
            )
            for key, value in given.items()
            if value is not None
        ),
    )


def type_marks(
    node: TypeDefinitionNode, applied: Sequence[Given], graph: Graph, joins: Joins
) -> tuple[ConstDirectiveNode, ...]:
    """Keys, whether the subgraph only extends the type, and the contexts that the type sets there."""
    keys = (
        mark("key", fields=each["key"], resolvable=False if each.get("resolvable") is False else None)
        for each in applied
        if each.get("key") is not None
    )
    extends = (mark("extends"),) if any(each.get("extension") for each in applied) else ()
    contexts = (
        mark("context", name=found["context"])
        for each in joins.features.marks(node, "context")
        if (found := _CONTEXT.match(str(arguments(each).get("name")))) and found["subgraph"] == graph.name
    )
    return (*keys, *extends, *contexts, *carried_marks(node, graph.value, joins))


def field_marks(node: FieldDefinitionNode, given: Given, joins: Joins) -> tuple[ConstDirectiveNode, ...]:
    """What one ``@join__field``, and ``@gather`` beside it, say of the field in its subgraph."""
    marks = []
    if given.get("requires") is not None:
        marks.append(mark("requires", fields=given["requires"]))
    if given.get("provides") is not None:
        marks.append(mark("provides", fields=given["provides"]))
    if given.get("external"):
        marks.append(mark("external"))
    else:
        marks.extend(
            replace(each, name=NameNode(value=own))
            for own in ("gather", "durable")
            for each in joins.features.marks(node, own)
        )
    if given.get("override") is not None:
        marks.append(mark("override", from_=given["override"], label=given.get("overrideLabel")))
    return tuple(marks)


def carried_marks(node: Node, value: str, joins: Joins) -> Iterator[ConstDirectiveNode]:
    """Directives that the supergraph carries for a subgraph without knowing them (``@join__directive``)."""
    for each in joins.features.marks(node, "directive"):
        given = {argument.name.value: argument.value for argument in each.arguments or ()}
        graphs, name, values = given.get("graphs"), given.get("name"), given.get("args")
        is_here = isinstance(graphs, ListValueNode) and value in [
            getattr(one, "value", "") for one in graphs.values
        ]
        if is_here and isinstance(name, StringValueNode):
            fields = values.fields if isinstance(values, ObjectValueNode) else ()
            yield ConstDirectiveNode(
                name=NameNode(value=name.value),
                arguments=tuple(ConstArgumentNode(name=one.name, value=one.value) for one in fields),
            )


def context_arguments(given: Iterable[Given]) -> Iterator[InputValueDefinitionNode]:
    """Arguments that the supergraph hides, since the gateway fills them from a context."""
    for each in given:
        context = str(each["context"]).rpartition("__")[2]
        yield InputValueDefinitionNode(
            name=NameNode(value=each["name"]),
            type=parse_type(each["type"], no_location=True),
            directives=(mark("fromContext", field=f"${context} {each['selection']}"),),
        )
