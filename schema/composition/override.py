"""``@override(from:)``: one subgraph takes a field over from another.

The field stays in the old subgraph's SDL, so its rules change here: external where it still serves a key,
``@requires`` or ``@provides`` there, gone otherwise. Source: Federation 2, "@override".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphql import TypeDefinitionNode

from schema.composition.definitions import DefinedField, defined_fields
from schema.composition.external import used_externals
from schema.composition.problems import Problems
from schema.subgraph import ValidSubgraph


def apply_overrides(subgraphs: Sequence[ValidSubgraph], problems: Problems) -> list[ValidSubgraph]:
    """The same subgraphs, with the overridden fields marked in the subgraph that loses them."""
    by_name = {each.name: each for each in subgraphs}
    lost: dict[str, set[str]] = {}
    for subgraph in subgraphs:
        if any(rules.override for rules in subgraph.fields.values()):
            for field in defined_fields(subgraph):
                if field.rules.override and _is_effective(field, by_name, problems):
                    lost.setdefault(field.rules.override, set()).add(field.coordinate)
    return [_without(each, lost[each.name]) if each.name in lost else each for each in subgraphs]


def _is_effective(field: DefinedField, subgraphs: Mapping[str, ValidSubgraph], problems: Problems) -> bool:
    """Whether the override takes something over; what is wrong with it is told."""
    own, source_name = field.owner.subgraph.name, field.rules.override or ""
    if field.owner.is_interface:
        problems.error(
            "OVERRIDE_ON_INTERFACE",
            f'@override cannot stand on "{field.coordinate}", a field of an interface, in subgraph "{own}". Put '
            "it "
            "on the field of each implementation.",
            field.place,
        )
        return False
    if field.owner.subgraph.is_interface_object(field.owner.name):
        problems.error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f'@override cannot stand on "{field.coordinate}" in subgraph "{own}": the type has @interfaceObject. '
            "Move the field in one step instead: add it here and remove it there.",
            field.place,
        )
        return False
    if source_name == own:
        problems.error(
            "OVERRIDE_FROM_SELF_ERROR",
            f'"{field.coordinate}" overrides itself in subgraph "{own}". Name the subgraph that it comes from.',
            field.place,
        )
        return False
    source = subgraphs.get(source_name)
    if source is None:
        problems.hint(
            "FROM_SUBGRAPH_DOES_NOT_EXIST",
            f'"{field.coordinate}" in subgraph "{own}" overrides subgraph "{source_name}", which does not exist.',
            field.place,
        )
        return False
    return _is_taken(field, source, problems)


def _is_taken(field: DefinedField, source: ValidSubgraph, problems: Problems) -> bool:
    own = field.owner.subgraph.name
    old = next((each for each in defined_fields(source) if each.coordinate == field.coordinate), None)
    if old is None:
        problems.hint(
            "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
            f'"{field.coordinate}" no longer exists in subgraph "{source.name}"; subgraph "{own}" can drop '
            "@override.",
            field.place,
        )
        return False
    if old.rules.override:
        problems.error(
            "OVERRIDE_SOURCE_HAS_OVERRIDE",
            f'"{field.coordinate}" is overridden in subgraph "{own}" and in its source "{source.name}". Keep one '
            "@override.",
            field.place,
            old.place,
        )
        return False
    collision = next(((old, each) for each in ("requires", "provides") if old.applied(each)), None)
    if field.rules.external:
        collision = field, "external"
    if collision:
        marked, directive = collision
        problems.error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f'"{field.coordinate}" has @{directive} in subgraph "{marked.owner.subgraph.name}", so subgraph '
            f'"{own}" cannot override it. Remove @{directive} there, or the @override.',
            field.place,
            old.place,
        )
        return False
    if old.rules.external:
        problems.hint(
            "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
            f'"{field.coordinate}" is @external in subgraph "{source.name}", which does not resolve it any more; '
            f'subgraph "{own}" can drop @override.',
            field.place,
        )
        return False
    problems.hint(
        "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
        f'"{field.coordinate}" is overridden by subgraph "{own}"; subgraph "{source.name}" can remove it.',
        old.place,
    )
    return True


def _without(subgraph: ValidSubgraph, lost: set[str]) -> ValidSubgraph:
    types = {
        each.name.value: each for each in subgraph.document.definitions if isinstance(each, TypeDefinitionNode)
    }
    used = used_externals(types, subgraph.links, subgraph.schema)
    fields = dict(subgraph.fields)
    for coordinate in lost:
        rules = subgraph.rules(*coordinate.split("."))
        fields[coordinate] = replace(rules, overridden=True, external=coordinate in used)
    return replace(subgraph, fields=fields)
