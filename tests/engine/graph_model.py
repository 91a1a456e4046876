"""A made-up graph as a value: its types and fields, who resolves what by which key, and its SDL.

One :class:`GraphModel` prints both the SDL of every subgraph and the SDL of the one process that knows all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from graphql import GraphQLSchema, build_schema

FEDERATION = """extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.9"
  import: ["@key", "@external", "@requires", "@provides", "@shareable", "@override", "@inaccessible"]
)
"""
GATHER = '@link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])\n'
MACHINERY = """
directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT
directive @requires(fields: String!) on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
directive @external on FIELD_DEFINITION
directive @shareable on FIELD_DEFINITION | OBJECT
directive @override(from: String!) on FIELD_DEFINITION
directive @inaccessible on FIELD_DEFINITION
directive @gather(key: String) on FIELD_DEFINITION
scalar _Any
"""

Kind = Literal["object", "interface", "union", "enum", "scalar"]


@dataclass
class Source:
    """What one subgraph says of one field. ``moved``: another subgraph took it over; ``strict``: never null."""

    external: bool = False
    moved: bool = False
    strict: bool = False
    takes_from: str = ""
    requires: str = ""
    provides: str = ""


@dataclass
class FieldModel:
    """``type`` as printed (``"[E0!]!"``). ``argument`` is one argument's definition (``"n: Int = 0"``)."""

    name: str
    type: str
    argument: str = ""
    sources: dict[str, Source] = field(default_factory=dict)
    gather: bool = False
    merge_by: str = ""
    provided: bool = False
    inaccessible: bool = False

    @property
    def named(self) -> str:
        return self.type.strip("[]!")

    @property
    def resolvers(self) -> list[str]:
        return sorted(name for name, source in self.sources.items() if not (source.external or source.moved))

    def type_in(self, subgraph: str) -> str:
        return f"{self.type}!" if self.sources[subgraph].strict and not self.type.endswith("!") else self.type


@dataclass
class KeyModel:
    fields: str
    resolvable: bool = True


@dataclass
class TypeModel:
    """``keys``, ``implements`` and ``members`` (of a union) by subgraph. ``is_value``: has no identity."""

    name: str
    kind: Kind = "object"
    fields: dict[str, FieldModel] = field(default_factory=dict)
    keys: dict[str, list[KeyModel]] = field(default_factory=dict)
    implements: dict[str, list[str]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    values: list[str] = field(default_factory=list)
    is_value: bool = False


@dataclass
class GraphModel:
    """``is_sound``: made so that every composer has to accept it."""

    subgraphs: list[str]
    types: dict[str, TypeModel] = field(default_factory=dict)
    is_sound: bool = True

    def possible(self, type_name: str, subgraph: str | None = None) -> list[str]:
        """The object types that may stand where a type is declared; in one subgraph or anywhere."""
        declared = self.types.get(type_name)
        if declared is None or declared.kind in ("enum", "scalar"):
            return []
        if declared.kind == "union":
            of = declared.members
            return sorted({m for s, names in of.items() if subgraph in (None, s) for m in names})
        if declared.kind == "interface":
            return sorted(
                one.name
                for one in self.types.values()
                if any(type_name in names for s, names in one.implements.items() if subgraph in (None, s))
            )
        return [type_name]

    def subgraph_sdl(self, name: str) -> str:
        """The SDL that the subgraph registers."""
        body = self.own_sdl(name)
        return FEDERATION + (GATHER.join(("extend schema ", "")) if "@gather" in body else "") + body

    def executable_sdl(self, name: str) -> str:
        """The SDL that the subgraph's process executes: with ``_entities``, without links."""
        body = self.own_sdl(name)
        entities = [one.name for one in self._in(name) if one.keys.get(name)]
        if entities:
            body += f"\nunion _Entity = {' | '.join(entities)}"
            query = "_entities(representations: [_Any!]!): [_Entity]!"
            has_query = name in self.types["Query"].present
            body += f"\n{'extend ' if has_query else ''}type Query {{ {query} }}"
        elif name not in self.types["Query"].present:
            body += "\ntype Query { nothing: Int }"
        return MACHINERY + body

    def own_sdl(self, name: str) -> str:
        """The types of a subgraph, without links and machinery."""
        return "\n".join(self._print(one, name) for one in self._in(name))

    def whole_sdl(self) -> str:
        return "\n".join(self._print(one, None) for one in self.types.values() if one.present)

    def whole_schema(self) -> GraphQLSchema:
        return build_schema(self.whole_sdl())

    def _in(self, subgraph: str) -> list[TypeModel]:
        return [one for one in self.types.values() if subgraph in one.present]

    def _print(self, one: TypeModel, subgraph: str | None) -> str:
        if one.kind == "scalar":
            return f"scalar {one.name}"
        if one.kind == "enum":
            return f"enum {one.name} {{ {' '.join(one.values)} }}"
        if one.kind == "union":
            return f"union {one.name} = {' | '.join(self.possible(one.name, subgraph))}"
        fields = [f for f in one.fields.values()
                  if (subgraph in f.sources if subgraph else f.sources and not f.inaccessible)]  # fmt: skip
        body = " ".join(self._print_field(one, each, subgraph) for each in fields)
        interfaces = sorted({i for s, names in one.implements.items() if subgraph in (None, s) for i in names})
        implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
        marks = ""
        if subgraph:
            for key in one.keys.get(subgraph, ()):
                marks += f' @key(fields: "{key.fields}"{"" if key.resolvable else ", resolvable: false"})'
            marks += " @shareable" if one.is_value else ""
        return f"{one.kind.replace('object', 'type')} {one.name}{implements}{marks} {{ {body} }}"

    def _print_field(self, owner: TypeModel, one: FieldModel, subgraph: str | None) -> str:
        type_ = one.type_in(subgraph) if subgraph else one.type
        head = f"{one.name}{f'({one.argument})' if one.argument else ''}: {type_}"
        if subgraph is None or owner.kind == "interface":
            return head
        source = one.sources[subgraph]
        if one.gather:
            head += f' @gather(key: "{one.merge_by}")' if one.merge_by else " @gather"
        elif source.external:
            head += " @external"
        elif (len(one.resolvers) > 1 or one.provided) and not owner.is_value:
            head += " @shareable"
        head += f' @override(from: "{source.takes_from}")' if source.takes_from else ""
        head += " @inaccessible" if one.inaccessible and not source.external else ""
        head += f' @requires(fields: "{source.requires}")' if source.requires else ""
        return head + (f' @provides(fields: "{source.provides}")' if source.provides else "")
