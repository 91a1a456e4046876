"""Write an operation's fragments out into fields per concrete type, and fold literal conditions.

Equal groups of selection sets become one shared :class:`Selection`, so that repeated fragments cost nothing;
what they would cost written out is counted first and refused beyond the limit.
Source: GraphQL specification, section 6.3.2 "CollectFields", and "@skip", "@include".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    print_ast,
)

from schema.errors import PlanningError, RuntimeCode
from schema.planning.limits import MAX_DEPTH, MAX_SELECTIONS, too_complex
from schema.planning.query_plan import OperationKind
from schema.planning.selection import (
    NO_LITERALS,
    Literals,
    Selected,
    Selection,
    common_literals,
    either,
)

Group = tuple[tuple[SelectionSetNode, Literals], ...]
"""Selection sets that stand at one place, each with what must hold for it there."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation without fragments. ``variables`` are its definitions as text, by name."""

    kind: OperationKind
    selection: Selection
    variables: Mapping[str, str]
    response_names: frozenset[str]


def normalize(schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> Operation:
    """The named operation of a document that is valid against ``schema``.

    Raises :class:`PlanningError` when it is too large or names no operation.
    """
    definition = find_operation(document, operation_name)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    _measure(definition.selection_set, fragments)
    root = schema.get_root_type(definition.operation)
    if root is None:
        raise PlanningError(RuntimeCode.NO_PLAN, f"The graph has no {definition.operation.value} operations.")
    collector = _Collector(schema, fragments)
    selection = collector.selection(root, ((definition.selection_set, NO_LITERALS),), NO_LITERALS)
    asked = tuple(f for f in selection.fields(root.name) if not f.name.startswith("__"))
    return Operation(
        kind=definition.operation.value,
        selection=Selection(root.name, {root.name: asked}, selection),
        variables={d.variable.name.value: print_ast(d) for d in definition.variable_definitions or ()},
        response_names=frozenset(collector.response_names),
    )


def find_operation(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    """The operation of that name, or the only one."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if operation_name is None and len(operations) == 1:
        return operations[0]
    for operation in operations:
        if operation.name and operation.name.value == operation_name:
            return operation
    raise PlanningError(RuntimeCode.OPERATION_RESOLUTION_FAILURE, f"There is no operation {operation_name!r}.")


def _measure(selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
    """Count fields and levels with every fragment written out, each fragment looked at once."""
    known: dict[str, tuple[int, int]] = {}

    def measure(node: SelectionSetNode) -> tuple[int, int]:
        size = depth = 0
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                below = measure(selection.selection_set) if selection.selection_set else (0, 0)
                below = (below[0] + 1, below[1] + 1)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name not in known:
                    known[name] = measure(fragments[name].selection_set)
                below = (known[name][0] + 1, known[name][1])
            elif isinstance(selection, InlineFragmentNode):
                below = measure(selection.selection_set)
            size, depth = size + below[0], max(depth, below[1])
            if size > MAX_SELECTIONS:
                raise too_complex(f"its fragments written out make more than {MAX_SELECTIONS} fields")
            if depth > MAX_DEPTH:
                raise too_complex(f"it is more than {MAX_DEPTH} levels deep")
        return size, depth

    measure(selection_set)


@dataclass(slots=True)
class _Collector:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    response_names: set[str] = field(default_factory=set)
    selections: dict[tuple[object, ...], Selection] = field(default_factory=dict)
    fields: dict[tuple[object, ...], Selected] = field(default_factory=dict)

    def selection(self, place: GraphQLCompositeType, group: Group, known: Literals) -> Selection:
        """``known`` are the conditions that hold wherever the place is asked for at all."""
        key = (place.name, tuple((id(node), literals) for node, literals in group), known)
        if key not in self.selections:
            self.selections[key] = Selection(
                place.name,
                {name: self._fields_of(name, group, known) for name in possible_types(self.schema, place)},
            )
        return self.selections[key]

    def _fields_of(self, type_name: str, group: Group, known: Literals) -> tuple[Selected, ...]:
        by_name: dict[str, list[tuple[FieldNode, Literals]]] = {}
        for node, literals in self._field_nodes(type_name, group, known):
            response_name = node.alias.value if node.alias else node.name.value
            by_name.setdefault(response_name, []).append((node, literals))
        return tuple(self._selected(type_name, name, nodes, known) for name, nodes in by_name.items())

    def _field_nodes(self, type_name: str, group: Group, known: Literals) -> Iterator[tuple[FieldNode, Literals]]:
        seen: set[tuple[str, Literals]] = set()
        # A stack instead of recursion keeps the order of the document.
        stack = [(selection, literals) for node, literals in group for selection in node.selections][::-1]
        while stack:
            selection, outer = stack.pop()
            literals = _fold(selection.directives or (), outer, known)
            if literals is None:
                continue
            if isinstance(selection, FieldNode):
                yield selection, literals
                continue
            body = self._applying_body(selection, type_name, literals, seen)
            if body is not None:
                stack.extend((one, literals) for one in reversed(body.selections))

    def _applying_body(
        self, selection: object, type_name: str, literals: Literals, seen: set[tuple[str, Literals]]
    ) -> SelectionSetNode | None:
        """What a fragment holds for this type; ``None`` where it does not apply or was read already."""
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            body = selection.selection_set
        elif isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if (name, literals) in seen:
                return None
            seen.add((name, literals))
            condition = self.fragments[name].type_condition
            body = self.fragments[name].selection_set
        if condition is not None and type_name not in possible_types(
            self.schema, self.schema.type_map[condition.name.value]
        ):
            return None
        return body

    def _selected(
        self, type_name: str, response_name: str, nodes: list[tuple[FieldNode, Literals]], known: Literals
    ) -> Selected:
        node = nodes[0][0]
        name = node.name.value
        place = None if name.startswith("__") else get_named_type(self._object(type_name).fields[name].type)
        key = (response_name, place.name if place else None, tuple((id(n), literals) for n, literals in nodes))
        if (*key, known) not in self.fields:
            self.fields[*key, known] = self._read(response_name, nodes, place, known)
        return self.fields[*key, known]

    def _object(self, type_name: str) -> GraphQLObjectType:
        return cast(GraphQLObjectType, self.schema.type_map[type_name])

    def _read(
        self, response_name: str, nodes: list[tuple[FieldNode, Literals]], place: object, known: Literals
    ) -> Selected:
        node = nodes[0][0]
        if response_name == "__typename" != node.name.value:
            raise PlanningError(
                RuntimeCode.NO_PLAN, 'A field cannot be called "__typename". Give it another alias.'
            )
        self.response_names.add(response_name)
        conditions = either(frozenset(literals for _, literals in nodes))
        below = None
        if is_composite_type(place):
            group = tuple(
                (n.selection_set, NO_LITERALS if conditions == {literals} else literals)
                for n, literals in nodes
                if n.selection_set
            )
            below = self.selection(place, tuple(dict.fromkeys(group)), known | common_literals(conditions))
        return Selected(
            response_name=response_name,
            name=node.name.value,
            arguments=", ".join(print_ast(a) for a in sorted(node.arguments or (), key=lambda a: a.name.value)),
            variables=tuple(dict.fromkeys(_variables(node))),
            conditions=conditions,
            below=below,
        )


def possible_types(schema: GraphQLSchema, place: object) -> tuple[str, ...]:
    """The names of the concrete types that may stand where ``place`` is declared, sorted."""
    if is_abstract_type(place):
        return tuple(sorted(one.name for one in schema.get_possible_types(place)))
    return (place.name,)  # type: ignore[attr-defined]  # a composite type that is not abstract


def _fold(directives: tuple[DirectiveNode, ...], outer: Literals, known: Literals) -> Literals | None:
    """What must hold beside what is known to hold, ``None`` when it never can."""
    literals = set(outer)
    for directive in directives:
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is None:
            continue
        (argument,) = directive.arguments or ()
        if isinstance(argument.value, BooleanValueNode):
            if argument.value.value is not wanted:
                return None
        elif isinstance(argument.value, VariableNode):
            literals.add((argument.value.name.value, wanted))
    if any((variable, not value) in literals | known for variable, value in literals):
        return None
    return frozenset(literals - known)


def _variables(node: FieldNode) -> Iterator[str]:
    """The variables in a field's arguments, in the order in which they stand."""
    stack: list[object] = [argument.value for argument in reversed(node.arguments or ())]
    while stack:
        value = stack.pop()
        if isinstance(value, VariableNode):
            yield value.name.value
        stack.extend(reversed(getattr(value, "values", None) or ()))
        stack.extend(one.value for one in reversed(getattr(value, "fields", None) or ()))
