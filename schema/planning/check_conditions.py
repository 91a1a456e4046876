"""What of a document holds with certain values of the condition variables; for proving plans.

Source: GraphQL specification, "@skip", "@include".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import BooleanValueNode, FieldNode, InlineFragmentNode, SelectionSetNode, VariableNode


def is_included(node: object, values: Mapping[str, bool]) -> bool:
    for directive in getattr(node, "directives", None) or ():
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is None:
            continue
        value = directive.arguments[0].value
        given = value.value if isinstance(value, BooleanValueNode) else values[value.name.value]
        if given is not wanted:
            return False
    return True


def used_variables(selection_set: SelectionSetNode, values: Mapping[str, bool]) -> Iterator[str]:
    """The variables that arguments are, of fields that hold, in a document without named fragments."""
    for one in selection_set.selections:
        if not isinstance(one, FieldNode | InlineFragmentNode) or not is_included(one, values):
            continue
        if isinstance(one, FieldNode):
            given = (each.value for each in one.arguments or ())
            yield from (value.name.value for value in given if isinstance(value, VariableNode))
        if one.selection_set:
            yield from used_variables(one.selection_set, values)
