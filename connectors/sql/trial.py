"""Try each statement of a mapped database without reading a row: are its tables and columns there?

A statement becomes a subquery of which nothing is taken, with null for every value and 0 for a number, which a
LIMIT needs. What it would give is compared with what its mapping reads. Source: docs/departments.md, "Probe".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from graphql import GraphQLError, GraphQLInt, GraphQLObjectType, get_nullable_type

from connectors.connector import JSON, ConnectorFailure
from connectors.mapping import InvalidValue
from connectors.sql.caller import bound
from connectors.sql.database import Query, ReadOnlyDatabase
from connectors.sql.page import Page, page_query
from schema.errors import RuntimeCode
from schema.mapping.connect import Connect, ConnectorSchema
from schema.mapping.syntax import read_from_input


@dataclass(frozen=True, slots=True)
class StatementTrial:
    """``coordinate`` is where the statement stands. ``problem`` names no value; ``None`` where there is none."""

    coordinate: str
    milliseconds: float
    problem: str | None = None
    is_away: bool = False


async def try_statements(
    schema: ConnectorSchema, database: ReadOnlyDatabase, patience: timedelta
) -> AsyncGenerator[StatementTrial]:
    """One after another, in the order of the SDL; ends at a database that is not there."""
    for connect in schema.connects:
        if connect.statement is None:
            continue
        began = monotonic()
        problem, is_away = await _problem(schema, connect, database, patience)
        took = round((monotonic() - began) * 1000, 1)
        yield StatementTrial(connect.coordinate, took, problem, is_away)
        if is_away:
            return


async def _problem(
    schema: ConnectorSchema, connect: Connect, database: ReadOnlyDatabase, patience: timedelta
) -> tuple[str | None, bool]:
    try:
        columns = await database.columns(_query(schema, connect), patience)
    except ConnectorFailure as failure:
        is_refused = failure.code == RuntimeCode.DEPARTMENT_ERROR
        said = (
            f"The database refuses it: {failure.detail}." if is_refused else f"{failure.code}: {failure.message}"
        )
        return said, not is_refused
    except (GraphQLError, InvalidValue):
        return None, False  # a value that no client sends; tables and columns were found before
    missing = sorted(_read(connect) - frozenset(columns))
    if not missing:
        return None, False
    there = ", ".join(columns)
    return f"Its mapping reads {', '.join(missing)}, which the rows do not have. They have: {there}.", False


def _query(schema: ConnectorSchema, connect: Connect) -> Query:
    if connect.statement is None:
        raise ValueError(f"{connect.place} has no statement.")
    query = bound(connect.statement, {"$args": _stand_ins(schema, connect)})
    return query if connect.keyset is None else page_query(query, Page(0), connect.keyset)


def _stand_ins(schema: ConnectorSchema, connect: Connect) -> Mapping[str, JSON]:
    owner = schema.virtual.schema.type_map.get(connect.type_name)
    if not isinstance(owner, GraphQLObjectType) or connect.field_name is None:
        return {}
    arguments = owner.fields[connect.field_name].args
    return {name: 0 for name, each in arguments.items() if get_nullable_type(each.type) is GraphQLInt}


def _read(connect: Connect) -> frozenset[str]:
    """The columns that a mapping names; without a mapping whatever there is will do."""
    return frozenset(read_from_input(connect.selection.value)) if connect.given is not None else frozenset()
