"""Documents that the own subgraph has seen: parsed once and validated once.

The gateway asks it by a bounded number of texts again and again; thousands of subscriptions hold one document and
not each its own. Values of variables are checked each time, when the operation runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cachetools import LRUCache
from graphql import DocumentNode, parse
from strawberry.extensions import SchemaExtension

KNOWN_DOCUMENTS = 1_000


class _KnownDocuments(SchemaExtension):
    """One for each execution; what is known is the schema's."""

    def __init__(self, parsed: LRUCache[str, DocumentNode], valid: LRUCache[str, DocumentNode]) -> None:
        self._parsed = parsed
        self._valid = valid

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        if context.query is not None:
            document = self._parsed.get(context.query)
            if document is None:
                document = self._parsed[context.query] = parse(context.query, **context.parse_options)
            context.graphql_document = document
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        text, document = context.query or "", context.graphql_document
        if document is not None and self._valid.get(text) is document:
            context.pre_execution_errors = []
        yield
        if document is not None and not context.pre_execution_errors:
            self._valid[text] = document


def known_documents() -> Callable[[], SchemaExtension]:
    """What to hand to a schema as one of its ``extensions``."""
    parsed: LRUCache[str, DocumentNode] = LRUCache(maxsize=KNOWN_DOCUMENTS)
    valid: LRUCache[str, DocumentNode] = LRUCache(maxsize=KNOWN_DOCUMENTS)
    return lambda: _KnownDocuments(parsed, valid)
