"""A supergraph as a table, so that two prints can be compared whatever their order."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import ConstDirectiveNode, Node, parse, print_ast
from graphql.utilities.sort_value_node import sort_value_node

from schema.field_set import parse_field_set

_DEFAULTS = {("resolvable", "true"), ("extension", "false"), ("isInterfaceObject", "false")}
_FIELD_SETS = ("key", "requires", "provides")


def table(sdl: str) -> dict[str, set[str]]:
    """By coordinate: kind, type, default, interfaces, members, and each directive with its arguments."""
    rows: dict[str, set[str]] = {}
    for node in parse(sdl, no_location=True).definitions:
        name = _name(node)
        if name and "__" not in name and node.kind != "directive_definition":
            rows[name] = {node.kind, *_told(node)}
            for part in _parts(node):
                rows[f"{name}.{_name(part)}"] = set(_told(part))
                for argument in getattr(part, "arguments", None) or ():
                    rows[f"{name}.{_name(part)}({_name(argument)}:)"] = set(_told(argument))
    return rows


def _parts(node: Node) -> tuple[Node, ...]:
    return tuple(getattr(node, "fields", None) or getattr(node, "values", None) or ())


def _name(node: Node) -> str:
    name = getattr(node, "name", None)
    return str(name.value) if name else ""


def _told(node: Node) -> Iterator[str]:
    yield from (_directive(each) for each in getattr(node, "directives", None) or ())
    yield from (f"implements {_name(each)}" for each in getattr(node, "interfaces", None) or ())
    yield from (f"member {_name(each)}" for each in getattr(node, "types", None) or ())
    for part in ("type", "default_value"):
        if value := getattr(node, part, None):
            yield f"{part} {print_ast(value)}"


def _directive(node: ConstDirectiveNode) -> str:
    arguments = []
    for each in node.arguments or ():
        value = print_ast(sort_value_node(each.value))
        if each.name.value in _FIELD_SETS:
            value = str(parse_field_set(value.strip('"')))
        if (each.name.value, value) not in _DEFAULTS:
            arguments.append(f"{each.name.value}: {value}")
    return f"@{node.name.value}({', '.join(sorted(arguments))})"
