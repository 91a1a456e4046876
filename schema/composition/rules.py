"""What one subgraph's directives say of its types and fields, read once into values.

Shareable and external are told as they take effect: key fields and provided fields are shareable, so is
everything in Federation 1; an ``@external`` key field of an extension is external by custom only.
Source: Federation 2, "Federated directives"; docs/spec/gather.md, docs/spec/durable.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldDefinitionNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    ValueNode,
    get_named_type,
    print_ast,
)

from schema.composition.flatten import FlatDocument
from schema.contexts import ContextArgument, read_reference
from schema.directives import Links
from schema.durable import read_duration
from schema.field_set import FieldSet, FieldSetSyntaxError, parse_field_set
from schema.field_set_targets import targets
from schema.subgraph import DurableRule, EntityKey, FieldRules, GatherRule, TypeRules


def read_rules(
    flat: FlatDocument, links: Links, schema: GraphQLSchema
) -> tuple[Mapping[str, TypeRules], Mapping[str, FieldRules]]:
    """Rules by type name and by ``"Type.field"``. FieldSets that do not parse are left out: validation tells."""
    types = {name: _type_rules(node, links, name in flat.extensions) for name, node in flat.types.items()}
    fields = {
        f"{name}.{each.name.value}": _field_rules(each, links)
        for name, node in flat.types.items()
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
        for each in node.fields or ()
    }
    provided = frozenset(_provided_fields(fields, schema))
    keyed = frozenset(_key_fields(types, schema))
    own = _external_by_custom(flat, links, schema)
    fields = {
        coordinate: replace(
            rules,
            shareable=rules.shareable
            or coordinate in keyed
            or (rules.external and coordinate in provided - own)
            or (links.is_federation_1 and not _is_event(coordinate)),
            external=rules.external and coordinate not in own,
            requires=rules.requires if _is_active(coordinate, rules.requires, fields, links, schema) else None,
            provided=coordinate in provided,
        )
        for coordinate, rules in fields.items()
    }
    return (
        {name: rules for name, rules in types.items() if rules != TypeRules()},
        {coordinate: rules for coordinate, rules in fields.items() if rules != FieldRules()},
    )


def _is_event(coordinate: str) -> bool:
    """Subscriptions have one source even in Federation 1."""
    return coordinate.startswith("Subscription.")


def _is_active(
    coordinate: str,
    requires: FieldSet | None,
    fields: Mapping[str, FieldRules],
    links: Links,
    schema: GraphQLSchema,
) -> bool:
    """Federation 1 lets ``@requires`` name fields that the subgraph resolves itself: that asks for nothing."""
    if requires is None or not links.is_federation_1:
        return True
    named = targets(schema, coordinate.partition(".")[0], requires)
    return any(fields[each].external for each in named if each in fields)


def field_set_of(directive: DirectiveNode, argument: str = "fields") -> FieldSet | None:
    """The FieldSet in a directive's argument; ``None`` when absent or not a FieldSet."""
    value = argument_of(directive, argument)
    if not isinstance(value, StringValueNode):
        return None
    try:
        return parse_field_set(value.value)
    except FieldSetSyntaxError:
        return None


def argument_of(directive: DirectiveNode, name: str) -> ValueNode | None:
    return next((each.value for each in directive.arguments or () if each.name.value == name), None)


def _type_rules(node: TypeDefinitionNode, links: Links, is_extension: bool) -> TypeRules:
    keys = tuple(
        EntityKey(fields, not _is_false(argument_of(each, "resolvable")))
        for each in links.applied(node, "key")
        if (fields := field_set_of(each))
    )
    return TypeRules(
        keys=keys if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode) else (),
        shareable=links.has(node, "shareable"),
        inaccessible=links.has(node, "inaccessible"),
        is_extension=is_extension,
        is_interface_object=isinstance(node, ObjectTypeDefinitionNode) and links.has(node, "interfaceObject"),
        contexts=tuple(
            name for each in links.applied(node, "context") if (name := _text(argument_of(each, "name")))
        ),
    )


def _field_rules(node: FieldDefinitionNode, links: Links) -> FieldRules:
    gather = next(iter(links.applied(node, "gather")), None)
    return FieldRules(
        external=links.has(node, "external"),
        shareable=links.has(node, "shareable") or gather is not None,
        inaccessible=links.has(node, "inaccessible"),
        requires=next((field_set_of(each) for each in links.applied(node, "requires")), None),
        provides=next((field_set_of(each) for each in links.applied(node, "provides")), None),
        gather=GatherRule(field_set_of(gather, "key")) if gather else None,
        override=next((_text(argument_of(each, "from")) for each in links.applied(node, "override")), None),
        override_label=next((_text(argument_of(each, "label")) for each in links.applied(node, "override")), None)
        or None,
        contextual=tuple(_contextual(node, links)),
        durable=_durable(node, links),
    )


def _durable(node: FieldDefinitionNode, links: Links) -> DurableRule | None:
    for each in links.applied(node, "durable"):
        expiry = _text(argument_of(each, "expiresAfter"))
        applicant = _text(argument_of(each, "applicant"))
        types = {argument.name.value: print_ast(argument.type) for argument in node.arguments or ()}
        return DurableRule(
            applicant, types.get(applicant or "", "String"), read_duration(expiry) if expiry else None
        )
    return None


def _contextual(node: FieldDefinitionNode, links: Links) -> Iterator[ContextArgument]:
    for argument in node.arguments or ():
        for each in links.applied(argument, "fromContext"):
            reference = read_reference(_text(argument_of(each, "field")) or "")
            if reference is not None:
                yield ContextArgument(argument.name.value, print_ast(argument.type), *reference)


def _text(value: ValueNode | None) -> str | None:
    return value.value if isinstance(value, StringValueNode) else None


def _is_false(value: ValueNode | None) -> bool:
    return isinstance(value, BooleanValueNode) and not value.value


def _key_fields(types: Mapping[str, TypeRules], schema: GraphQLSchema) -> Iterator[str]:
    """Nested ones too, with the implementations of interface fields."""
    for name, rules in types.items():
        for key in rules.keys:
            yield from targets(schema, name, key.fields)


def _provided_fields(fields: Mapping[str, FieldRules], schema: GraphQLSchema) -> Iterator[str]:
    for coordinate, rules in fields.items():
        type_name, _, field_name = coordinate.partition(".")
        parent = schema.type_map.get(type_name)
        if rules.provides and isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            yield from targets(schema, get_named_type(parent.fields[field_name].type).name, rules.provides)


def _external_by_custom(flat: FlatDocument, links: Links, schema: GraphQLSchema) -> frozenset[str]:
    """``extend type T @key(fields: "id") { id: ID! @external }``: the extension does answer ``id``."""
    return frozenset(
        coordinate
        for name, node in flat.types.items()
        for each in links.applied(node, "key")
        if id(each) in flat.extension_keys and (fields := field_set_of(each))
        for coordinate in targets(schema, name, fields)
    )
