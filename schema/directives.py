"""The specifications a subgraph may link, and what each of their directives looks like.

A directive has one canonical name ("key") and, in each subgraph, whatever local name ``@link`` gives it
("federation__key", "primaryKey"). :class:`Links` translates; nothing else in the engine knows local names.
Sources: https://specs.apollo.dev/link, /federation, /connect; docs/spec/gather.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    NamedTypeNode,
    NameNode,
    Node,
    TypeDefinitionNode,
    Visitor,
    parse,
    visit,
)

from schema import specification_texts as texts

Version = tuple[int, int]

LINK = "https://specs.apollo.dev/link"
FEDERATION = "https://specs.apollo.dev/federation"
CONNECT = "https://specs.apollo.dev/connect"
TAG = "https://specs.apollo.dev/tag"
INACCESSIBLE = "https://specs.apollo.dev/inaccessible"
AUTHENTICATED = "https://specs.apollo.dev/authenticated"
REQUIRES_SCOPES = "https://specs.apollo.dev/requiresScopes"
POLICY = "https://specs.apollo.dev/policy"
CONTEXT = "https://specs.apollo.dev/context"
COST = "https://specs.apollo.dev/cost"
GATHER = "https://jiyi.dev/spec/gather"
SQL = "https://jiyi.dev/spec/sql"
XML = "https://jiyi.dev/spec/xml"
OVERLAY = "https://jiyi.dev/spec/overlay"
DURABLE = "https://jiyi.dev/spec/durable"

FEDERATION_1: Version = (1, 0)


@dataclass(frozen=True, slots=True)
class Specification:
    """One linkable specification: its versions, and since which version each element exists.

    ``definitions`` are those of the newest version; ``older`` are texts that hold in their place before a
    version, the oldest first.
    """

    name: str
    versions: tuple[Version, ...]
    elements: Mapping[str, Version]
    definitions: str
    older: tuple[tuple[Version, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Feature:
    """One ``@link`` of one subgraph. ``imports`` goes from element ("@key", "FieldSet") to local name."""

    url: str
    identity: str
    name: str
    version: Version
    namespace: str
    imports: Mapping[str, str]

    def local_name(self, element: str) -> str:
        """The name of "@key" or "FieldSet" in this subgraph, with ``@`` where the element has it."""
        if element in self.imports:
            return self.imports[element]
        sign, bare = ("@", element[1:]) if element.startswith("@") else ("", element)
        return sign + (self.namespace if sign and bare == self.name else f"{self.namespace}__{bare}")


@dataclass(frozen=True, slots=True)
class Links:
    """What one subgraph links. ``directives`` goes from local to canonical directive name, without ``@``.

    ``machinery`` are the types that belong to a specification, by local name: no part of the merged graph.
    ``federation`` is (1, 0) where the SDL links no federation specification.
    """

    federation: Version = FEDERATION_1
    features: tuple[Feature, ...] = ()
    directives: Mapping[str, str] = field(default_factory=dict)
    machinery: frozenset[str] = frozenset()

    @property
    def is_federation_1(self) -> bool:
        return self.federation == FEDERATION_1

    def canonical(self, directive: DirectiveNode) -> str | None:
        """The canonical name, ``None`` for a directive of no known specification."""
        return self.directives.get(directive.name.value)

    def local(self, canonical: str) -> str | None:
        """A local name of a directive, for messages and for writing it; ``None`` when it is not linked."""
        return next((name for name, known in self.directives.items() if known == canonical), None)

    def source(self, directive: str) -> tuple[Feature, str | None] | None:
        """The feature that a local directive name (without ``@``) belongs to, and the name that it has there.

        The name is ``None`` where the feature's directive was imported under another name: then this is no name
        for it. Features of any specification count, known or not.
        """
        for feature in self.features:
            for element, local in feature.imports.items():
                if local == f"@{directive}":
                    return feature, element[1:]
        alias, separator, rest = directive.partition("__")
        for feature in self.features:
            element = rest if separator and feature.namespace == alias else feature.name
            if feature.namespace == (alias if separator else directive):
                return feature, None if f"@{element}" in feature.imports else element
        return None

    def applied(self, node: Node | None, canonical: str) -> tuple[ConstDirectiveNode, ...]:
        """All applications of one directive on a definition, whatever it is called here."""
        directives: tuple[ConstDirectiveNode, ...] = getattr(node, "directives", None) or ()
        return tuple(each for each in directives if self.directives.get(each.name.value) == canonical)

    def has(self, node: Node | None, canonical: str) -> bool:
        return bool(self.applied(node, canonical))


def _since(version: Version, *elements: str) -> dict[str, Version]:
    return dict.fromkeys(elements, version)


SPECIFICATIONS: Mapping[str, Specification] = {
    LINK: Specification("link", ((1, 0),), _since((1, 0), "@link", "Import", "Purpose"), texts.LINK),
    FEDERATION: Specification(
        "federation",
        tuple((2, minor) for minor in range(15)),
        {
            **_since((2, 0), "@key", "@requires", "@provides", "@external", "@extends", "@shareable", "@tag"),
            **_since((2, 0), "@inaccessible", "@override", "FieldSet"),
            **_since((2, 1), "@composeDirective"),
            **_since((2, 3), "@interfaceObject"),
            **_since((2, 5), "@authenticated", "@requiresScopes", "Scope"),
            **_since((2, 6), "@policy", "Policy"),
            **_since((2, 8), "@context", "@fromContext", "ContextFieldValue"),
            **_since((2, 9), "@cost", "@listSize"),
            **_since((2, 12), "@cacheTag"),
        },
        texts.FEDERATION
        + texts.TAG
        + texts.INACCESSIBLE
        + texts.AUTHENTICATED
        + texts.REQUIRES_SCOPES
        + texts.POLICY
        + texts.CONTEXT
        + texts.COST,
        (
            ((2, 2), texts.SHAREABLE_BEFORE_2_2),
            ((2, 3), texts.TAG_BEFORE_0_3),
            ((2, 7), texts.OVERRIDE_BEFORE_2_7),
        ),
    ),
    TAG: Specification(
        "tag",
        ((0, 1), (0, 2), (0, 3)),
        _since((0, 1), "@tag"),
        texts.TAG,
        (((0, 2), texts.TAG_BEFORE_0_2), ((0, 3), texts.TAG_BEFORE_0_3)),
    ),
    INACCESSIBLE: Specification(
        "inaccessible",
        ((0, 1), (0, 2)),
        _since((0, 1), "@inaccessible"),
        texts.INACCESSIBLE,
        (((0, 2), texts.INACCESSIBLE_BEFORE_0_2),),
    ),
    AUTHENTICATED: Specification(
        "authenticated", ((0, 1),), _since((0, 1), "@authenticated"), texts.AUTHENTICATED
    ),
    REQUIRES_SCOPES: Specification(
        "requiresScopes", ((0, 1),), _since((0, 1), "@requiresScopes", "Scope"), texts.REQUIRES_SCOPES
    ),
    POLICY: Specification("policy", ((0, 1),), _since((0, 1), "@policy", "Policy"), texts.POLICY),
    CONTEXT: Specification(
        "context",
        ((0, 1),),
        _since((0, 1), "@context", "@fromContext", "ContextFieldValue"),
        texts.CONTEXT,
    ),
    COST: Specification("cost", ((0, 1),), _since((0, 1), "@cost", "@listSize"), texts.COST),
    CONNECT: Specification(
        "connect",
        ((0, 1), (0, 2), (0, 3), (0, 4)),
        _since(
            (0, 1),
            *("@source", "@connect", "JSONSelection", "URLTemplate", "HTTPHeaderMapping", "SourceHTTP"),
            *("ConnectHTTP", "ConnectBatch", "ConnectorErrors"),
        ),
        texts.CONNECT,
        (((0, 4), texts.CONNECT_BEFORE_0_4),),
    ),
    SQL: Specification(
        "sql",
        ((0, 1),),
        _since((0, 1), "@sqlSource", "@sqlConnect", "SQLSelect", "SQLBatch", "JSONSelection"),
        texts.SQL,
    ),
    XML: Specification("xml", ((0, 1),), _since((0, 1), "@xmlNamespace"), texts.XML),
    OVERLAY: Specification("overlay", ((0, 1),), _since((0, 1), "@lookup"), texts.OVERLAY),
    DURABLE: Specification("durable", ((0, 1),), _since((0, 1), "@durable"), texts.DURABLE),
    GATHER: Specification("gather", ((0, 1),), _since((0, 1), "@gather", "FieldSet"), texts.GATHER),
}
"""Every specification the engine knows, by identity."""

FEDERATION_1_DIRECTIVES = ("key", "requires", "provides", "external", "extends", "tag")


def specification(identity: str, version: Version) -> Specification | None:
    """The specification of a link, ``None`` where identity or version is not known here."""
    known = SPECIFICATIONS.get(identity)
    return known if known and version in known.versions else None


@cache
def definitions(identity: str, version: Version) -> Mapping[str, DefinitionNode]:
    """What one version of a specification defines, under canonical names; directives keyed with ``@``."""
    known = SPECIFICATIONS[identity]
    found = _parse(known.definitions)
    for until, text in reversed(known.older):
        if version < until:
            found |= _parse(text)
    return {element: node for element, node in found.items() if known.elements.get(element, version) <= version}


def _parse(text: str) -> dict[str, DefinitionNode]:
    document = parse(text, no_location=True)
    return {element_name(node): node for node in document.definitions if isinstance(node, DefinitionNode)}


def element_name(node: DefinitionNode) -> str:
    """How imports and coordinates call a definition: "@key", "FieldSet"."""
    name: str = node.name.value  # type: ignore[attr-defined]  # every SDL definition here has a name
    return f"@{name}" if isinstance(node, DirectiveDefinitionNode) else name


def localized_definitions(feature: Feature) -> Mapping[str, DefinitionNode]:
    """The definitions of one linked specification by the names that the link gives them."""
    imports = tuple(sorted(feature.imports.items()))
    return _localized(feature.identity, feature.version, feature.namespace, imports)


@cache
def _localized(
    identity: str, version: Version, namespace: str, imports: tuple[tuple[str, str], ...]
) -> Mapping[str, DefinitionNode]:
    feature = Feature(identity, identity, SPECIFICATIONS[identity].name, version, namespace, dict(imports))
    found = definitions(identity, version)
    names = {element: feature.local_name(element) for element in found}
    return {names[element]: _renamed(node, names) for element, node in found.items()}


def _renamed(node: DefinitionNode, names: Mapping[str, str]) -> DefinitionNode:
    class Rename(Visitor):
        def enter_name(self, each: NameNode, _key: object, parent: object, *_: object) -> NameNode | None:
            if isinstance(parent, DirectiveDefinitionNode):
                return NameNode(value=names[f"@{each.value}"][1:])
            is_type = isinstance(parent, NamedTypeNode | TypeDefinitionNode)
            return NameNode(value=names[each.value]) if is_type and each.value in names else None

    return visit(node, Rename())  # type: ignore[no-any-return]  # visit answers the kind it was given
