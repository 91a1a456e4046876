"""The FieldSets of ``@key``, ``@requires`` and ``@provides``: what may stand in each.

Source: Federation 2, "FieldSet scalar"; error families KEY_*, REQUIRES_*, PROVIDES_*.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_required_argument,
    parse,
    print_ast,
    value_from_ast,
)

from schema.composition.definitions import DefinedField, defined_fields, defined_types
from schema.composition.problems import Place, Problems
from schema.composition.rules import argument_of
from schema.subgraph import ValidSubgraph


def check_keys(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Every ``@key`` names plain fields of its own type, without arguments, unions or interfaces."""
    for each in defined_types(subgraph):
        if not each.is_interface or not subgraph.links.is_federation_1:
            for directive in each.applied("key"):
                _FieldSetCheck(subgraph, "KEY", directive, f'type "{each.name}"', problems).check(each.type)


def check_requires(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Every ``@requires`` stands on an object's field and names external fields of the same type."""
    for field in defined_fields(subgraph):
        for directive in field.applied("requires"):
            if field.owner.is_interface:
                _tell_on_interface("REQUIRES", field, directive, problems)
            where = f'field "{field.coordinate}"'
            _FieldSetCheck(subgraph, "REQUIRES", directive, where, problems).check(field.owner.type)


def check_provides(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Every ``@provides`` stands on an object's field and names external fields of what the field returns."""
    for field in defined_fields(subgraph):
        for directive in field.applied("provides"):
            returned = get_named_type(field.field.type)
            if is_composite_type(returned):
                if field.owner.is_interface:
                    _tell_on_interface("PROVIDES", field, directive, problems)
                where = f'field "{field.coordinate}"'
                _FieldSetCheck(subgraph, "PROVIDES", directive, where, problems).check(returned)


def is_selection_of(subgraph: ValidSubgraph, directive: DirectiveNode, parent: GraphQLNamedType) -> bool:
    """Whether the directive's field set selects existing fields of this type, whatever else is wrong with it."""
    return _FieldSetCheck(subgraph, "KEY", directive, "", Problems()).can_be_read(parent)


def _tell_on_interface(family: str, field: DefinedField, directive: DirectiveNode, problems: Problems) -> None:
    problems.error(
        f"{family}_UNSUPPORTED_ON_INTERFACE",
        f'@{directive.name.value} cannot stand on "{field.coordinate}", a field of an interface, in subgraph '
        f'"{field.owner.subgraph.name}". Put it on the field of each implementation.',
        field.place_of(directive),
    )


class _WrongFieldSetError(Exception):
    """The text is no selection of its type: nothing more can be said of it. ``suffix`` ends the code."""

    def __init__(self, what: str, suffix: str = "INVALID_FIELDS") -> None:
        super().__init__(what)
        self.suffix = suffix


@dataclass(frozen=True, slots=True)
class _FieldSetCheck:
    """One application of one directive. ``family`` is KEY, REQUIRES or PROVIDES and begins the codes.

    What is no valid selection is told once, the first mistake of it; of a valid one everything that the
    directive forbids is told.
    """

    subgraph: ValidSubgraph
    family: str
    directive: DirectiveNode
    where: str
    problems: Problems

    def check(self, parent: GraphQLNamedType) -> None:
        try:
            selections = self._read(parent)
        except _WrongFieldSetError as wrong:
            self._tell(wrong.suffix, str(wrong))
        else:
            self._rules(selections, parent, below_external=False)

    def can_be_read(self, parent: GraphQLNamedType) -> bool:
        try:
            self._read(parent)
        except _WrongFieldSetError:
            return False
        return True

    def _read(self, parent: GraphQLNamedType) -> SelectionSetNode:
        selections = self._parsed()
        self._resolve(selections, parent)
        self._complete(selections, parent)
        return selections

    def _parsed(self) -> SelectionSetNode:
        value = argument_of(self.directive, "fields")
        if not isinstance(value, StringValueNode):
            raise _WrongFieldSetError(
                'its "fields" must be a string, such as "id owner { id }"', "INVALID_FIELDS_TYPE"
            )
        if not value.value.strip(" \t\r\n,{}"):
            raise _WrongFieldSetError("its fields are empty")
        try:
            document = parse(value.value if value.value.strip().startswith("{") else f"{{ {value.value} }}")
        except GraphQLSyntaxError as error:
            raise _WrongFieldSetError(f"its fields do not parse: {error.message}") from error
        definition = document.definitions[0]
        if len(document.definitions) != 1 or not isinstance(definition, OperationDefinitionNode):
            raise _WrongFieldSetError("its fields must be one selection of fields")
        return definition.selection_set

    def _resolve(self, node: SelectionSetNode, parent: GraphQLNamedType) -> None:
        """Every field exists; a key stays clear of unions and interfaces."""
        if not node.selections:
            raise _WrongFieldSetError(f'nothing is selected of "{parent.name}" between its braces')
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                self._resolve_field(selection, parent)
            elif isinstance(selection, InlineFragmentNode):
                self._resolve(selection.selection_set, self._condition(selection, parent))
            else:
                raise _WrongFieldSetError("named fragments cannot be used; write the fields out")

    def _resolve_field(self, node: FieldNode, parent: GraphQLNamedType) -> None:
        name = node.name.value
        if name == "__typename":
            return
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or name not in parent.fields:
            mend = (
                "add it to this subgraph, with @external if another subgraph resolves it"
                if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
                else "select it inside a fragment on a member of the union"
            )
            raise _WrongFieldSetError(f'"{parent.name}" has no field "{name}" here; {mend}')
        type_ = get_named_type(parent.fields[name].type)
        if self.family == "KEY" and is_abstract_type(type_):
            raise _WrongFieldSetError(
                f'field "{parent.name}.{name}" is of "{type_}", a union or interface, which no key may contain',
                "FIELDS_SELECT_INVALID_TYPE",
            )
        if node.selection_set and not is_composite_type(type_):
            raise _WrongFieldSetError(
                f'field "{parent.name}.{name}" is of type "{type_}"; remove the selection after it'
            )
        if node.selection_set:
            self._resolve(node.selection_set, type_)

    def _condition(self, node: InlineFragmentNode, parent: GraphQLNamedType) -> GraphQLNamedType:
        """The type that a fragment is on. One that the parent can never be is fine: it selects nothing."""
        if node.type_condition is None:
            return parent
        type_ = self.subgraph.schema.type_map.get(node.type_condition.name.value)
        if not is_composite_type(type_):
            condition = node.type_condition.name.value
            raise _WrongFieldSetError(f'"{condition}" is no object type, interface or union of this subgraph')
        return type_

    def _complete(self, node: SelectionSetNode, parent: GraphQLNamedType) -> None:
        """Every object has a selection, every argument its value, and there is no alias."""
        for selection in node.selections:
            if isinstance(selection, InlineFragmentNode):
                self._complete(selection.selection_set, self._condition(selection, parent))
            elif isinstance(selection, FieldNode) and selection.name.value != "__typename":
                self._complete_field(selection, _field_of(parent, selection), f"{parent}.{selection.name.value}")

    def _complete_field(self, node: FieldNode, field: GraphQLField, coordinate: str) -> None:
        if node.alias:
            raise _WrongFieldSetError(f'aliases cannot be used; write "{node.name.value}" without one')
        if wrong := wrong_arguments(node, field, coordinate):
            raise _WrongFieldSetError(wrong)
        type_ = get_named_type(field.type)
        if node.selection_set:
            self._complete(node.selection_set, type_)
        elif is_composite_type(type_):
            raise _WrongFieldSetError(f'field "{coordinate}" is of type "{type_}"; select some of its fields')

    def _rules(self, node: SelectionSetNode, parent: GraphQLNamedType, below_external: bool) -> None:
        for selection in node.selections:
            if isinstance(selection, InlineFragmentNode):
                self._check_directives(selection)
                self._rules(selection.selection_set, self._condition(selection, parent), below_external)
            elif isinstance(selection, FieldNode):
                self._check_field(selection, parent, below_external)

    def _check_directives(self, selection: SelectionNode) -> None:
        if selection.directives:
            names = " ".join(print_ast(each) for each in selection.directives)
            self._tell("DIRECTIVE_IN_FIELDS_ARG", f"directives cannot stand in its fields; remove {names}")

    def _check_field(self, node: FieldNode, parent: GraphQLNamedType, below_external: bool) -> None:
        name, is_meta = node.name.value, node.name.value == "__typename"
        coordinate = f"{parent.name}.{name}"
        if not node.selection_set and not below_external and self._is_inactive(parent, name):
            return
        self._check_directives(node)
        if self.family != "REQUIRES" and not is_meta and _field_of(parent, node).args:
            self._tell("FIELDS_HAS_ARGS", f'field "{coordinate}" takes arguments; use a field without any')
        if node.selection_set:
            is_external = self._is_external(parent, name)
            type_ = get_named_type(_field_of(parent, node).type)
            self._rules(node.selection_set, type_, below_external or is_external)
        elif not below_external and self._is_misplaced(parent, name):
            self._tell(
                "FIELDS_MISSING_EXTERNAL",
                f'field "{coordinate}" is resolved by this subgraph itself; leave it out, or mark it @external',
            )

    def _is_inactive(self, parent: GraphQLNamedType, name: str) -> bool:
        """Federation 1 lets fields that the subgraph resolves itself stand in these sets, with no effect."""
        is_lenient = self.family != "KEY" and self.subgraph.links.is_federation_1
        return is_lenient and not self._is_external(parent, name)

    def _is_misplaced(self, parent: GraphQLNamedType, name: str) -> bool:
        """Whether this subgraph resolves the field itself."""
        return self.family != "KEY" and not self.subgraph.rules(parent.name, name).external

    def _is_external(self, parent: GraphQLNamedType, name: str) -> bool:
        owners = [parent.name]
        if isinstance(parent, GraphQLInterfaceType):
            owners += [each.name for each in self.subgraph.schema.get_possible_types(parent)]
        return any(self.subgraph.rules(owner, name).external for owner in owners)

    def _tell(self, suffix: str, what: str) -> None:
        self.problems.error(
            f"{self.family}_{suffix}",
            f'On {self.where} in subgraph "{self.subgraph.name}", for {print_ast(self.directive)}: {what}.',
            Place(self.subgraph.name, self.directive),
        )


def _field_of(parent: GraphQLNamedType, node: FieldNode) -> GraphQLField:
    assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)  # noqa: S101  # resolved before
    field: GraphQLField = parent.fields[node.name.value]
    return field


def wrong_arguments(node: FieldNode, field: GraphQLField, coordinate: str) -> str | None:
    """The first argument that is unknown, missing or of a wrong value; ``None`` where all are right."""
    given = {each.name.value: each.value for each in node.arguments or ()}
    for name in sorted(given.keys() - field.args.keys()):
        return f'field "{coordinate}" has no argument "{name}"; remove it'
    for name, argument in field.args.items():
        if name not in given:
            if is_required_argument(argument):
                return f'field "{coordinate}" needs a value for argument "{name}"'
        elif value_from_ast(given[name], argument.type) is Undefined:
            return f'{print_ast(given[name])} is no value for argument "{name}" of field "{coordinate}"'
    return None
