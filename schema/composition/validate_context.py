"""``@context`` and ``@fromContext``: where they may stand, and what an argument may read of a context.

Source: Federation 2.8, "@context", "@fromContext".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import (
    DirectiveDefinitionNode,
    FieldNode,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSyntaxError,
    InlineFragmentNode,
    InputValueDefinitionNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    TypeDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    parse,
)

from schema.composition.definitions import DefinedField, defined_fields
from schema.composition.problems import Place, Problems, name_list
from schema.composition.rules import argument_of
from schema.contexts import split_reference
from schema.subgraph import ValidSubgraph

_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9]*$")


class _Wrong(Exception):
    """What is wrong with a selection, and the mend."""


def check_context_names(subgraph: ValidSubgraph, problems: Problems) -> None:
    """A context's name has letters and digits only: it becomes part of a longer one in the supergraph."""
    for node in subgraph.document.definitions:
        if not isinstance(node, TypeDefinitionNode):
            continue
        for directive in subgraph.links.applied(node, "context"):
            value = argument_of(directive, "name")
            name = value.value if isinstance(value, StringValueNode) else ""
            if not _NAME.match(name):
                problems.error(
                    "CONTEXT_NAME_INVALID",
                    f'@context(name: "{name}") on "{node.name.value}" in subgraph "{subgraph.name}" is no name of '
                    "letters and digits that begins with a letter. Choose another.",
                    Place(subgraph.name, directive),
                )


def check_contextual_arguments(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Every ``@fromContext`` stands on an argument that the router can fill, and reads what is there."""
    for node in subgraph.document.definitions:
        if isinstance(node, DirectiveDefinitionNode):
            for argument in _marked(subgraph, node.arguments or ()):
                place = Place(subgraph.name, argument)
                _tell_place(f"@{node.name.value}({argument.name.value}:)", "a directive's", place, problems)
    for field in defined_fields(subgraph):
        for argument in _marked(subgraph, field.node.arguments or ()):
            _check_argument(subgraph, field, argument, problems)


def _marked(
    subgraph: ValidSubgraph, arguments: tuple[InputValueDefinitionNode, ...]
) -> Iterator[InputValueDefinitionNode]:
    return (each for each in arguments if subgraph.links.has(each, "fromContext"))


def _tell_place(what: str, whose: str, place: Place, problems: Problems) -> None:
    problems.error(
        "CONTEXT_NOT_SET",
        f'@fromContext cannot stand on "{what}", {whose} argument, in subgraph "{place.subgraph}". Put it on an '
        "argument of an object type's own field.",
        place,
    )


def _check_argument(
    subgraph: ValidSubgraph, field: DefinedField, argument: InputValueDefinitionNode, problems: Problems
) -> None:
    coordinate, place = f"{field.coordinate}({argument.name.value}:)", field.place_of(argument)
    if field.owner.is_interface:
        _tell_place(coordinate, "an interface field's", place, problems)
        return
    interfaces = [each for each in field.owner.type.interfaces if field.node.name.value in each.fields]
    if interfaces:
        whose = f"an implemented field's (of {name_list(each.name for each in interfaces)})"
        _tell_place(coordinate, whose, place, problems)
    if argument.default_value is not None:
        problems.error(
            "CONTEXT_NOT_SET",
            f'"{coordinate}" in subgraph "{subgraph.name}" has @fromContext and a default value. Remove the '
            "default.",
            place,
        )
    rules = subgraph.types.get(field.owner.name)
    if not any(key.resolvable for key in (rules.keys if rules else ())):
        problems.error(
            "CONTEXT_NO_RESOLVABLE_KEY",
            f'"{field.owner.name}" has no resolvable @key in subgraph "{subgraph.name}", but "{coordinate}" is '
            "filled from a context, for which the object is asked for by its key. Add a @key.",
            place,
        )
    directive = subgraph.links.applied(argument, "fromContext")[0]
    value = argument_of(directive, "field")
    reference = split_reference(value.value) if isinstance(value, StringValueNode) else None
    if reference is None:
        problems.error(
            "NO_CONTEXT_IN_SELECTION",
            f'@fromContext on "{coordinate}" in subgraph "{subgraph.name}" names no context. Write it as '
            '"$context { field }".',
            place,
        )
        return
    context, text = reference
    setting = [name for name, own in subgraph.types.items() if context in own.contexts]
    if not setting:
        problems.error(
            "CONTEXT_NOT_SET",
            f'"{coordinate}" in subgraph "{subgraph.name}" reads context "{context}", which no type there sets. '
            f'Put @context(name: "{context}") on a type above it.',
            place,
        )
        return
    if condition := _unused_condition(subgraph, text, setting):
        problems.error(
            "CONTEXT_INVALID_SELECTION",
            f'"{coordinate}" in subgraph "{subgraph.name}" reads "{text}", but no object that sets context '
            f'"{context}" is ever a "{condition}". Remove that type condition.',
            place,
        )
        return
    for name in sorted(setting):
        wrong = _what_is_wrong(subgraph, text, name, field.field.args[argument.name.value].type)
        if wrong:
            problems.error(
                "CONTEXT_INVALID_SELECTION",
                f'"{coordinate}" in subgraph "{subgraph.name}" cannot read "{text}" of "{name}", which sets '
                f'context "{context}": {wrong}.',
                place,
            )


def _what_is_wrong(subgraph: ValidSubgraph, text: str, name: str, wanted: GraphQLInputType) -> str:
    try:
        read = _read(subgraph, text, subgraph.schema.type_map[name])
    except _Wrong as wrong:
        return str(wrong)
    unfit = next((found for found in read if not _fits(found, wanted)), None)
    return f'it gives "{unfit}", the argument takes "{wanted}"' if unfit else ""


def _read(subgraph: ValidSubgraph, text: str, owner: GraphQLNamedType) -> list[GraphQLOutputType]:
    """The types of the values that the selection gives for an object of this type. Raises :class:`_Wrong`."""
    try:
        document = parse(text if text.startswith("{") else f"{{ {text} }}")
    except GraphQLSyntaxError as error:
        raise _Wrong(f"it does not parse: {error.message}") from error
    (definition, *others) = document.definitions
    if others or not isinstance(definition, OperationDefinitionNode):
        raise _Wrong("it must be one selection")
    selections = definition.selection_set.selections
    conditioned = [each for each in selections if isinstance(each, InlineFragmentNode)]
    if any(each.type_condition is None for each in conditioned):
        raise _Wrong("a fragment in it has no type condition; remove its braces")
    if not conditioned:
        return [_value(subgraph, definition.selection_set, owner)]
    if len(conditioned) != len(selections):
        raise _Wrong("it mixes fields and type conditions; select in each condition")
    matching = [each for each in conditioned if _may_be(subgraph, owner, each)]
    if not matching:
        raise _Wrong(f'no type condition matches "{owner.name}"')
    return [
        _value(subgraph, each.selection_set, subgraph.schema.type_map[each.type_condition.name.value])
        for each in matching
        if each.type_condition
    ]


def _unused_condition(subgraph: ValidSubgraph, text: str, setting: list[str]) -> str | None:
    """A known type whose fragment is for none of the types that set the context."""
    try:
        document = parse(text if text.startswith("{") else f"{{ {text} }}")
    except GraphQLSyntaxError:
        return None
    types = subgraph.schema.type_map
    definition = document.definitions[0]
    selections = definition.selection_set.selections if isinstance(definition, OperationDefinitionNode) else ()
    for each in selections:
        named = each.type_condition if isinstance(each, InlineFragmentNode) else None
        condition = types.get(named.name.value) if named else None
        if condition is not None and not any(
            _types(subgraph, condition) & _types(subgraph, types[name]) for name in setting
        ):
            return condition.name
    return None


def _may_be(subgraph: ValidSubgraph, owner: GraphQLNamedType, fragment: InlineFragmentNode) -> bool:
    name = fragment.type_condition.name.value if fragment.type_condition else owner.name
    if name not in subgraph.schema.type_map:
        raise _Wrong(f'there is no type "{name}" here')
    return bool(_types(subgraph, owner) & _types(subgraph, subgraph.schema.type_map[name]))


def _types(subgraph: ValidSubgraph, type_: GraphQLNamedType) -> set[str]:
    if is_abstract_type(type_):
        return {one.name for one in subgraph.schema.get_possible_types(type_)}
    return {type_.name}


def _value(subgraph: ValidSubgraph, node: SelectionSetNode, owner: GraphQLNamedType) -> GraphQLOutputType:
    if len(node.selections) != 1:
        raise _Wrong("it selects several things, but an argument takes one value")
    (selection,) = node.selections
    _check_plain(selection)
    if isinstance(selection, InlineFragmentNode):
        condition = selection.type_condition.name.value if selection.type_condition else owner.name
        if condition not in subgraph.schema.type_map:
            raise _Wrong(f'there is no type "{condition}" here')
        return _value(subgraph, selection.selection_set, subgraph.schema.type_map[condition])
    if not isinstance(selection, FieldNode):
        raise _Wrong("named fragments cannot be used; write the fields out")
    if not isinstance(owner, GraphQLObjectType | GraphQLInterfaceType) or selection.name.value not in owner.fields:
        raise _Wrong(f'"{owner.name}" has no field "{selection.name.value}"')
    type_: GraphQLOutputType = owner.fields[selection.name.value].type
    named = get_named_type(type_)
    if is_composite_type(named) != (selection.selection_set is not None):
        raise _Wrong(f'field "{selection.name.value}" is of type "{type_}"; select down to a value')
    if selection.selection_set is None:
        return type_
    below = _value(subgraph, selection.selection_set, named)
    if is_list_type(get_nullable_type(type_)):
        raise _Wrong(f'field "{selection.name.value}" is a list of objects, which gives more than one value')
    return below


def _check_plain(selection: SelectionNode) -> None:
    if selection.directives:
        raise _Wrong("directives are not allowed in it")
    if isinstance(selection, FieldNode) and selection.alias:
        raise _Wrong("aliases are not allowed in it")


def _fits(found: object, wanted: object) -> bool:
    """What is found may be null, since the object above may lack it."""
    return _is_within(get_nullable_type(found), wanted)  # type: ignore[call-overload]  # an output type


def _is_within(found: object, wanted: object) -> bool:
    if is_non_null_type(wanted):
        return isinstance(found, GraphQLNonNull) and _is_within(found.of_type, wanted.of_type)
    if isinstance(found, GraphQLNonNull):
        return _is_within(found.of_type, wanted)
    if is_list_type(found) and is_list_type(wanted):
        return _is_within(found.of_type, wanted.of_type)
    return str(found) == str(wanted)
