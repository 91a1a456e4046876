"""Connectors stand where they can work: entity fields on Query, keys on types, nothing on Subscription."""

from __future__ import annotations

from graphql import GraphQLObjectType, is_required_argument

from schema.mapping.connect import Connect
from schema.mapping.findings import Findings


def check_placement(findings: Findings) -> None:
    for connect in findings.read.connects:
        if connect.type_name == findings.read.virtual.roots.get("subscription"):
            findings.tell(
                "SUBSCRIPTION_IN_CONNECTORS",
                f'"{connect.coordinate}": REST services send no events. Remove the field.',
                findings.at(connect),
            )
        elif connect.field_name is None:
            _on_type(findings, connect)
        elif connect.entity:
            _on_entity_field(findings, connect)


def _on_type(findings: Findings, connect: Connect) -> None:
    where = f'@connect on the type "{connect.coordinate}"'
    batch, this = connect.reads("$batch"), connect.reads("$this")
    if batch and this:
        findings.tell("INVALID_URL", f"{where} uses $batch and $this. Use one of them.", findings.at(connect))
    if not batch and not this:
        findings.tell(
            "CONNECTORS_CANNOT_RESOLVE_KEY",
            f"{where} uses no key. Read key fields in its request: $this.id or $batch.id.",
            findings.at(connect),
        )
    if connect.entity:
        findings.tell(
            "ENTITY_NOT_ON_ROOT_QUERY", f"{where} always finds entities. Remove entity:.", findings.at(connect)
        )


def _on_entity_field(findings: Findings, connect: Connect) -> None:
    where = f'@connect on "{connect.coordinate}"'
    query = findings.object_type(findings.read.virtual.query_name)
    if query is None or connect.type_name != query.name:
        findings.tell(
            "ENTITY_NOT_ON_ROOT_QUERY", f"{where}: entity: true belongs on fields of Query.", findings.at(connect)
        )
        return
    returned = findings.returned(connect)
    if not isinstance(returned, GraphQLObjectType):
        findings.tell(
            "ENTITY_TYPE_INVALID",
            f"{where}: a field with entity: true returns one nullable object.",
            findings.at(connect),
        )
        return
    defined = query.fields[str(connect.field_name)].args
    arguments = set(defined)
    required = {name for name, argument in defined.items() if is_required_argument(argument)}
    keys = findings.read.virtual.keys.get(returned.name, ())
    matches = any(required <= key.field_names <= arguments for key in keys)
    # A type without a key is found inside this subgraph alone, by all of the arguments.
    if not matches and (keys or not arguments or not arguments <= set(returned.fields)):
        wanted = " or ".join(f'"{key.fields}"' for key in keys) or "none: its arguments are no fields of it"
        findings.tell(
            "ENTITY_RESOLVER_ARGUMENT_MISMATCH",
            f'{where}: its arguments match no @key of "{returned.name}". Keys: {wanted}.',
            findings.at(connect),
        )
