"""Write an operation's fragments out into fields per concrete type, and fold literal conditions.

What is asked alike becomes one shared value, :class:`Selected` or :class:`Selection`, wherever and however it was
written, so that repetition costs nothing; what it would cost written out is counted first and refused beyond
the limit.
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
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
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
from schema.planning.serial import Asked, response_name, turns

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
    group = ((definition.selection_set, NO_LITERALS),)
    selection = collector.selection(root, group, NO_LITERALS)
    is_serial = definition.operation is OperationType.MUTATION
    fields = collector.serial(root, group) if is_serial else selection.fields(root.name)
    asked = tuple(f for f in fields if not f.name.startswith("__"))
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
    alike: dict[tuple[object, ...], Selection | Selected] = field(default_factory=dict)
    possible: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def selection(self, place: GraphQLCompositeType, group: Group, known: Literals) -> Selection:
        """``known`` are the conditions that hold wherever the place is asked for at all."""
        key = (place.name, tuple((id(node), literals) for node, literals in group), known)
        if key not in self.selections:
            by_type = self._by_type(self.possible_types(place.name), group, known)
            asked = tuple((name, tuple(id(one) for one in fields)) for name, fields in by_type.items())
            made = self.alike.setdefault((place.name, asked), Selection(place.name, by_type))
            self.selections[key] = cast(Selection, made)
        return self.selections[key]

    def serial(self, root: GraphQLObjectType, group: Group) -> tuple[Selected, ...]:
        """The root fields in the order of their turns; a name with several turns comes several times."""
        written = self._field_nodes((root.name,), group, NO_LITERALS)[root.name]
        return tuple(
            self._selected(root.name, turn.response_name, list(turn.asked), NO_LITERALS) for turn in turns(written)
        )

    def possible_types(self, name: str) -> tuple[str, ...]:
        if name not in self.possible:
            self.possible[name] = possible_types(self.schema, self.schema.type_map[name])
        return self.possible[name]

    def _by_type(self, types: tuple[str, ...], group: Group, known: Literals) -> dict[str, tuple[Selected, ...]]:
        """The fields of each type; types that are asked alike share them."""
        nodes = self._field_nodes(types, group, known)
        made: dict[tuple[object, ...], tuple[Selected, ...]] = {}
        by_type: dict[str, tuple[Selected, ...]] = {}
        for type_name in types:
            asked = tuple((id(node), literals) for node, literals in nodes[type_name])
            names = dict.fromkeys(node.name.value for node, _ in nodes[type_name])
            alike = (asked, tuple(self._place(type_name, name) for name in names))
            if alike not in made:
                made[alike] = self._fields_of(type_name, nodes[type_name], known)
            by_type[type_name] = made[alike]
        return by_type

    def _fields_of(self, type_name: str, nodes: list[Asked], known: Literals) -> tuple[Selected, ...]:
        by_name: dict[str, list[Asked]] = {}
        for node, literals in nodes:
            by_name.setdefault(response_name(node), []).append((node, literals))
        return tuple(self._selected(type_name, name, nodes, known) for name, nodes in by_name.items())

    def _field_nodes(self, types: tuple[str, ...], group: Group, known: Literals) -> dict[str, list[Asked]]:
        """What is written for each type, every fragment read once for all that it applies to."""
        found: dict[str, list[Asked]] = {name: [] for name in types}
        read: dict[tuple[str, Literals], frozenset[str]] = {}
        every = frozenset(types)
        # A stack instead of recursion keeps the order of the document.
        stack = [(selection, literals, every) for node, literals in group for selection in node.selections][::-1]
        while stack:
            selection, outer, applying = stack.pop()
            literals = _fold(selection.directives or (), outer, known)
            if literals is None:
                continue
            if isinstance(selection, FieldNode):
                for name in applying:
                    found[name].append((selection, literals))
                continue
            condition, body = self._fragment(selection)
            if condition is not None:
                applying &= frozenset(self.possible_types(condition))
            if isinstance(selection, FragmentSpreadNode):
                spread = (selection.name.value, literals)
                done = read.get(spread, frozenset())
                read[spread] = done | applying
                applying -= done
            if applying:
                stack.extend((one, literals, applying) for one in reversed(body.selections))
        return found

    def _fragment(self, selection: object) -> tuple[str | None, SelectionSetNode]:
        """A fragment's type condition and body."""
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            return condition.name.value if condition else None, selection.selection_set
        definition = self.fragments[cast(FragmentSpreadNode, selection).name.value]
        return definition.type_condition.name.value, definition.selection_set

    def _place(self, type_name: str, name: str) -> GraphQLNamedType | None:
        """The named type of a field's value."""
        return None if name.startswith("__") else get_named_type(self._object(type_name).fields[name].type)

    def _selected(
        self, type_name: str, response_name: str, nodes: list[tuple[FieldNode, Literals]], known: Literals
    ) -> Selected:
        node = nodes[0][0]
        name = node.name.value
        place = self._place(type_name, name)
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
        made = Selected(
            response_name=response_name,
            name=node.name.value,
            arguments=", ".join(print_ast(a) for a in sorted(node.arguments or (), key=lambda a: a.name.value)),
            variables=tuple(dict.fromkeys(_variables(node))),
            conditions=conditions,
            below=below,
        )
        alike = (response_name, made.name, made.arguments, made.variables, conditions, id(below))
        return cast(Selected, self.alike.setdefault(alike, made))


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
