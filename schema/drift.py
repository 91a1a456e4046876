"""How the schema that a department serves now differs from the one that it registered.

Pure. Descriptions and order do not count; what counts are types, their fields with arguments, values, and the
directives on each, as coordinates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    Node,
    parse,
    print_ast,
)


def drift(registered: str, served: str) -> tuple[str, ...]:
    """Each difference in words, sorted; empty where both mean the same. Raises ``GraphQLSyntaxError``."""
    before, now = _coordinates(parse(registered)), _coordinates(parse(served))
    return tuple(sorted(_differences(before, now)))


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for coordinate in before.keys() | now.keys():
        was, is_now = before.get(coordinate), now.get(coordinate)
        if was is None:
            yield f"{coordinate} was added"
        elif is_now is None:
            yield f"{coordinate} is gone"
        elif was != is_now:
            yield f"{coordinate} was {was} and is {is_now}"


def _coordinates(document: DocumentNode) -> dict[str, str]:
    """What is said of each thing; a type that is defined and extended is one."""
    found: dict[str, str] = {}
    for definition in document.definitions:
        for coordinate, said in _said(definition):
            found[coordinate] = f"{found[coordinate]} {said}".strip() if coordinate in found else said
    return {coordinate: " ".join(sorted(said.split(" & "))) for coordinate, said in found.items()}


def _said(definition: DefinitionNode) -> Iterator[tuple[str, str]]:
    name = getattr(getattr(definition, "name", None), "value", "schema")
    directives = _directives(definition)
    implements = " & ".join(each.name.value for each in getattr(definition, "interfaces", None) or ())
    members = " & ".join(each.name.value for each in getattr(definition, "types", None) or ())
    yield name, " & ".join(part for part in (implements, members, directives) if part)
    for part in (*(getattr(definition, "fields", None) or ()), *(getattr(definition, "values", None) or ())):
        yield f"{name}.{part.name.value}", _part(part)
    for each in getattr(definition, "operation_types", None) or ():
        yield f"{name}.{each.operation.value}", each.type.name.value


def _part(part: Node) -> str:
    said = _directives(part)
    if isinstance(part, FieldDefinitionNode):
        arguments = ", ".join(sorted(f"{each.name.value}: {_value(each)}" for each in part.arguments or ()))
        said = f"({arguments}): {print_ast(part.type)} {said}" if arguments else f"{print_ast(part.type)} {said}"
    elif isinstance(part, InputValueDefinitionNode):
        said = f"{_value(part)} {said}"
    return said.strip()


def _value(part: InputValueDefinitionNode) -> str:
    default = f" = {print_ast(part.default_value)}" if part.default_value else ""
    return print_ast(part.type) + default


def _directives(node: Node) -> str:
    return " & ".join(sorted(print_ast(each) for each in getattr(node, "directives", None) or ()))
