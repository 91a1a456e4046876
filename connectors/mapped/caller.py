"""How the connectors of a mapped subgraph reach what they ask: over HTTP, or a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Protocol

from graphql import GraphQLError

from connectors.connector import JSON, ConnectorFailure
from schema.mapping.connect import Connect


class Caller(Protocol):
    """Asks for one ``@connect`` at a time and maps what comes."""

    async def call(
        self,
        connect: Connect,
        scope: Mapping[str, JSON],
        travel: Mapping[str, str],
        remaining: timedelta,
        *,
        may_be_unknown: bool,
        note_caching: Callable[[str | None], None],
    ) -> JSON:
        """The mapped value. ``travel`` are the headers that every request of this execution carries;
        ``note_caching`` is told the ``Cache-Control`` of each answer.

        ``None`` for an entity that is not known, where it ``may_be_unknown``.

        Raises ``GraphQLError`` with a code for what was refused, ``InvalidValue`` for a value that cannot be sent,
        :class:`ConnectorFailure` for what could not be asked.
        """
        ...

    def overload_of(self, connect: Connect, error: GraphQLError) -> ConnectorFailure | None:
        """What a refusal says against the department as a whole."""
        ...

    async def close(self) -> None:
        """Let go of connections that are its own."""
        ...
