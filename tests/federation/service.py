"""A stranger's service in process: it executes its own schema, strictly, over its own rows.

What a right plan never asks is noted as a misuse: a document that the schema refuses, a field that the service
cannot know where it is asked, a representation without one of the type's keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLAbstractType,
    GraphQLResolveInfo,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    OperationDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    SelectionSetNode,
    StringValueNode,
    build_ast_schema,
    execute_sync,
    is_abstract_type,
    parse,
    print_ast,
    validate,
    visit,
)
from graphql.language import Visitor

Row = Mapping[str, Any]
"""An object as its service has it: field by field, a value or a function of the row and the arguments. A field
that is missing is one that the service cannot know here."""

_Keyed = (
    ObjectTypeDefinitionNode | ObjectTypeExtensionNode | InterfaceTypeDefinitionNode | InterfaceTypeExtensionNode
)


def to(type_name: str, **fields: Any) -> Row:
    """An object of a type: the row of the service's table that these fields identify, if there is one, with
    these fields beside its own. What a field provides is written here."""
    return {"__typename": type_name, **fields}


def fails(text: str) -> Any:
    """A field that fails."""

    def run(_it: Row, **_arguments: Any) -> Any:
        raise RuntimeError(text)

    return run


@dataclass
class Service:
    """A subgraph. ``rows`` are its objects by type, ``root`` the values of its root fields."""

    sdl: str
    root: Row = field(default_factory=dict)
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    @cached_property
    def _keys(self) -> dict[str, list[SelectionSetNode]]:
        """The resolvable keys by type."""
        keys: dict[str, list[SelectionSetNode]] = {}
        for node in parse(self.sdl).definitions:
            if isinstance(node, _Keyed):
                found = [_fields_of(one) for one in node.directives or () if _is_resolvable_key(one)]
                keys.setdefault(node.name.value, []).extend(found)
        return keys

    @cached_property
    def schema(self) -> GraphQLSchema:
        document = visit(parse(self.sdl), _Plain(self.sdl))
        query = _query_root(document)
        is_there = any(getattr(node, "name", None) and node.name.value == query for node in document.definitions)
        added = f"{'extend ' * is_there}type {query} {{ _service: String }} scalar _Any "
        if entities := sorted(self._entity_types()):
            added += f"union _Entity = {' | '.join(entities)} "
            added += f"extend type {query} {{ _entities(representations: [_Any!]!): [_Entity]! }}"
        return build_ast_schema(DocumentNode(definitions=(*document.definitions, *parse(added).definitions)))

    def _entity_types(self) -> Iterator[str]:
        objects = ObjectTypeDefinitionNode | ObjectTypeExtensionNode
        names = (node.name.value for node in parse(self.sdl).definitions if isinstance(node, objects))
        return (name for name in names if self._keys[name])

    def answer(self, query: str, variables: Mapping[str, Any], misuses: list[str]) -> dict[str, Any]:
        """What a strict server says; ``misuses`` are what a right plan never asks."""
        document = parse(query)
        if wrong := validate(self.schema, document):
            misuses.extend(error.message for error in wrong)
            return {"errors": [{"message": error.message} for error in wrong]}
        asking = _Asking(self, misuses)
        result = execute_sync(
            self.schema,
            document,
            self.root,
            variable_values=dict(variables),
            field_resolver=asking.resolve,
            type_resolver=asking.type_of,
        )
        if result.data is None and any(error.path is None for error in result.errors or ()):
            misuses.extend(error.message for error in result.errors or ())
        return _formatted(result)

    def identified(self, value: Any) -> Any:
        """A value with the fields of the row that it names."""
        if not isinstance(value, Mapping):
            return value
        for row in self.rows.get(str(value.get("__typename")), ()):
            common = [name for name in row.keys() & value.keys() if name != "__typename"]
            if common and all(row[name] == value[name] for name in common):
                return {**row, **value}
        return value

    def entity(self, sent: Row, misuses: list[str]) -> Row | None:
        """The row that a representation names by one of the keys, with what was sent beside it."""
        type_name = sent["__typename"]
        declared = self.schema.type_map.get(type_name)
        unknown = sent.keys() - getattr(declared, "fields", {}).keys() - {"__typename"}
        if unknown:
            misuses.append(f"{type_name} has no {', '.join(sorted(unknown))}")
        types = [type_name]
        if is_abstract_type(declared):
            types = [one.name for one in self.schema.get_possible_types(declared)]
        keys = [key for key in self._keys.get(type_name, ()) if _holds(sent, key)]
        if not keys:
            misuses.append(f"{dict(sent)} has no key of {type_name}")
        for one in types:
            for row in self.rows.get(one, ()):
                if any(_agree(sent, row, key) for key in keys):
                    return {"__typename": one, **row, "sent": sent}
        return None


class _Plain(Visitor):
    """The SDL as any server would run it: without Federation's directives, extensions without a base as types."""

    def __init__(self, sdl: str) -> None:
        super().__init__()
        nodes = parse(sdl).definitions
        self._based = {node.name.value for node in nodes if isinstance(node, ObjectTypeDefinitionNode)}

    def enter_directive(self, node: ConstDirectiveNode, *_: Any) -> Any:
        return None if node.name.value in ("deprecated", "specifiedBy", "oneOf") else self.REMOVE

    def enter_directive_definition(self, *_: Any) -> Any:
        return self.REMOVE

    def enter_schema_extension(self, node: SchemaExtensionNode, *_: Any) -> Any:
        return None if node.operation_types else self.REMOVE

    def enter_object_type_extension(self, node: ObjectTypeExtensionNode, *_: Any) -> Any:
        if node.name.value in self._based:
            return None
        parts = {name: getattr(node, name) for name in ("name", "interfaces", "fields")}
        return ObjectTypeDefinitionNode(**parts, directives=())


@dataclass
class _Asking:
    """One request to a service."""

    service: Service
    misuses: list[str]

    def resolve(self, held: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return [self.service.entity(sent, self.misuses) for sent in arguments["representations"]]
        row = self.service.identified(held)
        if info.field_name not in row:
            self._misuse(f"{info.parent_type.name}.{info.field_name} cannot be known here")
        found = row[info.field_name]
        if not callable(found):
            return found
        try:
            return found({**row.get("sent", {}), **row}, **arguments)
        except KeyError as missing:
            self._misuse(f"{info.parent_type.name}.{info.field_name} lacks {missing}")

    def type_of(self, value: Any, _info: GraphQLResolveInfo[Any], _type: GraphQLAbstractType) -> str:
        return str(value["__typename"])

    def _misuse(self, text: str) -> None:
        self.misuses.append(text)
        raise LookupError(text)


def _formatted(result: ExecutionResult) -> dict[str, Any]:
    errors = [error.formatted for error in result.errors or ()]
    return {"data": result.data, **({"errors": errors} if errors else {})}


def _query_root(document: DocumentNode) -> str:
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            for one in node.operation_types or ():
                if one.operation.value == "query":
                    return one.type.name.value
    return "Query"


def _is_resolvable_key(directive: ConstDirectiveNode) -> bool:
    arguments = {one.name.value: print_ast(one.value) for one in directive.arguments or ()}
    return directive.name.value == "key" and arguments.get("resolvable") != "false"


def _fields_of(directive: ConstDirectiveNode) -> SelectionSetNode:
    value = next(one.value for one in directive.arguments or () if one.name.value == "fields")
    assert isinstance(value, StringValueNode)
    (operation,) = parse(f"{{ {value.value} }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation.selection_set


def _holds(sent: Any, key: SelectionSetNode) -> bool:
    """Whether all of a key was sent."""
    for one in key.selections:
        assert isinstance(one, FieldNode)
        if one.name.value not in sent:
            return False
        below = sent[one.name.value]
        items = below if isinstance(below, list) else [] if below is None else [below]
        if one.selection_set and not all(_holds(item, one.selection_set) for item in items):
            return False
    return True


def _agree(sent: Any, row: Any, key: SelectionSetNode) -> bool:
    """Whether a row has the very key that was sent."""
    fields = [one for one in key.selections if isinstance(one, FieldNode)]
    return all(_same(sent[one.name.value], row[one.name.value], one) for one in fields)


def _same(sent: Any, known: Any, one: FieldNode) -> bool:
    if isinstance(sent, list):
        pairs = zip(sent, known, strict=False)
        return len(sent) == len(known) and all(_same(mine, theirs, one) for mine, theirs in pairs)
    if one.selection_set and sent is not None and known is not None:
        return _agree(sent, known, one.selection_set)
    return bool(sent == known)
