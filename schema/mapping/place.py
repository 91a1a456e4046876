"""Where in the SDL a character of a quoted mapping stands, so that an error can point at it."""

from __future__ import annotations

from graphql import Node, StringValueNode

from schema.errors import Location


def place_of(subgraph: str, node: Node | None) -> tuple[Location, ...]:
    """The place where a node begins; nothing for a node without a source."""
    if node is None or node.loc is None:
        return ()
    token = node.loc.start_token
    return (Location(subgraph, token.line, token.column),)


def place_in(subgraph: str, node: StringValueNode, at: int) -> tuple[Location, ...]:
    """The place of the character at offset ``at`` of a string's value. Escapes before it are not counted."""
    if node.loc is None:
        return ()
    token = node.loc.start_token
    if not node.block:
        return (Location(subgraph, token.line, token.column + 1 + at),)
    raw = node.loc.source.body[node.loc.start + 3 : node.loc.end - 3].splitlines() or [""]
    leading = next((number for number, line in enumerate(raw) if line.strip()), 0)
    before = node.value[:at]
    row = leading + before.count("\n")
    column = at - (before.rfind("\n") + 1)
    if row == 0:
        return (Location(subgraph, token.line, token.column + 3 + column),)
    line = raw[row] if row < len(raw) else ""
    value_lines = node.value.split("\n")
    value_line = value_lines[before.count("\n")]
    return (Location(subgraph, token.line + row, len(line) - len(value_line) + column + 1),)
