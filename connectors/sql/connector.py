"""A department's database, as its connector SDL maps it. Source: docs/spec/sql.md."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import timedelta

from sqlalchemy.engine import URL

from connectors.addresses import AddressRule
from connectors.connector import JSON
from connectors.mapped import InvalidConnector, MappedConnector
from connectors.mapped.connector import DEFAULT_TIMEOUT
from connectors.sql.caller import SqlCaller
from connectors.sql.database import ReadOnlyDatabase, SqlLimits
from connectors.sql.trial import StatementTrial, try_statements
from schema.mapping.read_sql import read_sql_connectors

DEFAULT_LIMITS = SqlLimits()


OpenDatabase = Callable[[str | URL, SqlLimits, AddressRule | None], ReadOnlyDatabase]


class SqlConnector(MappedConnector):
    """``url`` as SQLAlchemy has it, with a read-only account: ``postgresql://…``, ``mysql://…``, ``sqlite:///…``.

    ``addresses`` say which hosts may be connected to; without them all, and files too.
    ``open_database`` makes what reads it.
    Nothing is connected before the first query. Raises :class:`InvalidConnector`, ``AddressRefused``,
    and ``ValueError`` for an address of a kind that is not known.
    """

    def __init__(
        self,
        name: str,
        sdl: str,
        url: str | URL,
        *,
        timeout: timedelta = DEFAULT_TIMEOUT,
        config: Mapping[str, JSON] | None = None,
        limits: SqlLimits = DEFAULT_LIMITS,
        addresses: AddressRule | None = None,
        open_database: OpenDatabase = ReadOnlyDatabase,
    ) -> None:
        schema, errors = read_sql_connectors(name, sdl)
        if schema is None or errors:
            raise InvalidConnector(errors)
        self._database = open_database(url, limits, addresses)
        caller = SqlCaller(self._database, limits)
        super().__init__(schema, caller, timeout=timeout, config=config, parallel_calls=limits.connections)

    def try_statements(self, patience: timedelta) -> AsyncGenerator[StatementTrial]:
        """Each statement without reading a row; ``patience`` is that with each."""
        return try_statements(self.schema, self._database, patience)
