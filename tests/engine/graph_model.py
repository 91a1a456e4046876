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
RARE = ("@interfaceObject", "@context", "@fromContext")
"""Imported by the subgraphs that use them."""
GATHER = '@link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])\n'
MACHINERY = """
directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @interfaceObject on OBJECT
directive @context(name: String!) repeatable on OBJECT
directive @fromContext(field: String!) on ARGUMENT_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
directive @external on FIELD_DEFINITION
directive @shareable on FIELD_DEFINITION | OBJECT
directive @override(from: String!, label: String) on FIELD_DEFINITION
directive @inaccessible on FIELD_DEFINITION
directive @gather(key: String) on FIELD_DEFINITION
scalar _Any
"""

Kind = Literal["object", "interface", "union", "enum", "scalar", "input"]


@dataclass(frozen=True)
class ContextRead:
    """An argument that a context fills, with a value of this type."""

    argument: str
    type: str
    context: str
    selection: str

    def __str__(self) -> str:
        return f'{self.argument}: {self.type} @fromContext(field: "${self.context} {self.selection}")'


@dataclass
class Source:
    """What one subgraph says of one field. ``moved``: another subgraph took it over; ``strict``: never null.

    ``label`` is that of a progressive override, which is not taken over while the label is off. ``narrow`` is
    the named type and ``argument`` the argument's definition where the subgraph has others than the whole.
    """

    external: bool = False
    moved: bool = False
    strict: bool = False
    takes_from: str = ""
    label: str = ""
    requires: str = ""
    provides: str = ""
    narrow: str = ""
    argument: str | None = None
    reads: tuple[ContextRead, ...] = ()

    @property
    def is_asked(self) -> bool:
        return not (self.external or self.moved)


@dataclass
class FieldModel:
    """``type`` as printed (``"[E0!]!"``). ``argument`` is the arguments' definition (``"n: Int = 0"``)."""

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
        return sorted(name for name, source in self.sources.items() if source.is_asked)

    @property
    def requires(self) -> str:
        return next((source.requires for source in self.sources.values() if source.requires), "")

    @property
    def is_labelled(self) -> bool:
        return any(source.label for source in self.sources.values())

    @property
    def is_computed(self) -> bool:
        return bool(self.requires)

    @property
    def reading(self) -> tuple[str, tuple[ContextRead, ...]] | None:
        """The subgraph that reads contexts for the field, and what it reads."""
        return next(((name, one.reads) for name, one in self.sources.items() if one.reads), None)

    def named_in(self, subgraph: str) -> str:
        return self.sources[subgraph].narrow or self.named

    def type_in(self, subgraph: str) -> str:
        type_ = self.type.replace(self.named, self.named_in(subgraph))
        return f"{type_}!" if self.sources[subgraph].strict and not type_.endswith("!") else type_

    def arguments_in(self, subgraph: str | None) -> str:
        """The arguments as a subgraph declares them; those that clients see where none is given."""
        source = self.sources[subgraph] if subgraph else Source()
        own = self.argument if source.argument is None else source.argument
        return ", ".join([*([own] if own else []), *map(str, source.reads)])


@dataclass
class KeyModel:
    fields: str
    resolvable: bool = True


@dataclass
class TypeModel:
    """``keys``, ``implements``, ``members`` (of a union), ``values`` (of an enum, where they differ) and the
    contexts that it sets, by subgraph. ``is_value``: has no identity.

    ``interface_objects`` are the subgraphs that know an interface as an object with ``@interfaceObject``.
    ``is_input``: an enum of arguments only, whose values are those that all know.
    """

    name: str
    kind: Kind = "object"
    fields: dict[str, FieldModel] = field(default_factory=dict)
    keys: dict[str, list[KeyModel]] = field(default_factory=dict)
    implements: dict[str, list[str]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    values: list[str] = field(default_factory=list)
    values_in: dict[str, list[str]] = field(default_factory=dict)
    contexts: dict[str, list[str]] = field(default_factory=dict)
    interface_objects: set[str] = field(default_factory=set)
    is_value: bool = False
    is_input: bool = False


@dataclass
class GraphModel:
    """``is_sound``: made so that every composer has to accept it. ``labels`` of overrides are on."""

    subgraphs: list[str]
    types: dict[str, TypeModel] = field(default_factory=dict)
    is_sound: bool = True
    labels: frozenset[str] = frozenset()

    def field(self, type_name: str, name: str) -> FieldModel:
        """A field of an object type: its own, or one that an interface object adds."""
        return self.all_fields(type_name)[name]

    def all_fields(self, type_name: str) -> dict[str, FieldModel]:
        """The fields of an object type, with those that interface objects add to it."""
        fields = self.types[type_name].fields
        added: dict[str, FieldModel] = {}
        for one in self.types.values():
            if one.interface_objects and type_name in self.possible(one.name):
                for name, each in one.fields.items():
                    is_own = name in fields and any(not s.external for s in fields[name].sources.values())
                    if not is_own and one.interface_objects & each.sources.keys():
                        added[name] = each
        return {**fields, **added} if added else fields

    def held_as(self, type_name: str, subgraph: str | None) -> str:
        """The type as which a subgraph knows an object: an interface object, or its own."""
        for one in self.types.values():
            if subgraph in one.interface_objects and type_name in self.possible(one.name):
                return one.name
        return type_name

    def possible(self, type_name: str, subgraph: str | None = None) -> list[str]:
        """The object types that may stand where a type is declared; in one subgraph or anywhere."""
        declared = self.types.get(type_name)
        if declared is None or declared.kind in ("enum", "scalar", "input"):
            return []
        if declared.kind == "union":
            of = declared.members
            return sorted({m for s, names in of.items() if subgraph in (None, s) for m in names})
        if declared.kind == "interface":
            if subgraph in declared.interface_objects:
                subgraph = None
            return sorted(
                one.name
                for one in self.types.values()
                if any(type_name in names for s, names in one.implements.items() if subgraph in (None, s))
            )
        return [type_name]

    def subgraph_sdl(self, name: str) -> str:
        """The SDL that the subgraph registers."""
        body = self.own_sdl(name)
        rare = "".join(f', "{one}"' for one in RARE if one in body)
        link = FEDERATION.replace('"@inaccessible"]', f'"@inaccessible"{rare}]')
        return link + (GATHER.join(("extend schema ", "")) if "@gather" in body else "") + body

    def executable_sdl(self, name: str) -> str:
        """The SDL that the subgraph's process executes: with ``_entities``, without links."""
        body = self.own_sdl(name)
        entities = [one.name for one in self._in(name) if one.keys.get(name) and self._is_object(one, name)]
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

    def _is_object(self, one: TypeModel, subgraph: str | None) -> bool:
        return one.kind == "object" or subgraph in one.interface_objects

    def enum_values(self, one: TypeModel, subgraph: str | None = None) -> list[str]:
        """An enum's values in one subgraph; where none is given, those that clients see."""
        if not one.values_in:
            return one.values
        if subgraph is not None:
            return one.values_in.get(subgraph, one.values)
        known = [set(one.values_in.get(name, one.values)) for name in one.present]
        seen = set.intersection(*known) if one.is_input else set().union(*known)
        return [value for value in one.values if value in seen]

    def _print(self, one: TypeModel, subgraph: str | None) -> str:
        if one.kind == "scalar":
            return f"scalar {one.name}"
        if one.kind == "enum":
            return f"enum {one.name} {{ {' '.join(self.enum_values(one, subgraph))} }}"
        if one.kind == "union":
            return f"union {one.name} = {' | '.join(self.possible(one.name, subgraph))}"
        if one.kind == "input":
            known = (
                f for f in one.fields.values() if f.sources.keys() >= ({subgraph} if subgraph else one.present)
            )
            return f"input {one.name} {{ {' '.join(f'{each.name}: {each.type}' for each in known)} }}"
        every = one.fields if subgraph or one.kind != "object" else self.all_fields(one.name)
        fields = [f for f in every.values()
                  if (subgraph in f.sources if subgraph else f.sources and not f.inaccessible)]  # fmt: skip
        is_object = self._is_object(one, subgraph)
        body = " ".join(self._print_field(is_object, one.is_value, each, subgraph) for each in fields)
        interfaces = sorted({i for s, names in one.implements.items() if subgraph in (None, s) for i in names})
        implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
        marks = ""
        if subgraph:
            for key in one.keys.get(subgraph, ()):
                marks += f' @key(fields: "{key.fields}"{"" if key.resolvable else ", resolvable: false"})'
            marks += " @shareable" if one.is_value else ""
            marks += " @interfaceObject" if subgraph in one.interface_objects else ""
            marks += "".join(f' @context(name: "{name}")' for name in one.contexts.get(subgraph, ()))
        return f"{'type' if is_object else 'interface'} {one.name}{implements}{marks} {{ {body} }}"

    def _print_field(self, is_object: bool, is_value: bool, one: FieldModel, subgraph: str | None) -> str:
        type_, arguments = one.type_in(subgraph) if subgraph else one.type, one.arguments_in(subgraph)
        head = f"{one.name}{f'({arguments})' if arguments else ''}: {type_}"
        if subgraph is None or not is_object:
            return head
        source = one.sources[subgraph]
        if one.gather:
            head += f' @gather(key: "{one.merge_by}")' if one.merge_by else " @gather"
        elif source.external:
            head += " @external"
        elif (len(one.resolvers) > 1 or one.provided) and not is_value:
            head += " @shareable"
        label = f', label: "{source.label}"' if source.label else ""
        head += f' @override(from: "{source.takes_from}"{label})' if source.takes_from else ""
        head += " @inaccessible" if one.inaccessible and not source.external else ""
        head += f' @requires(fields: "{source.requires}")' if source.requires else ""
        return head + (f' @provides(fields: "{source.provides}")' if source.provides else "")
