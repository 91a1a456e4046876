"""What a supergraph links: the join specification above all, and what must not be ignored.

A feature that is linked for security or execution and not known here refuses the document; one without a
purpose may be ignored. Supergraphs of Federation 1 link by ``@core``.
Sources: https://specs.apollo.dev/link/v1.0, /core/v0.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DirectiveNode,
    DocumentNode,
    Node,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    value_from_ast_untyped,
)

from schema.composition.problems import Place, Problems
from schema.directives import DURABLE, GATHER, INACCESSIBLE, LINK, TAG, Feature, Version

SUPERGRAPH = "supergraph"
"""What errors call the document, where they would name a subgraph."""

JOIN = "https://specs.apollo.dev/join"
CORE = "https://specs.apollo.dev/core"
_APOLLO = "https://specs.apollo.dev/"

KNOWN: Mapping[str, tuple[Version, ...]] = {
    LINK: ((1, 0),),
    CORE: ((0, 1), (0, 2)),
    JOIN: ((0, 1), (0, 2), (0, 3), (0, 4), (0, 5)),
    INACCESSIBLE: ((0, 1), (0, 2)),
    TAG: ((0, 1), (0, 2), (0, 3)),
    GATHER: ((0, 1),),
    DURABLE: ((0, 1),),
    f"{_APOLLO}authenticated": ((0, 1),),
    f"{_APOLLO}requiresScopes": ((0, 1),),
    f"{_APOLLO}policy": ((0, 1),),
    f"{_APOLLO}context": ((0, 1),),
    f"{_APOLLO}cost": ((0, 1),),
    f"{_APOLLO}cacheTag": ((0, 1),),
}
"""The specifications that a supergraph may link for a purpose, and the versions that mean the same here."""

_DIRECTIVES: Mapping[str, tuple[str, ...]] = {
    LINK: ("link",),
    CORE: ("core",),
    JOIN: ("graph", "type", "field", "implements", "unionMember", "enumValue", "owner", "directive"),
    INACCESSIBLE: ("inaccessible",),
    TAG: ("tag",),
    GATHER: ("gather",),
    DURABLE: ("durable",),
    f"{_APOLLO}authenticated": ("authenticated",),
    f"{_APOLLO}requiresScopes": ("requiresScopes",),
    f"{_APOLLO}policy": ("policy",),
    f"{_APOLLO}context": ("context", "fromContext"),
    f"{_APOLLO}cost": ("cost", "listSize"),
}
_URL = re.compile(r"^(?P<identity>[a-z]+://[^?#]*?)/v(?P<major>\d+)\.(?P<minor>\d+)/?$")


@dataclass(frozen=True, slots=True)
class Features:
    """``directives`` goes from a directive's name in the document to (specification, canonical name)."""

    join: Feature
    all: tuple[Feature, ...]
    directives: Mapping[str, tuple[str, str]]

    def canonical(self, directive: DirectiveNode) -> tuple[str, str] | None:
        return self.directives.get(directive.name.value)

    def marks(self, node: Node, name: str) -> tuple[ConstDirectiveNode, ...]:
        """The applications of one directive on a definition, whatever the document calls it."""
        directives: tuple[ConstDirectiveNode, ...] = getattr(node, "directives", None) or ()
        return tuple(each for each in directives if self.directives.get(each.name.value, ("", ""))[1] == name)

    def owns(self, name: str) -> bool:
        """Whether a type or directive of this name belongs to a linked specification."""
        return name in self.directives or any(
            name.startswith(f"{each.namespace}__") or name in each.imports.values() for each in self.all
        )


def read_features(document: DocumentNode, problems: Problems) -> Features | None:
    """Every ``@link`` or ``@core`` of the schema; ``None`` where the document is no supergraph."""
    features = tuple(_features(document, problems))
    join = next((each for each in features if each.identity == JOIN), None)
    if join is None:
        if not problems:
            problems.error(
                "INVALID_FEDERATION_SUPERGRAPH",
                f'The document does not link "{JOIN}", so it is no supergraph. Compose the subgraphs, or pass '
                "them themselves.",
                Place(SUPERGRAPH),
            )
        return None
    directives = {
        feature.local_name(f"@{name}")[1:]: (feature.identity, name)
        for feature in features
        for name in _DIRECTIVES.get(feature.identity, ())
    }
    return Features(join, features, directives)


def arguments(directive: DirectiveNode) -> dict[str, Any]:
    """A directive's arguments as plain values."""
    return {each.name.value: value_from_ast_untyped(each.value) for each in directive.arguments or ()}


def _features(document: DocumentNode, problems: Problems) -> Iterator[Feature]:
    for directive in _applications(document):
        given = arguments(directive)
        url = given.get("url", given.get("feature"))
        match = _URL.match(url) if isinstance(url, str) else None
        if match is None:
            continue
        feature = _feature(str(url), match, given)
        if _is_usable(feature, given.get("for"), directive, problems):
            yield feature


def _applications(document: DocumentNode) -> Iterator[ConstDirectiveNode]:
    """``@link`` and ``@core`` by their own names, or by the name that they give themselves."""
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            for each in definition.directives or ():
                given = arguments(each)
                url = given.get("url", given.get("feature"))
                is_itself = given.get("as") == each.name.value and str(url).startswith((LINK, CORE))
                if each.name.value in ("link", "core") or is_itself:
                    yield each


def _feature(url: str, match: re.Match[str], given: Mapping[str, Any]) -> Feature:
    identity = match["identity"]
    name = identity.rsplit("/", 1)[-1]
    imports = dict(pair for each in given.get("import") or () if (pair := _import(each)))
    version = int(match["major"]), int(match["minor"])
    return Feature(url, identity, name, version, given.get("as") or name, imports)


def _import(value: object) -> tuple[str, str] | None:
    if isinstance(value, str):
        return value, value
    if isinstance(value, dict) and "name" in value:
        return str(value["name"]), str(value.get("as", value["name"]))
    return None


def _is_usable(feature: Feature, purpose: object, directive: DirectiveNode, problems: Problems) -> bool:
    place = Place(SUPERGRAPH, directive)
    versions = KNOWN.get(feature.identity)
    if versions is None and purpose is not None:
        problems.error(
            "UNSUPPORTED_LINKED_FEATURE",
            f'The supergraph links "{feature.url}" for {purpose}, so it must not be ignored, and it is not known '
            "here. Compose without that feature.",
            place,
        )
        return False
    if versions is not None and feature.version not in versions and (purpose or feature.identity == JOIN):
        known = ", ".join(f"v{major}.{minor}" for major, minor in versions)
        problems.error(
            "UNKNOWN_LINK_VERSION",
            f'The supergraph links "{feature.url}"; of this specification {known} are known here. Compose for '
            "one of these.",
            place,
        )
        return False
    return True
