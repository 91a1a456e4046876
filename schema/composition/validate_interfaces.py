"""Keys on interfaces and ``@interfaceObject``: what one subgraph has to keep.

An interface with a key is an entity: who has the key can ask the subgraph which implementation an object is,
so the subgraph must know them all by that key. An ``@interfaceObject`` type is entered by such a key.
Source: Federation 2.3, "Entity interfaces".
"""

from __future__ import annotations

from graphql import DirectiveNode, GraphQLInterfaceType

from schema.composition.definitions import DefinedType, defined_types
from schema.composition.problems import Place, Problems, name_list
from schema.composition.rules import argument_of, field_set_of
from schema.composition.validate_field_sets import is_selection_of
from schema.field_set import FieldSet
from schema.subgraph import EntityKey, ValidSubgraph

_KEYS_ON_INTERFACES_SINCE = (2, 3)


def check_interface_keys(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Every implementation in the subgraph has each key of the interface, as resolvable as there."""
    for each in defined_types(subgraph):
        if not each.is_interface:
            continue
        for directive in each.applied("key"):
            if subgraph.links.federation < _KEYS_ON_INTERFACES_SINCE:
                problems.error(
                    "KEY_UNSUPPORTED_ON_INTERFACE",
                    f'Interface "{each.name}" has a @key in subgraph "{subgraph.name}", which links a version of '
                    "Federation before 2.3. Link a newer one, or put the @key on its implementations.",
                    Place(subgraph.name, directive),
                )
            _check_interface_key(each, directive, problems)


def _check_interface_key(owner: DefinedType, directive: DirectiveNode, problems: Problems) -> None:
    fields, subgraph = field_set_of(directive), owner.subgraph
    if fields is None or not isinstance(owner.type, GraphQLInterfaceType):
        return
    if not is_selection_of(subgraph, directive, owner.type):
        return
    is_resolvable = getattr(argument_of(directive, "resolvable"), "value", True)
    without, closed = [], []
    for implementation in subgraph.schema.get_possible_types(owner.type):
        key = _key_like(subgraph, implementation.name, fields)
        if key is None:
            without.append(implementation.name)
        elif is_resolvable and not key.resolvable:
            closed.append(implementation.name)
    place = Place(subgraph.name, directive)
    shown = f'@key(fields: "{fields}") of interface "{owner.name}" in subgraph "{subgraph.name}"'
    if without:
        problems.error(
            "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
            f"{shown} is missing on {name_list(without)}. Every implementation needs the interface's keys.",
            place,
        )
    elif closed:
        problems.error(
            "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
            f"{shown} is resolvable, but not on {name_list(closed)}. Remove resolvable: false there.",
            place,
        )


def _key_like(subgraph: ValidSubgraph, type_name: str, fields: FieldSet) -> EntityKey | None:
    """The type's key of the same fields, a resolvable one if there is any."""
    rules = subgraph.types.get(type_name)
    same = [key for key in (rules.keys if rules else ()) if key.fields.is_same(fields)]
    return next((key for key in same if key.resolvable), same[0] if same else None)


def check_interface_objects(subgraph: ValidSubgraph, problems: Problems) -> None:
    """An ``@interfaceObject`` type is an entity, and none of its implementations stands beside it."""
    for each in defined_types(subgraph):
        if subgraph.is_interface_object(each.name) and not each.applied("key"):
            problems.error(
                "INTERFACE_OBJECT_USAGE_ERROR",
                f'Type "{each.name}" has @interfaceObject but no @key in subgraph "{subgraph.name}". Add the @key '
                "by which the interface is known elsewhere.",
                each.place,
            )
