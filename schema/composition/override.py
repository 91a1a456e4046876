"""``@override(from:)``: one subgraph takes a field over from another.

The field stays in the old subgraph's SDL, so its rules change here: external where it still serves a key,
``@requires`` or ``@provides`` there, gone otherwise. With a label it moves progressively: one subgraph resolves
it while the label is on, the other while it is off. Source: Federation 2, "@override"; 2.7, labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from graphql import TypeDefinitionNode

from schema.composition.definitions import DefinedField, defined_fields
from schema.composition.external import used_externals
from schema.composition.problems import Problems
from schema.subgraph import Switch, ValidSubgraph

_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-:./]*")
_PERCENTAGE = re.compile(r"percent\((\d{1,2}(?:\.\d{1,8})?|100)\)")


def apply_overrides(subgraphs: Sequence[ValidSubgraph], problems: Problems) -> list[ValidSubgraph]:
    """The same subgraphs, with the overridden fields marked in the subgraph that loses them."""
    by_name = {each.name: each for each in subgraphs}
    lost: dict[str, dict[str, str | None]] = {}
    won: dict[str, dict[str, str]] = {}
    for subgraph in subgraphs:
        if any(rules.override is not None for rules in subgraph.fields.values()):
            for field in defined_fields(subgraph):
                if field.rules.override is not None and _is_effective(field, by_name, problems):
                    label = field.rules.override_label
                    lost.setdefault(field.rules.override, {})[field.coordinate] = label
                    if label is not None:
                        won.setdefault(subgraph.name, {})[field.coordinate] = label
    return [_without(_with(each, won.get(each.name, {})), lost.get(each.name, {})) for each in subgraphs]


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
    _check_label(field, problems)
    source = subgraphs.get(source_name)
    if source is None:
        problems.hint(
            "FROM_SUBGRAPH_DOES_NOT_EXIST",
            f'"{field.coordinate}" in subgraph "{own}" overrides subgraph "{source_name}", which does not exist.',
            field.place,
        )
        return False
    if abstracted := _abstracted(field, source, subgraphs.values()):
        problems.error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f'"{field.coordinate}" in subgraph "{own}" cannot override subgraph "{source_name}", which resolves '
            f'it for all implementations of "{abstracted}" at once, an @interfaceObject. Remove @override.',
            field.place,
        )
        return False
    return _is_taken(field, source, problems)


def _abstracted(field: DefinedField, source: ValidSubgraph, subgraphs: Iterable[ValidSubgraph]) -> str | None:
    """The interface object that has the field in the source, where the source does not know the type itself."""
    if field.owner.name in source.schema.type_map:
        return None
    types = (each.schema.type_map.get(field.owner.name) for each in subgraphs)
    interfaces = {each.name for type_ in types for each in getattr(type_, "interfaces", ())}
    standing = (each for each in sorted(interfaces) if source.is_interface_object(each))
    name = field.node.name.value
    return next((each for each in standing if name in getattr(source.schema.type_map[each], "fields", {})), None)


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
    if old.rules.override is not None:
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
        # A label counts all the same: while it is off, this subgraph does not resolve the field.
        if field.rules.override_label is None:
            return False
    if label := field.rules.override_label:
        problems.hint(
            "OVERRIDE_MIGRATION_IN_PROGRESS",
            f'"{field.coordinate}" moves from subgraph "{source.name}" to subgraph "{own}" under label "{label}".',
            field.place,
            old.place,
        )
        return True
    problems.hint(
        "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
        f'"{field.coordinate}" is overridden by subgraph "{own}"; subgraph "{source.name}" can remove it.',
        old.place,
    )
    return True


def _check_label(field: DefinedField, problems: Problems) -> None:
    label = field.rules.override_label
    if label is None or _LABEL.fullmatch(label) or _is_percentage(label):
        return
    problems.error(
        "OVERRIDE_LABEL_INVALID",
        f'"{label}" is no label for @override on "{field.coordinate}" in subgraph "{field.owner.subgraph.name}". '
        'Use a name of letters, digits and "_-:./" that begins with a letter, or "percent(x)", x from 0 to 100.',
        field.place,
    )


def _is_percentage(label: str) -> bool:
    match = _PERCENTAGE.fullmatch(label)
    return match is not None and float(match[1]) <= 100


def _with(subgraph: ValidSubgraph, won: Mapping[str, str]) -> ValidSubgraph:
    """The subgraph that takes fields over under labels: it resolves them while the label is on."""
    fields = dict(subgraph.fields)
    for coordinate, label in won.items():
        fields[coordinate] = replace(subgraph.rules(*coordinate.split(".")), switch=Switch(label, is_on=True))
    return replace(subgraph, fields=fields) if won else subgraph


def _without(subgraph: ValidSubgraph, lost: Mapping[str, str | None]) -> ValidSubgraph:
    if not lost:
        return subgraph
    types = {
        each.name.value: each for each in subgraph.document.definitions if isinstance(each, TypeDefinitionNode)
    }
    used = used_externals(types, subgraph.links, subgraph.schema)
    fields = dict(subgraph.fields)
    for coordinate, label in lost.items():
        rules = subgraph.rules(*coordinate.split("."))
        if label is not None:
            fields[coordinate] = replace(rules, switch=Switch(label, is_on=False))
        else:
            fields[coordinate] = replace(rules, overridden=True, external=coordinate in used)
    return replace(subgraph, fields=fields)
