"""Draft a connector from a GraphQL server: its SDL as it is, or an overlay with guessed keys and look-ups.

Sources: docs/spec/overlay.md; GraphQL specification, section 4 "Introspection".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    print_schema,
)
from graphql.utilities import print_type

from schema.drafting.draft import Count, Draft, Note, Undraftable
from schema.drafting.names import same_word, singular
from schema.drafting.print_sdl import reviewed

_LINKS = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"{shareable}])
  @link(url: "https://jiyi.dev/spec/overlay/v0.1", import: ["@lookup"])"""
_SHARED = frozenset({"PageInfo"})
_HUB_OWN = frozenset({"node", "nodes"})
_MACHINERY = frozenset({"_service", "_entities"})


def draft_graphql(sdl: str) -> Draft:
    """From an SDL. Raises :class:`Undraftable` for what is no GraphQL schema."""
    if "@link" in sdl or "@key" in sdl:
        note = Note("schema", "it is a Federation subgraph already; its SDL is given as it is")
        return Draft("graphql", sdl.strip(), (note,), ())
    try:
        return draft_schema(build_schema(sdl))
    except (GraphQLError, TypeError) as error:
        raise Undraftable(f"This is no GraphQL SDL: {str(error).splitlines()[0]}") from None


def draft_introspection(answer: Any) -> Draft:
    """From the answer to an introspection query. Raises :class:`Undraftable`."""
    data = answer.get("data", answer) if isinstance(answer, Mapping) else None
    if not isinstance(data, Mapping) or "__schema" not in data:
        raise Undraftable('This is no answer to an introspection query: it has no "__schema".')
    try:
        return draft_schema(build_client_schema(dict(data)))  # type: ignore[arg-type]  # checked by it
    except (GraphQLError, TypeError, KeyError) as error:
        raise Undraftable(f"This is no introspected schema: {error}") from None


def draft_schema(schema: GraphQLSchema) -> Draft:
    """Its types as they are, those that a root field finds by an id with a key. Raises :class:`Undraftable`."""
    if schema.query_type is None:
        raise Undraftable("The schema has no query type.")
    overlay = _Overlay(schema, schema.query_type)
    return Draft("graphql", overlay.text(), tuple(overlay.notes), (overlay.coverage,))


class _Overlay:
    def __init__(self, schema: GraphQLSchema, query: GraphQLObjectType) -> None:
        self._schema = schema
        self._query = query
        self.notes: list[Note] = []
        self._roots = {each.name for each in (query, schema.mutation_type, schema.subscription_type) if each}
        self._objects = [
            each
            for name, each in schema.type_map.items()
            if isinstance(each, GraphQLObjectType) and not name.startswith("__") and name not in self._roots
        ]
        self._keys = {each.name: found for each in self._objects if (found := self._key_of(each))}

    @property
    def coverage(self) -> Count:
        with_id = [each for each in self._objects if "id" in each.fields or each.name in self._keys]
        return Count("types with an id have a key", len(self._keys), len(with_id))

    def text(self) -> str:
        shared = sorted(_SHARED & self._schema.type_map.keys())
        blocks = [
            "# Drafted from the schema of a GraphQL server that knows no Federation.",
            _LINKS.replace("{shareable}", ', "@shareable"' if shared else "") + self._operation_types(),
        ]
        for text in self._printed():
            blocks.append(text)
        for each in self._objects:
            if "id" in each.fields and each.name not in self._keys:
                self.notes.append(Note(each.name, "has an id, but no root field finds it by that; it has no key"))
        return "\n\n".join(blocks)

    def _operation_types(self) -> str:
        """Roots with other names than the usual."""
        roots = {"query": self._query, "mutation": self._schema.mutation_type}
        roots["subscription"] = self._schema.subscription_type
        if all(each is None or each.name == kind.capitalize() for kind, each in roots.items()):
            return ""
        lines = [f"  {kind}: {each.name}" for kind, each in roots.items() if each is not None]
        return " {\n" + "\n".join(lines) + "\n}"

    def _printed(self) -> Iterator[str]:
        whole = print_schema(self._schema)
        directives = [block for block in whole.split("\n\n") if block.lstrip().startswith("directive @")]
        yield from directives
        for name in sorted(self._schema.type_map):
            named = self._schema.type_map[name]
            if name.startswith("__") or name in {
                "String",
                "Int",
                "Float",
                "Boolean",
                "ID",
                "_Any",
                "_Entity",
                "_Service",
            }:
                continue
            text = print_type(named)
            head = f"type {name}"
            if name in _SHARED and isinstance(named, GraphQLObjectType):
                text = text.replace(f"{head} {{", f"{head} @shareable {{", 1)
            if name in self._keys:
                text = self._with_key(name, text)
            if isinstance(named, GraphQLObjectType) and named is self._query:
                text = print_type(self._without_hub_own(named))
            yield text

    def _with_key(self, name: str, text: str) -> str:
        key, lookup, many = self._keys[name]
        description, _, rest = text.partition(f"type {name}")
        before, brace, fields = rest.partition(" {\n")
        flag = ", many: true" if many else ""
        reviews = "\n".join(
            reviewed([f'the key "{key}" is guessed from the root field {lookup.partition("(")[0]}'])
        )
        return (
            f"{description}{reviews}\ntype {name}{before}\n"
            f'  @key(fields: "{key}")\n  @lookup(query: "{lookup}"{flag})\n{brace.strip()}\n{fields}'
        )

    def _without_hub_own(self, query: GraphQLObjectType) -> GraphQLObjectType:
        """Fields that the hub has itself are left out, unless a look-up needs them."""
        needed = {lookup.partition("(")[0] for _, lookup, _ in self._keys.values()}
        for name in sorted(_HUB_OWN & query.fields.keys()):
            reason = "is the hub's own; it is left out"
            if name in needed:
                reason = "is the hub's own, but a look-up needs it: the hub refuses it as it is"
            self.notes.append(Note(f"{query.name}.{name}", reason))
        kept = {name: field for name, field in query.fields.items() if name in needed or name not in _HUB_OWN}
        return GraphQLObjectType(query.name, kept, query.interfaces, description=query.description)

    # Guessing

    def _key_of(self, owner: GraphQLObjectType) -> tuple[str, str, bool] | None:
        """The field that tells objects apart, the look-up that finds by it, and whether it finds many at once."""
        found = [*self._candidates(owner)]
        # Many at once is one request; else the plainest name.
        found.sort(key=lambda each: (not each[2], len(each[1])))
        return found[0] if found else None

    def _candidates(self, owner: GraphQLObjectType) -> Iterator[tuple[str, str, bool]]:
        for name, field in self._query.fields.items():
            if name in _MACHINERY or (get_named_type(field.type).name != owner.name and name != "node"):
                continue
            needed = {each: argument for each, argument in field.args.items() if is_required_argument(argument)}
            is_list = is_list_type(get_nullable_type(field.type))
            if name == "node":
                if _is_node(field, owner) and set(needed) == {"id"}:
                    yield "id", "node(id: $id)", False
                continue
            match = self._match(owner, field, needed, is_list)
            if match is not None:
                argument, key = match
                yield key, f"{name}({argument}: ${key})", is_list

    def _match(
        self, owner: GraphQLObjectType, field: GraphQLField, needed: Mapping[str, GraphQLArgument], is_list: bool
    ) -> tuple[str, str] | None:
        """The one argument by which the field finds, and the field of the object that it is."""
        given = needed or {name: each for name, each in field.args.items() if name in ("id", "ids")}
        if len(given) != 1:
            return None
        name, argument = next(iter(given.items()))
        takes_list = is_list_type(get_nullable_type(argument.type))
        if takes_list is not is_list or not is_leaf_type(get_named_type(argument.type)):
            return None
        wished = singular(name) if takes_list else name
        for key, own in owner.fields.items():
            fits = same_word(key, wished) or (key == "id" and same_word(wished, f"{owner.name}id"))
            is_plain = is_leaf_type(get_nullable_type(own.type)) and not own.args
            if fits and is_plain and get_named_type(own.type) == get_named_type(argument.type):
                return (name, key)
        return None


def _is_node(field: GraphQLField, owner: GraphQLObjectType) -> bool:
    """Relay's ``node(id: ID!): Node`` finds whatever implements it."""
    named = get_named_type(field.type)
    id_field = owner.fields.get("id")
    return (
        isinstance(named, GraphQLInterfaceType)
        and named in owner.interfaces
        and id_field is not None
        and isinstance(id_field.type, GraphQLNonNull)
    )
