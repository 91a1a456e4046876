"""Automatic persisted queries: a client sends a query's hash, and its text only when we do not know it.

Source: Apollo, "Automatic persisted queries", version 1.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from typing import Any

from connectors.recent import Recent
from hub.gateway.request import refused
from schema.errors import RuntimeCode

MOST_CHARACTERS = 2_000_000
"""So long the texts may be together: anybody can send them, valid or not."""


class PersistedQueries:
    """The texts by hash that were used last, ``maximum`` of them; none are taken where it is 0."""

    def __init__(self, maximum: int) -> None:
        self._takes_any = maximum > 0
        self._texts: Recent[str, str] = Recent(maximum, MOST_CHARACTERS)

    def completed(self, fields: Any) -> Any:
        """The decoded request with its text, where it names one by hash. Raises ``RequestRefused``."""
        wanted = _hash_of(fields)
        if wanted is None:
            return fields
        if not self._takes_any:
            raise refused(RuntimeCode.PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported", status=200)
        query = fields.get("query")
        if query:
            self._remember(wanted, query)
            return fields
        known = self._texts.get(wanted)
        if known is None:
            raise refused(RuntimeCode.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound", status=200)
        return {**fields, "query": known}

    def _remember(self, wanted: str, query: object) -> None:
        if not isinstance(query, str):
            return
        if not compare_digest(sha256(query.encode("utf-8", "surrogatepass")).hexdigest(), wanted):
            raise refused(RuntimeCode.BAD_REQUEST, 'The hash in "persistedQuery" is not that of the query.')
        self._texts.keep(wanted, query, len(query))


def _hash_of(fields: object) -> str | None:
    extensions = fields.get("extensions") if isinstance(fields, dict) else None
    named = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if not isinstance(named, dict):
        return None
    wanted = named.get("sha256Hash")
    if named.get("version") != 1 or not isinstance(wanted, str) or not wanted.isascii():
        message = '"persistedQuery" needs "version": 1 and "sha256Hash".'
        raise refused(RuntimeCode.BAD_REQUEST, message)
    return wanted.lower()
