"""Documents that the own subgraph has seen: parsed once and validated once.

The gateway asks it by a bounded number of texts again and again; thousands of subscriptions hold one document and
not each its own. Values of variables are checked each time, when the operation runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphql import DocumentNode, parse
from strawberry.extensions import SchemaExtension

from connectors.recent import Recent

KNOWN_DOCUMENTS, KNOWN_CHARACTERS = 1_000, 500_000
"""So many, and no more than so long together: one that is parsed takes some eighty times its text."""


class _KnownDocuments(SchemaExtension):
    """One for each execution; what is known is the schema's."""

    def __init__(self, parsed: Recent[str, DocumentNode], valid: Recent[str, DocumentNode]) -> None:
        self._parsed = parsed
        self._valid = valid

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        if context.query is not None:
            document = self._parsed.get(context.query)
            if document is None:
                document = parse(context.query, **context.parse_options)
                self._parsed.keep(context.query, document, len(context.query))
            context.graphql_document = document
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        text, document = context.query or "", context.graphql_document
        if document is not None and self._valid.get(text) is document:
            context.pre_execution_errors = []
        yield
        if document is not None and not context.pre_execution_errors:
            self._valid.keep(text, document, len(text))


def known_documents() -> Callable[[], SchemaExtension]:
    """What to hand to a schema as one of its ``extensions``."""
    parsed: Recent[str, DocumentNode] = Recent(KNOWN_DOCUMENTS, KNOWN_CHARACTERS)
    valid: Recent[str, DocumentNode] = Recent(KNOWN_DOCUMENTS, KNOWN_CHARACTERS)
    return lambda: _KnownDocuments(parsed, valid)
