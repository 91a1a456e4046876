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

Version = tuple[int, int]

LINK = "https://specs.apollo.dev/link"
FEDERATION = "https://specs.apollo.dev/federation"
CONNECT = "https://specs.apollo.dev/connect"
TAG = "https://specs.apollo.dev/tag"
INACCESSIBLE = "https://specs.apollo.dev/inaccessible"
AUTHENTICATED = "https://specs.apollo.dev/authenticated"
REQUIRES_SCOPES = "https://specs.apollo.dev/requiresScopes"
POLICY = "https://specs.apollo.dev/policy"
COST = "https://specs.apollo.dev/cost"
GATHER = "https://jiyi.dev/spec/gather"

FEDERATION_1: Version = (1, 0)


@dataclass(frozen=True, slots=True)
class Specification:
    """One linkable specification: its versions, and since which version each element exists."""

    name: str
    versions: tuple[Version, ...]
    elements: Mapping[str, Version]
    definitions: str


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

    def applied(self, node: Node | None, canonical: str) -> tuple[ConstDirectiveNode, ...]:
        """All applications of one directive on a definition, whatever it is called here."""
        directives: tuple[ConstDirectiveNode, ...] = getattr(node, "directives", None) or ()
        return tuple(each for each in directives if self.directives.get(each.name.value) == canonical)

    def has(self, node: Node | None, canonical: str) -> bool:
        return bool(self.applied(node, canonical))


_FEDERATION_DEFINITIONS = """
scalar FieldSet
scalar ContextFieldValue
directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @requires(fields: FieldSet!) on FIELD_DEFINITION
directive @provides(fields: FieldSet!) on FIELD_DEFINITION
directive @external(reason: String) on OBJECT | FIELD_DEFINITION
directive @extends on OBJECT | INTERFACE
directive @shareable repeatable on OBJECT | FIELD_DEFINITION
directive @override(from: String!, label: String) on FIELD_DEFINITION
directive @composeDirective(name: String) repeatable on SCHEMA
directive @interfaceObject on OBJECT
directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION
directive @fromContext(field: ContextFieldValue) on ARGUMENT_DEFINITION
directive @cacheTag(format: String!) repeatable on OBJECT | FIELD_DEFINITION
"""

_TAG_DEFINITIONS = """
directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION
  | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCHEMA
"""

_INACCESSIBLE_DEFINITIONS = """
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR
  | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
"""

_AUTHENTICATED_DEFINITIONS = """
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
"""

_REQUIRES_SCOPES_DEFINITIONS = """
scalar Scope
directive @requiresScopes(scopes: [[Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
"""

_POLICY_DEFINITIONS = """
scalar Policy
directive @policy(policies: [[Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
"""

_COST_DEFINITIONS = """
directive @cost(weight: Int!) on
  ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],
  requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
"""

_LINK_DEFINITIONS = """
scalar Import
enum Purpose { SECURITY EXECUTION }
directive @link(url: String, as: String, for: Purpose, import: [Import]) repeatable on SCHEMA
"""

_CONNECT_DEFINITIONS = """
scalar JSONSelection
scalar URLTemplate
input HTTPHeaderMapping { name: String! from: String value: [String!] }
input SourceHTTP { baseURL: String! headers: [HTTPHeaderMapping!] path: JSONSelection queryParams: JSONSelection }
input ConnectHTTP {
  GET: URLTemplate POST: URLTemplate PUT: URLTemplate PATCH: URLTemplate DELETE: URLTemplate
  body: JSONSelection headers: [HTTPHeaderMapping!] path: JSONSelection queryParams: JSONSelection
}
input ConnectBatch { maxSize: Int }
input ConnectorErrors { message: JSONSelection extensions: JSONSelection }
directive @source(name: String!, http: SourceHTTP!, errors: ConnectorErrors, isSuccess: JSONSelection)
  repeatable on SCHEMA
directive @connect(source: String, id: String, http: ConnectHTTP!, batch: ConnectBatch, errors: ConnectorErrors,
  isSuccess: JSONSelection, selection: JSONSelection!, entity: Boolean = false)
  repeatable on FIELD_DEFINITION | OBJECT
"""

_GATHER_DEFINITIONS = """
scalar FieldSet
directive @gather(key: FieldSet) on FIELD_DEFINITION
"""


def _since(version: Version, *elements: str) -> dict[str, Version]:
    return dict.fromkeys(elements, version)


SPECIFICATIONS: Mapping[str, Specification] = {
    LINK: Specification("link", ((1, 0),), _since((1, 0), "@link", "Import", "Purpose"), _LINK_DEFINITIONS),
    FEDERATION: Specification(
        "federation",
        tuple((2, minor) for minor in range(14)),
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
        _FEDERATION_DEFINITIONS
        + _TAG_DEFINITIONS
        + _INACCESSIBLE_DEFINITIONS
        + _AUTHENTICATED_DEFINITIONS
        + _REQUIRES_SCOPES_DEFINITIONS
        + _POLICY_DEFINITIONS
        + _COST_DEFINITIONS,
    ),
    TAG: Specification("tag", ((0, 1), (0, 2), (0, 3)), _since((0, 1), "@tag"), _TAG_DEFINITIONS),
    INACCESSIBLE: Specification(
        "inaccessible", ((0, 1), (0, 2)), _since((0, 1), "@inaccessible"), _INACCESSIBLE_DEFINITIONS
    ),
    AUTHENTICATED: Specification(
        "authenticated", ((0, 1),), _since((0, 1), "@authenticated"), _AUTHENTICATED_DEFINITIONS
    ),
    REQUIRES_SCOPES: Specification(
        "requiresScopes", ((0, 1),), _since((0, 1), "@requiresScopes", "Scope"), _REQUIRES_SCOPES_DEFINITIONS
    ),
    POLICY: Specification("policy", ((0, 1),), _since((0, 1), "@policy", "Policy"), _POLICY_DEFINITIONS),
    COST: Specification("cost", ((0, 1),), _since((0, 1), "@cost", "@listSize"), _COST_DEFINITIONS),
    CONNECT: Specification(
        "connect",
        ((0, 1), (0, 2), (0, 3), (0, 4)),
        _since(
            (0, 1),
            *("@source", "@connect", "JSONSelection", "URLTemplate", "HTTPHeaderMapping", "SourceHTTP"),
            *("ConnectHTTP", "ConnectBatch", "ConnectorErrors"),
        ),
        _CONNECT_DEFINITIONS,
    ),
    GATHER: Specification("gather", ((0, 1),), _since((0, 1), "@gather", "FieldSet"), _GATHER_DEFINITIONS),
}
"""Every specification the engine knows, by identity."""

FEDERATION_1_DIRECTIVES = ("key", "requires", "provides", "external", "extends", "tag")

UNSUPPORTED_DIRECTIVES: Mapping[str, str] = {
    "composeDirective": "Remove it: custom type-system directives are left out of the supergraph for now.",
    "interfaceObject": "Define the interface and its implementations in this subgraph, or leave the field out.",
    "context": "Pass the value as an argument or as a @requires field instead.",
    "fromContext": "Pass the value as an argument or as a @requires field instead.",
    "cacheTag": "Remove it: answers are not cached by tag for now.",
}
"""Directives that are known but refused, with the mend. Never ignored: ignoring would plan wrongly."""


@cache
def definitions(identity: str) -> Mapping[str, DefinitionNode]:
    """The definitions of one specification under canonical names; directives keyed with ``@``."""
    document = parse(SPECIFICATIONS[identity].definitions, no_location=True)
    return {element_name(node): node for node in document.definitions if isinstance(node, DefinitionNode)}


def element_name(node: DefinitionNode) -> str:
    """How imports and coordinates call a definition: "@key", "FieldSet"."""
    name: str = node.name.value  # type: ignore[attr-defined]  # every SDL definition here has a name
    return f"@{name}" if isinstance(node, DirectiveDefinitionNode) else name


def localized_definitions(feature: Feature) -> Mapping[str, DefinitionNode]:
    """The definitions of one linked specification by the names that the link gives them."""
    return _localized(feature.identity, feature.namespace, tuple(sorted(feature.imports.items())))


@cache
def _localized(
    identity: str, namespace: str, imports: tuple[tuple[str, str], ...]
) -> Mapping[str, DefinitionNode]:
    specification = SPECIFICATIONS[identity]
    feature = Feature(identity, identity, specification.name, (0, 0), namespace, dict(imports))
    names = {name: feature.local_name(name) for name in definitions(identity)}
    return {names[name]: _renamed(node, names) for name, node in definitions(identity).items()}


def _renamed(node: DefinitionNode, names: Mapping[str, str]) -> DefinitionNode:
    class Rename(Visitor):
        def enter_name(self, each: NameNode, _key: object, parent: object, *_: object) -> NameNode | None:
            if isinstance(parent, DirectiveDefinitionNode):
                return NameNode(value=names[f"@{each.value}"][1:])
            is_type = isinstance(parent, NamedTypeNode | TypeDefinitionNode)
            return NameNode(value=names[each.value]) if is_type and each.value in names else None

    return visit(node, Rename())  # type: ignore[no-any-return]  # visit answers the kind it was given
