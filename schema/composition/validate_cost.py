"""Where ``@cost`` and ``@listSize`` may stand, and what ``@listSize`` may name.

Source: the GraphQL Cost Directive Specification; Federation 2.9, "Demand control". An assumed size beside
slicing arguments is fine here: merging brings them together anyway.
"""

from __future__ import annotations

from graphql import (
    DirectiveNode,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    value_from_ast_untyped,
)

from schema.composition.definitions import DefinedField, defined_fields
from schema.composition.problems import Problems
from schema.subgraph import ValidSubgraph


def check_costs(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Tell every misuse of both directives."""
    for field in defined_fields(subgraph):
        if field.owner.is_interface:
            for cost in field.applied("cost"):
                problems.error(
                    "COST_APPLIED_TO_INTERFACE_FIELD",
                    f'@{cost.name.value} cannot stand on "{field.coordinate}", a field of an interface, in '
                    f'subgraph "{subgraph.name}". Put it on the field of each implementation.',
                    field.place_of(cost),
                )
        for directive in field.applied("listSize"):
            _ListSize(field, directive, problems).check()


class _ListSize:
    """One ``@listSize`` on one field."""

    def __init__(self, field: DefinedField, directive: DirectiveNode, problems: Problems) -> None:
        self.field = field
        self.directive = directive
        self.problems = problems
        self.values = {each.name.value: value_from_ast_untyped(each.value) for each in directive.arguments or ()}

    def check(self) -> None:
        sized = self._names("sizedFields")
        if not sized and not _is_list(self.field.field.type):
            self._tell("LIST_SIZE_APPLIED_TO_NON_LIST", "the field gives no list; name the lists in sizedFields")
        assumed = self.values.get("assumedSize")
        if isinstance(assumed, int) and assumed < 0:
            self._tell("LIST_SIZE_INVALID_ASSUMED_SIZE", "assumedSize cannot be negative; write the usual length")
        for name in self._names("slicingArguments"):
            self._check_slicing_argument(name)
        if sized:
            self._check_sized_fields(sized)

    def _names(self, argument: str) -> list[str]:
        value = self.values.get(argument)
        return [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]

    def _check_slicing_argument(self, name: str) -> None:
        argument = self.field.field.args.get(name)
        code = "LIST_SIZE_INVALID_SLICING_ARGUMENT"
        if argument is None:
            self._tell(code, f'the field has no argument "{name}"; name one that says how long the list may be')
        elif get_nullable_type(argument.type) != GraphQLInt:
            self._tell(code, f'argument "{name}" is {argument.type}; only Int and Int! say how long a list may be')

    def _check_sized_fields(self, names: list[str]) -> None:
        given = get_named_type(self.field.field.type)
        if not is_composite_type(given):
            self._tell("LIST_SIZE_INVALID_SIZED_FIELD", f'"{given}" has no fields; leave sizedFields out')
            return
        fields = given.fields if isinstance(given, GraphQLObjectType | GraphQLInterfaceType) else {}
        for name in names:
            if name not in fields:
                self._tell(
                    "LIST_SIZE_INVALID_SIZED_FIELD", f'"{given}" has no field "{name}"; name one of its lists'
                )
            elif not _is_list(fields[name].type):
                self._tell("LIST_SIZE_APPLIED_TO_NON_LIST", f'sized field "{given}.{name}" is no list')

    def _tell(self, code: str, what: str) -> None:
        self.problems.error(
            code,
            f'On "{self.field.coordinate}" in subgraph "{self.field.owner.subgraph.name}", for '
            f"@{self.directive.name.value}: {what}.",
            self.field.place_of(self.directive),
        )


def _is_list(type_: GraphQLOutputType) -> bool:
    return is_list_type(get_nullable_type(type_))
