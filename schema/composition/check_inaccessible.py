"""What stays public must not need what ``@inaccessible`` hides. Source: https://specs.apollo.dev/inaccessible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphql import (
    EnumTypeDefinitionNode,
    EnumValueNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    ListValueNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectValueNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    ValueNode,
)

from schema.composition.merge import Merged
from schema.composition.merge_marks import is_inaccessible
from schema.composition.problems import Place, Problems

Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode


def check_inaccessible(merged: Merged, problems: Problems) -> None:
    """Tell every public element that would lose something it needs."""
    check = _Check(merged, problems)
    if check.hides("Query"):
        problems.error(
            "QUERY_ROOT_TYPE_INACCESSIBLE",
            'Type "Query" is @inaccessible, so the API would have no query. Remove @inaccessible from it.',
            *check.places("Query"),
        )
        return
    for node in merged.types.values():
        if not is_inaccessible(node.directives):
            check.type(node)
    for directive in merged.directives:
        for argument in directive.arguments or ():
            check.argument(directive.name.value, argument)


@dataclass(frozen=True, slots=True)
class _Check:
    merged: Merged
    problems: Problems

    def hides(self, type_name: str) -> bool:
        node = self.merged.types.get(type_name)
        return node is not None and is_inaccessible(node.directives)

    def places(self, type_name: str) -> Iterator[Place]:
        for subgraph in self.merged.subgraphs.values():
            if type_name.startswith("@"):
                directive = subgraph.schema.get_directive(type_name[1:])
                yield Place(subgraph.name, directive.ast_node if directive else None)
            elif type_ := subgraph.schema.type_map.get(type_name):
                yield Place(subgraph.name, type_.ast_node)

    def type(self, node: TypeDefinitionNode) -> None:
        name = node.name.value
        children = list(self._children(node))
        if children and all(hidden for _, hidden in children):
            self._tell(
                "ONLY_INACCESSIBLE_CHILDREN",
                f'"{name}" is public, but everything in it is @inaccessible. Mark "{name}" @inaccessible too, '
                "or show "
                "something of it.",
                name,
            )
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            for field in node.fields or ():
                self._field(node, field)
        elif isinstance(node, InputObjectTypeDefinitionNode):
            for each in node.fields or ():
                self._input(f"{name}.{each.name.value}", each, name)

    def _children(self, node: TypeDefinitionNode) -> Iterator[tuple[str, bool]]:
        if isinstance(node, UnionTypeDefinitionNode):
            for member in node.types or ():
                yield member.name.value, self.hides(member.name.value)
        elif isinstance(node, EnumTypeDefinitionNode):
            for value in node.values or ():
                yield value.name.value, is_inaccessible(value.directives)
        elif isinstance(
            node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | InputObjectTypeDefinitionNode
        ):
            for field in node.fields or ():
                yield field.name.value, is_inaccessible(field.directives)

    def _field(self, owner: Composite, field: FieldDefinitionNode) -> None:
        coordinate = f"{owner.name.value}.{field.name.value}"
        expected = list(self._public_contracts(owner, field.name.value))
        if is_inaccessible(field.directives):
            for interface, _ in expected:
                self._tell_implementation(coordinate, f"{interface}.{field.name.value}", owner.name.value)
            return
        self._reference(coordinate, field.type, owner.name.value)
        for argument in field.arguments or ():
            place = f"{coordinate}({argument.name.value}:)"
            self._input(place, argument, owner.name.value)
            self._argument(place, argument, expected, owner.name.value)

    def _public_contracts(self, owner: Composite, field_name: str) -> Iterator[tuple[str, FieldDefinitionNode]]:
        """The visible fields of visible interfaces that this field implements."""
        for each in owner.interfaces or ():
            interface = self.merged.types.get(each.name.value)
            if isinstance(interface, InterfaceTypeDefinitionNode) and not is_inaccessible(interface.directives):
                for field in interface.fields or ():
                    if field.name.value == field_name and not is_inaccessible(field.directives):
                        yield interface.name.value, field

    def _argument(
        self,
        coordinate: str,
        argument: InputValueDefinitionNode,
        expected: Sequence[tuple[str, FieldDefinitionNode]],
        owner: str,
    ) -> None:
        for interface, field in expected:
            contract = next((a for a in field.arguments or () if a.name.value == argument.name.value), None)
            if contract is None:
                continue
            shown = f"{interface}.{field.name.value}({argument.name.value}:)"
            if is_inaccessible(argument.directives) and not is_inaccessible(contract.directives):
                self._tell_implementation(coordinate, shown, owner)
            elif (
                is_inaccessible(contract.directives)
                and not is_inaccessible(argument.directives)
                and _required(argument)
            ):
                self._tell_required(coordinate, owner)

    def argument(self, directive: str, node: InputValueDefinitionNode) -> None:
        """An argument of an executable directive, which clients write too."""
        self._input(f"@{directive}({node.name.value}:)", node, f"@{directive}")

    def _input(self, coordinate: str, node: InputValueDefinitionNode, owner: str) -> None:
        if is_inaccessible(node.directives):
            if _required(node):
                self._tell_required(coordinate, owner)
            return
        self._reference(coordinate, node.type, owner)
        if node.default_value and (hidden := self._hidden_in(node.default_value, _named(node.type))):
            self._tell(
                "DEFAULT_VALUE_USES_INACCESSIBLE",
                f'The default value of "{coordinate}" uses "{hidden}", which is @inaccessible. Use another '
                "default.",
                owner,
            )

    def _reference(self, coordinate: str, type_: TypeNode, owner: str) -> None:
        if self.hides(_named(type_)):
            self._tell(
                "REFERENCED_INACCESSIBLE",
                f'"{coordinate}" is public, but its type "{_named(type_)}" is @inaccessible. Mark "{coordinate}" '
                "@inaccessible too, or show the type.",
                owner,
            )

    def _hidden_in(self, value: ValueNode, type_name: str) -> str | None:
        """The first inaccessible enum value or input field that a default names."""
        node = self.merged.types.get(type_name)
        if isinstance(value, ListValueNode):
            return next(filter(None, (self._hidden_in(each, type_name) for each in value.values)), None)
        if isinstance(value, EnumValueNode) and isinstance(node, EnumTypeDefinitionNode):
            hidden = {each.name.value for each in node.values or () if is_inaccessible(each.directives)}
            return f"{type_name}.{value.value}" if value.value in hidden else None
        if isinstance(value, ObjectValueNode) and isinstance(node, InputObjectTypeDefinitionNode):
            fields = {each.name.value: each for each in node.fields or ()}
            for each in value.fields:
                field = fields.get(each.name.value)
                if field is not None and is_inaccessible(field.directives):
                    return f"{type_name}.{each.name.value}"
                if field is not None and (found := self._hidden_in(each.value, _named(field.type))):
                    return found
        return None

    def _tell_implementation(self, coordinate: str, contract: str, owner: str) -> None:
        self._tell(
            "IMPLEMENTED_BY_INACCESSIBLE",
            f'"{coordinate}" is @inaccessible but implements "{contract}", which is public. Hide both or none.',
            owner,
        )

    def _tell_required(self, coordinate: str, owner: str) -> None:
        self._tell(
            "REQUIRED_INACCESSIBLE",
            f'"{coordinate}" is required, so it cannot be @inaccessible where clients have to give it. Make it '
            "optional, or show it.",
            owner,
        )

    def _tell(self, code: str, message: str, owner: str) -> None:
        self.problems.error(code, message, *self.places(owner))


def _required(node: InputValueDefinitionNode) -> bool:
    return isinstance(node.type, NonNullTypeNode) and node.default_value is None


def _named(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    return node.name.value if isinstance(node, NamedTypeNode) else ""
