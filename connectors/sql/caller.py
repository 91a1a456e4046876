"""Ask a database for one ``@sqlConnect``: bind its values, read its rows, map them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from graphql import GraphQLError

from connectors.connector import JSON, ConnectorFailure
from connectors.http_message import failure
from connectors.mapping import MISSING, InvalidValue, evaluate, evaluate_expression
from connectors.sql.database import Query, ReadOnlyDatabase, Row, SqlLimits
from connectors.sql.page import connection_of, page_query, read_page
from schema.errors import RuntimeCode
from schema.mapping.connect import Connect
from schema.mapping.statement import Parameter, Statement


class SqlCaller:
    """The database is its own, and closed with it."""

    def __init__(self, database: ReadOnlyDatabase, limits: SqlLimits) -> None:
        self._database = database
        self._limits = limits

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
        if connect.statement is None:
            raise ValueError(f"{connect.place} has no statement.")
        query = bound(connect.statement, scope)
        if connect.keyset is not None:
            page = read_page(scope.get("$args"), connect.keyset, self._limits.page_rows)
            rows = await self._database.read(page_query(query, page, connect.keyset), remaining)
            return connection_of(rows, page, connect, scope)
        rows = await self._database.read(query, remaining)
        if connect.gives_rows or connect.is_batch:
            return evaluate(connect.selection, rows, scope)
        return evaluate(connect.selection, _only(rows, connect), scope) if rows else None

    def overload_of(self, connect: Connect, error: GraphQLError) -> ConnectorFailure | None:
        """A refused query says nothing against the database."""
        return None

    async def close(self) -> None:
        await self._database.close()


def bound(statement: Statement, scope: Mapping[str, JSON]) -> Query:
    """The SQL with named parameters in place of the expressions. Raises :class:`InvalidValue`."""
    text: list[str] = []
    values: dict[str, JSON] = {}
    lists: list[str] = []
    for part in statement.parts:
        if isinstance(part, str):
            # SQLAlchemy reads a colon as a parameter's, and a backslash as nothing but what keeps it from that.
            text.append(part.replace(":", "\\:"))
            continue
        name = f"p{len(values)}"
        values[name] = _value(part, scope)
        if part.expands:
            lists.append(name)
        text.append(f":{name}")
    return Query("".join(text), values, tuple(lists))


def _value(parameter: Parameter, scope: Mapping[str, JSON]) -> JSON:
    value = evaluate_expression(parameter.value, None, scope)
    if value is MISSING:
        value = None
    if parameter.expands:
        # An empty list finds nothing, as null does; of what kind its elements were nobody could say.
        value = (value if isinstance(value, list) else [value]) or [None]
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(e, list | dict) for e in value)):
        raise InvalidValue(f'"{parameter}" is an object; bind its parts, or ->jsonStringify.')
    return value


def _only(rows: list[Row], connect: Connect) -> Row:
    if len(rows) > 1:
        raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, f"{len(rows)} rows for {connect.place}")
    return rows[0]
