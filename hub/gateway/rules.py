"""The specification's validation rules, two of them at a cost that grows with the document, and one of ours:
``__typename`` is no alias.

The engine reads a runtime type under that name; another field's value there would steer it.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    SKIP,
    FieldNode,
    GraphQLError,
    OverlappingFieldsCanBeMergedRule,
    ValidationRule,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VisitorAction,
    specified_rules,
)
from graphql.utilities.validate_input_value import validate_input_literal

from hub.gateway.merging import FieldsMergeRule

MOST_ERRORS = 25
"""Mistakes of one document that are told; some take ten milliseconds to find words for."""
MOST_ERRORS_OF_A_VALUE = 3


class NoTypenameAliasRule(ValidationRule):
    """Refuses ``__typename: name``. The specification reserves names with two underscores for introspection."""

    def enter_field(self, node: FieldNode, *_args: Any) -> None:
        if node.alias and node.alias.value == "__typename" and node.name.value != "__typename":
            message = '"__typename" cannot be the alias of another field. Choose another alias.'
            self.report_error(GraphQLError(message, node))


class _Enough(Exception):
    """So many mistakes of one value are told that whoever wrote it has something to do."""


class ValuesRule(ValuesOfCorrectTypeRule):
    """Each literal has the type that is expected there. The first mistakes of a literal are told: each one quotes
    the whole of it, so that all of them would take the square of its length."""

    def is_valid_value_node(self, node: ValueNode, input_type: Any) -> VisitorAction:
        told = 0

        def tell(error: GraphQLError, _path: list[str | int]) -> None:
            nonlocal told
            self.report_error(error)
            told += 1
            if told >= MOST_ERRORS_OF_A_VALUE:
                raise _Enough

        if input_type:
            try:
                validate_input_literal(node, input_type, tell, hide_suggestions=self.context.hide_suggestions)
            except _Enough:
                return SKIP
        return SKIP


_LINEAR: dict[object, type[ValidationRule]] = {
    OverlappingFieldsCanBeMergedRule: FieldsMergeRule,
    ValuesOfCorrectTypeRule: ValuesRule,
}
RULES = (*(_LINEAR.get(rule, rule) for rule in specified_rules), NoTypenameAliasRule)
