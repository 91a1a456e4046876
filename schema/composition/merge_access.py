"""Carry access requirements between interfaces and their implementations, so that no path is less guarded.

Up: an interface and its fields demand what any implementation of them demands. Down: what a field of an
interface object demands, the same field demands on every implementation, and on their other interfaces.
Source: Federation 2.12, "Composition", access control.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import InterfaceTypeDefinitionNode, ObjectTypeDefinitionNode, TypeDefinitionNode

from schema.access import ACCESS_DIRECTIVES
from schema.composition.applied import Application


def spread_access(found: dict[str, list[Application]], types: Mapping[str, TypeDefinitionNode]) -> None:
    """Add to what was found on each element what it takes over from others."""
    graph = _Implementations(types)
    taken: list[tuple[str, Application]] = [
        (target, application)
        for coordinate, each in found.items()
        for application in each
        if application.name in ACCESS_DIRECTIVES
        for target in graph.targets(coordinate)
    ]
    for coordinate, application in sorted(taken, key=lambda each: (each[0], each[1].subgraph, each[1].text)):
        found.setdefault(coordinate, []).append(application)


class _Implementations:
    """Which object types implement which interfaces in the merged graph."""

    def __init__(self, types: Mapping[str, TypeDefinitionNode]) -> None:
        self._fields: dict[str, set[str]] = {}
        self._interfaces: dict[str, list[str]] = {}
        self._objects: dict[str, list[str]] = {}
        for name, node in types.items():
            if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
                self._fields[name] = {each.name.value for each in node.fields or ()}
            if isinstance(node, ObjectTypeDefinitionNode):
                self._interfaces[name] = [each.name.value for each in node.interfaces or ()]
                for interface in self._interfaces[name]:
                    self._objects.setdefault(interface, []).append(name)

    def targets(self, coordinate: str) -> Iterator[str]:
        """Where a requirement on this type or field holds as well."""
        name, _, field = coordinate.partition(".")
        if name in self._interfaces:
            yield from self._at(self._interfaces[name], field)
        elif field and name in self._objects:
            objects = self._objects[name]
            interfaces = {each for one in objects for each in self._interfaces[one]} - {name}
            yield from self._at([*objects, *sorted(interfaces)], field)

    def _at(self, names: list[str], field: str) -> Iterator[str]:
        for name in names:
            if not field:
                yield name
            elif field in self._fields.get(name, ()):
                yield f"{name}.{field}"
