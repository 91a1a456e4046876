"""Take durable mutations out of their departments' subgraphs, into subgraphs that the hub answers.

``civil-affairs`` with ``changeAddress(…): Change! @durable`` becomes two: ``civil-affairs`` without the field, and
``civil-affairs.durable`` where it gives a ``ChangeAddressDurableTicket`` with the ``result: Change``, and has what
the result and the arguments are made of. Of that, what the department answers by other means (another's field, a
gathered part) is left to ``civil-affairs``, so that it is fetched live. One more subgraph, ``hub.tickets``, knows
all types of tickets; the hub's own gives them, as an interface object, what they have in common.
Source: docs/spec/durable.md, "In the supergraph".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from graphql import (
    ConstArgumentNode,
    DefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    OperationType,
    SchemaDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeNode,
    build_ast_schema,
    parse,
)

from schema.composition.durable_closure import Closure, carried, directive, ticket_closure
from schema.composition.flatten import FlatDocument, flatten
from schema.composition.machinery import complete
from schema.composition.problems import Problems
from schema.composition.read import begin_reading
from schema.composition.rules import read_rules
from schema.directives import DURABLE, Links
from schema.durable import KEY_ARGUMENT, OTHER_TICKET, TICKET, TICKETS, durable_service, ticket_type
from schema.subgraph import FieldRules, Subgraph, ValidSubgraph


def with_durable_parts(
    valid: Sequence[ValidSubgraph], handed_in: Iterable[Subgraph], problems: Problems
) -> list[ValidSubgraph]:
    """The subgraphs with what ``@durable`` makes of them; the same ones where nobody links it."""
    if not any(_has_tickets(each) for each in valid):
        return list(valid)
    texts = {each.name: each for each in handed_in}
    parts: list[ValidSubgraph] = []
    for each in valid:
        parts.extend(_split(texts[each.name]) if durable_fields(each) else (each,))
    tickets = begin_reading(
        Subgraph(TICKETS, _tickets_sdl([name for each in valid for name in durable_fields(each)]))
    )
    if isinstance(tickets, ValidSubgraph):
        parts.append(tickets)
    elif isinstance(tickets, tuple):
        problems.extend(tickets)
    return sorted(parts, key=lambda each: each.name)


def durable_fields(subgraph: ValidSubgraph) -> tuple[str, ...]:
    """The names of its durable mutations, in the order of the SDL."""
    return tuple(
        coordinate.partition(".")[2]
        for coordinate, rules in subgraph.fields.items()
        if rules.durable is not None and coordinate.startswith("Mutation.")
    )


def _has_tickets(subgraph: ValidSubgraph) -> bool:
    """Its durable mutations give them; or it is the hub's own, which says what they have in common."""
    is_linked = any(each.identity == DURABLE for each in subgraph.links.features)
    return is_linked and (bool(durable_fields(subgraph)) or subgraph.is_interface_object(TICKET))


def _tickets_sdl(fields: Sequence[str]) -> str:
    types = (*sorted(set(map(ticket_type, fields))), OTHER_TICKET)
    return "\n".join(
        (
            'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])',
            f'interface {TICKET} @key(fields: "id") {{ id: ID! }}',
            *(f'type {name} implements {TICKET} @key(fields: "id") {{ id: ID! }}' for name in types),
        )
    )


@lru_cache(maxsize=64)
def _split(subgraph: Subgraph) -> tuple[ValidSubgraph, ValidSubgraph]:
    valid = begin_reading(subgraph)
    if not isinstance(valid, ValidSubgraph):
        raise TypeError("Only a subgraph that was read without errors can be split.")
    flat = flatten(valid.name, parse(subgraph.sdl), valid.links, Problems())
    closure = ticket_closure(valid, flat, durable_fields(valid))
    return _rest(valid, closure), _durable(valid, flat, closure)


def _rest(valid: ValidSubgraph, closure: Closure) -> ValidSubgraph:
    """The department's subgraph without its durable mutations; what both have is shareable."""
    names = frozenset(durable_fields(valid))
    definitions = tuple(
        each
        for node in valid.document.definitions
        if (each := _without(node, names) if isinstance(node, ObjectTypeDefinitionNode) else node) is not None
    )
    has_mutation = any(_is_mutation(each) for each in definitions)
    if not has_mutation:
        definitions = tuple(_without_mutation(each) for each in definitions)
    document = DocumentNode(definitions=definitions)
    fields = {key: rules for key, rules in valid.fields.items() if not _is_one_of(key, names)}
    for coordinate in closure.shared:
        fields[coordinate] = replace(fields.get(coordinate, FieldRules()), shareable=True)
    schema = build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
    return replace(valid, document=document, schema=schema, fields=fields)


def _is_one_of(coordinate: str, names: frozenset[str]) -> bool:
    type_name, _, field_name = coordinate.partition(".")
    return type_name == "Mutation" and field_name in names


def _is_mutation(node: object) -> bool:
    return isinstance(node, ObjectTypeDefinitionNode) and node.name.value == "Mutation"


def _without(node: ObjectTypeDefinitionNode, names: frozenset[str]) -> ObjectTypeDefinitionNode | None:
    if not _is_mutation(node):
        return node
    fields = tuple(each for each in node.fields or () if each.name.value not in names)
    return replace(node, fields=fields) if fields else None


def _without_mutation(node: DefinitionNode) -> DefinitionNode:
    if not isinstance(node, SchemaDefinitionNode):
        return node
    kept = tuple(each for each in node.operation_types if each.operation is not OperationType.MUTATION)
    return replace(node, operation_types=kept)


def _durable(valid: ValidSubgraph, flat: FlatDocument, closure: Closure) -> ValidSubgraph:
    mutation = flat.types["Mutation"]
    if not isinstance(mutation, ObjectTypeDefinitionNode):
        raise TypeError("Mutation is an object type.")
    names = durable_fields(valid)
    fields = tuple(each for each in mutation.fields or () if each.name.value in names)
    types: dict[str, TypeDefinitionNode] = dict(closure.types)
    types["Mutation"] = replace(mutation, fields=tuple(_asking(each, valid) for each in fields), directives=())
    for each in fields:
        types[ticket_type(each.name.value)] = _ticket(each, valid.links)
    own = replace(
        flat,
        types=types,
        roots=(OperationType.MUTATION,),
        extensions=frozenset(),
        extension_keys=frozenset(),
    )
    document = complete(own, valid.links)
    schema = build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
    type_rules, read = read_rules(own, valid.links, schema)
    asked = [f"Mutation.{each}" for each in durable_fields(valid)]
    field_rules = {
        **read,
        **{each: replace(read.get(each, FieldRules()), durable=valid.fields[each].durable) for each in asked},
    }
    name = durable_service(valid.name)
    return ValidSubgraph(name, valid.url, document, schema, type_rules, field_rules, valid.links)


def _asking(node: FieldDefinitionNode, valid: ValidSubgraph) -> FieldDefinitionNode:
    """The field as clients see it: it gives a ticket, takes a key, and the hub knows who asks."""
    rule = valid.rules("Mutation", node.name.value).durable
    applicant = rule.applicant if rule else None
    key = InputValueDefinitionNode(
        name=NameNode(value=KEY_ARGUMENT),
        type=NamedTypeNode(name=NameNode(value="String")),
        description=StringValueNode(value="The same key with the same arguments is the same ticket, for a day."),
        directives=(),
    )
    kept = tuple(each for each in node.arguments or () if each.name.value != applicant)
    named = NamedTypeNode(name=NameNode(value=ticket_type(node.name.value)))
    return replace(
        node,
        type=NonNullTypeNode(type=named),
        arguments=(*kept, key),
        directives=carried(node.directives, valid.links),
    )


def _ticket(node: FieldDefinitionNode, links: Links) -> ObjectTypeDefinitionNode:
    result = node.type.type if isinstance(node.type, NonNullTypeNode) else node.type
    by_id = ConstArgumentNode(name=NameNode(value="fields"), value=StringValueNode(value="id"))
    return ObjectTypeDefinitionNode(
        name=NameNode(value=ticket_type(node.name.value)),
        description=StringValueNode(value=f"What became of a request to {node.name.value}."),
        directives=(directive(links, "key", by_id),),
        interfaces=(),
        fields=(
            _field("id", NonNullTypeNode(type=NamedTypeNode(name=NameNode(value="ID")))),
            _field("result", result, "The department's answer, once it is done."),
        ),
    )


def _field(name: str, type_: TypeNode, description: str | None = None) -> FieldDefinitionNode:
    return FieldDefinitionNode(
        name=NameNode(value=name),
        type=type_,
        description=StringValueNode(value=description) if description else None,
        arguments=(),
        directives=(),
    )
