"""The FieldSets of ``@key``, ``@requires`` and ``@provides``: what may stand in each.

Source: Federation 2, "FieldSet scalar"; error families KEY_*, REQUIRES_*, PROVIDES_*.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    FieldNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_required_argument,
    parse,
    print_ast,
)
from graphql.utilities import do_types_overlap

from schema.composition.definitions import DefinedField, defined_fields, defined_types
from schema.composition.problems import Place, Problems
from schema.composition.rules import argument_of
from schema.subgraph import ValidSubgraph


def check_keys(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Every ``@key`` names plain fields of its own type, without arguments, unions or interfaces."""
    for each in defined_types(subgraph):
        if not each.is_interface:
            for directive in each.applied("key"):
                _FieldSetCheck(subgraph, "KEY", directive, f'type "{each.name}"', problems).check(each.type)


def check_requires(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Every ``@requires`` stands on an object's field and names external fields of the same type."""
    for field in defined_fields(subgraph):
        for directive in field.applied("requires"):
            if field.owner.is_interface:
                _tell_on_interface("REQUIRES", field, directive, problems)
            else:
                where = f'field "{field.coordinate}"'
                _FieldSetCheck(subgraph, "REQUIRES", directive, where, problems).check(field.owner.type)


def check_provides(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Every ``@provides`` stands on an object's field and names external fields of what the field returns."""
    for field in defined_fields(subgraph):
        for directive in field.applied("provides"):
            returned = get_named_type(field.field.type)
            if field.owner.is_interface:
                _tell_on_interface("PROVIDES", field, directive, problems)
            elif not is_composite_type(returned):
                problems.error(
                    "PROVIDES_ON_NON_OBJECT_FIELD",
                    f'@provides on field "{field.coordinate}" in subgraph "{subgraph.name}" has nothing to '
                    f'provide: "{returned}" has no fields. Remove it.',
                    field.place_of(directive),
                )
            else:
                where = f'field "{field.coordinate}"'
                _FieldSetCheck(subgraph, "PROVIDES", directive, where, problems).check(returned)


def _tell_on_interface(family: str, field: DefinedField, directive: DirectiveNode, problems: Problems) -> None:
    problems.error(
        f"{family}_UNSUPPORTED_ON_INTERFACE",
        f'@{directive.name.value} cannot stand on "{field.coordinate}", a field of an interface, in subgraph '
        f'"{field.owner.subgraph.name}". Put it on the field of each implementation.',
        field.place_of(directive),
    )


@dataclass(frozen=True, slots=True)
class _FieldSetCheck:
    """One application of one directive. ``family`` is KEY, REQUIRES or PROVIDES and begins the codes."""

    subgraph: ValidSubgraph
    family: str
    directive: DirectiveNode
    where: str
    problems: Problems

    def check(self, parent: GraphQLNamedType) -> None:
        value = argument_of(self.directive, "fields")
        if not isinstance(value, StringValueNode):
            self._tell("INVALID_FIELDS_TYPE", 'its "fields" must be a string, such as "id owner { id }"')
            return
        try:
            document = parse(value.value if value.value.strip().startswith("{") else f"{{ {value.value} }}")
        except GraphQLSyntaxError as error:
            self._tell("INVALID_FIELDS", f"its fields do not parse: {error.message}")
            return
        definition = document.definitions[0]
        if len(document.definitions) != 1 or not isinstance(definition, OperationDefinitionNode):
            self._tell("INVALID_FIELDS", "its fields must be one selection of fields")
            return
        self._selection_set(definition.selection_set, parent, below_external=False)

    def _selection_set(self, node: SelectionSetNode, parent: GraphQLNamedType, below_external: bool) -> None:
        for selection in node.selections:
            self._check_directives(selection)
            if isinstance(selection, FieldNode):
                self._field(selection, parent, below_external)
            elif isinstance(selection, InlineFragmentNode):
                self._fragment(selection, parent, below_external)
            else:
                self._tell("INVALID_FIELDS", "named fragments cannot be used; write the fields out")

    def _check_directives(self, selection: SelectionNode) -> None:
        if selection.directives:
            names = " ".join(print_ast(each) for each in selection.directives)
            self._tell("DIRECTIVE_IN_FIELDS_ARG", f"directives cannot stand in its fields; remove {names}")

    def _fragment(self, node: InlineFragmentNode, parent: GraphQLNamedType, below_external: bool) -> None:
        condition = node.type_condition.name.value if node.type_condition else parent.name
        type_ = self.subgraph.schema.type_map.get(condition)
        if not is_composite_type(type_) or not is_composite_type(parent):
            self._tell("INVALID_FIELDS", f'"{condition}" is no object type, interface or union of this subgraph')
        elif not do_types_overlap(self.subgraph.schema, parent, type_):
            self._tell("INVALID_FIELDS", f'"{parent.name}" can never be a "{condition}"')
        else:
            self._selection_set(node.selection_set, type_, below_external)

    def _field(self, node: FieldNode, parent: GraphQLNamedType, below_external: bool) -> None:
        name = node.name.value
        if name == "__typename":
            return
        if node.alias:
            self._tell("INVALID_FIELDS", f'aliases cannot be used; write "{name}" without one')
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or name not in parent.fields:
            mend = (
                "add it to this subgraph, with @external if another subgraph resolves it"
                if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
                else "select it inside a fragment on a member of the union"
            )
            self._tell("INVALID_FIELDS", f'"{parent.name}" has no field "{name}" here; {mend}')
            return
        self._arguments(node, parent)
        type_ = get_named_type(parent.fields[name].type)
        if self.family == "KEY" and is_abstract_type(type_):
            self._tell(
                "FIELDS_SELECT_INVALID_TYPE",
                f'field "{parent.name}.{name}" is of "{type_}", a union or interface, which no key may contain',
            )
        is_external = self._is_external(parent, name)
        if is_composite_type(type_) != (node.selection_set is not None):
            mend = "select some of its fields" if is_composite_type(type_) else "remove the selection after it"
            self._tell("INVALID_FIELDS", f'field "{parent.name}.{name}" is of type "{type_}"; {mend}')
        elif node.selection_set:
            self._selection_set(node.selection_set, type_, below_external or is_external)
        elif self._must_be_external() and not (is_external or below_external):
            self._tell(
                "FIELDS_MISSING_EXTERNAL",
                f'field "{parent.name}.{name}" is resolved by this subgraph itself; leave it out, or mark it '
                "@external",
            )

    def _must_be_external(self) -> bool:
        return self.family != "KEY" and not self.subgraph.links.is_federation_1

    def _is_external(self, parent: GraphQLObjectType | GraphQLInterfaceType, name: str) -> bool:
        owners = [parent.name]
        if isinstance(parent, GraphQLInterfaceType):
            owners += [each.name for each in self.subgraph.schema.get_possible_types(parent)]
        return any(self.subgraph.rules(owner, name).external for owner in owners)

    def _arguments(self, node: FieldNode, parent: GraphQLObjectType | GraphQLInterfaceType) -> None:
        known = parent.fields[node.name.value].args
        coordinate = f"{parent.name}.{node.name.value}"
        if self.family != "REQUIRES":
            if known:
                self._tell("FIELDS_HAS_ARGS", f'field "{coordinate}" takes arguments; use a field without any')
            return
        given = {each.name.value for each in node.arguments or ()}
        for name in sorted(given - known.keys()):
            self._tell("INVALID_FIELDS", f'field "{coordinate}" has no argument "{name}"; remove it')
        for name, argument in known.items():
            if name not in given and is_required_argument(argument):
                self._tell("INVALID_FIELDS", f'field "{coordinate}" needs a value for argument "{name}"')

    def _tell(self, suffix: str, what: str) -> None:
        self.problems.error(
            f"{self.family}_{suffix}",
            f'On {self.where} in subgraph "{self.subgraph.name}", for {print_ast(self.directive)}: {what}.',
            Place(self.subgraph.name, self.directive),
        )
