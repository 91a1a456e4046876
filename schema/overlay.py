"""An overlay: the SDL of a GraphQL server that knows no Federation, with keys and the look-ups that find by them.

``@lookup(query: "user(id: $id)")`` on a type says which root field finds its objects; each variable is a field of
the type. Read and checked here, asked in ``connectors.overlay``. Source: docs/spec/overlay.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    parse,
    parse_type,
    validate,
    visit,
)
from graphql.language import ast

from schema.errors import CompositionError, Location
from schema.field_set import FieldSetSyntaxError
from schema.mapping.links import OVERLAY, federation_name, find_link
from schema.mapping.place import place_in, place_of
from schema.mapping.virtual_schema import EntityKeyDirective, VirtualSchema, build_virtual_schema


@dataclass(frozen=True, slots=True)
class Lookup:
    """One way to find objects of a type. ``path`` are the response names down to the object, or to the list where
    it finds ``many`` at once; ``variables`` are field of the type and type of the argument. Where ``is_abstract``
    the field may give other types too."""

    type_name: str
    field: FieldNode
    path: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    many: bool
    is_abstract: bool

    @property
    def needs(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.variables)


@dataclass(frozen=True)
class Overlay:
    """``lookups`` are in the order of the document, by type."""

    sdl: str
    virtual: VirtualSchema
    lookups: dict[str, tuple[Lookup, ...]]


def check_overlay(subgraph: str, sdl: str) -> tuple[CompositionError, ...]:
    """Every reason why an overlay cannot be registered, in the order of the document."""
    return read_overlay(subgraph, sdl)[1]


def read_overlay(subgraph: str, sdl: str) -> tuple[Overlay | None, tuple[CompositionError, ...]]:
    """The SDL as values and every mistake in it; ``None`` for what is no schema at all."""
    try:
        document = parse(sdl)
        virtual = build_virtual_schema(document)
    except (GraphQLError, TypeError, FieldSetSyntaxError) as error:
        message = f"The schema is not valid: {str(error).splitlines()[0]}"
        return None, (CompositionError("INVALID_GRAPHQL", message, (subgraph,)),)
    reader = _Reader(subgraph, document, virtual)
    lookups = {name: tuple(reader.lookups(name)) for name in virtual.types}
    reader.check_keys(lookups)
    reader.check_requirements()
    errors = tuple(sorted(reader.errors, key=lambda error: (error.locations, error.code, error.message)))
    return Overlay(sdl, virtual, {name: found for name, found in lookups.items() if found}), errors


class _Wrong(Exception):
    """Why a look-up cannot be asked; ``at`` is the place in its text."""

    def __init__(self, code: str, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.at = at


@dataclass
class _Reader:
    subgraph: str
    document: DocumentNode
    virtual: VirtualSchema
    errors: list[CompositionError] = field(default_factory=list)
    wrong: set[str] = field(default_factory=set)
    """Types of which a look-up is told already."""

    def lookups(self, type_name: str) -> Iterator[Lookup]:
        link = find_link(self.document, OVERLAY)
        name = link.local_name("lookup") if link else "lookup"
        for directive in self.virtual.types[type_name].directives or ():
            if directive.name.value != name:
                continue
            arguments = {each.name.value: each.value for each in directive.arguments or ()}
            query, many = arguments.get("query"), arguments.get("many")
            if not isinstance(query, StringValueNode):
                message = f'@{name} on "{type_name}" needs a query: "{type_name.lower()}(id: $id)".'
                self._tell("OVERLAY_LOOKUP_INVALID", message, self._at(directive))
                self.wrong.add(type_name)
                continue
            try:
                yield self._lookup(
                    type_name, query.value, many=isinstance(many, ast.BooleanValueNode) and many.value
                )
            except _Wrong as wrong:
                message = f'@{name} on "{type_name}": {wrong}'
                self._tell(wrong.code, message, place_in(self.subgraph, query, wrong.at))
                self.wrong.add(type_name)

    def check_keys(self, lookups: dict[str, tuple[Lookup, ...]]) -> None:
        """Every key that says it can be resolved has a look-up that needs no more."""
        for type_name, keys in self.virtual.keys.items():
            for key in keys if type_name not in self.wrong else ():
                found = lookups.get(type_name, ())
                if key.resolvable and not any(each.needs <= key.field_names for each in found):
                    self._tell_no_lookup(type_name, key)
        for type_name, found in lookups.items():
            if found and type_name not in self.virtual.keys:
                fields = " ".join(sorted(found[0].needs))
                message = f'"{type_name}" has a look-up but no @key. Add @key(fields: "{fields}").'
                self._tell("OVERLAY_LOOKUP_WITHOUT_KEY", message, self._at(self.virtual.types[type_name]))

    def check_requirements(self) -> None:
        """A server that knows no Federation takes no other department's values."""
        requires = federation_name(self.document, "requires")
        for type_name, node in self.virtual.types.items():
            for each in getattr(node, "fields", None) or ():
                if any(directive.name.value == requires for directive in each.directives or ()):
                    place = f"{type_name}.{each.name.value}"
                    message = f'"{place}" has @requires, which the server cannot be given. Remove it.'
                    self._tell("OVERLAY_REQUIRES", message, self._at(each))

    def _tell_no_lookup(self, type_name: str, key: EntityKeyDirective) -> None:
        message = (
            f'Nothing finds "{type_name}" by @key(fields: "{key.fields}"). Add @lookup(query: "…") to the type, '
            "whose variables are among those fields, or say resolvable: false."
        )
        self._tell("OVERLAY_KEY_WITHOUT_LOOKUP", message, self._at(key.node))

    def _lookup(self, type_name: str, text: str, *, many: bool) -> Lookup:
        asked = _only_field(text)
        path, at = [asked.name.value], asked
        while at.selection_set is not None:
            at = _only(at.selection_set)
            path.append(at.name.value)
        whole = _with_innermost(asked)
        operation = DocumentNode(
            definitions=(OperationDefinitionNode(operation=ast.OperationType.QUERY, selection_set=_set(whole)),)
        )
        variables, returned = self._types_in(operation)
        owner = self.virtual.schema.type_map.get(type_name)
        known = owner.fields if isinstance(owner, GraphQLObjectType) else {}
        for name in variables:
            if name not in known:
                fields = ", ".join(sorted(known)) or "none"
                message = f'${name} is no field of "{type_name}". It has: {fields}.'
                raise _Wrong("OVERLAY_LOOKUP_VARIABLE_UNKNOWN", message, text.find(f"${name}"))
        if not variables:
            raise _Wrong(
                "OVERLAY_LOOKUP_INVALID",
                f"it reads no field of the type. Write one as a variable: {text}(id: $id).",
            )
        if returned is not None:
            self._check_returned(type_name, returned, text, many)
        self._validate(operation, variables)
        is_abstract = is_abstract_type(get_named_type(returned))  # type: ignore[call-overload]  # checked before
        return Lookup(type_name, asked, tuple(path), tuple(variables.items()), many, is_abstract)

    def _types_in(self, operation: DocumentNode) -> tuple[dict[str, str], object]:
        """The type at which each variable stands, and that of the innermost field."""
        variables: dict[str, str] = {}
        returned: list[object] = []
        info = TypeInfo(self.virtual.schema)

        class Types(Visitor):
            def enter_variable(self, node: VariableNode, *_: object) -> None:
                variables.setdefault(node.name.value, str(info.get_input_type() or ""))

            def enter_field(self, node: FieldNode, *_: object) -> None:
                if node.name.value != "__typename":
                    returned.append(info.get_type())

        visit(operation, TypeInfoVisitor(info, Types()))
        return variables, returned[-1]

    def _validate(self, operation: DocumentNode, variables: dict[str, str]) -> None:
        """Against the schema, as the server will."""
        definition = operation.definitions[0]
        declared = tuple(
            VariableDefinitionNode(
                variable=VariableNode(name=NameNode(value=name)), type=parse_type(type_ or "ID")
            )
            for name, type_ in variables.items()
        )
        known = replace(definition, variable_definitions=declared)  # type: ignore[call-arg]  # an operation
        problems = validate(self.virtual.schema, DocumentNode(definitions=(known,)))
        if problems:
            raise _Wrong("OVERLAY_LOOKUP_INVALID", problems[0].message)

    def _check_returned(self, type_name: str, returned: object, text: str, many: bool) -> None:
        schema: GraphQLSchema = self.virtual.schema
        named = get_named_type(returned)  # type: ignore[call-overload]  # of a field
        possible = (
            {each.name for each in schema.get_possible_types(named)} if is_abstract_type(named) else {named.name}
        )
        if type_name not in possible:
            raise _Wrong("OVERLAY_LOOKUP_TYPE_MISMATCH", f'"{text}" gives {returned}, not "{type_name}".')
        is_list = is_list_type(get_nullable_type(returned))  # type: ignore[call-overload]
        if is_list and not many:
            raise _Wrong("OVERLAY_LOOKUP_TYPE_MISMATCH", f'"{text}" gives a list. Say many: true, or ask for one.')
        if many and not is_list:
            raise _Wrong("OVERLAY_LOOKUP_TYPE_MISMATCH", f'"{text}" gives one object. Remove many: true.')

    def _tell(self, code: str, message: str, places: tuple[Location, ...]) -> None:
        self.errors.append(CompositionError(code, message, (self.subgraph,), places))

    def _at(self, node: ast.Node | DirectiveNode) -> tuple[Location, ...]:
        return place_of(self.subgraph, node)


def _only_field(text: str) -> FieldNode:
    try:
        operation = parse(f"{{{text}}}", no_location=True).definitions[0]
    except GraphQLError as error:
        raise _Wrong("OVERLAY_LOOKUP_INVALID", f'"{text}" is no field of a query: {error.message}') from None
    if not isinstance(operation, OperationDefinitionNode):
        raise _Wrong("OVERLAY_LOOKUP_INVALID", f'"{text}" is no field of a query.')
    return _only(operation.selection_set)


def _only(selections: SelectionSetNode) -> FieldNode:
    """Where an object is, is told by one plain field inside the other."""
    found = selections.selections[0]
    if (
        len(selections.selections) == 1
        and isinstance(found, FieldNode)
        and not found.alias
        and not found.directives
    ):
        return found
    raise _Wrong(
        "OVERLAY_LOOKUP_INVALID", "ask for one field, and for one inside it where the object is further down."
    )


def _with_innermost(field_node: FieldNode) -> FieldNode:
    if field_node.selection_set is None:
        return replace(field_node, selection_set=_set(FieldNode(name=NameNode(value="__typename"))))
    inner = _only(field_node.selection_set)
    return replace(field_node, selection_set=_set(_with_innermost(inner)))


def _set(selection: FieldNode) -> SelectionSetNode:
    return SelectionSetNode(selections=(selection,))
