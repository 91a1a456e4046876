"""The specifications whose directives a supergraph carries, as it links and defines them.

A supergraph calls each directive by its canonical name: namespaces of single subgraphs end at merging.
Sources: https://specs.apollo.dev/link, /tag, /inaccessible, /authenticated, /requiresScopes, /policy, /cost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import ConstDirectiveNode, DefinitionNode

from schema.directives import (
    AUTHENTICATED,
    CONTEXT,
    COST,
    INACCESSIBLE,
    POLICY,
    REQUIRES_SCOPES,
    SPECIFICATIONS,
    TAG,
    Feature,
    Version,
    element_name,
    localized_definitions,
)


@dataclass(frozen=True, slots=True)
class SupergraphFeature:
    """One ``@link`` of a supergraph and the definitions that it brings.

    ``imports`` goes from element ("@listSize") to its name in the supergraph, where that is not what the link
    alone would call it. ``purpose`` is SECURITY or EXECUTION where a router must not ignore the feature.
    """

    url: str
    purpose: str | None = None
    imports: tuple[tuple[str, str], ...] = ()
    definitions: tuple[DefinitionNode, ...] = ()

    @property
    def elements(self) -> frozenset[str]:
        """The names of what it defines, directives with ``@``."""
        return frozenset(map(element_name, self.definitions))

    def __str__(self) -> str:
        purpose = f", for: {self.purpose}" if self.purpose else ""
        imports = ", ".join(
            f'"{element}"' if element == local else f'{{name: "{element}", as: "{local}"}}'
            for element, local in self.imports
        )
        return f'@link(url: "{self.url}"{f", import: [{imports}]" if imports else ""}{purpose})'


_KNOWN: Mapping[str, tuple[Version, str | None, tuple[str, ...]]] = {
    INACCESSIBLE: ((0, 2), "SECURITY", ("@inaccessible",)),
    TAG: ((0, 3), None, ("@tag",)),
    AUTHENTICATED: ((0, 1), "SECURITY", ("@authenticated",)),
    REQUIRES_SCOPES: ((0, 1), "SECURITY", ("@requiresScopes",)),
    POLICY: ((0, 1), "SECURITY", ("@policy",)),
    CONTEXT: ((0, 1), "SECURITY", ("@context",)),
    COST: ((0, 1), None, ("@cost", "@listSize")),
}
CACHE_TAGS = SupergraphFeature("https://specs.apollo.dev/cacheTag/v0.1", "EXECUTION")
"""Linked where some subgraph tags its answers. It defines nothing: the tags travel in ``@join__directive``."""


def known_features(directives: Collection[str]) -> tuple[SupergraphFeature, ...]:
    """The features of Federation's own that a graph with these directives (canonical, without ``@``) links."""
    found = []
    for identity, (version, purpose, elements) in _KNOWN.items():
        used = [element for element in elements if element[1:] in directives]
        if used:
            imports = {each: each for each in used if each[1:] != SPECIFICATIONS[identity].name}
            url = f"{identity}/v{version[0]}.{version[1]}"
            name = SPECIFICATIONS[identity].name
            feature = Feature(url, identity, name, version, name, imports)
            definitions = tuple(
                node
                for element, node in localized_definitions(feature).items()
                if element in used or not element.startswith("@")
            )
            found.append(SupergraphFeature(url, purpose, tuple(imports.items()), definitions))
    return tuple(found)


def directives_on(nodes: Iterable[object]) -> Iterator[str]:
    """The names of all directives on these definitions and what is in them."""
    for node in nodes:
        directives: tuple[ConstDirectiveNode, ...] = getattr(node, "directives", None) or ()
        yield from (each.name.value for each in directives)
        for part in ("fields", "arguments", "values"):
            yield from directives_on(getattr(node, part, None) or ())
