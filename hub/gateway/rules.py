"""The specification's validation rules, and one of ours: ``__typename`` is no alias.

The engine reads a runtime type under that name; another field's value there would steer it.
"""

from __future__ import annotations

from typing import Any

from graphql import FieldNode, GraphQLError, ValidationRule, specified_rules


class NoTypenameAliasRule(ValidationRule):
    """Refuses ``__typename: name``. The specification reserves names with two underscores for introspection."""

    def enter_field(self, node: FieldNode, *_args: Any) -> None:
        if node.alias and node.alias.value == "__typename" and node.name.value != "__typename":
            message = '"__typename" cannot be the alias of another field. Choose another alias.'
            self.report_error(GraphQLError(message, node))


RULES = (*specified_rules, NoTypenameAliasRule)
