"""A small connector that a department hands in on the pages: as it begins, without a field, and broken."""

from __future__ import annotations

_LINKS = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
  @link(url: "https://specs.apollo.dev/connect/v0.2", import: ["@connect"])
"""
ROADS = (
    _LINKS
    + """
type Query {
  "A road by its number."
  road(number: ID!): Road @connect(http: { GET: "http://127.0.0.1:9/{$args.number}" }, selection: "number lanes")
}

type Road {
  number: ID!
  lanes: Int
}
"""
)
WITHOUT_LANES = ROADS.replace("  lanes: Int\n", "").replace("number lanes", "number")
BROKEN = ROADS.replace("lanes: Int", "lanes: Lane")


def named(name: str, sdl: str = ROADS) -> str:
    """The same under another name, for another connector in the same graph."""
    return sdl.replace("road(", f"{name}(").replace("Road", name.capitalize()).replace("A road", f"A {name}")
