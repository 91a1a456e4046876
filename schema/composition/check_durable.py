"""Where ``@durable`` may stand, and what its arguments may be. Source: docs/spec/durable.md."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import DirectiveNode, GraphQLID, GraphQLString, StringValueNode, get_nullable_type

from schema.composition.definitions import DefinedField, defined_fields, defined_types
from schema.composition.problems import Place, Problems
from schema.composition.rules import argument_of
from schema.directives import DURABLE
from schema.durable import KEY_ARGUMENT, OTHER_TICKET, TICKET, TICKETS, durable_service, read_duration, ticket_type
from schema.subgraph import ValidSubgraph

_COLLIDING = ("shareable", "external", "requires", "provides", "override", "gather", "inaccessible")


def check_durable(subgraphs: Sequence[ValidSubgraph], problems: Problems) -> None:
    """Only mutations that one department alone executes wait for it, and nobody else uses the tickets' names."""
    fields = [field for each in subgraphs for field in defined_fields(each) if field.applied("durable")]
    for field in fields:
        for directive in field.applied("durable"):
            _check_field(field, directive, problems)
            _check_applicant(field, directive, problems)
            _check_expiry(field, directive, problems)
    if any(each.identity == DURABLE for subgraph in subgraphs for each in subgraph.links.features):
        _check_names(subgraphs, fields, problems)


def _check_field(field: DefinedField, directive: DirectiveNode, problems: Problems) -> None:
    name, place = field.owner.subgraph.name, field.place_of(directive)
    if field.owner.name != "Mutation":
        problems.error(
            "DURABLE_INVALID_PLACE",
            f'@durable cannot stand on "{field.coordinate}" in subgraph "{name}": only a mutation is done once '
            "and waited for. Put it on a field of Mutation.",
            place,
        )
    for other in (each for colliding in _COLLIDING for each in field.applied(colliding)):
        problems.error(
            "DURABLE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f'Field "{field.coordinate}" has both @durable and @{other.name.value} in subgraph "{name}". A '
            "durable mutation is one department's own, and clients ask for it. Keep one of them.",
            place,
        )
    if field.owner.subgraph.links.is_federation_1:
        problems.error(
            "DURABLE_NEEDS_FEDERATION_2",
            f'Subgraph "{name}" has durable mutations and is of Federation 1. Add extend schema '
            '@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]).',
            place,
        )
    if KEY_ARGUMENT in field.field.args:
        problems.error(
            "DURABLE_NAME_TAKEN",
            f'"{field.coordinate}" in subgraph "{name}" has an argument "{KEY_ARGUMENT}" of its own. Rename it: '
            "@durable adds one of this name.",
            place,
        )


def _check_applicant(field: DefinedField, directive: DirectiveNode, problems: Problems) -> None:
    value = argument_of(directive, "applicant")
    if not isinstance(value, StringValueNode):
        return
    argument = field.field.args.get(value.value)
    if argument is None or get_nullable_type(argument.type) not in (GraphQLString, GraphQLID):
        problems.error(
            "DURABLE_APPLICANT_INVALID",
            f'@durable on "{field.coordinate}" in subgraph "{field.owner.subgraph.name}" tells who asks in '
            f'"{value.value}", which is no argument of type String or ID. Name one of the field\'s.',
            field.place_of(directive),
        )


def _check_expiry(field: DefinedField, directive: DirectiveNode, problems: Problems) -> None:
    value = argument_of(directive, "expiresAfter")
    if isinstance(value, StringValueNode) and read_duration(value.value) is None:
        problems.error(
            "DURABLE_EXPIRY_INVALID",
            f'@durable on "{field.coordinate}" in subgraph "{field.owner.subgraph.name}" expires after '
            f'"{value.value}". Write days, hours and minutes as ISO 8601 does, 90 days at most: "P7D", "PT36H".',
            field.place_of(directive),
        )


def _check_names(subgraphs: Sequence[ValidSubgraph], fields: Sequence[DefinedField], problems: Problems) -> None:
    reserved = {TICKET, OTHER_TICKET, *(ticket_type(field.node.name.value) for field in fields)}
    services = {TICKETS, *(durable_service(field.owner.subgraph.name) for field in fields)}
    for subgraph in subgraphs:
        if subgraph.name in services:
            problems.error(
                "DURABLE_NAME_TAKEN",
                f'No subgraph can be called "{subgraph.name}" beside durable mutations. Rename it.',
                Place(subgraph.name),
            )
        for type_ in defined_types(subgraph):
            if type_.name in reserved and not subgraph.is_interface_object(type_.name):
                problems.error(
                    "DURABLE_NAME_TAKEN",
                    f'Type "{type_.name}" in subgraph "{subgraph.name}" has the name of the tickets that durable '
                    "mutations give. Rename it.",
                    type_.place,
                )
