"""What a directive of an SDL is called by its specification: ``@link`` may rename and prefix.

Sources: https://specs.apollo.dev/link; Federation 1 has no link, there all names are plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    Node,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    value_from_ast_untyped,
)

_PLAIN = frozenset(
    {
        "key", "external", "requires", "provides", "extends", "shareable", "override", "inaccessible", "tag",
        "interfaceObject", "composeDirective", "gather", "authenticated", "requiresScopes", "policy", "cost",
        "listSize", "context", "fromContext", "connect", "source",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Links:
    """``imported``: names as they are written here → as their specification has them;
    ``prefixes`` stand before ``__``."""

    imported: Mapping[str, str]
    prefixes: frozenset[str]
    is_linked: bool

    def canonical(self, written: str) -> str | None:
        """The specification's name of a directive, ``None`` where it is of no specification that is linked."""
        if written in self.imported:
            return self.imported[written]
        prefix, separator, name = written.partition("__")
        if separator:
            return name if prefix in self.prefixes else None
        if not self.is_linked or written in self.prefixes:
            return written if written in _PLAIN else None
        return None

    def arguments(self, node: Node, name: str) -> list[dict[str, Any]]:
        """The arguments of each directive of that name on a node, in their order."""
        directives: tuple[ConstDirectiveNode, ...] = getattr(node, "directives", None) or ()
        return [
            {argument.name.value: value_from_ast_untyped(argument.value) for argument in each.arguments or ()}
            for each in directives
            if self.canonical(each.name.value) == name
        ]

    def has(self, node: Node, name: str) -> bool:
        return bool(self.arguments(node, name))


def read_links(document: DocumentNode) -> Links:
    """The links of an SDL."""
    imported: dict[str, str] = {}
    prefixes: set[str] = set()
    for link in _links_of(document):
        parts = [part for part in str(link.get("url", "")).split("/") if part]
        spec = parts[-2] if len(parts) > 1 and parts[-1].startswith("v") else (parts or [""])[-1]
        prefixes.add(str(link.get("as") or spec))
        for each in link.get("import") or ():
            written = each.get("as") or each.get("name") if isinstance(each, dict) else each
            name = each.get("name") if isinstance(each, dict) else each
            if str(name).startswith("@"):
                imported[str(written).removeprefix("@")] = str(name).removeprefix("@")
    return Links(imported, frozenset(prefixes), bool(prefixes))


def _links_of(document: DocumentNode) -> list[dict[str, Any]]:
    found = []
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            for directive in node.directives or ():
                arguments = {a.name.value: value_from_ast_untyped(a.value) for a in directive.arguments or ()}
                if "url" in arguments:
                    found.append(arguments)
    return found
