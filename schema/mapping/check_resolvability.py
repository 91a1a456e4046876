"""Everything in the schema can be found: root fields, entities by each of their keys, and every field."""

from __future__ import annotations

from graphql import GraphQLObjectType, Node

from schema.mapping.connect import Connect
from schema.mapping.findings import Findings
from schema.mapping.links import federation_name
from schema.mapping.place import place_of
from schema.mapping.shape import Fields, shape_of
from schema.mapping.virtual_schema import EntityKeyDirective


def check_resolvability(findings: Findings) -> None:
    _roots(findings)
    for type_name, keys in findings.read.virtual.keys.items():
        for key in keys:
            findings.given.update((type_name, name) for name in key.field_names)
            if key.resolvable:
                _key(findings, type_name, key)
    for connect in findings.read.connects:
        _batch(findings, connect)
    _fields(findings)


def _roots(findings: Findings) -> None:
    for kind, type_name in findings.read.virtual.roots.items():
        root = findings.object_type(type_name)
        for name in root.fields if root else ():
            node = findings.read.virtual.field_node(type_name, name)
            if node is not None and not findings.read.connects_of(type_name, name):
                code = "MUTATION_FIELD_MISSING_CONNECT" if kind == "mutation" else "QUERY_FIELD_MISSING_CONNECT"
                message = (
                    f'"{type_name}.{name}" has no @{findings.read.connect_name}. Add one, or remove the field.'
                )
                findings.tell(code, message, place_of(findings.read.subgraph, node))


def _key(findings: Findings, type_name: str, key: EntityKeyDirective) -> None:
    """A key is resolved by a connector that takes it, or when every other field has a connector of its own."""
    if any(_takes(findings, connect, type_name, key) for connect in findings.read.connects):
        return
    unresolved = _not_by_themselves(findings, type_name, key)
    if unresolved:
        findings.tell(
            "CONNECTORS_CANNOT_RESOLVE_KEY",
            f'No connector finds "{type_name}" by @key(fields: "{key.fields}"), which '
            f"{', '.join(unresolved)} would need. Add @connect to the type (reading $this or $batch), or a Query "
            "field with entity: true, or say resolvable: false.",
            place_of(findings.read.subgraph, key.node),
        )


def _takes(findings: Findings, connect: Connect, type_name: str, key: EntityKeyDirective) -> bool:
    if connect.field_name is None:
        needs = connect.reads("$batch") or connect.reads("$this")
        return connect.type_name == type_name and bool(needs) and needs <= key.field_names
    returned = findings.returned(connect)
    query = findings.object_type(findings.read.virtual.query_name)
    if not (connect.entity and query and isinstance(returned, GraphQLObjectType) and returned.name == type_name):
        return False
    return connect.type_name == query.name and key.field_names <= set(query.fields[connect.field_name].args)


def _not_by_themselves(findings: Findings, type_name: str, key: EntityKeyDirective) -> list[str]:
    owner = findings.object_type(type_name)
    external = {name for name in (owner.fields if owner else ()) if _is_external(findings, type_name, name)}
    unresolved = []
    for name in owner.fields if owner else ():
        connects = findings.read.connects_of(type_name, name)
        ready = any(connect.reads("$this") <= key.field_names | external for connect in connects)
        if name not in key.field_names | external and not ready:
            unresolved.append(f'"{type_name}.{name}"')
    return unresolved


def _batch(findings: Findings, connect: Connect) -> None:
    shape = shape_of(connect.selection)
    if not connect.is_batch or not isinstance(shape, Fields):
        return
    for name in sorted(connect.reads("$batch") - shape.fields.keys()):
        findings.tell(
            "CONNECTORS_BATCH_KEY_NOT_IN_SELECTION",
            f'@connect on "{connect.coordinate}" asks by $batch.{name}, but its selection does not give "{name}". '
            "Answers are matched by it: add it to the selection.",
            findings.at(connect, "selection"),
        )


def _fields(findings: Findings) -> None:
    for type_name, node in findings.read.virtual.types.items():
        owner = findings.object_type(type_name)
        if owner is None or findings.read.virtual.is_root(type_name):
            continue
        for name in owner.fields:
            if (type_name, name) in findings.given or _is_external(findings, type_name, name):
                continue
            place: Node = findings.read.virtual.field_node(type_name, name) or node
            findings.tell(
                "CONNECTORS_UNRESOLVED_FIELD",
                f'No connector gives "{type_name}.{name}". Add it to a selection, or give it a @connect.',
                place_of(findings.read.subgraph, place),
            )


def _is_external(findings: Findings, type_name: str, name: str) -> bool:
    node = findings.read.virtual.field_node(type_name, name)
    external = federation_name(findings.read.document, "external")
    return node is not None and any(directive.name.value == external for directive in node.directives or ())
