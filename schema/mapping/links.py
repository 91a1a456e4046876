"""How a subgraph calls the directives of a specification it links.

``@link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@source", { name: "@connect", as: "@rest" }])``
names them; what is not imported is called ``@connect__source``, and ``@connect`` by the specification's own name,
which ``as:`` changes. Source: core schemas, "@link".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from graphql import (
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    parse,
    value_from_ast_untyped,
)

CONNECT = "https://specs.apollo.dev/connect"
SQL = "https://jiyi.dev/spec/sql"
XML = "https://jiyi.dev/spec/xml"
OVERLAY = "https://jiyi.dev/spec/overlay"
FEDERATION = "https://specs.apollo.dev/federation"


@dataclass(frozen=True, slots=True)
class Link:
    """One linked specification. ``imports`` maps a directive's true name to the local one, without ``@``."""

    identity: str
    version: str
    namespace: str
    imports: dict[str, str] = field(default_factory=dict)

    def local_name(self, directive: str) -> str:
        """What the document calls a directive: its import, else with the namespace in front."""
        if directive in self.imports:
            return self.imports[directive]
        is_its_own = directive == self.identity.rpartition("/")[2]
        return self.namespace if is_its_own else f"{self.namespace}__{directive}"


def find_link(document: DocumentNode, identity: str) -> Link | None:
    """The link to a specification, whatever its version; ``None`` when the document has none."""
    return next((link for link in _links(document) if link.identity == identity), None)


@lru_cache(maxsize=256)
def is_sql(sdl: str) -> bool:
    """Whether an SDL says by ``@sqlConnect`` where its data comes from."""
    try:
        return SQL in sdl and find_link(parse(sdl), SQL) is not None
    except GraphQLError:
        return False


@lru_cache(maxsize=256)
def is_overlay(sdl: str) -> bool:
    """Whether an SDL says by ``@lookup`` how a server that knows no Federation is asked for entities."""
    try:
        return OVERLAY in sdl and find_link(parse(sdl), OVERLAY) is not None
    except GraphQLError:
        return False


@lru_cache(maxsize=256)
def is_connector(sdl: str) -> bool:
    """Whether an SDL says by ``@connect`` where its data comes from, so that it needs no server of its own.

    False for text that is no GraphQL, which others have to tell.
    """
    if CONNECT not in sdl:
        return False
    try:
        return find_link(parse(sdl), CONNECT) is not None
    except GraphQLError:
        return False


def federation_name(document: DocumentNode, directive: str) -> str:
    """What the document calls a directive of Federation; without a link it is Federation 1, plain names."""
    link = find_link(document, FEDERATION)
    return link.local_name(directive) if link else directive


def _links(document: DocumentNode) -> Iterator[Link]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            for directive in definition.directives or ():
                if directive.name.value == "link":
                    yield from _read(directive)


def _read(directive: DirectiveNode) -> Iterator[Link]:
    arguments = {a.name.value: value_from_ast_untyped(a.value) for a in directive.arguments or ()}
    url = arguments.get("url")
    if not isinstance(url, str):
        return
    identity, _, version = url.rstrip("/").rpartition("/")
    namespace = str(arguments.get("as") or identity.rpartition("/")[2])
    yield Link(identity, version, namespace, dict(_imports(arguments.get("import") or ())))


def _imports(entries: object) -> Iterator[tuple[str, str]]:
    for entry in entries if isinstance(entries, list) else [entries]:
        if isinstance(entry, str):
            yield entry.lstrip("@"), entry.lstrip("@")
        elif isinstance(entry, dict) and isinstance(entry.get("name"), str):
            name = entry["name"]
            yield name.lstrip("@"), str(entry.get("as") or name).lstrip("@")
